//! What the agents have in hand, and whether they work now.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parvis_directory::Absence;
use parvis_kernel::{AgentId, Timestamp, UnitId};

use super::{
    account::{Account, Days, room_of},
    snapshot::Snapshot,
};

/// Whether somebody works at a given instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Working {
    /// Yes.
    Yes,
    /// An absence covers the day.
    Absent,
    /// Outside the hours, or a public holiday.
    OutsideHours,
}

/// What an agent has in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentState {
    /// Said to be away, by themselves or their supervisor.
    pub away: bool,
    /// Open cases.
    pub load: u32,
    /// What they weigh, and what is offered, in hundredths of a case.
    pub weight: u32,
    /// Microseconds since 1970; 0: never.
    pub last_assigned_at: i64,
    /// Work given and hours in which it could be.
    pub account: Account,
}

impl AgentState {
    /// Whether `weight` hundredths more are within `capacity` cases.
    pub fn has_room(&self, weight: u32, capacity: u32) -> bool {
        self.weight.saturating_add(super::account::effective(weight, capacity)) <= room_of(capacity)
    }
}

/// What all the agents of an authority have in hand at one instant.
#[derive(Clone, Debug)]
pub struct Workload {
    states: BTreeMap<AgentId, AgentState>,
    days: Arc<Days>,
    now: Timestamp,
    /// Whose state is known; `None`: everybody's.
    only: Option<BTreeSet<AgentId>>,
}

impl Workload {
    /// `states` as kept, seen at `now`.
    pub fn new(snapshot: &Snapshot, states: BTreeMap<AgentId, AgentState>, now: Timestamp) -> Self {
        Self { states, days: snapshot.days(now), now, only: None }
    }

    /// Whoever is not one of `agents` counts as away: their state was not read.
    pub(super) fn know_only(&mut self, agents: BTreeSet<AgentId>) {
        self.only = Some(agents);
    }

    /// The same, seen later.
    pub fn move_to(&mut self, snapshot: &Snapshot, now: Timestamp) {
        (self.now, self.days) = (now, snapshot.days(now));
    }

    /// One agent's, as last changed.
    pub fn state(&self, agent: &AgentId) -> AgentState {
        if self.only.as_ref().is_some_and(|known| !known.contains(agent)) {
            return AgentState { away: true, ..AgentState::default() };
        }
        self.states.get(agent).copied().unwrap_or_default()
    }

    /// One agent's account, counted until now.
    pub fn account(&self, snapshot: &Snapshot, agent: &AgentId) -> Account {
        self.counted(snapshot, agent, self.state(agent))
    }

    /// Changes one agent's; their hours are counted first, as they were until now.
    pub fn update(&mut self, snapshot: &Snapshot, agent: &AgentId, change: impl FnOnce(&mut AgentState)) {
        let mut state = self.state(agent);
        state.account = self.counted(snapshot, agent, state);
        change(&mut state);
        self.states.insert(agent.clone(), state);
    }

    fn counted(&self, snapshot: &Snapshot, code: &AgentId, state: AgentState) -> Account {
        let mut account = state.account;
        let capacity = snapshot.agent(code).map_or(0, |agent| agent.capacity);
        let could = !state.away && state.weight < room_of(capacity);
        let calendar = snapshot.calendar_of(code).filter(|_| could);
        let absences: Vec<&Absence> = snapshot.absences(code).collect();
        account.count(self.now, &self.days, |back, from, until| {
            let Some(calendar) = calendar else { return 0 };
            if !absences.is_empty() {
                let days = jiff::Span::new().days(i64::try_from(back).unwrap_or(0));
                let date = self.days.today.checked_sub(days).unwrap_or(self.days.today);
                if absences.iter().any(|absence| absence.from <= date && date <= absence.until) {
                    return 0;
                }
            }
            self.days.open(calendar, back, from, until)
        });
        account
    }

    /// What the agents of `unit` have in hand, in percent of what they may have; 100 where they may have nothing; `None`:
    /// no such unit.
    pub fn percent(&self, snapshot: &Snapshot, unit: &UnitId) -> Option<u32> {
        snapshot.unit(unit)?;
        let (mut load, mut room) = (0_u64, 0_u64);
        for agent in snapshot.handlers(unit) {
            let of_agent = room_of(agent.capacity);
            load += u64::from(self.state(&agent.code).weight.min(of_agent));
            room += u64::from(of_agent);
        }
        Some((load * 100).checked_div(room).map_or(100, |percent| u32::try_from(percent).unwrap_or(100)))
    }

    /// The absence that covers today, if one does.
    pub fn absence<'a>(&self, snapshot: &'a Snapshot, agent: &AgentId) -> Option<&'a Absence> {
        let today = self.days.today;
        snapshot.absences(agent).find(|absence| absence.from <= today && today <= absence.until)
    }

    /// Whether somebody works now, by calendar, public holidays and absences.
    pub fn working(&self, snapshot: &Snapshot, agent: &AgentId) -> Working {
        if self.absence(snapshot, agent).is_some() {
            return Working::Absent;
        }
        match snapshot.calendar_of(agent) {
            Some(calendar) if self.days.is_open(calendar, self.now.as_microsecond()) => Working::Yes,
            Some(_) | None => Working::OutsideHours,
        }
    }
}
