//! A directory ready for decisions, and what the agents have in hand.

use std::collections::{BTreeMap, HashMap};

use geo::{Coord, CoordinatePosition as _, LineString, Polygon, coordinate_position::CoordPos};
use jiff::{civil::Date, tz::TimeZone};
use parvis_calendar::HolidayZone;
use parvis_directory::{Absence, Agent, DirectoryFile, GeoPoint, Team, Unit};
use parvis_kernel::{AgentId, Role, TeamId, Timestamp, UnitId};

use super::{
    case::CaseFacts,
    guess::{Guess, GuesserSlot},
    rules::{Compiled, RuleSet, RuleSetText, read},
    words::{Hit, Phrases, Words},
};

/// One version of an authority's directory, indexed. Never changes.
#[derive(Debug)]
pub struct Snapshot {
    /// Grows with each import that changed something.
    pub version: u64,
    /// Grows with each import that changed the rules.
    pub rule_set: u64,
    /// What was imported.
    pub directory: DirectoryFile,
    /// The rules in force.
    pub rules: Compiled,
    guesser: GuesserSlot,
    outlines: Vec<(usize, Polygon<f64>)>,
    zone: HolidayZone,
    tz: TimeZone,
    units: HashMap<UnitId, UnitIndex>,
    agents: HashMap<AgentId, AgentIndex>,
    streets: Phrases,
    default_hours: Option<usize>,
}

#[derive(Debug)]
struct UnitIndex {
    at: usize,
    /// Those who handle cases, by code.
    handlers: Vec<usize>,
}

#[derive(Debug)]
struct AgentIndex {
    at: usize,
    hours: Option<usize>,
    absences: Vec<usize>,
}

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

impl Snapshot {
    /// Indexes `directory` with its own rules.
    pub fn new(version: u64, rule_set: u64, directory: DirectoryFile, zone: HolidayZone, tz: TimeZone) -> Self {
        let (rules, _) = read(&RuleSetText::from_directory(&directory, Vec::new()));
        Self::with_rules(version, rule_set, directory, rules, zone, tz)
    }

    /// Indexes `directory` and `rules`.
    pub fn with_rules(
        version: u64,
        rule_set: u64,
        directory: DirectoryFile,
        rules: RuleSet,
        zone: HolidayZone,
        tz: TimeZone,
    ) -> Self {
        let mut units: HashMap<UnitId, UnitIndex> = HashMap::new();
        for (at, unit) in directory.units.iter().enumerate() {
            units.insert(unit.code.clone(), UnitIndex { at, handlers: Vec::new() });
        }
        let mut by_code: Vec<usize> = (0..directory.agents.len()).collect();
        by_code.sort_by_key(|at| &directory.agents[*at].code);
        let mut agents = HashMap::new();
        for at in by_code {
            let agent = &directory.agents[at];
            if handles_cases(agent) {
                for unit in &agent.units {
                    if let Some(index) = units.get_mut(unit) {
                        index.handlers.push(at);
                    }
                }
            }
            let absences = directory.absences.iter().enumerate().filter(|(_, absence)| absence.agent == agent.code);
            let absences = absences.map(|(at, _)| at).collect();
            let hours = hours_of(&directory, agent.calendar.as_ref(), agent.units.first());
            agents.insert(agent.code.clone(), AgentIndex { at, hours, absences });
        }
        let streets = Phrases::new(directory.districts.iter().map(|district| district.streets.as_slice()));
        let default_hours = hours_of(&directory, None, Some(&directory.default_unit));
        let rules = Compiled::new(rules, &directory);
        let outlines = outlines(&directory);
        let guesser = GuesserSlot::default();
        Self { version, rule_set, directory, rules, guesser, outlines, zone, tz, units, agents, streets, default_hours }
    }

    /// The same, asking `guesser` where no rule says anything.
    pub fn guessing_with(self, guesser: GuesserSlot) -> Self {
        Self { guesser, ..self }
    }

    /// What the classifier guesses of a request that no rule places, best first, and its version.
    pub fn guess(&self, facts: &CaseFacts) -> (Vec<Guess>, u64) {
        self.guesser.guess(&facts.title, &facts.text)
    }

    /// One unit.
    pub fn unit(&self, code: &UnitId) -> Option<&Unit> {
        self.units.get(code).and_then(|index| self.directory.units.get(index.at))
    }

    /// One unit's name; its code where it is no longer there.
    pub fn unit_name<'a>(&'a self, code: &'a UnitId) -> &'a str {
        self.unit(code).map_or(code.as_str(), |unit| &unit.name)
    }

    /// One agent.
    pub fn agent(&self, code: &AgentId) -> Option<&Agent> {
        self.agents.get(code).and_then(|index| self.directory.agents.get(index.at))
    }

    /// One team.
    pub fn team(&self, code: &TeamId) -> Option<&Team> {
        self.directory.teams.iter().find(|team| team.code == *code)
    }

    /// The agents of a unit who handle cases, by code.
    pub fn handlers(&self, unit: &UnitId) -> impl Iterator<Item = &Agent> {
        let handlers = self.units.get(unit).map_or(&[][..], |index| index.handlers.as_slice());
        handlers.iter().filter_map(|at| self.directory.agents.get(*at))
    }

    /// Whether somebody of `unit` may ever receive a case that needs `skill`.
    pub fn has_skill(&self, unit: &UnitId, skill: &str) -> bool {
        self.handlers(unit).any(|agent| agent.capacity > 0 && agent.skills.contains_key(skill))
    }

    /// The district of a request: given, else by its exact place, else by a street of its address, else of its text.
    pub fn district_of<'a>(&'a self, facts: &'a CaseFacts, text: &Words) -> Option<&'a str> {
        if self.directory.districts.iter().any(|district| district.code == facts.district) {
            return Some(&facts.district);
        }
        let by_place = facts.point.and_then(|point| self.district_around(point));
        by_place.or_else(|| self.district_in(&Words::of(&facts.address))).or_else(|| self.district_in(text))
    }

    /// The first district whose outline has `point` inside or on it.
    fn district_around(&self, point: GeoPoint) -> Option<&str> {
        let place = coord(point);
        let around = self.outlines.iter().find(|(_, outline)| outline.coordinate_position(&place) != CoordPos::Outside);
        around.and_then(|(at, _)| self.directory.districts.get(*at)).map(|district| district.code.as_str())
    }

    /// The district of the longest street name in `text`, the first of those.
    pub fn district_in(&self, text: &Words) -> Option<&str> {
        let longest =
            self.streets.find(text).min_by_key(|hit: &Hit| (std::cmp::Reverse(hit.length), hit.at, hit.owner));
        longest.and_then(|hit| self.directory.districts.get(hit.owner)).map(|district| district.code.as_str())
    }

    /// The rules in force.
    pub fn rules(&self) -> &RuleSet {
        &self.rules.set
    }

    /// Whether `at` is inside the hours of `calendar`, by default the authority's own, which are always open where it
    /// has none; `None`: no such calendar.
    pub fn is_open(&self, calendar: Option<&str>, at: Timestamp) -> Option<bool> {
        let hours = match calendar {
            Some(code) => Some(self.directory.calendars.iter().find(|calendar| calendar.code == code)?),
            None => self.default_hours.and_then(|at| self.directory.calendars.get(at)),
        };
        Some(hours.is_none_or(|calendar| calendar.hours.is_open(at, &self.tz, self.zone)))
    }

    /// Which day `at` is here.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.tz.to_datetime(at).date()
    }
}

/// The outlines of those districts that have one.
fn outlines(directory: &DirectoryFile) -> Vec<(usize, Polygon<f64>)> {
    let outline = |points: &[GeoPoint]| {
        let ring: LineString<f64> = points.iter().map(|point| coord(*point)).collect();
        Polygon::new(ring, Vec::new())
    };
    let districts = directory.districts.iter().enumerate().filter(|(_, district)| district.polygon.len() >= 3);
    districts.map(|(at, district)| (at, outline(&district.polygon))).collect()
}

fn coord(point: GeoPoint) -> Coord<f64> {
    Coord { x: f64::from(point.longitude), y: f64::from(point.latitude) }
}

/// Whether somebody is of those to whom cases are given at all.
fn handles_cases(agent: &Agent) -> bool {
    agent.roles.contains(&Role::CaseWorker) || agent.roles.contains(&Role::Supervisor)
}

/// The calendar to use: one's own, else the unit's, else that of the nearest unit above which has one.
fn hours_of(directory: &DirectoryFile, own: Option<&String>, unit: Option<&UnitId>) -> Option<usize> {
    let position = |code: &String| directory.calendars.iter().position(|calendar| calendar.code == *code);
    if let Some(own) = own {
        return position(own);
    }
    let mut at = unit;
    while let Some(unit) = at.and_then(|code| directory.unit(code)) {
        if let Some(calendar) = &unit.calendar {
            return position(calendar);
        }
        at = unit.parent.as_ref();
    }
    None
}

/// What an agent has in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentState {
    /// Said to be away, by themselves or their supervisor.
    pub away: bool,
    /// Open cases.
    pub load: u32,
    /// Microseconds since 1970; 0: never.
    pub last_assigned_at: i64,
}

/// What all the agents of an authority have in hand at one instant.
#[derive(Clone, Debug)]
pub struct Workload {
    states: BTreeMap<AgentId, AgentState>,
    open_calendars: Vec<bool>,
    today: Date,
}

impl Workload {
    /// `states` as kept, seen at `now`.
    pub fn new(snapshot: &Snapshot, states: BTreeMap<AgentId, AgentState>, now: Timestamp) -> Self {
        let open = |hours: &parvis_calendar::WorkingHours| hours.is_open(now, &snapshot.tz, snapshot.zone);
        let open_calendars = snapshot.directory.calendars.iter().map(|calendar| open(&calendar.hours)).collect();
        Self { states, open_calendars, today: snapshot.tz.to_datetime(now).date() }
    }

    /// One agent's.
    pub fn state(&self, agent: &AgentId) -> AgentState {
        self.states.get(agent).copied().unwrap_or_default()
    }

    /// Changes one agent's.
    pub fn update(&mut self, agent: &AgentId, change: impl FnOnce(&mut AgentState)) {
        change(self.states.entry(agent.clone()).or_default());
    }

    /// What the agents of `unit` have in hand, in percent of what they may have; 100 where they may have nothing; `None`:
    /// no such unit.
    pub fn percent(&self, snapshot: &Snapshot, unit: &UnitId) -> Option<u32> {
        snapshot.unit(unit)?;
        let (mut load, mut capacity) = (0_u64, 0_u64);
        for agent in snapshot.handlers(unit) {
            load += u64::from(self.state(&agent.code).load.min(agent.capacity));
            capacity += u64::from(agent.capacity);
        }
        Some((load * 100).checked_div(capacity).map_or(100, |percent| u32::try_from(percent).unwrap_or(100)))
    }

    /// The absence that covers today, if one does.
    pub fn absence<'a>(&self, snapshot: &'a Snapshot, agent: &AgentId) -> Option<&'a Absence> {
        let index = snapshot.agents.get(agent)?;
        let absences = index.absences.iter().filter_map(|at| snapshot.directory.absences.get(*at));
        absences.into_iter().find(|absence| absence.from <= self.today && self.today <= absence.until)
    }

    /// Whether somebody works now, by calendar, public holidays and absences.
    pub fn working(&self, snapshot: &Snapshot, agent: &AgentId) -> Working {
        if self.absence(snapshot, agent).is_some() {
            return Working::Absent;
        }
        let hours = snapshot.agents.get(agent).and_then(|index| index.hours);
        match hours.and_then(|at| self.open_calendars.get(at)) {
            Some(true) => Working::Yes,
            Some(false) | None => Working::OutsideHours,
        }
    }
}
