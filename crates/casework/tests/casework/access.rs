//! Who reads, who acts, and what of it is kept.

use jiff::{SignedDuration, Timestamp};
use parvis_casework::repo::access_log;
use parvis_kernel::{Caller, Clock as _, RequestId, Role};
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use crate::{
    on_both,
    support::{World, agent, as_caller, assigned, follower, town, worker},
};

async fn who_reads_and_who_acts(world: World) {
    let filed = world.file("clairval", 1, |request| request.acted_by = "agent:odile".into());
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.assign(&[assigned(&filed, 1, "petite-enfance", "claire")]).await;
    let handles = ["start", "message", "wait", "note", "close", "reassign", "for_person"];
    let unit = "petite-enfance";
    let table: [(&str, Caller, Option<&[&str]>); 13] = [
        ("assigned", worker("claire", unit), Some(&handles)),
        ("assigned, of another unit since", worker("claire", "sport"), Some(&handles)),
        ("of the unit", worker("marc", unit), Some(&handles[1..])),
        ("of another unit", worker("marc", "sport"), None),
        ("supervisor", agent("clairval", "jeanne", &[Role::Supervisor], &["famille", unit]), Some(&handles)),
        ("supervisor of another unit", agent("clairval", "jeanne", &[Role::Supervisor], &["sport"]), None),
        (
            "front desk of the unit",
            agent("clairval", "paul", &[Role::FrontDesk], &[unit]),
            Some(&["note", "for_person"]),
        ),
        (
            "front desk who filed it",
            agent("clairval", "odile", &[Role::FrontDesk], &["accueil"]),
            Some(&["note", "for_person"]),
        ),
        ("front desk", agent("clairval", "paul", &[Role::FrontDesk], &["accueil"]), Some(&["for_person"])),
        ("administrator", agent("clairval", "ada", &[Role::Administrator], &[unit]), None),
        ("elected official", agent("clairval", "elu", &[Role::ElectedOfficial], &[unit]), None),
        (
            "elected official with a job",
            agent("clairval", "claire", &[Role::ElectedOfficial, Role::CaseWorker, Role::Supervisor], &[unit]),
            None,
        ),
        ("same name in another town", agent("autreville", "claire", &[Role::CaseWorker], &[unit]), None),
    ];
    let mut readers = Vec::new();
    for (who, caller, expected) in table {
        let answer = world.get(&caller, filed.id).await;
        match expected {
            Some(allowed) => {
                assert_eq!(answer.unwrap().allowed, allowed, "{who}");
                readers.push(caller.actor_key());
            }
            None => {
                assert_eq!(answer.unwrap_err().code(), Code::NotFound, "{who}");
                let note = proto::AddNoteRequest { id: filed.id.to_string(), expected_version: 2, text: "x".into() };
                let refused = world.rpc.add_note(as_caller(&caller, note)).await.unwrap_err();
                assert!(matches!(refused.code(), Code::NotFound | Code::PermissionDenied), "{who}");
            }
        }
    }
    let kept = access_log::of_case(world.store.read(), &town("clairval"), filed.id).await.unwrap();
    assert_eq!(kept.into_iter().map(|access| access.actor).collect::<Vec<_>>(), readers);
    let start = proto::StartCaseRequest { id: filed.id.to_string(), expected_version: 2 };
    let refused = world.rpc.start_case(as_caller(&worker("marc", unit), start)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let anyone = Caller::anonymous(town("clairval"));
    assert_eq!(world.get(&anyone, filed.id).await.unwrap_err().code(), Code::Unauthenticated);
    let system = Caller::system(town("clairval"), "routing");
    assert_eq!(world.get(&system, filed.id).await.unwrap_err().code(), Code::NotFound, "no role reads as a person");
}

async fn those_who_read_at_once_are_all_kept(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let mut readers = tokio::task::JoinSet::new();
    for reader in 0..90 {
        let log = world.casework.access_log.clone();
        let access = access_log::Access {
            tenant: town("clairval"),
            case_id: filed.id,
            at: world.clock.now(),
            actor: format!("agent:reader-{reader}"),
            reason: String::new(),
        };
        readers.spawn(async move { log.record(access).await });
    }
    while let Some(kept) = readers.join_next().await {
        kept.unwrap().unwrap();
    }
    let kept = access_log::of_case(world.store.read(), &town("clairval"), filed.id).await.unwrap();
    assert_eq!(kept.len(), 90);
}

async fn readings_have_their_time(world: World) {
    let (year, running) = (SignedDuration::from_hours(24 * 365), CancellationToken::new());
    let now = world.clock.now();
    let case = RequestId::new();
    let kept_of = async |tenant: &str| {
        let kept = access_log::of_case(world.store.read(), &town(tenant), case).await.unwrap();
        kept.into_iter().map(|access| access.actor).collect::<Vec<_>>()
    };
    let second = SignedDuration::from_secs(1);
    let mut readers = tokio::task::JoinSet::new();
    let mut read = |tenant: &str, at: Timestamp, actor: String| {
        let log = world.casework.access_log.clone();
        let access = access_log::Access { tenant: town(tenant), case_id: case, at, actor, reason: String::new() };
        readers.spawn(async move { log.record(access).await });
    };
    // More than one statement deletes.
    for reader in 0..1_100 {
        read("clairval", now - year - second - SignedDuration::from_secs(reader), format!("agent:old-{reader}"));
    }
    for tenant in ["clairval", "autreville"] {
        read(tenant, now - year - second, "agent:just-too-old".into());
        read(tenant, now - year, "agent:a-year-ago".into());
        read(tenant, now, "agent:today".into());
    }
    while let Some(kept) = readers.join_next().await {
        kept.unwrap().unwrap();
    }
    let stopped = CancellationToken::new();
    stopped.cancel();
    world.casework.purge_access_log(year, &stopped).await.unwrap();
    assert_eq!(kept_of("clairval").await.len(), 1_103, "nothing is begun once the process stops");
    for _ in 0..2 {
        world.casework.purge_access_log(year, &running).await.unwrap();
        for tenant in ["clairval", "autreville"] {
            assert_eq!(kept_of(tenant).await, ["agent:a-year-ago", "agent:today"], "{tenant}");
        }
    }
}

async fn another_town_reaches_nothing(world: World) {
    let filed = world.assigned("claire", "petite-enfance").await;
    let other = agent("autreville", "claire", &[Role::CaseWorker, Role::Supervisor], &["petite-enfance"]);
    let anyone = follower("autreville", &filed);
    let id = filed.id.to_string();
    let reference = filed.reference.clone();
    let rpc = &world.rpc;
    let mut codes = Vec::new();
    let by_reference = proto::GetCaseRequest { reference: reference.clone(), ..Default::default() };
    codes.push(rpc.get_case(as_caller(&other, by_reference)).await.err());
    codes.push(world.get(&other, filed.id).await.err());
    let message = proto::StartCaseRequest { id: id.clone(), expected_version: 2 };
    codes.push(rpc.start_case(as_caller(&other, message)).await.err());
    let message =
        proto::SendMessageRequest { id: id.clone(), expected_version: 2, text: "x".into(), ..Default::default() };
    codes.push(rpc.send_message(as_caller(&other, message)).await.err());
    let message = proto::AddNoteRequest { id: id.clone(), expected_version: 2, text: "x".into() };
    codes.push(rpc.add_note(as_caller(&other, message)).await.err());
    let message = proto::CloseCaseRequest {
        id: id.clone(),
        expected_version: 2,
        outcome: "granted".into(),
        message: "x".into(),
        ..Default::default()
    };
    codes.push(rpc.close_case(as_caller(&other, message)).await.err());
    let message = proto::ReopenCaseRequest { id, expected_version: 2, reason: "x".into() };
    codes.push(rpc.reopen_case(as_caller(&other, message)).await.err());
    let message = proto::PostCitizenMessageRequest {
        reference: reference.clone(),
        text: "x".into(),
        idempotency_key: "k".into(),
    };
    codes.push(rpc.post_citizen_message(as_caller(&anyone, message)).await.err());
    let message = proto::GetPublicCaseRequest { reference: reference.clone() };
    codes.push(rpc.get_public_case(as_caller(&anyone, message)).await.err());
    for (at, status) in codes.into_iter().enumerate() {
        assert_eq!(status.unwrap().code(), Code::NotFound, "call {at}");
    }
    for (view, query) in
        [("unit", ""), ("mine", ""), ("queue", ""), ("filed", ""), ("unit", "lefevre"), ("unit", &reference)]
    {
        let message = proto::ListCasesRequest { view: view.into(), query: query.into(), ..Default::default() };
        assert!(
            rpc.list_cases(as_caller(&other, message)).await.unwrap().into_inner().cases.is_empty(),
            "{view} {query}"
        );
    }
    assert!(world.said().is_empty());
    assert_eq!(world.case(filed.id).await.version, 2);
}

on_both!(
    who_reads_and_who_acts,
    those_who_read_at_once_are_all_kept,
    readings_have_their_time,
    another_town_reaches_nothing,
);
