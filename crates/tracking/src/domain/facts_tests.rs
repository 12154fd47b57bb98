//! The same events, in any order, give the same facts.

use parvis_kernel::{RequestId, TenantId, Timestamp};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged, MessagePosted},
    common::{ProcedureSnapshot, UnitContact},
    events,
    identity::CitizenLinked,
    intake::{RequestReceived, SubmittedRequest},
    notification::NotificationOutcome,
    routing::{CaseAssigned, CaseEscalated},
    to_proto_time,
};
use proptest::prelude::*;

use super::{Facts, Happening};

const ID: &str = "0190b1c2-0000-7000-8000-000000000001";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}

fn read(kind: &str, second: i64, message: &impl prost::Message) -> Happening {
    Happening::read(kind, at(second), &message.encode_to_vec()).unwrap()
}

fn procedure() -> ProcedureSnapshot {
    ProcedureSnapshot { code: "nid".into(), title: "Nid-de-poule".into(), theme: "voirie".into(), ..Default::default() }
}

fn received() -> Happening {
    let request = SubmittedRequest {
        request_id: ID.into(),
        reference: "412-873-952-K".into(),
        received_at: Some(to_proto_time(at(0))),
        channel: "counter".into(),
        procedure: Some(procedure()),
        acted_by: "agent:paul-petit".into(),
        acted_by_name: "Paul Petit".into(),
        ..Default::default()
    };
    let event = RequestReceived {
        request: Some(request),
        tracking_code: "secret".into(),
        tracking_code_sha256: "ab".repeat(32),
    };
    read(events::REQUEST_RECEIVED, 1, &event)
}

fn case(version: u64, state: &str) -> CaseSnapshot {
    CaseSnapshot {
        id: ID.into(),
        reference: "412-873-952-K".into(),
        version,
        state: state.into(),
        channel: "counter".into(),
        received_at: Some(to_proto_time(at(0))),
        procedure: Some(procedure()),
        title: format!("Nid-de-poule, version {version}"),
        filed_by: "paul-petit".into(),
        service_due_on: format!("2026-03-{:02}", 1 + version),
        ..Default::default()
    }
}

fn opened() -> Happening {
    read(events::CASE_OPENED, 2, &CaseOpened { case: Some(case(1, "new")) })
}

fn changed(version: u64, kind: &str, state: &str) -> Happening {
    let event = CaseStatusChanged {
        case: Some(case(version, state)),
        kind: kind.into(),
        actor: "agent:claire-martin".into(),
        actor_name: "Claire Martin".into(),
        public_detail: "Traitement commencé.".into(),
        at: Some(to_proto_time(at(100 * version as i64))),
        ..Default::default()
    };
    read(events::CASE_STATUS_CHANGED, 0, &event)
}

fn assigned(sequence: u64, agent: &str, cause: &str) -> Happening {
    let unit =
        UnitContact { code: format!("unit-{sequence}"), name: format!("Unité {sequence}"), ..Default::default() };
    let event = CaseAssigned {
        case_id: ID.into(),
        sequence,
        at: Some(to_proto_time(at(10 * sequence as i64))),
        cause: cause.into(),
        unit: Some(unit),
        agent: agent.into(),
        agent_name: agent.into(),
        reference: "412-873-952-K".into(),
        ..Default::default()
    };
    read(events::CASE_ASSIGNED, 0, &event)
}

fn escalated(step: &str, to: &str) -> Happening {
    let event = CaseEscalated {
        case_id: ID.into(),
        at: Some(to_proto_time(at(15))),
        step: step.into(),
        to_name: to.into(),
        ..Default::default()
    };
    read(events::CASE_ESCALATED, 0, &event)
}

#[test]
fn that_a_supervisor_was_told_is_no_line_and_that_they_could_not_be_is() {
    let line = |state| told("escalation", state, 9).apply(&mut apply(&[received()]));
    for state in ["sent", "to_hand_over", "handed_over"] {
        assert_eq!(line(state), None, "{state}");
    }
    let failed = line("failed").unwrap();
    assert_eq!((failed.kind.as_str(), failed.public_label.as_str()), ("escalation_failed", ""));
}

#[test]
fn a_step_of_a_ladder_is_a_line_for_agents() {
    let mut facts = Facts::new(TenantId::parse("clairval").unwrap(), ID.parse::<RequestId>().unwrap());
    let before = format!("{facts:?}");
    let line = escalated("escalated", "Sophie Lemaire").apply(&mut facts).unwrap();
    assert_eq!((line.kind.as_str(), line.label.as_str()), ("case_escalated", "Signalée à Sophie Lemaire, responsable"));
    assert!(line.public_label.is_empty() && line.at == at(15));
    assert_eq!(format!("{facts:?}"), before);
    // Waiting still, but more pressing: the step says so, not a second line.
    assert!(assigned(1, "", "escalated").apply(&mut facts).is_none());
    assert!(assigned(2, "claire-martin", "escalated").apply(&mut facts).is_some());
}

fn told(kind: &str, state: &str, second: i64) -> Happening {
    let event = NotificationOutcome {
        case_id: ID.into(),
        kind: kind.into(),
        mode: "email".into(),
        state: state.into(),
        at: Some(to_proto_time(at(second))),
        ..Default::default()
    };
    read(events::NOTIFICATION_DELIVERED, 0, &event)
}

fn life() -> Vec<Happening> {
    let message = MessagePosted {
        case: Some(case(4, "in_progress")),
        direction: "to_citizen".into(),
        actor_name: "Claire Martin".into(),
        ..Default::default()
    };
    vec![
        received(),
        opened(),
        assigned(1, "", "opened"),
        assigned(2, "claire-martin", "presence"),
        assigned(3, "", "reassigned"),
        assigned(4, "jean-roux", "reassigned"),
        changed(3, "started", "in_progress"),
        read(events::MESSAGE_POSTED, 350, &message),
        changed(5, "decided", "decided"),
        // Two events of one version.
        changed(5, "closed", "closed"),
        changed(6, "reopened", "reopened"),
        changed(7, "started", "in_progress"),
        changed(9, "closed", "closed"),
        told("acknowledgment", "to_hand_over", 20),
        told("acknowledgment", "handed_over", 40),
        told("closed", "sent", 60),
        escalated("reminded", "Claire Martin"),
        read(events::CITIZEN_LINKED, 5, &CitizenLinked { request_id: ID.into(), citizen_id: ID.into() }),
    ]
}

fn apply(happenings: &[Happening]) -> Facts {
    let mut facts = Facts::new(TenantId::parse("clairval").unwrap(), ID.parse::<RequestId>().unwrap());
    for happening in happenings {
        happening.apply(&mut facts);
    }
    facts
}

#[test]
fn a_life_in_order() {
    let facts = apply(&life());
    assert_eq!((facts.reference.as_str(), facts.channel.as_str()), ("412-873-952-K", "counter"));
    assert_eq!((facts.theme.as_str(), facts.title.as_str()), ("voirie", "Nid-de-poule, version 9"));
    assert_eq!((facts.unit.as_str(), facts.agent.as_str()), ("unit-4", "jean-roux"));
    assert_eq!((facts.first_routed_at, facts.first_assigned_at), (Some(at(10)), Some(at(20))));
    assert_eq!((facts.acknowledged_at, facts.last_closed_at), (Some(at(40)), Some(at(900))));
    assert_eq!((facts.reopened, facts.reassigned), (1, 2));
    assert_eq!((facts.status(), facts.is_open(), facts.filed_by.as_str()), ("closed", false, "paul-petit"));
    let reopened = apply(&life()[..11]);
    assert_eq!((reopened.status(), reopened.is_open()), ("reopened", true));
    assert_eq!(reopened.closed_day(&jiff::tz::TimeZone::UTC), None);
}

#[test]
fn the_status_follows_the_router_until_casework_begins() {
    assert_eq!(apply(&[received()]).status(), "received");
    assert_eq!(apply(&[received(), opened(), assigned(1, "", "opened")]).status(), "queued");
    assert_eq!(apply(&[assigned(1, "claire-martin", "opened")]).status(), "assigned");
    assert!(!apply(&[assigned(1, "claire-martin", "opened")]).is_open(), "not counted before it is received");
    assert_eq!(
        apply(&[received(), opened(), assigned(1, "a-b", "opened"), changed(3, "started", "in_progress")]).status(),
        "in_progress"
    );
}

#[test]
fn no_public_line_names_anybody_and_no_line_shows_the_code() {
    let mut facts = apply(&[]);
    for happening in life() {
        let Some(line) = happening.apply(&mut facts) else { continue };
        for name in ["Claire", "claire-martin", "Paul", "jean-roux"] {
            assert!(!line.public_label.contains(name), "{line:?}");
        }
        assert!(!line.label.contains("secret"), "{line:?}");
        assert!(!line.label.is_empty() && !line.role.is_empty() && !line.kind.is_empty());
    }
}

proptest! {
    #[test]
    fn any_order_gives_the_same_facts(shuffled in Just(life()).prop_shuffle()) {
        prop_assert_eq!(apply(&shuffled), apply(&life()));
    }

    #[test]
    fn any_part_in_any_order_gives_what_that_part_gives_in_order(
        (kept, shuffled) in proptest::sample::subsequence(life(), 0..=17)
            .prop_flat_map(|kept| (Just(kept.clone()), Just(kept).prop_shuffle()))
    ) {
        prop_assert_eq!(apply(&shuffled), apply(&kept));
    }
}
