//! What holds on any day of any town: nobody over capacity, nobody absent given anything, no case forgotten.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, ToSpan as _};
use parvis_calendar::{HolidayZone, WorkingHours};
use parvis_directory::{Absence, Agent, Calendar, Delay, DirectoryFile, LadderStep, Rung, Unit};
use parvis_kernel::{AgentId, CaseId, Channel, Role, RoleSet, Timestamp, UnitId};
use proptest::prelude::*;

use super::{
    AgentState, CaseFacts, Cause, Changes, Desk, Escalated, Known, Moving, Order, RoutedCase, Snapshot, Target,
    account::room_of, town,
};

const UNITS: usize = 4;
const CASES: usize = 12;

/// As many as PROPTEST_CASES says, `usual` where it says nothing.
pub(super) fn times(usual: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(usual),
    }
}

fn unit(at: usize) -> UnitId {
    UnitId::parse(&format!("unit-{at}")).unwrap()
}

fn agent(at: usize) -> AgentId {
    town::agent(&format!("agent-{at:02}"))
}

#[derive(Clone, Debug)]
struct Person {
    units: [bool; UNITS],
    level: u8,
    calendar: usize,
    capacity: u32,
    supervises: bool,
    absent: Option<(i32, i32)>,
    deputies: Vec<usize>,
}

fn person() -> impl Strategy<Value = Person> {
    (
        any::<[bool; UNITS]>(),
        0u8..4,
        0usize..3,
        0u32..4,
        proptest::bool::weighted(0.3),
        proptest::option::of((-1i32..6, 0i32..3)),
        proptest::collection::vec(0usize..10, 0..3),
    )
        .prop_map(|(units, level, calendar, capacity, supervises, absent, deputies)| Person {
            units,
            level,
            calendar,
            capacity,
            supervises,
            absent,
            deputies,
        })
}

fn week(periods: &[&str], days: i8) -> WorkingHours {
    let mut hours = WorkingHours::default();
    for day in 0..days {
        hours.set_day(jiff::civil::Weekday::from_monday_zero_offset(day).unwrap(), periods).unwrap();
    }
    hours
}

fn build(people: &[Person], rungs: &[(u32, usize)], offers: bool) -> DirectoryFile {
    let mut file = town::directory();
    let today = town::paris().to_datetime(town::monday()).date();
    file.calendars = [week(&["08:30-12:00", "13:30-17:30"], 5), week(&["08:30-12:00"], 5), week(&["10:00-20:00"], 6)]
        .into_iter()
        .enumerate()
        .map(|(at, hours)| Calendar { code: format!("cal-{at}"), name: String::new(), hours })
        .collect();
    let base = file.units[0].clone();
    file.units = (0..UNITS)
        .map(|at| Unit {
            code: unit(at),
            parent: (at > 0).then(|| unit((at - 1) / 2)),
            calendar: Some("cal-0".to_owned()),
            ..base.clone()
        })
        .collect();
    let step = |at: usize| LadderStep::ALL[at % LadderStep::ALL.len()];
    file.units[1].handling.ladder =
        rungs.iter().map(|(hours, at)| Rung { after: Delay::hours(*hours), step: step(*at) }).collect();
    if offers {
        file.units[2].handling.offer = Some(vec![Channel::Phone]);
        file.units[2].handling.offer_seconds = Some(90);
    }
    file.default_unit = unit(0);
    file.teams.clear();
    file.weights = BTreeMap::from([(Channel::Phone, 250), (Channel::Email, 40)]);
    let base = file.agents[0].clone();
    let people_count = people.len();
    file.agents = people
        .iter()
        .enumerate()
        .map(|(at, person)| Agent {
            code: agent(at),
            roles: RoleSet::from_iter(
                [Role::CaseWorker].into_iter().chain(person.supervises.then_some(Role::Supervisor)),
            ),
            units: (0..UNITS).filter(|unit| person.units[*unit]).map(unit).collect(),
            teams: Vec::new(),
            skills: (person.level > 0).then(|| ("voirie".to_owned(), person.level)).into_iter().collect(),
            calendar: Some(format!("cal-{}", person.calendar)),
            capacity: person.capacity,
            // Only somebody after: no rounds.
            deputies: person
                .deputies
                .iter()
                .filter(|to| **to > at && **to < people_count)
                .map(|to| agent(*to))
                .collect(),
            ..base.clone()
        })
        .collect();
    file.absences = people
        .iter()
        .enumerate()
        .filter_map(|(at, person)| {
            let (from, days) = person.absent?;
            let from = today.checked_add(from.days()).unwrap();
            let until = from.checked_add(days.days()).unwrap();
            Some(Absence { agent: agent(at), from, until, reason: String::new() })
        })
        .collect();
    let rule = file.rules[1].clone();
    file.rules = (0..UNITS)
        .map(|at| parvis_directory::Rule {
            code: format!("rule-{at}"),
            words: vec![format!("mot{at}")],
            unit: unit(at),
            skill: (at == 1).then(|| "voirie".to_owned()),
            level: if at == 1 { 2 } else { 0 },
            ..rule.clone()
        })
        .collect();
    file
}

#[derive(Clone, Debug)]
enum Act {
    Open(usize, usize, u8, usize),
    Close(usize),
    Begin(usize),
    Away(usize, bool),
    Answer(usize, bool),
    HandOn(usize, usize),
    Leave(usize),
    Merge(usize, usize),
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..CASES, 0..UNITS + 1, 0u8..3, 0usize..4).prop_map(|(case, unit, channel, key)| Act::Open(case, unit, channel, key)),
        2 => (0..CASES).prop_map(Act::Close),
        1 => (0..CASES).prop_map(Act::Begin),
        1 => (0usize..8, any::<bool>()).prop_map(|(agent, away)| Act::Away(agent, away)),
        2 => (0..CASES, any::<bool>()).prop_map(|(case, yes)| Act::Answer(case, yes)),
        1 => (0..CASES, 0..UNITS).prop_map(|(case, unit)| Act::HandOn(case, unit)),
        1 => (0usize..8).prop_map(Act::Leave),
        1 => (0..UNITS, 0..UNITS).prop_map(|(from, to)| Act::Merge(from, to)),
        4 => (1i64..600).prop_map(Act::Wait),
    ]
}

fn facts(unit: usize, channel: u8, key: usize) -> CaseFacts {
    let channel = [Channel::Web, Channel::Phone, Channel::Email][usize::from(channel)];
    let key = if key == 0 { String::new() } else { format!("key-{key}") };
    CaseFacts { channel: Some(channel), requester_key: key, ..town::facts(&format!("mot{unit}")) }
}

struct Life {
    snapshot: Arc<Snapshot>,
    desk: Desk,
    now: Timestamp,
    ids: Vec<CaseId>,
    lanes: BTreeMap<String, i64>,
    said: Vec<Escalated>,
    decisions: Vec<String>,
}

impl Life {
    fn new(file: &DirectoryFile, ids: &[CaseId]) -> Self {
        let snapshot = Arc::new(town::snapshot_of(file.clone()));
        let now = town::monday();
        let desk = Desk::new(snapshot.clone(), now, BTreeMap::new(), Vec::new(), Known::default());
        let ids = ids.to_vec();
        Self { snapshot, desk, now, ids, lanes: BTreeMap::new(), said: Vec::new(), decisions: Vec::new() }
    }

    fn case(&self, at: usize) -> Option<&RoutedCase> {
        self.desk.case(self.ids[at])
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let actor = "agent:chef";
        match act {
            Act::Open(case, unit, channel, key) => {
                let (id, facts) = (self.ids[*case], facts(*unit, *channel, *key));
                match self.case(*case).map(|case| case.is_open) {
                    None => self.desk.open(id, "412-873-952-K".to_owned(), 1, &facts),
                    Some(false) => self.desk.reopen(id, &facts),
                    Some(true) => {}
                }
            }
            Act::Close(case) => self.desk.close(self.ids[*case]),
            Act::Begin(case) => self.desk.acted(self.ids[*case]),
            Act::Away(who, away) => {
                let snapshot = self.snapshot.clone();
                self.desk.workload_mut().update(&snapshot, &agent(*who), |state| state.away = *away);
            }
            Act::Answer(case, yes) => {
                let Some(offer) = self.case(*case).and_then(|case| case.offer.clone()) else { return Ok(()) };
                let id = self.ids[*case];
                let late = offer.until <= self.now;
                let answered = match yes {
                    true => self.desk.accept(id, offer.id, &offer.agent, actor),
                    false => self.desk.decline(id, offer.id, &offer.agent),
                };
                prop_assert_eq!(answered.is_err(), late);
                if *yes && !late {
                    prop_assert_eq!(self.case(*case).and_then(RoutedCase::live_agent), Some(&offer.agent));
                }
                // Accepted outside one's hours is one's own choice: not looked at below.
                self.desk.take_decided();
            }
            Act::HandOn(case, to) => {
                let target = Target::Unit(unit(*to));
                let order = Order {
                    case_id: self.ids[*case],
                    target,
                    actor: actor.to_owned(),
                    by: None,
                    reason: String::new(),
                };
                let _ = self.desk.reassign(&order);
            }
            Act::Leave(who) => {
                let who = agent(*who);
                let theirs = |case: &&CaseId| {
                    let case = self.desk.case(**case);
                    case.is_some_and(|case| {
                        case.live_agent() == Some(&who) || case.offer.as_ref().is_some_and(|o| o.agent == who)
                    })
                };
                let cases: Vec<_> = self.ids.iter().filter(theirs).copied().collect();
                self.desk.send_away(&who);
                self.desk.move_work(&Moving::Agent(who.clone()), &cases, actor, "").unwrap();
                for case in cases {
                    prop_assert_ne!(self.desk.case(case).unwrap().live_agent(), Some(&who));
                }
            }
            Act::Merge(from, to) => {
                let moving = Moving::Unit { from: unit(*from), to: unit(*to) };
                let moved = self.desk.move_work(&moving, &self.ids.clone(), actor, "");
                prop_assert_eq!(moved.is_err(), from == to);
                for case in
                    self.ids.iter().filter_map(|id| self.desk.case(*id)).filter(|case| case.is_open && from != to)
                {
                    prop_assert_ne!(&case.need.as_ref().unwrap().unit, &unit(*from));
                }
                // Those who stay with their case do, whatever the hour.
                self.desk.take_decided();
            }
            Act::Wait(minutes) => {
                self.now += SignedDuration::from_mins(*minutes);
                self.desk.move_to(self.now);
            }
        }
        Ok(())
    }

    /// What the job does.
    fn tend(&mut self) {
        for id in self.ids.clone() {
            self.desk.fire(id);
        }
        self.desk.drain(Cause::Presence, 1_000, &Default::default());
    }

    fn check(&mut self, file: &DirectoryFile) -> Result<(), TestCaseError> {
        let changes: Changes = self.desk.take_changes();
        let today = town::paris().to_datetime(self.now).date();
        for decided in &changes.decided {
            self.decisions
                .push(format!("{:?} {:?} {:?} {}", decided.case_id, decided.unit, decided.agent, decided.summary));
            let Some(code) = &decided.agent else { continue };
            let agent = file.agent(code).unwrap();
            prop_assert!(!self.desk.workload().state(code).away, "{code} is away");
            prop_assert!(!file.absences.iter().any(|a| a.agent == *code && a.from <= today && today <= a.until));
            let calendar = file.calendars.iter().find(|c| Some(&c.code) == agent.calendar.as_ref()).unwrap();
            prop_assert!(calendar.hours.is_open(self.now, &town::paris(), HolidayZone::Metropole), "{code}");
        }
        for ((unit, lane), delta) in &changes.lanes {
            *self.lanes.entry(format!("{unit} {}", lane.key())).or_default() += delta;
        }
        self.said.extend(changes.escalated);
        let mut weights: BTreeMap<&AgentId, (u32, u32)> = BTreeMap::new();
        let mut waiting: BTreeMap<String, i64> = BTreeMap::new();
        for case in self.ids.iter().filter_map(|id| self.desk.case(*id)) {
            if !case.is_open {
                prop_assert!(case.next_timer.is_none() && case.offer.is_none());
                continue;
            }
            // No limbo: a unit, and a time at which it is looked at again.
            let need = case.need.as_ref().expect("an open case has a unit");
            prop_assert!(case.next_timer.is_some_and(|next| next > self.now), "{case:?}");
            prop_assert!(case.agent.is_none() || case.offer.is_none());
            match (&case.agent, &case.offer) {
                (Some(agent), _) => {
                    let held = weights.entry(agent).or_default();
                    *held = (held.0 + 1, held.1 + case.weight);
                }
                (None, Some(offer)) => weights.entry(&offer.agent).or_default().1 += case.weight,
                (None, None) => *waiting.entry(format!("{} {}", need.unit, need.lane.key())).or_default() += 1,
            }
        }
        for agent in &file.agents {
            let state: AgentState = self.desk.workload().state(&agent.code);
            prop_assert_eq!((state.load, state.weight), weights.get(&agent.code).copied().unwrap_or_default());
            prop_assert!(state.weight <= room_of(agent.capacity), "{} has {}", agent.code, state.weight);
        }
        self.lanes.retain(|_, count| *count != 0);
        prop_assert_eq!(&self.lanes, &waiting);
        Ok(())
    }
}

fn live(file: &DirectoryFile, ids: &[CaseId], acts: &[Act]) -> Result<Life, TestCaseError> {
    let mut life = Life::new(file, ids);
    for act in acts {
        life.act(act)?;
        life.tend();
        life.check(file)?;
    }
    Ok(life)
}

proptest! {
    #![proptest_config(times(300))]

    #[test]
    fn no_day_breaks_the_invariants(
        people in proptest::collection::vec(person(), 0..9),
        rungs in proptest::collection::vec((1u32..9, 0usize..6), 0..5),
        offers in any::<bool>(),
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let file = build(&people, &rungs, offers);
        let ids: Vec<_> = (0..CASES).map(|_| CaseId::new()).collect();
        let once = live(&file, &ids, &acts)?;
        let again = live(&file, &ids, &acts)?;
        prop_assert_eq!(once.decisions, again.decisions);
    }

    #[test]
    fn a_case_that_nobody_may_take_goes_all_the_way_up(rungs in proptest::collection::vec((1u32..9, 0usize..6), 0..6)) {
        let chief = Person {
            units: [true, false, false, false], level: 0, calendar: 0, capacity: 3, supervises: true, absent: None, deputies: Vec::new(),
        };
        let file = build(&[chief], &rungs, false);
        let mut life = Life::new(&file, &[CaseId::new()]);
        life.desk.open(life.ids[0], String::new(), 1, &facts(1, 0, 0));
        life.check(&file)?;
        for _ in 0..40 {
            let next = life.case(0).unwrap().next_timer.unwrap();
            life.now = next;
            life.desk.move_to(next);
            life.tend();
            life.check(&file)?;
        }
        // Nobody has the skill: the supervisor above was told or was given it, and it is still there.
        prop_assert!(!life.said.is_empty());
        let ladder = &file.units[1].handling.ladder;
        let opened = ladder.is_empty() || ladder.iter().any(|rung| rung.step == LadderStep::Supervisor);
        prop_assert_eq!(life.case(0).unwrap().agent.is_some(), opened);
    }
}
