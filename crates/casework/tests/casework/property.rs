//! Whatever happens, in whatever order: no case is forgotten, and its history says what it is.

use jiff::SignedDuration;
use parvis_casework::domain::{
    Author, Case, Decision, Kind, Line, Outcome, Priority, Step, TownCalendar, history::recompute, requester,
    transition::next,
};
use parvis_kernel::{Reference, RequestId, Timestamp};
use parvis_proto::{
    common::{ProcedureSnapshot, UnitContact},
    intake::{RequestReceived, SubmittedRequest},
    to_proto_time,
};
use proptest::prelude::*;

use crate::support::{at, town};

fn paris() -> TownCalendar {
    TownCalendar { time_zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap(), holidays: "metropole".parse().unwrap() }
}

fn open(now: Timestamp, silence_months: u32, service_level_days: u32) -> (Case, Line) {
    let submitted = SubmittedRequest {
        request_id: RequestId::new().to_string(),
        reference: Reference::of_rank(1, 1).unwrap().to_string(),
        received_at: Some(to_proto_time(now)),
        procedure: Some(ProcedureSnapshot {
            silence: "accept".into(),
            silence_months,
            service_level_days,
            ..ProcedureSnapshot::default()
        }),
        ..SubmittedRequest::default()
    };
    let received = RequestReceived { request: Some(submitted), ..RequestReceived::default() };
    let tenant = town("clairval");
    let request = requester::require(received, &tenant).unwrap();
    Case::open(&tenant, &request, now, &paris()).unwrap()
}

fn happen(case: &mut Case, step: Step, agent: &str, sequence: u64, now: Timestamp) -> parvis_kernel::Result<Vec<Line>> {
    let town = &paris();
    let author = &Author::system();
    let mut decision = Decision {
        sequence,
        unit: UnitContact { code: "sport".into(), name: "Sport".into(), ..UnitContact::default() },
        agent: agent.to_owned(),
        agent_name: String::new(),
        priority: Priority::Low,
        summary: String::new(),
        reason: String::new(),
        actor: String::new(),
    };
    let line = match step {
        Step::Queue => {
            decision.agent.clear();
            case.show(&decision, now, town)?.unwrap().line
        }
        Step::Assign | Step::Confirm => case.show(&decision, now, town)?.unwrap().line,
        Step::Start => case.start(author, now, town)?,
        Step::Message | Step::Note | Step::Receive => case.write(step, author, now, town)?,
        Step::Wait => case.wait(author, now, town)?,
        Step::Resume => case.resume(author, now, town)?,
        Step::Decide => case.decide(Outcome::Granted, author, now, town)?,
        Step::Close => case.close(Outcome::Answered, author, now, town)?,
        Step::Reopen => case.reopen(String::new(), author, now, town)?,
        Step::Timer => return case.strike(now, town),
    };
    Ok(vec![line])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_case_is_forgotten(
        months in 0..4_u32,
        days in 0..20_u32,
        steps in prop::collection::vec((0..Step::ALL.len(), 0..2_usize, 0..400_i64), 0..40),
    ) {
        let mut now = at("2026-03-02T09:00:00Z");
        let (mut case, line) = open(now, months, days);
        let mut lines = vec![line];
        for (sequence, (step, agent, hours)) in steps.into_iter().enumerate() {
            now += SignedDuration::from_hours(hours);
            let (step, before) = (Step::ALL[step], case.clone());
            match happen(&mut case, step, ["claire", "marc"][agent], sequence as u64, now) {
                Ok(more) => lines.extend(more),
                Err(_) => {
                    prop_assert_eq!(&case, &before, "what cannot happen changes nothing");
                    prop_assert!(next(case.state, step).is_none());
                }
            }
            prop_assert_eq!(case.next_timer_at.is_some(), case.state.is_open());
            if case.version > before.version {
                prop_assert!(case.next_timer_at.is_none_or(|timer| timer >= now));
            }
            prop_assert_eq!(case.closed_at.is_some(), !case.state.is_open());
            prop_assert_eq!(case.waiting_since.is_some(), case.state.as_str() == "waiting_citizen");
        }
        let told = recompute(&lines).unwrap();
        prop_assert_eq!((told.version, told.state, told.outcome), (case.version, case.state, case.outcome));
        prop_assert_eq!((told.agent, told.priority, told.overdue), (case.agent.clone(), case.priority, case.overdue));
        // The clock always comes to something, and then goes on.
        if let Some(timer) = case.next_timer_at {
            let timer = timer.max(now);
            prop_assert!(!case.strike(timer, &paris()).unwrap().is_empty());
            prop_assert!(case.next_timer_at.unwrap() > timer);
        }
    }
}

#[test]
fn a_history_that_cannot_be_is_refused() {
    let now = at("2026-03-02T09:00:00Z");
    let (mut case, opened) = open(now, 2, 10);
    let closed = case.close(Outcome::Answered, &Author::system(), now, &paris()).unwrap();
    assert!(recompute(&[opened.clone(), closed.clone()]).is_ok());
    assert!(recompute(std::slice::from_ref(&closed)).is_err());
    let started = Line { kind: Kind::Started, version: 3, ..closed.clone() };
    assert!(recompute(&[opened, closed, started]).is_err());
}
