//! The contract, through the gRPC service.

use std::sync::Arc;

use parvis_kernel::{Caller, RequestId, Role};
use parvis_proto::routing::{
    ExplainRoutingRequest, GetDirectoryRequest, GetQueuesRequest, GetRuleDraftRequest, ListAgentsRequest,
    ListDecisionsRequest, ListRulesRequest, ReassignCaseRequest, SetPresenceRequest,
    routing_service_server::RoutingService as _,
};
use tonic::{Code, Request};

use super::{
    on_both,
    world::{World, caller, clairval},
};
use crate::RoutingGrpc;

on_both!(every_call_answers_as_promised, nobody_gets_anything_without_the_right_role);

fn by<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Arc::new(caller.clone()));
    request
}

async fn every_call_answers_as_promised(world: World) {
    let grpc = RoutingGrpc(world.router.clone());
    let bruno = caller("bruno-petit", &[Role::CaseWorker, Role::Supervisor], &["voirie", "proprete"]);
    let directory = grpc.get_directory(by(&bruno, GetDirectoryRequest {})).await.unwrap().into_inner();
    assert_eq!((directory.units.len(), directory.default_unit.as_str()), (3, "accueil"));
    assert_eq!((directory.calendars[0].name.as_str(), directory.skills.len()), ("Bureaux", 2));
    assert_eq!(directory.languages, ["en", "fr", "pt-BR"]);
    let rules = grpc.list_rules(by(&bruno, ListRulesRequest {})).await.unwrap().into_inner().rules;
    assert_eq!(rules[1].conditions, ["Le texte contient « matelas » ou « dépôt sauvage »."]);
    assert_eq!(
        rules[0].conditions,
        ["La démarche est « signaler-bruit ».", "La demande est reçue en dehors des heures d’ouverture."]
    );
    let draft = grpc.get_rule_draft(by(&bruno, GetRuleDraftRequest {})).await.unwrap().into_inner();
    let known: Vec<&str> = draft.known_bodies.iter().map(|body| body.code.as_str()).collect();
    assert!(known.contains(&"caf") && !known.contains(&"mairie"), "{known:?}");
    let id = world.open("un matelas").await.to_string();
    let listed = ListDecisionsRequest { case_id: id.clone() };
    let decisions = grpc.list_decisions(by(&bruno, listed)).await.unwrap().into_inner().decisions;
    assert_eq!(decisions[0].summary, "Confié à Bruno Petit (service « Propreté »).");
    assert_eq!(
        (decisions[0].rule.as_str(), decisions[0].rule_set, decisions[0].priority.as_str()),
        ("matelas", 1, "high")
    );
    let reassign = ReassignCaseRequest {
        case_id: id,
        unit: "voirie".to_owned(),
        reason: "C’est sur la chaussée".to_owned(),
        expected_decision: decisions[0].id.clone(),
        ..ReassignCaseRequest::default()
    };
    let moved = grpc.reassign_case(by(&bruno, reassign.clone())).await.unwrap().into_inner();
    assert_eq!(
        (moved.agent.as_str(), moved.cause.as_str(), moved.unit_name.as_str()),
        ("alice-roy", "reassigned", "Voirie")
    );
    assert_eq!(grpc.reassign_case(by(&bruno, reassign)).await.unwrap_err().code(), Code::Aborted);
    let agents =
        grpc.list_agents(by(&bruno, ListAgentsRequest { unit: "voirie".to_owned() })).await.unwrap().into_inner();
    let alice = agents.agents.iter().find(|agent| agent.code == "alice-roy").unwrap();
    assert_eq!((alice.load, alice.presence.as_str(), alice.working_now, alice.may_receive), (1, "present", true, true));
    let away = SetPresenceRequest { agent: "alice-roy".to_owned(), presence: "away".to_owned() };
    assert!(!grpc.set_presence(by(&bruno, away)).await.unwrap().into_inner().may_receive);
    let queues = grpc.get_queues(by(&bruno, GetQueuesRequest {})).await.unwrap().into_inner().queues;
    assert_eq!(queues.iter().map(|queue| queue.unit.as_str()).collect::<Vec<_>>(), ["voirie", "proprete"]);
    let asked = ExplainRoutingRequest { text: "bonjour".to_owned(), ..ExplainRoutingRequest::default() };
    let explained = grpc.explain_routing(by(&bruno, asked)).await.unwrap().into_inner();
    assert_eq!((explained.rule.as_str(), explained.unit.as_str(), explained.id.as_str()), ("default", "accueil", ""));
}

async fn nobody_gets_anything_without_the_right_role(world: World) {
    let grpc = RoutingGrpc(world.router.clone());
    let directory = grpc.get_directory(Request::new(GetDirectoryRequest {})).await;
    assert_eq!(directory.unwrap_err().code(), Code::Unauthenticated);
    let anybody = Caller::anonymous(clairval());
    assert_eq!(
        grpc.get_directory(by(&anybody, GetDirectoryRequest {})).await.unwrap_err().code(),
        Code::Unauthenticated
    );
    assert_eq!(
        grpc.list_agents(by(&anybody, ListAgentsRequest::default())).await.unwrap_err().code(),
        Code::Unauthenticated
    );
    let elected = caller("helene-caron", &[Role::ElectedOfficial], &["voirie"]);
    assert!(grpc.get_directory(by(&elected, GetDirectoryRequest {})).await.is_ok());
    assert_eq!(grpc.list_rules(by(&elected, ListRulesRequest {})).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(grpc.get_queues(by(&elected, GetQueuesRequest {})).await.unwrap_err().code(), Code::PermissionDenied);
    let decisions = ListDecisionsRequest { case_id: RequestId::new().to_string() };
    assert_eq!(grpc.list_decisions(by(&elected, decisions.clone())).await.unwrap_err().code(), Code::PermissionDenied);
    let worker = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    assert_eq!(grpc.list_decisions(by(&worker, decisions)).await.unwrap_err().code(), Code::NotFound);
    let wrong = ListDecisionsRequest { case_id: "'; DROP TABLE decision".to_owned() };
    assert_eq!(grpc.list_decisions(by(&worker, wrong)).await.unwrap_err().code(), Code::InvalidArgument);
    let wrong = ListAgentsRequest { unit: "É".to_owned() };
    assert_eq!(grpc.list_agents(by(&worker, wrong)).await.unwrap_err().code(), Code::InvalidArgument);
}
