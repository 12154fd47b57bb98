//! What holds in any town.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, ToSpan as _};
use parvis_calendar::{HolidayZone, WorkingHours};
use parvis_directory::{Absence, Agent, Calendar, DirectoryFile, Priority, Rule, Unit};
use parvis_kernel::{CaseId, Role, RoleSet, Timestamp, UnitId};
use proptest::prelude::*;

use super::{AgentState, CaseFacts, Cause, Changes, Decided, Desk, Known, Snapshot, Workload, town};

const SKILLS: [&str; 3] = ["voirie", "arbres", "papiers"];
const LANGUAGES: [&str; 3] = ["fr", "en", "pt"];

fn unit_code(at: usize) -> UnitId {
    UnitId::parse(&format!("unit-{at}")).unwrap()
}

fn calendar() -> impl Strategy<Value = WorkingHours> {
    proptest::collection::vec(any::<bool>(), 14).prop_map(|halves| {
        let mut hours = WorkingHours::default();
        for (at, halves) in halves.chunks(2).enumerate() {
            let day = jiff::civil::Weekday::from_monday_zero_offset(at as i8).unwrap();
            let periods: Vec<_> =
                ["08:00-12:00", "13:00-18:00"].iter().zip(halves).filter(|(_, on)| **on).map(|(p, _)| *p).collect();
            hours.set_day(day, &periods).unwrap();
        }
        hours
    })
}

#[derive(Clone, Debug)]
struct Person {
    unit: usize,
    skills: Vec<bool>,
    languages: Vec<bool>,
    calendar: usize,
    capacity: u32,
    away: bool,
    absent: Option<(i32, i32)>,
}

fn person() -> impl Strategy<Value = Person> {
    let booleans = || proptest::collection::vec(any::<bool>(), 3);
    let absent = proptest::option::of((-3i32..4, 0i32..3));
    (0usize..3, booleans(), booleans(), 0usize..3, 0u32..5, proptest::bool::weighted(0.2), absent).prop_map(
        |(unit, skills, languages, calendar, capacity, away, absent)| Person {
            unit,
            skills,
            languages,
            calendar,
            capacity,
            away,
            absent,
        },
    )
}

fn chosen(names: &[&str], on: &[bool]) -> Vec<String> {
    names.iter().zip(on).filter(|(_, on)| **on).map(|(name, _)| (*name).to_owned()).collect()
}

fn build(
    people: &[Person],
    calendars: Vec<WorkingHours>,
    now: Timestamp,
) -> (DirectoryFile, BTreeMap<parvis_kernel::AgentId, AgentState>) {
    let mut file = town::directory();
    let today = town::paris().to_datetime(now).date();
    file.units = (0..3)
        .map(|at| Unit { code: unit_code(at), name: format!("Unité {at}"), parent: None, ..file.units[0].clone() })
        .collect();
    file.default_unit = unit_code(0);
    file.teams.clear();
    let calendars = calendars.into_iter().enumerate();
    file.calendars =
        calendars.map(|(at, hours)| Calendar { code: format!("cal-{at}"), name: String::new(), hours }).collect();
    for unit in &mut file.units {
        unit.calendar = Some("cal-0".to_owned());
    }
    let code = |at: usize| town::agent(&format!("agent-{at:02}"));
    let base = file.agents[0].clone();
    let agents = people.iter().enumerate().map(|(at, person)| Agent {
        code: code(at),
        roles: RoleSet::from([Role::CaseWorker]),
        units: vec![unit_code(person.unit)],
        teams: Vec::new(),
        skills: chosen(&SKILLS, &person.skills).into_iter().map(|skill| (skill, 3)).collect(),
        languages: chosen(&LANGUAGES, &person.languages),
        calendar: Some(format!("cal-{}", person.calendar)),
        capacity: person.capacity,
        ..base.clone()
    });
    file.agents = agents.collect();
    let absences = people.iter().enumerate().filter_map(|(at, person)| {
        let (from, days) = person.absent?;
        let from = today.checked_add(from.days()).unwrap();
        Some(Absence { agent: code(at), from, until: from.checked_add(days.days()).unwrap(), reason: String::new() })
    });
    file.absences = absences.collect();
    let rule = Rule {
        procedures: Vec::new(),
        time: None,
        districts: Vec::new(),
        channels: Vec::new(),
        ..file.rules[0].clone()
    };
    file.rules = SKILLS
        .iter()
        .enumerate()
        .map(|(at, skill)| Rule {
            code: format!("rule-{at}"),
            words: vec![(*skill).to_owned()],
            unit: unit_code(at),
            skill: (at > 0).then(|| (*skill).to_owned()),
            language: (at == 2).then(|| "en".to_owned()),
            ..rule.clone()
        })
        .collect();
    let states = people
        .iter()
        .enumerate()
        .map(|(at, person)| (code(at), AgentState { away: person.away, ..AgentState::default() }));
    (file, states.collect())
}

fn a_case() -> impl Strategy<Value = CaseFacts> {
    (proptest::sample::select(vec!["voirie", "les arbres", "mes papiers", "autre"]), 0u32..6, 0usize..3).prop_map(
        |(text, person, language)| CaseFacts {
            requester_key: if person == 0 { String::new() } else { format!("key-{person}") },
            language: LANGUAGES[language].to_owned(),
            ..town::facts(text)
        },
    )
}

fn run(
    snapshot: &Arc<Snapshot>,
    states: &BTreeMap<parvis_kernel::AgentId, AgentState>,
    now: Timestamp,
    cases: &[(CaseId, CaseFacts)],
) -> Changes {
    let mut desk = Desk::new(snapshot.clone(), now, states.clone(), Vec::new(), Known::default());
    for (id, facts) in cases {
        desk.open(*id, "412-873-952-K".to_owned(), 1, facts);
    }
    desk.into_changes()
}

fn comparable(decided: &[Decided]) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    decided.iter().map(|d| (d.case_id, d.unit.clone(), d.agent.clone(), d.trace.clone(), d.summary.clone())).collect()
}

proptest! {
    #![proptest_config(super::life::times(200))]

    #[test]
    fn only_who_may_receive_receives(
        people in proptest::collection::vec(person(), 0..14),
        calendars in proptest::collection::vec(calendar(), 3),
        hours in 0i64..400,
        cases in proptest::collection::vec(a_case(), 1..40),
    ) {
        let now = town::monday() + SignedDuration::from_hours(hours);
        let (file, states) = build(&people, calendars, now);
        let today = town::paris().to_datetime(now).date();
        let snapshot = Arc::new(town::snapshot_of(file.clone()));
        let cases: Vec<_> = cases.into_iter().map(|facts| (CaseId::new(), facts)).collect();
        let changes = run(&snapshot, &states, now, &cases);
        prop_assert_eq!(changes.decided.len(), cases.len());
        prop_assert_eq!(changes.cases.len(), cases.len());

        let mut load: BTreeMap<&str, u32> = BTreeMap::new();
        let mut waiting = 0;
        for (decided, (_, facts)) in changes.decided.iter().zip(&cases) {
            let Some(code) = &decided.agent else { waiting += 1; continue };
            let agent = file.agents.iter().find(|agent| agent.code == *code).unwrap();
            let load = load.entry(code.as_str()).or_default();
            *load += 1;
            prop_assert!(*load <= agent.capacity);
            prop_assert!(agent.units.contains(&decided.unit));
            prop_assert!(!states[code].away);
            prop_assert!(!file.absences.iter().any(|a| a.agent == *code && a.from <= today && today <= a.until));
            let calendar = file.calendars.iter().find(|c| Some(&c.code) == agent.calendar.as_ref()).unwrap();
            prop_assert!(calendar.hours.is_open(now, &town::paris(), HolidayZone::Metropole));
            if facts.text == "les arbres" { prop_assert!(agent.skills.contains_key("arbres")); }
            if facts.text == "mes papiers" { prop_assert!(agent.languages.contains(&"en".to_owned())); }
            prop_assert_eq!(decided.priority, Priority::Urgent.min(decided.priority));
        }
        prop_assert_eq!(changes.lanes.values().sum::<i64>(), waiting);
        for (agent, state) in &changes.agents {
            prop_assert_eq!(state.load, load.get(agent.as_str()).copied().unwrap_or(0));
        }
        // Whoever waits, waits because nobody left could take them.
        let workload = Workload::new(&snapshot, {
            let mut after = states.clone();
            after.extend(changes.agents.clone());
            after
        }, now);
        for case in changes.cases.iter().filter(|case| case.agent.is_none()) {
            let need = case.need.as_ref().unwrap();
            prop_assert!(!super::someone_free(&snapshot, &workload, &need.unit, &need.lane));
        }
        // The same again is the same.
        let again = run(&Arc::new(town::snapshot_of(file)), &states, now, &cases);
        prop_assert!(comparable(&again.decided) == comparable(&changes.decided));
    }

    #[test]
    fn counts_survive_any_life(
        people in proptest::collection::vec(person(), 1..6),
        calendars in proptest::collection::vec(calendar(), 3),
        acts in proptest::collection::vec((0usize..8, 0u8..5, a_case()), 1..80),
    ) {
        let now = town::monday();
        let (file, states) = build(&people, calendars, now);
        let snapshot = Arc::new(town::snapshot_of(file.clone()));
        let ids: Vec<_> = (0..8).map(|_| CaseId::new()).collect();
        let mut desk = Desk::new(snapshot, now, states, Vec::new(), Known::default());
        for (case, act, facts) in &acts {
            let id = ids[*case];
            match (act, desk.case(id).map(|case| case.is_open)) {
                (_, None) => desk.open(id, String::new(), 1, facts),
                (0 | 1, Some(true)) => desk.close(id),
                (2, Some(true)) => desk.rehome(id),
                (3, Some(true)) => { desk.serve(id, Cause::Presence); }
                (_, Some(true)) => {
                    let target = super::Target::Unit(unit_code(case % 3));
                    let order = super::Order { case_id: id, target, actor: String::new(), by: None, reason: String::new() };
                    desk.reassign(&order).unwrap();
                }
                (_, Some(false)) => desk.reopen(id, facts),
            }
        }
        let changes = desk.into_changes();
        let open: Vec<_> = changes.cases.iter().filter(|case| case.is_open).collect();
        for agent in &file.agents {
            let held = open.iter().filter(|case| case.agent.as_ref() == Some(&agent.code)).count();
            let counted = changes.agents.get(&agent.code).map_or(0, |state| state.load);
            prop_assert_eq!(counted as usize, held);
            prop_assert!(counted <= agent.capacity);
        }
        let queued = open.iter().filter(|case| case.agent.is_none()).count();
        prop_assert_eq!(changes.lanes.values().sum::<i64>(), queued as i64);
        prop_assert!(changes.lanes.values().all(|waiting| *waiting >= 0));
    }

    #[test]
    fn work_is_shared_evenly(agents in 1usize..8, cases in 1usize..60) {
        let person = Person { unit: 0, skills: vec![true; 3], languages: vec![true; 3], calendar: 0, capacity: 100, away: false, absent: None };
        let mut always = WorkingHours::default();
        always.set_day(jiff::civil::Weekday::Monday, &["00:00-24:00"]).unwrap();
        let (file, states) = build(&vec![person; agents], vec![always; 3], town::monday());
        let cases: Vec<_> = (0..cases).map(|_| (CaseId::new(), town::facts("voirie"))).collect();
        let changes = run(&Arc::new(town::snapshot_of(file)), &states, town::monday(), &cases);
        let loads: Vec<_> = changes.agents.values().map(|state| state.load).collect();
        let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
        prop_assert!(most - least <= 1 && (loads.len() == agents || cases.len() < agents));
    }
}
