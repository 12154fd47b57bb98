//! The life of a case, and two agents who meet on it.

use parvis_casework::{
    domain::{Priority, State},
    repo,
};
use parvis_kernel::{Caller, ErrorKind};
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use tonic::Code;

use crate::{
    on_both,
    support::{Filed, World, as_caller, assigned, at, field, follower, notices, summary, worker},
};

async fn version(world: &World, filed: &Filed) -> u64 {
    world.case(filed.id).await.version
}

async fn start(
    world: &World,
    caller: &Caller,
    filed: &Filed,
    expected_version: u64,
) -> Result<proto::Case, tonic::Status> {
    let message = proto::StartCaseRequest { id: filed.id.to_string(), expected_version };
    Ok(world.rpc.start_case(as_caller(caller, message)).await?.into_inner())
}

async fn a_whole_life(world: World) {
    let claire = worker("claire", "petite-enfance");
    let filed = world.file("clairval", 5, |_| {});
    world.receive(std::slice::from_ref(&filed.event)).await;
    let case = world.case(filed.id).await;
    assert_eq!(case.legal_due_on.unwrap().to_string(), "2026-05-02");
    assert_eq!(case.service_due_on.unwrap().to_string(), "2026-03-16");
    assert_eq!(case.next_timer_at.unwrap(), at("2026-03-16T23:00:00Z"));
    assert_eq!(case.title, "Demander une place en crèche");
    let said = world.said();
    assert_eq!(summary(&said), ["case_opened"]);
    let opened = <proto::CaseOpened as prost::Message>::decode(&*said[0].payload).unwrap().case.unwrap();
    assert_eq!(opened.text, "Je cherche une place pour septembre.\nQuartier : Quartier de la gare");
    assert_eq!(opened.requester_key.len(), 64);
    assert_eq!((said[0].subject.as_str(), said[0].partition), (opened.id.as_str(), filed.id.partition()));

    world.assign(&[assigned(&filed, 1, "petite-enfance", "")]).await;
    let said = world.said();
    assert_eq!(summary(&said), ["status:queued", "notice:acknowledgment"]);
    let acknowledgment = &notices(&said)[0];
    for (name, value) in [
        ("received_on", "2026-03-02"),
        ("service_name", "Service petite-enfance"),
        ("service_phone", "02 00 00 00 00"),
        ("service_email", "mairie@clairval.example"),
        ("service_address", "1 place de la Mairie"),
        ("service_due_on", "2026-03-16"),
        ("silence", "reject"),
        ("implicit_on", "2026-05-02"),
        ("missing_documents", "Justificatif de domicile"),
    ] {
        assert_eq!(field(acknowledgment, name), Some(value), "{name}");
    }
    let sentence = field(acknowledgment, "silence_sentence").unwrap();
    assert!(sentence.contains("2 mai 2026") && sentence.contains("sous réserve que la demande soit complète"));
    assert!(field(acknowledgment, "appeal_sentence").unwrap().contains("deux mois"));
    assert_eq!(field(acknowledgment, "certificate_sentence"), None);
    assert_eq!(field(acknowledgment, "agent_name"), None);
    assert_eq!(acknowledgment.tracking_code, "", "notification has it from intake");
    assert_eq!(world.case(filed.id).await.state, State::New);

    world.assign(&[assigned(&filed, 2, "petite-enfance", "claire")]).await;
    assert_eq!(summary(&world.said()), ["status:assigned"]);
    let case = start(&world, &claire, &filed, version(&world, &filed).await).await.unwrap();
    assert_eq!((case.state.as_str(), case.agent_name.as_str()), ("in_progress", "Agent claire"));
    assert_eq!(summary(&world.said()), ["status:started"]);

    let message = proto::SendMessageRequest {
        id: case.id.clone(),
        expected_version: case.version,
        text: "Quel est l’âge de l’enfant ?\0".into(),
        wait_for_citizen: true,
    };
    let case = world.rpc.send_message(as_caller(&claire, message)).await.unwrap().into_inner();
    assert_eq!(case.state, "waiting_citizen");
    let said = world.said();
    assert_eq!(summary(&said), ["message:to_citizen", "status:waiting", "notice:waiting"]);
    assert_eq!(field(&notices(&said)[0], "message"), Some("Quel est l’âge de l’enfant ?"));

    // Three working days later the citizen answers: the promise is three working days later.
    world.clock.set(at("2026-03-05T10:00:00Z"));
    let reply = proto::PostCitizenMessageRequest {
        reference: filed.reference.clone(),
        text: "Deux ans.".into(),
        idempotency_key: "reply-1".into(),
    };
    let anyone = follower("clairval", &filed);
    let state = world.rpc.post_citizen_message(as_caller(&anyone, reply)).await.unwrap().into_inner().state;
    assert_eq!(state, "in_progress");
    assert_eq!(summary(&world.said()), ["message:from_citizen", "status:resumed"]);
    let case = world.case(filed.id).await;
    assert_eq!(case.service_due_on.unwrap().to_string(), "2026-03-19");
    assert!(case.unread);
    assert!(world.get(&claire, filed.id).await.unwrap().case.unwrap().unread);
    assert!(!world.case(filed.id).await.unread);

    let note = proto::AddNoteRequest { id: filed.id.to_string(), expected_version: case.version, text: "Vu.".into() };
    let case = world.rpc.add_note(as_caller(&claire, note)).await.unwrap().into_inner();
    assert_eq!(summary(&world.said()), ["message:note"]);

    let mut close = proto::CloseCaseRequest {
        id: case.id,
        expected_version: case.version,
        outcome: "rejected".into(),
        message: "Il n’y a plus de place.".into(),
        grounds: String::new(),
        ..Default::default()
    };
    let refused = world.rpc.close_case(as_caller(&claire, close.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    close.grounds = "Règlement des crèches, article 4.".into();
    let case = world.rpc.close_case(as_caller(&claire, close)).await.unwrap().into_inner();
    assert_eq!((case.state.as_str(), case.outcome.as_str(), case.next_timer_at), ("closed", "rejected", None));
    let said = world.said();
    assert_eq!(summary(&said), ["message:to_citizen", "status:decided", "status:closed", "notice:decision"]);
    let decision = &notices(&said)[0];
    assert_eq!(field(decision, "grounds"), Some("Règlement des crèches, article 4."));
    assert!(field(decision, "appeal_sentence").is_some());
    assert_eq!(field(decision, "reopen_until"), Some("2026-05-04"));

    let reopen =
        proto::ReopenCaseRequest { id: case.id, expected_version: case.version, reason: "Désistement".into() };
    let case = world.rpc.reopen_case(as_caller(&claire, reopen)).await.unwrap().into_inner();
    assert_eq!((case.state.as_str(), case.outcome.as_str()), ("reopened", ""));
    assert_eq!(summary(&world.said()), ["status:reopened", "notice:reopened"]);
    world.assign(&[assigned(&filed, 3, "petite-enfance", "claire")]).await;
    assert_eq!(world.case(filed.id).await.state, State::Assigned);
    world.check_history(filed.id).await;

    let detail = world.get(&claire, filed.id).await.unwrap();
    let directions: Vec<_> = detail.messages.iter().map(|message| message.direction.as_str()).collect();
    assert_eq!(directions, ["to_citizen", "from_citizen", "note", "to_citizen"]);
    assert_eq!(detail.history[0].kind, "opened");
    assert_eq!(detail.allowed, ["start", "message", "wait", "note", "close", "reassign", "for_person"]);
}

async fn of_two_agents_one_wins(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let (claire, marc) = (worker("claire", "petite-enfance"), worker("marc", "petite-enfance"));
    let seen = version(&world, &filed).await;
    let note =
        |text: &str| proto::AddNoteRequest { id: filed.id.to_string(), expected_version: seen, text: text.into() };
    let (one, other) = tokio::join!(
        world.rpc.add_note(as_caller(&claire, note("Je m’en occupe."))),
        world.rpc.add_note(as_caller(&marc, note("Moi aussi."))),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    let told = one.err().or(other.err()).unwrap();
    assert_eq!(told.code(), Code::Aborted);
    assert!(told.message().contains("somebody else"), "{told:?}");
    assert_eq!(version(&world, &filed).await, seen + 1);
    assert_eq!(world.get(&claire, filed.id).await.unwrap().messages.len(), 1);
    assert_eq!(summary(&world.said()), ["message:note"]);
    let unversioned = start(&world, &claire, &filed, 0).await.unwrap_err();
    assert_eq!(unversioned.code(), Code::InvalidArgument);
}

async fn the_store_itself_refuses_an_old_version(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let read = world.case(filed.id).await;
    let changed = |priority| parvis_casework::domain::Case { version: read.version + 1, priority, ..read.clone() };
    let tx = world.store.begin().await.unwrap();
    repo::case::save(&tx, [&changed(Priority::High)]).await.unwrap();
    tx.commit().await.unwrap();
    let tx = world.store.begin().await.unwrap();
    let error = repo::case::save(&tx, [&changed(Priority::Low)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    tx.rollback().await.unwrap();
    assert_eq!(world.case(filed.id).await.priority, Priority::High);
}

async fn texts_are_bounded_and_states_respected(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let claire = worker("claire", "petite-enfance");
    let seen = version(&world, &filed).await;
    for text in ["", "  \n", &"x".repeat(10_001)] {
        let message = proto::SendMessageRequest {
            id: filed.id.to_string(),
            expected_version: seen,
            text: text.into(),
            ..Default::default()
        };
        let refused = world.rpc.send_message(as_caller(&claire, message)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    let reopen =
        proto::ReopenCaseRequest { id: filed.id.to_string(), expected_version: seen, reason: "Pour voir".into() };
    assert_eq!(world.rpc.reopen_case(as_caller(&claire, reopen)).await.unwrap_err().code(), Code::FailedPrecondition);
    let close = |outcome: &str, message: &str, grounds: &str| proto::CloseCaseRequest {
        id: filed.id.to_string(),
        expected_version: seen,
        outcome: outcome.into(),
        message: message.into(),
        grounds: grounds.into(),
        ..Default::default()
    };
    for bad in [close("lost", "Non", ""), close("answered", "", ""), close("granted", "Oui", "Parce que")] {
        assert_eq!(world.rpc.close_case(as_caller(&claire, bad)).await.unwrap_err().code(), Code::InvalidArgument);
    }
    assert!(world.said().is_empty());
    let closed = world.rpc.close_case(as_caller(&claire, close("closed_without_action", "", ""))).await.unwrap();
    assert_eq!(closed.into_inner().state, "closed");
    assert_eq!(summary(&world.said()), ["status:closed", "notice:closed"]);
}

on_both!(
    a_whole_life,
    of_two_agents_one_wins,
    the_store_itself_refuses_an_old_version,
    texts_are_bounded_and_states_respected,
);
