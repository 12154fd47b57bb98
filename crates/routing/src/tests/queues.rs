//! Waiting, and being taken.

use jiff::SignedDuration;
use parvis_kernel::{ErrorKind, Role};

use super::{
    on_both,
    world::{World, caller, clairval},
};
use crate::{
    domain::town,
    repo::decision,
    usecase::{get_queues, list_agents, list_decisions, set_presence},
};

on_both!(
    somebody_comes_and_the_queue_moves,
    room_is_made_and_the_most_pressing_goes_first,
    an_opening_hour_starts,
    what_nobody_free_can_do_waits_without_holding_the_others,
    presence_is_for_oneself_and_supervisors,
);

async fn somebody_comes_and_the_queue_moves(mut world: World) {
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    let view = set_presence(&world.router, &chloe, None, "away").await.unwrap();
    assert!(view.away && view.working_now && !view.may_receive);
    let id = world.open("bonjour").await;
    assert_eq!(world.holder(id).await, None);
    let queues = get_queues(&world.router, &chloe).await.unwrap();
    assert_eq!((queues.len(), queues[0].waiting, queues[0].oldest), (1, 1, Some(town::monday())));
    world.drain().await;
    assert_eq!(world.holder(id).await, None);
    set_presence(&world.router, &chloe, None, "present").await.unwrap();
    world.drain().await;
    assert_eq!(world.holder(id).await, Some(town::agent("chloe-blanc")));
    assert_eq!(world.waiting().await, 0);
    let causes: Vec<_> = world.assignments().into_iter().map(|said| said.cause).collect();
    assert_eq!(causes, ["opened", "presence"]);
    let decisions = list_decisions(&world.router, &chloe, id).await.unwrap();
    let away = decisions[0].steps.iter().find(|step| step.subject == "chloe-blanc").unwrap();
    assert_eq!(away.why, "S’est indiqué indisponible.");
    assert!(decisions[0].steps.iter().any(|step| step.subject == "matelas" && step.why.contains("mots")));
}

async fn room_is_made_and_the_most_pressing_goes_first(world: World) {
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(world.open("dépôt sauvage").await);
    }
    let (normal, high) = (world.open("rien").await, world.open("dépôt sauvage").await);
    assert!(world.holder(normal).await.is_some());
    assert_eq!(world.holder(high).await, None);
    let later = world.open("dépôt sauvage").await;
    world.close(held[0], 2).await;
    world.drain().await;
    assert!(world.holder(high).await.is_some());
    assert_eq!(world.holder(later).await, None);
    let decisions = decision::of_case(world.store.read(), &clairval(), high).await.unwrap();
    assert_eq!(decisions[1].cause.as_str(), "capacity_freed");
}

async fn an_opening_hour_starts(world: World) {
    world.at(town::monday() + SignedDuration::from_hours(3));
    let id = world.open("bonjour").await;
    world.drain().await;
    assert_eq!(world.holder(id).await, None);
    world.at(town::monday() + SignedDuration::from_mins(210));
    world.drain().await;
    assert_eq!(world.holder(id).await, Some(town::agent("chloe-blanc")));
}

async fn what_nobody_free_can_do_waits_without_holding_the_others(world: World) {
    // Bruno, the only one with the skill, is full; Chloé is not there yet.
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    set_presence(&world.router, &chloe, None, "away").await.unwrap();
    for _ in 0..10 {
        world.open("un matelas").await;
    }
    let id = world.open("bonjour").await;
    set_presence(&world.router, &chloe, None, "present").await.unwrap();
    world.drain().await;
    assert!(world.holder(id).await.is_some());
    assert_eq!(world.waiting().await, 7);
}

async fn presence_is_for_oneself_and_supervisors(world: World) {
    let alice = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let bruno = caller("bruno-petit", &[Role::Supervisor], &["voirie", "proprete"]);
    let (of_alice, of_chloe) = (town::agent("alice-roy"), town::agent("chloe-blanc"));
    let refused = set_presence(&world.router, &alice, Some(&of_chloe), "away").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let refused = set_presence(&world.router, &bruno, Some(&of_chloe), "away").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert!(set_presence(&world.router, &bruno, Some(&of_alice), "away").await.unwrap().away);
    let wrong = set_presence(&world.router, &alice, None, "gone").await.unwrap_err();
    assert_eq!((wrong.kind(), wrong.violations()[0].field.as_str()), (ErrorKind::Invalid, "presence"));
    let nobody = parvis_kernel::Caller::anonymous(clairval());
    assert_eq!(
        set_presence(&world.router, &nobody, Some(&of_alice), "away").await.unwrap_err().kind(),
        ErrorKind::Unauthenticated
    );
    let agents = list_agents(&world.router, &bruno, None).await.unwrap();
    assert_eq!(agents.len(), 2);
    assert!(agents.iter().any(|view| view.agent.code == of_alice && view.away));
    let admin = caller("nadia-r", &[Role::Administrator], &[]);
    assert_eq!(list_agents(&world.router, &admin, None).await.unwrap().len(), 3);
}
