//! What a role refuses reaches REST as a code and a French sentence, from this process or another.

use std::{collections::BTreeSet, sync::Arc};

use parvis_kernel::{
    Error, ErrorKind, FieldViolation, Reason, Refusal,
    reason::{Choices, Expected, Thing},
};
use parvis_proto::{intake::intake_service_server::IntakeServiceServer, status_from_error};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{fakes::*, get, post_json};

/// A gateway that reaches intake in its own process, and one that reaches it by the network.
async fn near_and_far() -> [World; 2] {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::<Seen>::default();
    let service = IntakeServiceServer::new(Fake(seen.clone()));
    let served = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(served.serve_with_incoming(tonic::transport::server::TcpIncoming::from(listener)));
    [World::new(), World::over(seen, &[("services.intake", &url)])]
}

async fn submit(world: &World, refusal: &Error) -> crate::Answer {
    world.seen.refusals.lock().unwrap().insert("submit_request", status_from_error(refusal));
    post_json(&world.router, "/api/v1/requests", &[("idempotency-key", "k")], r#"{"text":"a"}"#).await
}

fn codes(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_reason_arrives_with_its_code_and_its_sentence() {
    let violation =
        |(at, reason): (usize, &Reason)| FieldViolation::new(format!("answers.f{at}"), reason.clone(), "no");
    let reasons = Reason::examples();
    let refused = Error::invalid_fields(reasons.iter().enumerate().map(violation).collect());
    let mut said = Vec::new();
    for world in near_and_far().await {
        let problem = submit(&world, &refused).await.problem(422);
        assert_eq!(codes(&problem), Reason::CODES);
        for (error, reason) in problem["errors"].as_array().unwrap().iter().zip(&reasons) {
            let message = error["message"].as_str().unwrap();
            // The message of a rule is French already.
            assert_eq!(message == "no", *reason == Reason::RuleMistake, "{error}");
        }
        assert!(problem.to_string().contains("200\u{a0}caractères"), "{problem}");
        said.push(problem["errors"].clone());
    }
    assert_eq!(said[0], said[1], "near and far say the same");
}

#[tokio::test]
async fn a_refusal_of_the_whole_has_its_code_and_a_french_detail() {
    for world in near_and_far().await {
        for refusal in Refusal::examples() {
            let answer = submit(&world, &Error::precondition("in English").refused(refusal.clone())).await;
            let problem = answer.problem(409);
            assert_eq!(problem["code"], refusal.code());
            let detail = problem["detail"].as_str().unwrap();
            assert!(!detail.contains("English") && detail.ends_with('.'), "{detail}");
        }
        let problem = submit(&world, &Error::new(ErrorKind::NotFound, "no such thing")).await.problem(404);
        assert!(problem.get("code").is_none(), "{problem}");
        assert!(problem["detail"].as_str().unwrap().starts_with("Rien de ce nom"), "{problem}");
    }
}

/// A form of forty questions answered wrong: all of it goes through, whatever the way, past what HTTP/2 clients
/// accept by default.
#[tokio::test]
async fn a_flood_of_refusals_arrives() {
    let known: Vec<_> = (0..12).map(|at| format!("reponse-possible-{at}")).collect();
    let reason = Reason::NotOneOf { choices: Choices::new(&known) };
    let message = format!("« x » is not one of: {}", known.join(", "));
    let violation = |at| FieldViolation::new(format!("answers.question-{at}"), reason.clone(), &message);
    let refused = Error::invalid_fields((0..40).map(violation).collect());
    for world in near_and_far().await {
        let problem = submit(&world, &refused).await.problem(422);
        assert_eq!(codes(&problem), ["not_one_of"; 40]);
        assert_eq!(problem["errors"][39]["message"], "Choisissez l’une des réponses proposées.");
    }
}

#[tokio::test]
async fn an_older_role_is_still_understood() {
    let old = status_from_error(&Error::invalid("requester.email", "not an e-mail address"));
    for world in near_and_far().await {
        world.seen.refusals.lock().unwrap().insert("submit_request", old.clone());
        let answer = post_json(&world.router, "/api/v1/requests", &[("idempotency-key", "k")], r#"{"text":"a"}"#).await;
        let problem = answer.problem(422);
        let expected = json!([{"field": "requester.email", "code": "invalid", "message": "not an e-mail address"}]);
        assert_eq!(problem["errors"], expected);
    }
}

#[tokio::test]
async fn what_the_door_refuses_itself_has_its_code_too() {
    let world = World::new();
    let key = [("idempotency-key", "k")];
    for (body, code, start) in [
        (json!({"text": 12}), "bad_format", "Donnez un texte."),
        (json!({"nope": 1}), "unknown_field", "Ce champ n’existe pas ici."),
        (json!({"attachments": [{"document": "b"}]}), "required", "Ce champ est nécessaire"),
        (json!({"procedure_version": -1}), "bad_format", "Écrivez un nombre entier"),
        (json!({"answers": {"a": {"b": 1}}}), "bad_format", "Donnez un texte."),
        (json!({"requester": []}), "bad_format", "Donnez un objet JSON."),
        (json!({"received_at": "yesterday"}), "bad_format", "Ce n’est pas une date"),
        (json!({"channel": "fax", "text": "a"}), "not_one_of", "Choisissez l’une de ces valeurs"),
    ] {
        let problem = post_json(&world.router, "/api/v1/requests", &key, body.to_string()).await.problem(422);
        let error = &problem["errors"][0];
        assert_eq!(error["code"], code, "{body}: {problem}");
        assert!(error["message"].as_str().unwrap().starts_with(start), "{body}: {problem}");
    }
    let agent = world.agent("clairval");
    let auth = [("authorization", agent.as_str())];
    let problem = get(&world.router, "/api/v1/handovers?page_size=-1", &auth).await.problem(422);
    assert_eq!(codes(&problem), ["bad_format"], "{problem}");
    let problem = get(&world.router, "/api/v1/procedures?x=1", &auth).await.problem(422);
    assert_eq!(codes(&problem), ["unknown_field"], "{problem}");
}

#[tokio::test]
async fn pages_say_what_rest_says() {
    let world = World::new();
    let reason = Reason::BadFormat { expected: Expected::Email };
    let refused = Error::wrong("requester.email", reason, "not an e-mail address");
    let problem = submit(&world, &refused).await.problem(422);
    let mut errors = parvis_gateway::pages::values::Errors::default();
    parvis_gateway::pages::filing::explain(&refused, &mut errors);
    assert_eq!(problem["errors"][0]["message"], errors.of("requester.email"));
    let refused = Error::not_found("no such request").refused(Refusal::NotFound { thing: Thing::Request });
    let problem = submit(&world, &refused).await.problem(404);
    assert_eq!(problem["detail"], parvis_gateway::sentences::of_whole(&refused));
}

#[tokio::test]
async fn the_document_lists_every_code_and_no_other() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[]).await.json();
    let listed = |schema: &str, property: &str| -> Vec<String> {
        let property = &document["components"]["schemas"][schema]["properties"][property];
        let listed = property["enum"].as_array().unwrap_or_else(|| panic!("{schema}: {property}"));
        listed.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    };
    let reasons: Vec<_> = Reason::CODES.iter().copied().chain(["invalid"]).collect();
    assert_eq!(listed("FieldProblem", "code"), reasons);
    assert_eq!(listed("Problem", "code"), Refusal::CODES);
    let page = get(&world.router, "/api/docs", &[]).await.text();
    let written = include_str!("../../../../docs/reference/problems.md");
    for code in Reason::CODES.iter().chain(Refusal::CODES) {
        assert!(page.contains(&format!("<code>{code}</code>")), "{code} is not in the documentation page");
        assert!(written.contains(&format!("| `{code}` |")), "{code} is not in docs/reference/problems.md");
    }
    let codes = |text: &str| -> BTreeSet<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(code, _)| code));
        rows.map(str::to_owned).collect()
    };
    let known: BTreeSet<_> = Reason::CODES.iter().chain(Refusal::CODES).map(|code| (*code).to_owned()).collect();
    assert_eq!(codes(written), known.into_iter().chain(["invalid".to_owned()]).collect());
}
