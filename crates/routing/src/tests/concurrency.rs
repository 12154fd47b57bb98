//! Several processes of the role over one database.

use std::{collections::BTreeMap, sync::Arc};

use parvis_kernel::{CaseId, RequestId, Role};
use parvis_proto::casework::CaseSnapshot;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio_util::sync::CancellationToken;

use super::{
    on_both,
    world::{World, caller, changed, clairval, deliver, opened, snapshot, tenants},
};
use crate::{
    Router,
    repo::{agent, queue},
    usecase::{AnswerOffer, MoveWork, answer_offer, drain_queues, fire_timers, list_offers, move_work, set_presence},
};

on_both!(capacity_holds_whoever_decides, offers_and_weights_hold_whoever_decides);

const TEXTS: [&str; 3] = ["un matelas", "rien", "un trou rue du Port"];

/// Delivers again what could not be for now, as the consumer's driver does.
async fn insist(router: &Router, events: &[parvis_bus::Event]) {
    for _ in 0..100 {
        match deliver(router, events).await {
            Ok(()) => return,
            Err(error) => assert!(error.is_transient(), "{error}"),
        }
    }
    panic!("the database never came back");
}

/// Opens, closes some, comes and goes, sweeps.
async fn work(router: Router, worker: usize) {
    let mut mine: Vec<(CaseId, u64)> = Vec::new();
    for round in 0..12 {
        let cases: Vec<_> = (0..7).map(|at| snapshot(RequestId::new(), TEXTS[(worker + at) % 3])).collect();
        mine.extend(cases.iter().map(|case| (case.id.parse().unwrap(), 1)));
        let events: Vec<_> = cases.into_iter().map(|case| opened(&clairval(), case)).collect();
        insist(&router, &events).await;
        let closing: Vec<_> = mine.drain(..mine.len() / 2).collect();
        let closed = closing.into_iter().map(|(id, version)| {
            let case = CaseSnapshot { state: "closed".to_owned(), version: version + 1, ..snapshot(id, "") };
            changed(&clairval(), case, "closed")
        });
        insist(&router, &closed.collect::<Vec<_>>()).await;
        let presence = if round % 3 == 0 { "away" } else { "present" };
        let bruno = caller("bruno-petit", &[Role::CaseWorker], &["voirie"]);
        set_presence(&router, &bruno, None, presence).await.unwrap();
        drain_queues(&router, &CancellationToken::new()).await.unwrap();
    }
}

async fn capacity_holds_whoever_decides(world: World) {
    let routers = [world.router.clone(), Router::new(world.store.another().await.unwrap(), tenants())];
    let routers = Arc::new(routers);
    let workers = (0..6).map(|worker| tokio::spawn(work(routers[worker % 2].clone(), worker)));
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    let held = count(&world, "agent IS NOT NULL").await;
    for (code, capacity) in [("alice-roy", 2), ("bruno-petit", 3), ("chloe-blanc", 5)] {
        let load = states.get(&crate::domain::town::agent(code)).map_or(0, |state| state.load);
        assert!(load <= capacity, "{code} has {load} of {capacity}");
        assert_eq!(i64::from(load), held.get(code).copied().unwrap_or(0), "{code}");
    }
    let waiting: u64 =
        queue::lanes(world.store.read(), &clairval()).await.unwrap().iter().map(|lane| lane.waiting).sum();
    let in_queue: i64 = count(&world, "agent IS NULL").await.values().sum();
    assert_eq!(i64::try_from(waiting).unwrap(), in_queue);
    // Nobody ever held more than allowed on the way either: at each decision the load was below capacity.
    let backend = world.store.backend();
    let sql = "SELECT COUNT(*) FROM decision WHERE agent IS NOT NULL AND trace LIKE '%\"+\",5,5]%' OR trace LIKE '%\"+\",2,2]%' OR trace LIKE '%\"+\",3,3]%'";
    let row = world.store.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
}

/// Calls and letters come, offers are answered or end, agents come and go, timers fire: all at once.
async fn live_work(router: Router, worker: usize, clock: parvis_kernel::SettableClock) {
    let shutdown = CancellationToken::new();
    for round in 0..10_usize {
        let procedure = parvis_proto::common::ProcedureSnapshot {
            code: "chaussee".to_owned(),
            unit: "voirie".to_owned(),
            ..Default::default()
        };
        let call = |at: usize| CaseSnapshot {
            channel: ["phone", "email", "letter"][(worker + at) % 3].to_owned(),
            procedure: Some(procedure.clone()),
            ..snapshot(RequestId::new(), "un trou")
        };
        let events: Vec<_> = (0..4).map(|at| opened(&clairval(), call(at))).collect();
        let ids: Vec<CaseId> = events.iter().map(|event| event.subject.parse().unwrap()).collect();
        insist(&router, &events).await;
        let agent = ["alice-roy", "bruno-petit"][worker % 2];
        let me = caller(agent, &[Role::CaseWorker], &["voirie"]);
        for offer in list_offers(&router, &me).await.unwrap() {
            let id = offer.case.offer.unwrap().id.to_string();
            let answer = AnswerOffer { case_id: offer.case.case_id.to_string(), offer_id: id, accept: round % 3 > 0 };
            // Somebody else of the same name may have been quicker, or time.
            let _ = answer_offer(&router, &me, &answer).await;
        }
        let closed = CaseSnapshot { state: "closed".to_owned(), version: 2, ..snapshot(ids[0], "") };
        insist(&router, &[changed(&clairval(), closed, "closed")]).await;
        if worker == 0 {
            clock.set(parvis_kernel::Clock::now(&clock) + jiff::SignedDuration::from_secs(45));
        }
        if worker == 1 && round == 5 {
            let admin = caller("nadia-r", &[Role::Administrator], &[]);
            let reason = "Arrêt de travail".to_owned();
            let leaving = MoveWork { agent: "alice-roy".to_owned(), reason, ..MoveWork::default() };
            move_work(&router, &admin, &leaving).await.unwrap();
            set_presence(&router, &caller("alice-roy", &[Role::CaseWorker], &["voirie"]), None, "present")
                .await
                .unwrap();
        }
        fire_timers(&router, &shutdown).await.unwrap();
        drain_queues(&router, &shutdown).await.unwrap();
    }
}

async fn offers_and_weights_hold_whoever_decides(world: World) {
    let calls = "weights = { phone = 150, email = 50 }\ndefault_unit = \"accueil\"";
    let text = crate::domain::town::TOWN.replace("default_unit = \"accueil\"", calls);
    world
        .import(&text.replace("name = \"Voirie\"\n", "name = \"Voirie\"\noffer = [\"phone\"]\noffer_seconds = 60\n"))
        .await;
    let routers = [world.router.clone(), Router::new(world.store.another().await.unwrap(), tenants())];
    let workers: Vec<_> = (0..6)
        .map(|worker| tokio::spawn(live_work(routers[worker % 2].clone(), worker, world.clock.clone())))
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    let backend = world.store.backend();
    for (code, room) in [("alice-roy", 200), ("bruno-petit", 300)] {
        let sql = format!(
            "SELECT COALESCE(SUM(weight), 0), COUNT(agent) FROM routed_case WHERE is_open AND (agent = '{code}' OR offered_to = '{code}')"
        );
        let row = world.store.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        let state = states[&crate::domain::town::agent(code)];
        assert_eq!(i64::from(state.weight), row.try_get_by_index::<i64>(0).unwrap(), "{code}");
        assert_eq!(i64::from(state.load), row.try_get_by_index::<i64>(1).unwrap(), "{code}");
        assert!(state.weight <= room, "{code} has {} of {room}", state.weight);
    }
    let waiting: u64 =
        queue::lanes(world.store.read(), &clairval()).await.unwrap().iter().map(|lane| lane.waiting).sum();
    let in_queue: i64 = count(&world, "agent IS NULL AND offered_to IS NULL").await.values().sum();
    assert_eq!(i64::try_from(waiting).unwrap(), in_queue);
    assert_eq!(count(&world, "agent IS NOT NULL AND offered_to IS NOT NULL").await.len(), 0);
    assert!(crate::repo::waiting::without_timer(world.store.read(), &clairval()).await.unwrap().is_empty());
}

/// Open cases by agent, where `condition` holds.
async fn count(world: &World, condition: &str) -> BTreeMap<String, i64> {
    let sql = format!(
        "SELECT COALESCE(agent, ''), COUNT(*) FROM routed_case WHERE is_open AND {condition} GROUP BY COALESCE(agent, '')"
    );
    let statement = Statement::from_string(world.store.backend(), sql);
    let rows = world.store.read().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}
