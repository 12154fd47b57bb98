//! A request that is rather another body's: proposed by routing, confirmed by an agent, sent on.

use parvis_kernel::RequestId;
use parvis_proto::{
    casework as proto,
    casework::casework_service_server::CaseworkService as _,
    common::{AttachmentRef, Requester},
    events,
    routing::{TransferProposed, TransferRefused},
};
use tonic::Code;

use crate::{
    on_both,
    support::{CODE, World, as_caller, assigned, at, event, field, notices, summary, worker},
};

/// When the events of these tests are said.
const SAID_AT: &str = "2026-03-02T09:00:00Z";

fn proposed(id: RequestId, email: &str) -> parvis_bus::Event {
    let message = TransferProposed {
        case_id: id.to_string(),
        body: "caf".into(),
        name: "CAF du Val".into(),
        contact: "3230".into(),
        email: email.into(),
        ..TransferProposed::default()
    };
    event("clairval", id, events::TRANSFER_PROPOSED, &message)
}

fn confirm(id: RequestId, expected_version: u64, body: &str) -> proto::CloseCaseRequest {
    proto::CloseCaseRequest {
        id: id.to_string(),
        expected_version,
        outcome: "transferred_out".into(),
        message: "Nous la transmettons à la CAF du Val.".into(),
        transfer_to: body.into(),
        ..Default::default()
    }
}

async fn a_confirmed_transfer_sends_the_request_on(world: World) {
    let claire = worker("claire", "petite-enfance");
    let filed = world.file("clairval", 1, |request| {
        request.requester = request.requester.take().map(|it| Requester { phone: "06 00 00 00 00".into(), ..it });
        request.acted_by = "agent:odile".into();
        request.acted_by_name = "Odile Petit".into();
        request.acted_by_basis = "phone".into();
        request.attachments = vec![AttachmentRef { file_name: "bail.pdf".into(), ..AttachmentRef::default() }];
    });
    // Whatever comes first.
    world.assign(&[proposed(filed.id, "demandes@caf.example")]).await;
    world.receive(std::slice::from_ref(&filed.event)).await;
    let again = proposed(filed.id, "ailleurs@caf.example");
    world.assign(&[assigned(&filed, 1, "petite-enfance", "claire"), again]).await;
    world.said();
    world.check_history(filed.id).await;
    let history = world.get(&claire, filed.id).await.unwrap().history;
    let told: Vec<_> = history.iter().filter(|line| line.kind == "transfer_proposed").collect();
    assert_eq!(told.len(), 1, "the first proposal stays: {told:?}");
    assert_eq!(told[0].detail, "Transmission proposée à : CAF du Val.");
    let seen = world.case(filed.id).await.version;
    // Only the body that was proposed: nobody sends a request to an address of their own choice.
    let other = world.rpc.close_case(as_caller(&claire, confirm(filed.id, seen, "impots"))).await.unwrap_err();
    assert_eq!(other.code(), Code::FailedPrecondition);
    let wrong = proto::CloseCaseRequest { outcome: "answered".into(), ..confirm(filed.id, seen, "caf") };
    assert_eq!(world.rpc.close_case(as_caller(&claire, wrong)).await.unwrap_err().code(), Code::InvalidArgument);
    assert!(world.said().is_empty());
    world.rpc.close_case(as_caller(&claire, confirm(filed.id, seen, "caf"))).await.unwrap();
    let said = world.said();
    assert_eq!(summary(&said), ["message:to_citizen", "status:closed", "notice:referral", "notice:closed"]);
    let told = notices(&said);
    let referral = &told[0];
    let body = referral.recipient.clone().unwrap();
    assert_eq!((body.organization_name.as_str(), body.email.as_str()), ("CAF du Val", "demandes@caf.example"));
    assert_eq!((body.contact_mode.as_str(), referral.tracking_code.as_str()), ("email", ""));
    assert_eq!(field(referral, "request_text"), Some("Je cherche une place pour septembre."));
    assert_eq!(field(referral, "answers").map(str::trim), Some("Quartier : Quartier de la gare"));
    assert_eq!(field(referral, "attachments"), Some("bail.pdf"));
    assert_eq!(field(referral, "acted_by"), Some("Odile Petit, au téléphone"));
    let person = field(referral, "person").unwrap();
    assert!(person.starts_with("Zoé Lefèvre\nTéléphone : 06 00 00 00 00\nCourriel : zoe@example.org"), "{person}");
    assert!(field(referral, "received_on").is_some() && field(referral, "service_name").is_some());
    let all = format!("{referral:?}");
    assert!(!all.contains(CODE), "the tracking code opens the authority's page");
    // The citizen is told, with the code.
    assert_eq!((told[1].kind.as_str(), told[1].tracking_code.as_str()), ("closed", ""));
    assert_ne!(told[1].notice_id, referral.notice_id);
}

async fn without_an_address_it_is_a_letter_and_without_a_proposal_nothing(world: World) {
    let claire = worker("claire", "petite-enfance");
    let filed = world.assigned("claire", "petite-enfance").await;
    let seen = world.case(filed.id).await.version;
    let early = world.rpc.close_case(as_caller(&claire, confirm(filed.id, seen, "caf"))).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition);
    assert!(early.message().contains("send the request yourself"), "{early:?}");
    world.assign(&[proposed(filed.id, "3230")]).await;
    world.rpc.close_case(as_caller(&claire, confirm(filed.id, seen, "caf"))).await.unwrap();
    let said = world.said();
    let recipient = notices(&said)[0].recipient.clone().unwrap();
    assert_eq!((recipient.contact_mode.as_str(), recipient.email.as_str()), ("letter", ""));
    // Taken up again and closed by hand: nothing goes to anybody.
    let version = world.case(filed.id).await.version;
    let reopen =
        proto::ReopenCaseRequest { id: filed.id.to_string(), expected_version: version, reason: "Erreur".into() };
    let version = world.rpc.reopen_case(as_caller(&claire, reopen)).await.unwrap().into_inner().version;
    world.said();
    world.rpc.close_case(as_caller(&claire, confirm(filed.id, version, ""))).await.unwrap();
    assert_eq!(summary(&world.said()), ["message:to_citizen", "status:closed", "notice:closed"]);
}

async fn a_refused_transfer_is_confirmed_by_nobody(world: World) {
    let claire = worker("claire", "petite-enfance");
    let filed = world.assigned("claire", "petite-enfance").await;
    let refusal = TransferRefused {
        case_id: filed.id.to_string(),
        body: "caf".into(),
        name: "CAF du Val".into(),
        actor: "agent:marc".into(),
        actor_name: "Marc Petit".into(),
        reason: "C’est pour nous.".into(),
        ..TransferRefused::default()
    };
    let refused = || event("clairval", filed.id, events::TRANSFER_REFUSED, &refusal);
    world.assign(&[proposed(filed.id, "demandes@caf.example"), refused()]).await;
    // Said again, as after a broker lost its store: it stays refused, and is told once.
    world.assign(&[proposed(filed.id, "demandes@caf.example")]).await;
    world.assign(&[refused()]).await;
    let detail = world.get(&claire, filed.id).await.unwrap();
    let told: Vec<_> = detail.history.iter().filter(|line| line.kind.starts_with("transfer_")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    let line = told.iter().find(|line| line.kind == "transfer_refused").unwrap();
    assert_eq!((line.actor_name.as_str(), line.at.as_ref().unwrap().seconds), ("Marc Petit", at(SAID_AT).as_second()));
    assert_eq!(line.detail, "Transmission refusée à : CAF du Val. Motif : C’est pour nous.");
    world.check_history(filed.id).await;
    let seen = world.case(filed.id).await.version;
    let late = world.rpc.close_case(as_caller(&claire, confirm(filed.id, seen, "caf"))).await.unwrap_err();
    assert_eq!(late.code(), Code::FailedPrecondition);
    assert!(world.said().is_empty(), "nothing went to anybody");
    // Another case of the same town keeps its own proposal.
    let other = world.file("clairval", 2, |_| {});
    world.receive(std::slice::from_ref(&other.event)).await;
    world.assign(&[assigned(&other, 1, "petite-enfance", "claire"), proposed(other.id, "demandes@caf.example")]).await;
    let seen = world.case(other.id).await.version;
    world.rpc.close_case(as_caller(&claire, confirm(other.id, seen, "caf"))).await.unwrap();
}

on_both!(
    a_refused_transfer_is_confirmed_by_nobody,
    a_confirmed_transfer_sends_the_request_on,
    without_an_address_it_is_a_letter_and_without_a_proposal_nothing
);
