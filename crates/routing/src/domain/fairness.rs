//! Nobody of equal skill is given half as much again as another for the hours they could be given work in.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, ToSpan as _, civil::Date};
use parvis_calendar::{HolidayZone, WorkingHours};
use parvis_directory::{Absence, Agent, Calendar, DirectoryFile};
use parvis_kernel::{AgentId, CaseId, Role, RoleSet, Timestamp};
use proptest::prelude::*;

use super::{Changes, Desk, Known, Snapshot, life::times, town};

/// Weeks worked, the first week not counted: somebody new has no past.
const DAYS: i64 = 28;
const COUNTED_FROM: i64 = 7;

const WEEKS: [&[&str]; 4] = [
    &["08:30-12:00", "13:30-17:30"],
    &["08:00-16:30"],
    &["09:00-12:30", "13:30-18:00"],
    // Half-time.
    &["08:30-12:30"],
];

fn week(periods: &[&str], off: Option<i8>) -> WorkingHours {
    let mut hours = WorkingHours::default();
    for day in (0..5).filter(|day| Some(*day) != off) {
        hours.set_day(jiff::civil::Weekday::from_monday_zero_offset(day).unwrap(), periods).unwrap();
    }
    hours
}

#[derive(Clone, Debug)]
struct Colleague {
    week: usize,
    day_off: Option<i8>,
    absent: Option<(i32, i32)>,
}

fn colleague() -> impl Strategy<Value = Colleague> {
    let absent = proptest::option::weighted(0.3, (0i32..25, 0i32..6));
    (0usize..WEEKS.len(), proptest::option::weighted(0.3, 0i8..5), absent)
        .prop_map(|(week, day_off, absent)| Colleague { week, day_off, absent })
}

fn build(colleagues: &[Colleague], first_day: Date) -> DirectoryFile {
    let mut file = town::directory();
    file.rules.clear();
    file.calendars = colleagues
        .iter()
        .enumerate()
        .map(|(at, it)| Calendar {
            code: format!("cal-{at}"),
            name: String::new(),
            hours: week(WEEKS[it.week], it.day_off),
        })
        .collect();
    for unit in &mut file.units {
        unit.calendar = Some("cal-0".to_owned());
    }
    let base = file.agents[0].clone();
    file.agents = (0..colleagues.len())
        .map(|at| Agent {
            code: town::agent(&format!("agent-{at}")),
            roles: RoleSet::from([Role::CaseWorker]),
            units: vec![file.default_unit.clone()],
            teams: Vec::new(),
            calendar: Some(format!("cal-{at}")),
            capacity: 10_000,
            ..base.clone()
        })
        .collect();
    let absences = colleagues.iter().enumerate().filter_map(|(at, it)| {
        let (from, days) = it.absent?;
        let from = first_day.checked_add(from.days()).unwrap();
        let until = from.checked_add(days.days()).unwrap();
        Some(Absence { agent: town::agent(&format!("agent-{at}")), from, until, reason: String::new() })
    });
    file.absences = absences.collect();
    file
}

/// Work given by agent and hours in which they could be given some, once the first week is over.
fn work(file: &DirectoryFile, every: i64, begin: Timestamp) -> (BTreeMap<AgentId, u32>, BTreeMap<AgentId, f64>) {
    let snapshot = Arc::new(town::snapshot_of(file.clone()));
    let open = |now: Timestamp, agent: &Agent| {
        let day = town::paris().to_datetime(now).date();
        let absent = file.absences.iter().any(|a| a.agent == agent.code && a.from <= day && day <= a.until);
        let calendar = file.calendars.iter().find(|c| Some(&c.code) == agent.calendar.as_ref()).unwrap();
        !absent && calendar.hours.is_open(now, &town::paris(), HolidayZone::Metropole)
    };
    let mut desk = Desk::new(Arc::<Snapshot>::clone(&snapshot), begin, BTreeMap::new(), Vec::new(), Known::default());
    let (mut given, mut hours) = (BTreeMap::new(), BTreeMap::new());
    let (mut now, end) = (begin, begin + SignedDuration::from_hours(24 * DAYS));
    let mut tick = 0;
    while now < end {
        desk.move_to(now);
        let counted = now >= begin + SignedDuration::from_hours(24 * COUNTED_FROM);
        let there: Vec<_> = file.agents.iter().filter(|agent| open(now, agent)).collect();
        if counted {
            for agent in &there {
                *hours.entry(agent.code.clone()).or_insert(0.0) += 0.25;
            }
        }
        // Requests come while somebody is there: the others wait, and that is another matter.
        tick += 1;
        if !there.is_empty() && tick % every == 0 {
            desk.open(CaseId::new(), String::new(), 1, &town::facts("bonjour"));
        }
        let changes: Changes = desk.take_changes();
        for decided in changes.decided.iter().filter(|_| counted) {
            *given.entry(decided.agent.clone().unwrap()).or_insert(0) += 1;
        }
        now += SignedDuration::from_mins(15);
    }
    (given, hours)
}

proptest! {
    #![proptest_config(times(24))]

    #[test]
    fn work_follows_the_hours(
        full in proptest::collection::vec(colleague(), 1..4),
        more in proptest::collection::vec(colleague(), 1..4),
        every in 1i64..3,
    ) {
        // As many of full days as of the others at least: nobody is alone for long, else they alone can be given work.
        let full = full.into_iter().enumerate();
        let mut colleagues: Vec<_> = full.map(|(at, it)| Colleague { week: at % 3, absent: None, ..it }).collect();
        let others = colleagues.len();
        colleagues.extend(more.into_iter().take(others));
        let begin = town::monday();
        let first_day = town::paris().to_datetime(begin).date();
        let file = build(&colleagues, first_day);
        let (given, hours) = work(&file, every, begin);
        let rates: Vec<f64> = hours
            .iter()
            // Who was there for less than three days has too few cases to be compared.
            .filter(|(_, hours)| **hours >= 24.0)
            .map(|(agent, hours)| f64::from(given.get(agent).copied().unwrap_or(0)) / hours)
            .collect();
        let (least, most) = rates.iter().fold((f64::MAX, 0.0f64), |(least, most), rate| (least.min(*rate), most.max(*rate)));
        prop_assert!(most <= least * 1.5, "{least:.3} to {most:.3}: {rates:?} {given:?} {hours:?}");
    }
}
