//! Dates that come.

use std::sync::Arc;

use parvis_casework::domain::{Priority, State};
use parvis_kernel::Clock as _;
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use tokio_util::sync::CancellationToken;

use crate::{
    on_both,
    support::{World, as_caller, assigned, at, summary, worker},
};

async fn run(world: &World) -> Vec<String> {
    Arc::new(world.casework.clone()).run_timers(CancellationToken::new()).await.unwrap();
    summary(&world.said())
}

async fn a_promise_is_broken_then_the_law_comes_near(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    // Promised for 16 March: broken when the 17th begins in the town.
    world.clock.set(at("2026-03-16T22:59:59Z"));
    assert!(run(&world).await.is_empty());
    world.clock.set(at("2026-03-16T23:00:00Z"));
    assert_eq!(run(&world).await, ["status:overdue"]);
    assert!(run(&world).await.is_empty(), "once");
    let case = world.case(filed.id).await;
    assert_eq!((case.overdue, case.priority, case.state), (true, Priority::High, State::Assigned));
    // A later decision of routing does not make it less urgent.
    world.assign(&[assigned(&filed, 2, "petite-enfance", "marc")]).await;
    world.said();
    assert_eq!(world.case(filed.id).await.priority, Priority::High);
    let mut kinds = Vec::new();
    while world.clock.now() < at("2026-06-01T00:00:00Z") {
        world.clock.set(world.case(filed.id).await.next_timer_at.unwrap());
        kinds.extend(run(&world).await.into_iter().map(|kind| (kind, world.clock.now())));
        world.check_history(filed.id).await;
    }
    // Silence becomes a decision on 2 May: the last day to decide is the 1st.
    let expected = [
        ("status:escalated", at("2026-03-17T23:00:00Z")),
        ("status:legal_near", at("2026-04-30T22:00:00Z")),
        // Ten working days later, past 8 May and Ascension.
        ("status:review", at("2026-05-18T22:00:00Z")),
        ("status:review", at("2026-06-02T22:00:00Z")),
    ];
    assert_eq!(kinds, expected.map(|(kind, at)| (kind.to_owned(), at)));
    assert_eq!(world.case(filed.id).await.priority, Priority::Urgent);
}

async fn nothing_is_overdue_while_the_citizen_is_waited_for(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let wait = proto::SendMessageRequest {
        id: filed.id.to_string(),
        expected_version: 2,
        text: "Une pièce manque.".into(),
        wait_for_citizen: true,
    };
    world.rpc.send_message(as_caller(&worker("claire", "petite-enfance"), wait)).await.unwrap();
    world.said();
    world.clock.set(at("2026-03-30T09:00:00Z"));
    assert_eq!(run(&world).await, ["status:review"]);
    let start = proto::StartCaseRequest { id: filed.id.to_string(), expected_version: 5 };
    let case = world.rpc.start_case(as_caller(&worker("claire", "petite-enfance"), start)).await.unwrap().into_inner();
    // Twenty working days of waiting: 16 March is now 14 April, past Easter Monday.
    assert_eq!((case.state.as_str(), case.service_due_on.as_str(), case.overdue), ("in_progress", "2026-04-14", false));
    world.check_history(filed.id).await;
}

async fn several_processes_wake_each_case_once(world: World) {
    let filed: Vec<_> = (0..450).map(|rank| world.file("clairval", rank, |_| {})).collect();
    world.receive(&filed.iter().map(|filed| filed.event.clone()).collect::<Vec<_>>()).await;
    world.said();
    world.clock.set(at("2026-03-17T09:00:00Z"));
    let process = || tokio::spawn(Arc::new(world.casework.clone()).run_timers(CancellationToken::new()));
    let (one, two, three) = tokio::join!(process(), process(), process());
    for result in [one, two, three] {
        result.unwrap().unwrap();
    }
    let said = world.said();
    assert_eq!(said.len(), 450);
    let subjects: std::collections::HashSet<_> = said.iter().map(|row| &row.subject).collect();
    assert_eq!(subjects.len(), 450);
    for filed in filed.iter().step_by(100) {
        assert_eq!(world.case(filed.id).await.version, 2);
        world.check_history(filed.id).await;
    }
}

on_both!(
    a_promise_is_broken_then_the_law_comes_near,
    nothing_is_overdue_while_the_citizen_is_waited_for,
    several_processes_wake_each_case_once,
);
