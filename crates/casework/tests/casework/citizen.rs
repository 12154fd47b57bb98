//! The follow-up page.

use parvis_kernel::Caller;
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use tonic::Code;

use crate::{
    on_both,
    support::{Filed, World, as_caller, at, follower, summary, town, worker},
};

fn reply(filed: &Filed, key: &str, text: &str) -> proto::PostCitizenMessageRequest {
    proto::PostCitizenMessageRequest {
        reference: filed.reference.clone(),
        text: text.into(),
        idempotency_key: key.into(),
    }
}

async fn post_as(
    world: &World,
    caller: &Caller,
    message: proto::PostCitizenMessageRequest,
) -> Result<String, tonic::Status> {
    Ok(world.rpc.post_citizen_message(as_caller(caller, message)).await?.into_inner().state)
}

async fn public_as(world: &World, caller: &Caller, filed: &Filed) -> Result<proto::PublicCase, tonic::Status> {
    let message = proto::GetPublicCaseRequest { reference: filed.reference.clone() };
    Ok(world.rpc.get_public_case(as_caller(caller, message)).await?.into_inner())
}

async fn one_key_makes_one_message(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "a", "Bonjour")).await.unwrap(),
        "assigned"
    );
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "a", "Bonjour")).await.unwrap(),
        "assigned"
    );
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "a", "Bonsoir")).await.unwrap_err().code(),
        Code::AlreadyExists
    );
    let person = follower("clairval", &filed);
    let (one, other) = tokio::join!(
        post_as(&world, &person, reply(&filed, "b", "Encore")),
        post_as(&world, &person, reply(&filed, "b", "Encore"))
    );
    assert_eq!((one.unwrap(), other.unwrap()), ("assigned".to_owned(), "assigned".to_owned()));
    assert_eq!(summary(&world.said()), ["message:from_citizen", "message:from_citizen"]);
    assert_eq!(public_as(&world, &follower("clairval", &filed), &filed).await.unwrap().messages.len(), 2);
    for (key, text) in [("", "x"), ("é", "x"), (&"k".repeat(201), "x"), ("k", " "), ("k", &"x".repeat(10_001))] {
        assert_eq!(
            post_as(&world, &follower("clairval", &filed), reply(&filed, key, text)).await.unwrap_err().code(),
            Code::InvalidArgument
        );
    }
}

async fn the_grant_is_the_key(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let unknown =
        Filed { reference: world.file("clairval", 99, |_| {}).reference, ..world.file("clairval", 98, |_| {}) };
    let mut said = std::collections::BTreeSet::new();
    for (caller, asked) in [
        (Caller::anonymous(town("clairval")), &filed),
        (follower("clairval", &unknown), &filed),
        (follower("autreville", &filed), &filed),
        (follower("clairval", &unknown), &unknown),
    ] {
        let refused = public_as(&world, &caller, asked).await.unwrap_err();
        let also = post_as(&world, &caller, reply(asked, "k", "x")).await.unwrap_err();
        for status in [refused, also] {
            assert_eq!(status.code(), Code::NotFound);
            said.insert(status.message().to_owned());
        }
    }
    assert_eq!(said.len(), 1, "nothing tells what is wrong: {said:?}");
    let claire = worker("claire", "petite-enfance");
    let note = proto::AddNoteRequest { id: filed.id.to_string(), expected_version: 2, text: "Entre nous.".into() };
    world.rpc.add_note(as_caller(&claire, note)).await.unwrap();
    let shown = public_as(&world, &follower("clairval", &filed), &filed).await.unwrap();
    assert!(shown.messages.is_empty() && shown.may_reply);
    assert_eq!((shown.agent_name.as_str(), shown.legal_due_on.as_str()), ("Agent claire", "2026-05-02"));
    assert_eq!(shown.unit.unwrap().phone, "02 00 00 00 00");
}

async fn an_answer_reopens_for_sixty_days(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let claire = worker("claire", "petite-enfance");
    let close = |expected_version| proto::CloseCaseRequest {
        id: filed.id.to_string(),
        expected_version,
        outcome: "answered".into(),
        message: "Voilà.".into(),
        ..Default::default()
    };
    let closed = world.rpc.close_case(as_caller(&claire, close(2))).await.unwrap().into_inner();
    world.said();
    world.clock.set(at("2026-05-01T09:00:00Z"));
    assert!(public_as(&world, &follower("clairval", &filed), &filed).await.unwrap().may_reply);
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "a", "Pas tout à fait.")).await.unwrap(),
        "reopened"
    );
    assert_eq!(summary(&world.said()), ["message:from_citizen", "status:reopened", "notice:reopened"]);
    world.check_history(filed.id).await;
    let closed = world.rpc.close_case(as_caller(&claire, close(closed.version + 2))).await.unwrap().into_inner();
    assert_eq!(closed.state, "closed");
    world.clock.set(at("2026-07-01T09:00:01Z"));
    assert!(!public_as(&world, &follower("clairval", &filed), &filed).await.unwrap().may_reply);
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "b", "Encore moi.")).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    // What was said in time is still answered the same.
    assert_eq!(
        post_as(&world, &follower("clairval", &filed), reply(&filed, "a", "Pas tout à fait.")).await.unwrap(),
        "closed"
    );
}

on_both!(one_key_makes_one_message, the_grant_is_the_key, an_answer_reopens_for_sixty_days);
