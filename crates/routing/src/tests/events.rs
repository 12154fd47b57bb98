//! What casework says, and what is said of it.

use std::collections::BTreeMap;

use parvis_kernel::RequestId;
use parvis_proto::casework::CaseSnapshot;

use super::{
    on_both,
    world::{World, changed, clairval, deliver, opened, snapshot},
};
use crate::{
    Router,
    domain::town,
    repo::{agent, decision},
};

on_both!(
    a_large_batch_is_decided_whole,
    what_comes_late_or_twice_changes_nothing,
    a_reopened_case_goes_back_to_who_had_it,
    the_same_person_keeps_their_agent,
    a_directory_may_come_after_the_cases,
    an_unreadable_event_undoes_its_batch,
);

async fn a_large_batch_is_decided_whole(mut world: World) {
    let texts = ["un matelas", "rien", "un trou rue du Port"];
    let events: Vec<_> = (0..300).map(|at| opened(&clairval(), snapshot(RequestId::new(), texts[at % 3]))).collect();
    deliver(&world.router, &events).await.unwrap();
    let said = world.assignments();
    assert_eq!(said.len(), 300);
    assert!(said.iter().all(|case| case.sequence == 1 && case.cause == "opened" && !case.summary.is_empty()));
    let mut held: BTreeMap<&str, u32> = BTreeMap::new();
    for case in said.iter().filter(|case| !case.agent.is_empty()) {
        *held.entry(&case.agent).or_default() += 1;
        assert!(case.agent_email.ends_with("@clairval.example"));
    }
    assert_eq!(held, BTreeMap::from([("alice-roy", 2), ("bruno-petit", 3), ("chloe-blanc", 5)]));
    assert_eq!(world.waiting().await, 290);
    assert_eq!(said[1].unit.as_ref().unwrap().phone, "02 61 91 00 00");
    // Another process, or this one started again, finds the same.
    let again = Router::new(world.router.store.clone(), world.router.tenants.clone());
    let states = agent::all(again.store.read(), &clairval()).await.unwrap();
    assert_eq!(states[&town::agent("bruno-petit")].load, 3);
    let id = world.open("un matelas").await;
    assert_eq!(world.holder(id).await, None);
}

async fn what_comes_late_or_twice_changes_nothing(mut world: World) {
    let id = RequestId::new();
    let first = snapshot(id, "un matelas");
    let closed = CaseSnapshot { state: "closed".to_owned(), version: 3, ..first.clone() };
    // Closed before it opened: nothing is opened any more.
    deliver(&world.router, &[changed(&clairval(), closed.clone(), "closed")]).await.unwrap();
    deliver(&world.router, &[opened(&clairval(), first.clone())]).await.unwrap();
    assert!(!world.case(id).await.is_open);
    assert_eq!(world.assignments().len(), 0);
    // Opened twice, closed twice: counted once.
    let id = RequestId::new();
    let first = snapshot(id, "un matelas");
    let closed = CaseSnapshot { id: id.to_string(), ..closed };
    deliver(&world.router, &[opened(&clairval(), first.clone()), opened(&clairval(), first.clone())]).await.unwrap();
    let echo = CaseSnapshot { state: "assigned".to_owned(), version: 2, ..first.clone() };
    deliver(&world.router, &[changed(&clairval(), echo, "assigned")]).await.unwrap();
    let close = changed(&clairval(), closed, "closed");
    deliver(&world.router, &[close.clone(), close]).await.unwrap();
    let late = CaseSnapshot { state: "in_progress".to_owned(), version: 2, ..first };
    deliver(&world.router, &[changed(&clairval(), late, "started")]).await.unwrap();
    assert!(!world.case(id).await.is_open);
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    assert!(states.values().all(|state| state.load == 0));
    assert_eq!(world.assignments().len(), 1);
}

async fn a_reopened_case_goes_back_to_who_had_it(mut world: World) {
    let id = world.open("un trou rue du Port").await;
    assert_eq!(world.holder(id).await, Some(town::agent("alice-roy")));
    world.close(id, 2).await;
    assert_eq!(world.holder(id).await, None);
    let reopened = CaseSnapshot { state: "reopened".to_owned(), version: 3, ..snapshot(id, "") };
    deliver(&world.router, &[changed(&clairval(), reopened, "reopened")]).await.unwrap();
    assert_eq!(world.holder(id).await, Some(town::agent("alice-roy")));
    let said = world.assignments();
    assert_eq!((said[1].cause.as_str(), said[1].sequence), ("reopened", 2));
    assert!(said[1].summary.contains("qui suivait déjà ce dossier"), "{}", said[1].summary);
    let decisions = decision::of_case(world.store.read(), &clairval(), id).await.unwrap();
    assert_eq!(decisions.iter().map(|decision| decision.sequence).collect::<Vec<_>>(), [1, 2]);
}

async fn the_same_person_keeps_their_agent(world: World) {
    let of = |key: &str| CaseSnapshot {
        requester_key: key.to_owned(),
        procedure: Some(parvis_proto::common::ProcedureSnapshot {
            code: "chaussee".to_owned(),
            unit: "voirie".to_owned(),
            ..Default::default()
        }),
        ..snapshot(RequestId::new(), "un trou")
    };
    let route = async |keys: &[&str]| {
        let cases: Vec<_> = keys.iter().map(|key| of(key)).collect();
        let ids: Vec<RequestId> = cases.iter().map(|case| case.id.parse().unwrap()).collect();
        let events: Vec<_> = cases.into_iter().map(|case| opened(&clairval(), case)).collect();
        deliver(&world.router, &events).await.unwrap();
        ids
    };
    // In one batch: Bruno was idle for the second.
    let zoe = route(&["zoe", "zoe"]).await;
    assert_eq!(world.holder(zoe[0]).await, Some(town::agent("alice-roy")));
    assert_eq!(world.holder(zoe[1]).await, Some(town::agent("alice-roy")));
    // Across batches: Alice has room again and was idle longer.
    let leo = route(&["leo"]).await;
    world.close(zoe[0], 2).await;
    let again = route(&["leo"]).await;
    assert_eq!(world.holder(leo[0]).await, Some(town::agent("bruno-petit")));
    assert_eq!(world.holder(again[0]).await, Some(town::agent("bruno-petit")));
}

async fn a_directory_may_come_after_the_cases(mut world: World) {
    let other = parvis_kernel::TenantId::parse("petit-ormeau").unwrap();
    let id = RequestId::new();
    deliver(&world.router, &[opened(&other, snapshot(id, "un matelas"))]).await.unwrap();
    world.drain().await;
    assert_eq!(world.assignments().len(), 0);
    world.import(&town::TOWN.replace("clairval\"", "petit-ormeau\"")).await;
    world.drain().await;
    let said = world.assignments();
    assert_eq!((said.len(), said[0].agent.as_str()), (1, "chloe-blanc"));
    // And the neighbour's agent of the same name has nothing more.
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    assert!(states.values().all(|state| state.load == 0));
}

async fn an_unreadable_event_undoes_its_batch(mut world: World) {
    let good = snapshot(RequestId::new(), "un matelas");
    let bad = CaseSnapshot { id: "not-a-case".to_owned(), ..good.clone() };
    let error = deliver(&world.router, &[opened(&clairval(), good), opened(&clairval(), bad)]).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(world.assignments().len(), 0);
}
