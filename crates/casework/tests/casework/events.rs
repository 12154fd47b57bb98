//! What others say: in batches, twice, late, too early, from two towns, and not well.

use std::collections::HashSet;

use parvis_casework::{
    consumer::{OnIntake, OnRouting},
    domain::State,
};
use parvis_kernel::EventId;
use parvis_proto::{casework as proto, events, notification::NotificationOutcome};

use crate::{
    on_both,
    support::{World, assigned, event, field, notices, summary, worker},
};

async fn three_hundred_at_once(world: World) {
    let filed: Vec<_> = (0..300).map(|rank| world.file("clairval", rank, |_| {})).collect();
    let received: Vec<_> = filed.iter().map(|filed| filed.event.clone()).collect();
    world.receive(&received).await;
    let said = world.said();
    assert_eq!(said.iter().filter(|row| row.kind == events::CASE_OPENED).count(), 300);
    assert_eq!(said.iter().map(|row| &row.subject).collect::<HashSet<_>>().len(), 300);
    let decisions: Vec<_> = filed.iter().map(|filed| assigned(filed, 1, "petite-enfance", "claire")).collect();
    world.assign(&decisions).await;
    let said = world.said();
    assert_eq!(said.len(), 600);
    assert_eq!(notices(&said).iter().map(|notice| &notice.notice_id).collect::<HashSet<_>>().len(), 300);
    for filed in &filed {
        assert_eq!(world.case(filed.id).await.state, State::Assigned);
    }
    world.check_history(filed[299].id).await;
}

async fn once_in_effect(world: World) {
    let filed = world.file("clairval", 1, |_| {});
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.receive(std::slice::from_ref(&filed.event)).await;
    // Even under another id, as after a restore: the case is there.
    let again = parvis_bus::Event { id: EventId::new(), ..filed.event.clone() };
    world.receive(&[again.clone(), parvis_bus::Event { id: EventId::new(), ..again }]).await;
    assert_eq!(summary(&world.said()), ["case_opened"]);
    let decision = assigned(&filed, 1, "petite-enfance", "claire");
    world.assign(std::slice::from_ref(&decision)).await;
    let first = notices(&world.said()).remove(0).notice_id;
    world.assign(std::slice::from_ref(&decision)).await;
    world.assign(&[parvis_bus::Event { id: EventId::new(), ..decision }]).await;
    assert!(world.said().is_empty());
    assert_eq!(world.case(filed.id).await.version, 2);
    // The notice's id says what it is about, not when it was written.
    let expected = uuid::Uuid::new_v5(&filed.id.0, b"acknowledgment:").to_string();
    assert_eq!(first, expected);
}

async fn the_latest_decision_is_shown(world: World) {
    let filed = world.file("clairval", 1, |_| {});
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.said();
    world.assign(&[assigned(&filed, 2, "petite-enfance", "claire"), assigned(&filed, 1, "accueil", "")]).await;
    assert_eq!(summary(&world.said()), ["status:assigned", "notice:acknowledgment"]);
    let case = world.case(filed.id).await;
    assert_eq!((case.unit.code.as_str(), case.agent.as_str()), ("petite-enfance", "claire"));
    // Two in one batch, in order: both shown, and the citizen told that the service changed.
    world.assign(&[assigned(&filed, 3, "petite-enfance", "marc"), assigned(&filed, 4, "urbanisme", "")]).await;
    let said = world.said();
    assert_eq!(summary(&said), ["status:assigned", "status:queued", "notice:reassigned"]);
    assert_eq!(field(&notices(&said)[0], "previous_service_name"), Some("Service petite-enfance"));
    let case = world.case(filed.id).await;
    assert_eq!((case.state, case.version, case.unit.code.as_str()), (State::New, 4, "urbanisme"));
    world.check_history(filed.id).await;
}

async fn a_decision_that_comes_first_waits_for_its_case(world: World) {
    let filed = world.file("clairval", 1, |_| {});
    world.assign(&[assigned(&filed, 2, "petite-enfance", "claire")]).await;
    world.assign(&[assigned(&filed, 1, "accueil", "")]).await;
    assert!(world.said().is_empty());
    world.receive(std::slice::from_ref(&filed.event)).await;
    let case = world.case(filed.id).await;
    assert_eq!((case.state, case.agent.as_str()), (State::Assigned, "claire"));
    let said = summary(&world.said());
    assert_eq!(said.iter().filter(|kind| *kind == "notice:acknowledgment").count(), 1);
    assert_eq!(said[0], "case_opened");
    world.check_history(filed.id).await;
}

async fn towns_in_one_batch_stay_apart(world: World) {
    let here = world.file("clairval", 1, |_| {});
    let there = world.file("autreville", 1, |_| {});
    world.receive(&[here.event.clone(), there.event.clone()]).await;
    let said = world.said();
    assert_eq!(said.iter().map(|row| row.tenant.as_str()).collect::<Vec<_>>(), ["autreville", "clairval"]);
    assert_eq!(world.case_of("autreville", there.id).await.reference, world.case(here.id).await.reference);
    // A decision under another town's name is about no case of that town.
    let mut foreign = assigned(&here, 1, "petite-enfance", "claire");
    foreign.tenant = there.event.tenant.clone();
    world.assign(&[foreign]).await;
    assert_eq!(world.case(here.id).await.version, 1);
    assert!(world.said().is_empty());
}

async fn what_cannot_open_a_case_fails_alone(world: World) {
    let good = world.file("clairval", 1, |_| {});
    let bad = world.file("clairval", 2, |request| request.reference = "412".into());
    let handler = OnIntake(world.casework.clone());
    assert!(world.deliver(&handler, &[good.event.clone(), bad.event.clone()]).await.is_err());
    assert!(world.deliver(&handler, std::slice::from_ref(&bad.event)).await.is_err());
    // Nothing of the batch was kept; alone, the good one is.
    assert!(world.said().is_empty());
    world.receive(&[good.event]).await;
    assert_eq!(summary(&world.said()), ["case_opened"]);
    let garbled =
        event("clairval", good.id, events::CASE_ASSIGNED, &proto::Case { id: "x".into(), ..Default::default() });
    assert!(world.deliver(&OnRouting(world.casework.clone()), &[garbled]).await.is_err());
}

async fn notices_leave_a_line(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let outcome = |state: &str, kind: &str| {
        let message = NotificationOutcome {
            notice_id: "n".into(),
            case_id: filed.id.to_string(),
            kind: kind.into(),
            mode: "email".into(),
            state: state.into(),
            ..NotificationOutcome::default()
        };
        let said = if state == "failed" { events::NOTIFICATION_FAILED } else { events::NOTIFICATION_DELIVERED };
        event("clairval", filed.id, said, &message)
    };
    let before = world.case(filed.id).await;
    world.tell(&[outcome("sent", "acknowledgment"), outcome("failed", "message")]).await;
    world.tell(&[outcome("sent", "escalation"), outcome("failed", "escalation")]).await;
    assert_eq!(world.case(filed.id).await, before);
    let history = world.get(&worker("claire", "petite-enfance"), filed.id).await.unwrap().history;
    let told: Vec<_> = history.iter().map(|line| (line.kind.as_str(), line.detail.as_str())).collect();
    assert!(told.contains(&("notice_sent", "Accusé de réception : envoi par courriel.")), "{told:?}");
    assert!(told.contains(&("notice_failed", "Message : la transmission par courriel a échoué.")), "{told:?}");
    // Routing says whom it told of a case that waits: only that they could not be is news.
    let supervisors: Vec<_> = told.iter().filter(|(_, detail)| detail.starts_with("Alerte au responsable")).collect();
    assert_eq!(supervisors.len(), 1, "{told:?}");
    assert_eq!(supervisors[0].0, "notice_failed");
    world.check_history(filed.id).await;
}

on_both!(
    three_hundred_at_once,
    once_in_effect,
    the_latest_decision_is_shown,
    a_decision_that_comes_first_waits_for_its_case,
    towns_in_one_batch_stay_apart,
    what_cannot_open_a_case_fails_alone,
    notices_leave_a_line,
);
