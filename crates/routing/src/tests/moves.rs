//! All of somebody's work, moved at once.

use parvis_kernel::{CaseId, ErrorKind, Role};

use super::{
    on_both,
    world::{World, caller, clairval, deliver, opened, snapshot},
};
use crate::{
    domain::town,
    repo::{agent, waiting},
    usecase::{MoveWork, list_agents, move_work},
};

on_both!(
    an_agent_s_work_moves_as_previewed,
    cases_of_one_instant_are_in_one_order,
    a_unit_is_merged_into_another,
    who_may_move_what,
);

fn leaving(who: &str) -> MoveWork {
    MoveWork { agent: who.to_owned(), reason: "Arrêt\0 de travail".to_owned(), ..MoveWork::default() }
}

async fn an_agent_s_work_moves_as_previewed(mut world: World) {
    // Alice is Bruno's deputy; of his three cases she has room for two.
    let text = town::TOWN.replace("skills = { voirie = 3 }", "skills = { voirie = 3, proprete = 1 }");
    let text = text.replace("capacity = 3\n", "capacity = 3\ndeputies = [\"alice-roy\"]\n");
    world.import(&text).await;
    let cases: [CaseId; 3] =
        [world.open("un matelas").await, world.open("un matelas").await, world.open("un matelas").await];
    world.assignments();
    let admin = caller("nadia-r", &[Role::Administrator], &[]);
    let preview =
        move_work(&world.router, &admin, &MoveWork { preview: true, ..leaving("bruno-petit") }).await.unwrap();
    assert_eq!((preview.moved.len(), preview.remaining), (3, 0));
    let to: Vec<_> = preview.moved.iter().map(|moved| moved.decided.agent_name.as_str()).collect();
    assert_eq!(to, ["Alice Roy", "Alice Roy", ""]);
    assert!(preview.moved[0].decided.summary.contains("en suppléance"), "{}", preview.moved[0].decided.summary);
    assert_eq!(preview.moved[0].from, Some(town::agent("bruno-petit")));
    // Nothing was kept.
    assert!(world.assignments().is_empty());
    assert_eq!(world.holder(cases[0]).await, Some(town::agent("bruno-petit")));
    // Something changes meanwhile: the plan is no longer that one.
    world.close(cases[0], 2).await;
    let confirmed = MoveWork { expected_plan: preview.digest, ..leaving("bruno-petit") };
    let error = move_work(&world.router, &admin, &confirmed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let preview =
        move_work(&world.router, &admin, &MoveWork { preview: true, ..leaving("bruno-petit") }).await.unwrap();
    let confirmed = MoveWork { expected_plan: preview.digest.clone(), ..leaving("bruno-petit") };
    let done = move_work(&world.router, &admin, &confirmed).await.unwrap();
    assert_eq!((done.moved.len(), done.digest), (2, preview.digest));
    for id in &cases[1..] {
        assert_eq!(world.holder(*id).await, Some(town::agent("alice-roy")));
    }
    // Each is said, so that the case and the citizen have the new agent.
    let said = world.assignments();
    assert!(
        said.iter().all(|said| said.cause == "moved" && said.agent == "alice-roy" && said.agent_email.contains('@'))
    );
    assert_eq!((said.len(), said[0].reason.as_str(), said[0].actor.as_str()), (2, "Arrêt de travail", "agent:nadia-r"));
    // Nothing comes back to him.
    world.drain().await;
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    let (bruno, alice) = (states[&town::agent("bruno-petit")], states[&town::agent("alice-roy")]);
    assert!(bruno.away && bruno.load == 0 && bruno.weight == 0);
    assert_eq!((alice.load, alice.weight), (2, 200));
    let agents = list_agents(&world.router, &admin, None).await.unwrap();
    assert!(!agents.iter().find(|view| view.agent.code == town::agent("bruno-petit")).unwrap().may_receive);
}

async fn cases_of_one_instant_are_in_one_order(world: World) {
    let mut ids: Vec<CaseId> = (0..3).map(|_| CaseId::new()).collect();
    // As they are not kept.
    ids.sort_by(|a, b| b.cmp(a));
    for id in &ids {
        deliver(&world.router, &[opened(&clairval(), snapshot(*id, "un matelas"))]).await.unwrap();
    }
    let bruno = town::agent("bruno-petit");
    let held = waiting::held_by(world.store.read(), &clairval(), &bruno, 10).await.unwrap();
    ids.reverse();
    assert_eq!(held.iter().map(|case| case.case_id).collect::<Vec<_>>(), ids);
}

async fn a_unit_is_merged_into_another(mut world: World) {
    let mut cases = Vec::new();
    for _ in 0..4 {
        cases.push(world.open("un matelas").await);
    }
    assert_eq!(world.waiting().await, 1);
    world.assignments();
    let admin = caller("nadia-r", &[Role::Administrator], &[]);
    let merge = MoveWork {
        unit: "proprete".to_owned(),
        to_unit: "voirie".to_owned(),
        reason: "Fusion des services".to_owned(),
        ..MoveWork::default()
    };
    let done = move_work(&world.router, &admin, &merge).await.unwrap();
    assert_eq!(done.moved.len(), 4);
    // Bruno is in both and keeps his three; Alice has not the skill that Bruno has there.
    for id in &cases[..3] {
        let case = world.case(*id).await;
        assert_eq!(case.need.as_ref().unwrap().unit.as_str(), "voirie");
        assert_eq!(case.live_agent(), Some(&town::agent("bruno-petit")));
    }
    assert_eq!(world.waiting().await, 1);
    assert!(world.assignments().iter().all(|said| said.unit.as_ref().unwrap().code == "voirie"));
    assert_eq!(move_work(&world.router, &admin, &merge).await.unwrap().moved.len(), 0);
}

async fn who_may_move_what(world: World) {
    let kind = async |caller: &parvis_kernel::Caller, command: &MoveWork| {
        move_work(&world.router, caller, command).await.map(|_| ()).map_err(|error| error.kind())
    };
    let worker = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    assert_eq!(kind(&worker, &leaving("bruno-petit")).await, Err(ErrorKind::Denied));
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie"]);
    assert_eq!(kind(&supervisor, &leaving("chloe-blanc")).await, Err(ErrorKind::Denied));
    assert_eq!(kind(&supervisor, &leaving("alice-roy")).await, Ok(()));
    let merge = |unit: &str, to: &str| MoveWork {
        unit: unit.to_owned(),
        to_unit: to.to_owned(),
        reason: "Fusion".to_owned(),
        ..MoveWork::default()
    };
    assert_eq!(kind(&supervisor, &merge("accueil", "voirie")).await, Err(ErrorKind::Denied));
    let admin = caller("nadia-r", &[Role::Administrator], &[]);
    assert_eq!(kind(&admin, &leaving("nobody-here")).await, Err(ErrorKind::NotFound));
    assert_eq!(kind(&admin, &merge("voirie", "voirie")).await, Err(ErrorKind::FailedPrecondition));
    assert_eq!(kind(&admin, &merge("voirie", "nowhere")).await, Err(ErrorKind::FailedPrecondition));
    assert_eq!(kind(&admin, &merge("voirie", "")).await, Err(ErrorKind::Invalid));
    assert_eq!(kind(&admin, &MoveWork::default()).await, Err(ErrorKind::Invalid));
    assert_eq!(
        kind(&admin, &MoveWork { reason: "x".to_owned(), ..leaving("alice-roy") }).await,
        Err(ErrorKind::Invalid)
    );
    let mut stranger = admin.clone();
    stranger.tenant = parvis_kernel::TenantId::parse("petit-ormeau").unwrap();
    world.import(&town::TOWN.replace("clairval\"", "petit-ormeau\"")).await;
    let id = world.open("un matelas").await;
    assert_eq!(kind(&stranger, &leaving("bruno-petit")).await, Ok(()));
    assert_eq!(world.holder(id).await, Some(town::agent("bruno-petit")));
}
