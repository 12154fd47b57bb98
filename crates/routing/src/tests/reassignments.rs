//! Cases handed on.

use parvis_kernel::{CaseId, ErrorKind, RequestId, Role, TenantId};

use super::{
    on_both,
    world::{World, caller, clairval},
};
use crate::{
    domain::town,
    usecase::{ExplainRouting, ReassignCase, explain_routing, list_decisions, reassign_case, set_presence},
};

on_both!(
    handing_on_is_a_decision_like_another,
    who_may_and_who_may_not,
    a_target_that_may_not_receive_is_refused_with_the_reason,
    tenants_are_apart,
    an_explanation_keeps_nothing,
);

fn to_agent(id: CaseId, agent: &str) -> ReassignCase {
    ReassignCase {
        case_id: id.to_string(),
        agent: agent.to_owned(),
        reason: "Relève de\0 son secteur".to_owned(),
        ..ReassignCase::default()
    }
}

fn to_unit(id: CaseId, unit: &str) -> ReassignCase {
    ReassignCase { agent: String::new(), unit: unit.to_owned(), ..to_agent(id, "") }
}

async fn handing_on_is_a_decision_like_another(mut world: World) {
    let id = world.open("un trou rue du Port").await;
    let alice = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let live = world.case(id).await.decision.unwrap().to_string();
    let command = ReassignCase { expected_decision: live.clone(), ..to_unit(id, "accueil") };
    let view = reassign_case(&world.router, &alice, &command).await.unwrap();
    assert_eq!(view.decided.agent, Some(town::agent("chloe-blanc")));
    assert_eq!((view.decided.rule.as_str(), view.decided.actor.as_str()), ("manual", "agent:alice-roy"));
    let said = world.assignments().pop().unwrap();
    assert_eq!((said.cause.as_str(), said.sequence, said.reason.as_str()), ("reassigned", 2, "Relève de son secteur"));
    // Who saw the earlier decision is told, before anything else.
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    let stale = ReassignCase { expected_decision: live, ..to_unit(id, "voirie") };
    assert_eq!(reassign_case(&world.router, &chloe, &stale).await.unwrap_err().kind(), ErrorKind::Conflict);
    // Handed on within the unit: not to oneself again, so to the queue.
    let view = reassign_case(&world.router, &chloe, &to_unit(id, "accueil")).await.unwrap();
    assert_eq!(view.decided.agent, None);
    assert_eq!(world.waiting().await, 1);
    // And to a team.
    let view = reassign_case(
        &world.router,
        &caller("chloe-blanc", &[Role::Supervisor], &["accueil"]),
        &ReassignCase { unit: String::new(), team: "nord".to_owned(), ..to_unit(id, "") },
    )
    .await
    .unwrap();
    assert_eq!(view.decided.agent, Some(town::agent("alice-roy")));
    assert_eq!(world.waiting().await, 0);
    // Alice, who is in charge, and the unit where it has been, read it all.
    assert_eq!(list_decisions(&world.router, &alice, id).await.unwrap().len(), 4);
    assert_eq!(list_decisions(&world.router, &chloe, id).await.unwrap().len(), 4);
}

async fn who_may_and_who_may_not(world: World) {
    let id = world.open("un trou rue du Port").await;
    let kind = async |caller: &parvis_kernel::Caller, command: &ReassignCase| {
        reassign_case(&world.router, caller, command).await.map(|_| ()).map_err(|error| error.kind())
    };
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    assert_eq!(kind(&chloe, &to_agent(id, "chloe-blanc")).await, Err(ErrorKind::NotFound));
    let colleague = caller("bruno-petit", &[Role::CaseWorker], &["voirie"]);
    assert_eq!(kind(&colleague, &to_agent(id, "bruno-petit")).await, Err(ErrorKind::Denied));
    let elected = caller("elu", &[Role::ElectedOfficial], &["voirie"]);
    assert_eq!(kind(&elected, &to_agent(id, "bruno-petit")).await, Err(ErrorKind::Denied));
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie"]);
    assert_eq!(kind(&supervisor, &to_agent(id, "bruno-petit")).await, Ok(()));
    // From the queue: for oneself only.
    let two = [world.open("un matelas").await, world.open("un matelas").await, world.open("un matelas").await];
    assert_eq!(world.holder(two[2]).await, None);
    let chloe_there = caller("chloe-blanc", &[Role::CaseWorker], &["proprete"]);
    assert_eq!(kind(&chloe_there, &to_agent(two[2], "alice-roy")).await, Err(ErrorKind::Denied));
    assert_eq!(kind(&chloe_there, &to_agent(two[2], "chloe-blanc")).await, Ok(()));
    // What is asked must be sound.
    assert_eq!(
        kind(&supervisor, &ReassignCase { reason: "ok".to_owned(), ..to_unit(id, "voirie") }).await,
        Err(ErrorKind::Invalid)
    );
    assert_eq!(
        kind(&supervisor, &ReassignCase { team: "nord".to_owned(), ..to_unit(id, "voirie") }).await,
        Err(ErrorKind::Invalid)
    );
    assert_eq!(kind(&supervisor, &to_unit(id, "É!")).await, Err(ErrorKind::Invalid));
    assert_eq!(kind(&supervisor, &to_unit(RequestId::new(), "voirie")).await, Err(ErrorKind::NotFound));
    world.close(id, 2).await;
    assert_eq!(kind(&supervisor, &to_unit(id, "voirie")).await, Err(ErrorKind::FailedPrecondition));
}

async fn a_target_that_may_not_receive_is_refused_with_the_reason(world: World) {
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie", "accueil", "proprete"]);
    let refused = async |command: ReassignCase| {
        let error = reassign_case(&world.router, &supervisor, &command).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FailedPrecondition, "{error}");
        error.message().to_owned()
    };
    let id = world.open("bonjour").await;
    assert!(refused(to_agent(id, "chloe-blanc")).await.contains("already"));
    assert!(refused(to_agent(id, "nobody-here")).await.contains("no agent"));
    assert!(refused(to_unit(id, "nowhere")).await.contains("no unit"));
    let alice = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    set_presence(&world.router, &alice, None, "away").await.unwrap();
    assert!(refused(to_agent(id, "alice-roy")).await.contains("is away"));
    set_presence(&world.router, &alice, None, "present").await.unwrap();
    for _ in 0..2 {
        world.open("un trou rue du Port").await;
    }
    assert!(refused(to_agent(id, "alice-roy")).await.contains("for a capacity of 2"));
    world.at(town::monday() + jiff::SignedDuration::from_hours(35 * 24));
    assert!(refused(to_agent(id, "bruno-petit")).await.contains("absent until 2026-12-24"));
}

async fn tenants_are_apart(world: World) {
    let id = world.open("bonjour").await;
    let mut stranger = caller("chloe-blanc", &[Role::CaseWorker, Role::Supervisor, Role::Administrator], &["accueil"]);
    stranger.tenant = TenantId::parse("petit-ormeau").unwrap();
    world.import(&town::TOWN.replace("clairval\"", "petit-ormeau\"")).await;
    assert_eq!(list_decisions(&world.router, &stranger, id).await.unwrap_err().kind(), ErrorKind::NotFound);
    let error = reassign_case(&world.router, &stranger, &to_unit(id, "voirie")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    set_presence(&world.router, &stranger, None, "away").await.unwrap();
    let mine = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    let agents = crate::usecase::list_agents(&world.router, &mine, None).await.unwrap();
    assert!(!agents[0].away && agents[0].load == 1);
    assert_eq!(mine.tenant, clairval());
}

async fn an_explanation_keeps_nothing(mut world: World) {
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie"]);
    let request = ExplainRouting { text: "Un vieux matelas".to_owned(), ..ExplainRouting::default() };
    let view = explain_routing(&world.router, &supervisor, &request).await.unwrap();
    assert_eq!((view.decided.unit.as_str(), view.decided.rule.as_str()), ("proprete", "matelas"));
    let kept = view.steps.iter().find(|step| step.subject == "matelas").unwrap();
    assert!(kept.kept && kept.why.contains("« matelas »"));
    assert_eq!(world.assignments().len(), 0);
    let agent = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    assert_eq!(explain_routing(&world.router, &agent, &request).await.unwrap_err().kind(), ErrorKind::Denied);
    let wrong = ExplainRouting { channel: "pigeon".to_owned(), ..request };
    let error = explain_routing(&world.router, &supervisor, &wrong).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "channel");
}
