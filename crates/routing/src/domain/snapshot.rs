//! A directory ready for decisions.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use geo::{Coord, CoordinatePosition as _, LineString, Polygon, coordinate_position::CoordPos};
use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use parvis_calendar::HolidayZone;
use parvis_directory::{Absence, Agent, DirectoryFile, GeoPoint, Team, Unit};
use parvis_kernel::{AgentId, Channel, Role, TeamId, Timestamp, UnitId};

use super::{
    account::{DAYS_BACK, Days},
    case::{CaseFacts, Reach, USUAL_WEIGHT},
    guess::{Guess, GuesserSlot},
    rules::{Compiled, RuleSet, RuleSetText, read},
    service::{self, Link, Service},
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
    /// Kept for a day: the same for all who decide on that day.
    days: Mutex<Option<Arc<Days>>>,
}

#[derive(Debug)]
struct UnitIndex {
    at: usize,
    /// Those who handle cases, by code.
    handlers: Vec<usize>,
    service: Service,
}

#[derive(Debug)]
struct AgentIndex {
    at: usize,
    hours: Option<usize>,
    absences: Vec<usize>,
}

/// How an agent comes to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// They handle the unit's cases.
    Own,
    /// They handle those of the unit above or of a neighbouring one.
    Near,
    /// They supervise the unit, or one above.
    Chief,
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
            let index = UnitIndex { at, handlers: Vec::new(), service: Service::new(&directory, unit) };
            units.insert(unit.code.clone(), index);
        }
        let mut by_code: Vec<usize> = (0..directory.agents.len()).collect();
        by_code.sort_by_key(|at| &directory.agents[*at].code);
        let mut agents: HashMap<AgentId, AgentIndex> = HashMap::new();
        let mut absences_of: HashMap<&AgentId, Vec<usize>> = HashMap::new();
        for (at, absence) in directory.absences.iter().enumerate() {
            absences_of.entry(&absence.agent).or_default().push(at);
        }
        for &at in &by_code {
            let agent = &directory.agents[at];
            if handles_cases(agent) {
                for unit in &agent.units {
                    if let Some(index) = units.get_mut(unit) {
                        index.handlers.push(at);
                    }
                }
            }
            let absences = absences_of.remove(&agent.code).unwrap_or_default();
            let hours = hours_of(&directory, agent.calendar.as_ref(), agent.units.first());
            agents.insert(agent.code.clone(), AgentIndex { at, hours, absences });
        }
        let handlers = |unit: &UnitId| units.get(unit).map(|index| index.handlers.clone());
        for Link { unit, near, chiefs } in service::link(&directory, &by_code, handlers) {
            if let Some(index) = units.get_mut(&unit) {
                (index.service.near, index.service.chiefs) = (near, chiefs);
            }
        }
        let streets = Phrases::of_streets(directory.districts.iter().map(|district| district.streets.as_slice()));
        let default_hours = hours_of(&directory, None, Some(&directory.default_unit));
        let rules = Compiled::new(rules, &directory);
        let outlines = outlines(&directory);
        let guesser = GuesserSlot::default();
        Self {
            version,
            rule_set,
            directory,
            rules,
            guesser,
            outlines,
            zone,
            tz,
            units,
            agents,
            streets,
            default_hours,
            days: Mutex::default(),
        }
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

    /// The agents asked for a case of `unit` at `reach`, the nearest first, each kind by code. Somebody may come
    /// twice: as themselves, and as a supervisor.
    pub fn asked(&self, unit: &UnitId, reach: Reach) -> impl Iterator<Item = (&Agent, Standing)> {
        let index = self.units.get(unit);
        let own = index.map_or(&[][..], |index| index.handlers.as_slice());
        let near = index.filter(|_| reach >= Reach::Neighbours).map_or(&[][..], |index| &index.service.near);
        let chiefs = index.filter(|_| reach >= Reach::Supervisors).map_or(&[][..], |index| &index.service.chiefs);
        let own = own.iter().map(|at| (*at, Standing::Own));
        let near = near.iter().map(|at| (*at, Standing::Near));
        let chiefs = chiefs.iter().map(|(at, _)| (*at, Standing::Chief));
        let all = own.chain(near).chain(chiefs);
        all.filter_map(|(at, standing)| Some((self.directory.agents.get(at)?, standing)))
    }

    /// How a unit handles its cases; `None` where there is no such unit.
    pub fn service(&self, unit: &UnitId) -> Option<&Service> {
        self.units.get(unit).map(|index| &index.service)
    }

    /// The supervisor of `unit` who is told at the `height`-th time: those of the unit first, then those of the unit
    /// above, and at last always the highest. The first by code.
    pub fn chief(&self, unit: &UnitId, height: usize) -> Option<&Agent> {
        let chiefs = &self.units.get(unit)?.service.chiefs;
        let heights: BTreeSet<usize> = chiefs.iter().map(|(_, height)| *height).collect();
        let wanted = *heights.iter().nth(height).or(heights.last())?;
        let (at, _) = chiefs.iter().find(|(_, height)| *height == wanted)?;
        self.directory.agents.get(*at)
    }

    /// The supervisors of `unit` at the height of `chief`, themselves among them; `None`: at the lowest height. One who
    /// is absent is not alone in being told.
    pub fn chiefs_beside<'a>(&'a self, unit: &UnitId, chief: Option<&'a AgentId>) -> impl Iterator<Item = &'a Agent> {
        let chiefs = self.units.get(unit).map_or(&[][..], |index| &index.service.chiefs);
        let agent = |at: usize| self.directory.agents.get(at);
        let is_chief = |at: usize| chief.is_none_or(|chief| agent(at).is_some_and(|agent| agent.code == *chief));
        let height = chiefs.iter().filter(|(at, _)| is_chief(*at)).map(|(_, height)| *height).min();
        let beside = chiefs.iter().filter(move |(_, known)| Some(*known) == height);
        beside.filter_map(move |(at, _)| agent(*at))
    }

    /// The unit that takes the place of `gone`, if one says so.
    pub fn successor(&self, gone: &UnitId) -> Option<&UnitId> {
        self.directory.units.iter().find(|unit| unit.handling.replaces.contains(gone)).map(|unit| &unit.code)
    }

    /// When `minutes` of the working time of `unit` have passed since `from`; by the authority's own hours where the
    /// unit has none, by the clock where nobody has.
    pub fn after_working(&self, unit: &UnitId, from: Timestamp, minutes: u32) -> Timestamp {
        let hours = self.units.get(unit).and_then(|index| index.service.hours).or(self.default_hours);
        let hours = hours.and_then(|at| self.directory.calendars.get(at));
        let length = SignedDuration::from_mins(i64::from(minutes));
        let by_hours = hours.and_then(|calendar| calendar.hours.after(from, length, &self.tz, self.zone));
        by_hours.unwrap_or_else(|| from.saturating_add(length).unwrap_or(Timestamp::MAX))
    }

    /// Whether somebody is of those to whom cases are given at all.
    pub fn handles_cases(&self, agent: &AgentId) -> bool {
        self.agent(agent).is_some_and(handles_cases)
    }

    /// Which calendar an agent works by.
    pub(super) fn calendar_of(&self, agent: &AgentId) -> Option<usize> {
        self.agents.get(agent).and_then(|index| index.hours)
    }

    /// An agent's absences.
    pub(super) fn absences(&self, agent: &AgentId) -> impl Iterator<Item = &Absence> {
        let absences = self.agents.get(agent).map_or(&[][..], |index| index.absences.as_slice());
        absences.iter().filter_map(|at| self.directory.absences.get(*at))
    }

    /// The last days, as seen at `now`.
    pub(super) fn days(&self, now: Timestamp) -> Arc<Days> {
        let today = self.tz.to_datetime(now).date();
        let kept = self.days.lock().ok().and_then(|kept| kept.clone()).filter(|days| days.today == today);
        if let Some(days) = kept {
            return days;
        }
        let dates: Vec<_> =
            std::iter::successors(Some(today), |date| date.yesterday().ok()).take(DAYS_BACK + 1).collect();
        let began = |date: &jiff::civil::Date| {
            let midnight = self.tz.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
            midnight.compatible().map_or(i64::MIN, Timestamp::as_microsecond)
        };
        let micros = |(start, end): (Timestamp, Timestamp)| (start.as_microsecond(), end.as_microsecond());
        let periods = self.directory.calendars.iter().map(|calendar| {
            let of_day = |date: &jiff::civil::Date| {
                calendar.hours.periods_on(*date, &self.tz, self.zone).into_iter().map(micros).collect()
            };
            dates.iter().map(of_day).collect()
        });
        let days = Arc::new(Days { today, began: dates.iter().map(began).collect(), periods: periods.collect() });
        if let Ok(mut kept) = self.days.lock() {
            *kept = Some(days.clone());
        }
        days
    }

    /// What a case of `channel` weighs, in hundredths.
    pub fn weight(&self, channel: Option<Channel>) -> u32 {
        channel.and_then(|channel| self.directory.weights.get(&channel)).copied().unwrap_or(USUAL_WEIGHT)
    }

    /// Whether somebody of `unit` may ever receive a case that needs `skill`.
    pub fn has_skill(&self, unit: &UnitId, skill: &str) -> bool {
        self.handlers(unit).any(|agent| agent.capacity > 0 && agent.skills.contains_key(skill))
    }

    /// The district of a request: given, else by its exact place, else by a street of its address, else of its text.
    pub fn district_of<'a>(&'a self, facts: &'a CaseFacts) -> Option<&'a str> {
        if self.directory.districts.iter().any(|district| district.code == facts.district) {
            return Some(&facts.district);
        }
        let by_place = facts.point.and_then(|point| self.district_around(point));
        let by_street = |text: &str| self.district_in(&Words::of_streets(text));
        by_place.or_else(|| by_street(&facts.address)).or_else(|| by_street(&facts.text))
    }

    /// The first district whose outline has `point` inside or on it.
    fn district_around(&self, point: GeoPoint) -> Option<&str> {
        let place = coord(point);
        let around = self.outlines.iter().find(|(_, outline)| outline.coordinate_position(&place) != CoordPos::Outside);
        around.and_then(|(at, _)| self.directory.districts.get(*at)).map(|district| district.code.as_str())
    }

    /// The district of the longest street name in `text`, cut as streets are; the first of those.
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
pub(super) fn hours_of(directory: &DirectoryFile, own: Option<&String>, unit: Option<&UnitId>) -> Option<usize> {
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
