//! How much of a case each is shown.

use jiff::SignedDuration;
use parvis_casework::repo::access_log;
use parvis_kernel::{Caller, Role};
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use tonic::Code;

use crate::{
    on_both,
    support::{Filed, World, agent, as_caller, assigned, described, town, worker},
};

const UNIT: &str = "voirie";
/// What only the text holds.
const WORDS: &str = "Mon mari me frappe";

fn counter() -> Caller {
    agent("clairval", "camille", &[Role::FrontDesk], &["accueil"])
}

/// A request written freely, with its words, a message and a note, in the hands of `UNIT`.
async fn written(world: &World) -> Filed {
    let filed = world.file("clairval", 1, |request| {
        request.text = format!("{WORDS}, que puis-je faire ?");
        let procedure = request.procedure.as_mut().unwrap();
        (procedure.code, procedure.title) = (String::new(), "Autre demande".into());
    });
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.assign(&[assigned(&filed, 1, UNIT, "karim")]).await;
    world.clock.advance(SignedDuration::from_mins(1));
    let karim = worker("karim", UNIT);
    let message = proto::SendMessageRequest {
        id: filed.id.to_string(),
        expected_version: 2,
        text: "Message".into(),
        ..Default::default()
    };
    world.rpc.send_message(as_caller(&karim, message)).await.unwrap();
    let note = proto::AddNoteRequest { id: filed.id.to_string(), expected_version: 3, text: "Note".into() };
    world.rpc.add_note(as_caller(&karim, note)).await.unwrap();
    filed
}

async fn get(world: &World, caller: &Caller, filed: &Filed, reason: &str) -> Result<proto::CaseDetail, tonic::Status> {
    let message =
        proto::GetCaseRequest { reference: filed.reference.clone(), reason: reason.into(), ..Default::default() };
    Ok(world.rpc.get_case(as_caller(caller, message)).await?.into_inner())
}

fn texts(detail: &proto::CaseDetail) -> Vec<&str> {
    detail.messages.iter().map(|message| message.text.as_str()).collect()
}

async fn the_counter_sees_that_it_exists_and_opens_it_with_a_reason(world: World) {
    let filed = written(&world).await;
    world.assign(&[described("clairval", 1, &[(UNIT, false)])]).await;
    let seen = get(&world, &counter(), &filed, "").await.unwrap();
    assert_eq!(seen.reading, "public");
    assert!(seen.reasons.contains(&"person_present".to_owned()));
    let case = seen.case.clone().unwrap();
    assert_eq!((case.state.as_str(), case.unit_name.as_str()), ("assigned", "Service voirie"));
    assert_eq!(case.service_due_on, "2026-03-16");
    assert!(!format!("{seen:?}").contains(WORDS), "the title of a free text is text");
    assert!(seen.requester.is_none() && seen.attachments.is_empty() && seen.history.is_empty());
    assert!(texts(&seen).is_empty());

    let opened = get(&world, &counter(), &filed, "person_present").await.unwrap();
    assert_eq!((opened.reading.as_str(), texts(&opened)), ("text", vec!["Message"]));
    assert!(opened.text.contains(WORDS) && opened.history.is_empty());
    let refused = get(&world, &counter(), &filed, "curiosity").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let kept = access_log::of_case(world.store.read(), &town("clairval"), filed.id).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|access| (access.actor.as_str(), access.reason.as_str())).collect();
    assert_eq!(kept, [("agent:camille", ""), ("agent:camille", "person_present")], "why it was opened is kept");
}

async fn what_is_sensitive_stays_closed_whatever_the_reason(world: World) {
    let filed = written(&world).await;
    let closed = async |when: &str| {
        let seen = get(&world, &counter(), &filed, "person_present").await.unwrap();
        assert_eq!((seen.reading.as_str(), seen.reasons.len()), ("public", 0), "{when}");
        assert!(!format!("{seen:?}").contains(WORDS), "{when}");
    };
    closed("nothing was said of the unit").await;
    world.assign(&[described("clairval", 2, &[(UNIT, true)])]).await;
    closed("it is sensitive").await;
    world.assign(&[described("clairval", 1, &[(UNIT, false)])]).await;
    closed("an older directory says that it is not").await;
    world.assign(&[described("autreville", 9, &[(UNIT, false)])]).await;
    closed("another town's is not").await;
    world.assign(&[described("clairval", 3, &[(UNIT, false)])]).await;
    assert_eq!(get(&world, &counter(), &filed, "person_present").await.unwrap().reading, "text");
}

async fn a_case_that_left_closes_behind(world: World) {
    let filed = written(&world).await;
    let karim = worker("ines", UNIT);
    assert_eq!(get(&world, &karim, &filed, "").await.unwrap().reading, "full");
    world.clock.advance(SignedDuration::from_mins(1));
    world.assign(&[assigned(&filed, 2, "sport", "paul")]).await;
    world.clock.advance(SignedDuration::from_mins(1));
    let paul = worker("paul", "sport");
    let later = proto::SendMessageRequest {
        id: filed.id.to_string(),
        expected_version: 5,
        text: "Plus tard".into(),
        ..Default::default()
    };
    world.rpc.send_message(as_caller(&paul, later)).await.unwrap();
    let seen = get(&world, &karim, &filed, "").await.unwrap();
    assert_eq!((seen.reading.as_str(), texts(&seen)), ("until", vec!["Message", "Note"]));
    assert_eq!(seen.history.last().unwrap().kind, "assigned", "that it left is the last they see");
    assert!(seen.allowed.is_empty());
    let close = proto::CloseCaseRequest {
        id: filed.id.to_string(),
        expected_version: 6,
        outcome: "closed_without_action".into(),
        ..Default::default()
    };
    assert_eq!(world.rpc.close_case(as_caller(&karim, close.clone())).await.unwrap_err().code(), Code::NotFound);
    world.rpc.close_case(as_caller(&paul, close)).await.unwrap();
    assert_eq!(get(&world, &karim, &filed, "").await.unwrap_err().code(), Code::NotFound);
}

async fn the_counter_finds_whoever_stands_there(world: World) {
    let filed = written(&world).await;
    let list = async |caller: &Caller, query: &str| {
        let message = proto::ListCasesRequest { view: "counter".into(), query: query.into(), ..Default::default() };
        Ok::<_, tonic::Status>(world.rpc.list_cases(as_caller(caller, message)).await?.into_inner().cases)
    };
    for query in ["zoe lefevre", "Lefèvre", "zoe@example.org", filed.reference.as_str()] {
        let found = list(&counter(), query).await.unwrap();
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!((found[0].title.as_str(), found[0].requester_name.contains("Lefèvre")), ("Autre demande", true));
    }
    assert!(list(&counter(), "marc durand").await.unwrap().is_empty());
    assert_eq!(list(&counter(), "").await.unwrap_err().code(), Code::InvalidArgument, "it is no list of everybody");
    let refused = list(&worker("marc", "sport"), "lefevre").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let elected = agent("clairval", "elu", &[Role::ElectedOfficial, Role::FrontDesk], &["accueil"]);
    assert_eq!(list(&elected, "lefevre").await.unwrap_err().code(), Code::PermissionDenied);
    let neighbour = agent("autreville", "camille", &[Role::FrontDesk], &["accueil"]);
    assert!(list(&neighbour, "lefevre").await.unwrap().is_empty());
}

async fn who_filed_it_reads_what_was_filed(world: World) {
    let filed = world.file("clairval", 1, |request| request.acted_by = "agent:camille".into());
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.assign(&[assigned(&filed, 1, UNIT, "karim"), described("clairval", 1, &[(UNIT, true)])]).await;
    world.clock.advance(SignedDuration::from_mins(1));
    let message = proto::SendMessageRequest {
        id: filed.id.to_string(),
        expected_version: 2,
        text: "Message".into(),
        ..Default::default()
    };
    world.rpc.send_message(as_caller(&worker("karim", UNIT), message)).await.unwrap();
    let seen = get(&world, &counter(), &filed, "").await.unwrap();
    assert_eq!((seen.reading.as_str(), seen.text.as_str()), ("filed", "Je cherche une place pour septembre."));
    assert!(texts(&seen).is_empty());
}

async fn what_is_written_down_for_the_person_says_so(world: World) {
    let filed = written(&world).await;
    let post = async |caller: &Caller| {
        let message = proto::PostCitizenMessageRequest {
            reference: filed.reference.clone(),
            text: "Elle est revenue : le numéro est le 12.".into(),
            idempotency_key: "k".into(),
        };
        world.rpc.post_citizen_message(as_caller(caller, message)).await
    };
    post(&counter()).await.unwrap();
    post(&counter()).await.unwrap();
    let seen = get(&world, &worker("karim", UNIT), &filed, "").await.unwrap();
    let last = seen.messages.iter().find(|message| message.direction == "from_citizen").unwrap();
    assert_eq!((last.author.as_str(), last.for_person), ("Agent camille", true));
    assert_eq!(texts(&seen).len(), 3, "the same key again adds nothing");
    assert!(seen.case.unwrap().unread);
    for (who, roles) in [("ada", &[Role::Administrator][..]), ("elu", &[Role::ElectedOfficial, Role::FrontDesk])] {
        let refused = post(&agent("clairval", who, roles, &[UNIT])).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{who}");
    }
    let refused = post(&worker("marc", "sport")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "another unit's agent does not receive people");
}

on_both!(
    the_counter_sees_that_it_exists_and_opens_it_with_a_reason,
    what_is_sensitive_stays_closed_whatever_the_reason,
    a_case_that_left_closes_behind,
    the_counter_finds_whoever_stands_there,
    who_filed_it_reads_what_was_filed,
    what_is_written_down_for_the_person_says_so,
);
