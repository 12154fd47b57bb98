//! Who writes, and who looks them up.

use std::collections::HashSet;

use parvis_bus::Event;
use parvis_identity::{repo::access_log, usecase};
use parvis_kernel::{CitizenId, ErrorKind, EventId, RequestId, Role};
use parvis_proto::{
    common::Requester,
    events::{CITIZEN_LINKED, REQUEST_RECEIVED},
    identity::CitizenLinked,
    intake::{RequestReceived, SubmittedRequest},
    to_proto_time,
};
use parvis_store::Store;
use prost::Message as _;
use sea_orm::ConnectionTrait as _;
use tokio_util::sync::CancellationToken;

use crate::town::{Town, kind, tenant};

crate::over_both!(
    requests_of_one_person_are_linked,
    a_search_finds_what_a_counter_would_type,
    searches_are_kept_and_stay_in_their_town,
    two_processes_meet_the_same_people_once,
    a_broken_event_is_refused_alone,
    people_known_before_get_their_words_and_keys,
);

fn person(first: &str, last: &str, email: &str, phone: &str) -> Requester {
    Requester {
        kind: "person".into(),
        first_name: first.into(),
        last_name: last.into(),
        email: email.into(),
        phone: phone.into(),
        ..Requester::default()
    }
}

fn received(town: &Town, at: &str, requester: Requester) -> Event {
    let id = RequestId::new();
    let request = SubmittedRequest {
        request_id: id.to_string(),
        received_at: Some(to_proto_time(town.now())),
        requester: Some(requester),
        ..SubmittedRequest::default()
    };
    Event {
        id: EventId::new(),
        tenant: tenant(at),
        kind: REQUEST_RECEIVED.to_owned(),
        partition: id.partition(),
        subject: id.to_string(),
        traceparent: String::new(),
        at: town.now(),
        payload: RequestReceived { request: Some(request), ..RequestReceived::default() }.encode_to_vec().into(),
    }
}

async fn link(store: &Store, events: &[Event]) -> parvis_kernel::Result<()> {
    let mut tx = store.begin().await?;
    usecase::link_citizens(&mut tx, events).await?;
    tx.commit().await
}

/// What was said, as (request, citizen).
fn said(rows: &[parvis_store::OutboxRow]) -> Vec<(RequestId, CitizenId)> {
    rows.iter()
        .map(|row| {
            assert_eq!(row.kind, CITIZEN_LINKED);
            let linked = CitizenLinked::decode(row.payload.as_slice()).unwrap();
            assert_eq!(linked.request_id, row.subject);
            (linked.request_id.parse().unwrap(), linked.citizen_id.parse().unwrap())
        })
        .collect()
}

async fn requests_of_one_person_are_linked(town: Town) {
    let mut committed = town.store.take_committed().unwrap();
    let ana = person("Ana", "Lefèvre", "ana@exemple.fr", "06 12 34 56 78");
    let batch = [
        received(&town, "grandville", ana.clone()),
        received(&town, "grandville", person("Paul", "Lefèvre", "ana@exemple.fr", "")),
        received(&town, "grandville", Requester { kind: "anonymous".into(), ..ana.clone() }),
        received(&town, "grandville", person("ANA", "LEFEVRE", "", "+33612345678")),
        received(&town, "petitbourg", ana.clone()),
        received(&town, "grandville", person("Ana", "Lefèvre", "", "")),
    ];
    link(&town.store, &batch).await.unwrap();
    let first = said(&committed.recv().await.unwrap());
    assert_eq!(first.len(), 5, "the anonymous one is nobody's");
    let of = |event: &Event| first.iter().find(|(request, _)| request.to_string() == event.subject).map(|(_, c)| *c);
    let claimed = [&batch[0], &batch[1], &batch[4], &batch[5]].map(|event| of(event).unwrap());
    assert_eq!(HashSet::from(claimed).len(), 4, "four people");
    assert_eq!(of(&batch[0]), of(&batch[3]), "the same telephone and name");

    // Later, by the second contact alone; the e-mail was learnt with the telephone.
    town.advance(60);
    link(&town.store, &[received(&town, "grandville", person("ana", "lefevre", "ANA@exemple.fr", "07 00 00 00 00"))])
        .await
        .unwrap();
    assert_eq!(said(&committed.recv().await.unwrap())[0].1, claimed[0]);
    link(&town.store, &[received(&town, "grandville", person("Ana", "Lefèvre", "", "0700000000"))]).await.unwrap();
    assert_eq!(said(&committed.recv().await.unwrap())[0].1, claimed[0]);

    let desk = town.agent("grandville", "lea-petit", Role::FrontDesk);
    let found = usecase::search_citizens(&town.identity, &desk, "ana lef").await.unwrap();
    let known = found.iter().find(|citizen| citizen.id == claimed[0]).unwrap();
    assert_eq!(known.requests, 4);
    assert_eq!(known.last_seen, town.now());
    assert_eq!((known.requester.email.as_str(), known.requester.phone.as_str()), ("ANA@exemple.fr", "0700000000"));
}

async fn a_search_finds_what_a_counter_would_type(town: Town) {
    let mut events: Vec<_> = (0..60)
        .map(|i| {
            received(&town, "grandville", person(&format!("Prénom{i}"), "Dupont", &format!("d{i}@exemple.fr"), ""))
        })
        .collect();
    town.advance(10);
    events.push(received(&town, "grandville", person("Élodie", "N'Guyen-Lefèvre", "elodie@exemple.fr", "0612345678")));
    let club = Requester {
        kind: "organization".into(),
        organization_name: "Club d'échecs de Grandville".into(),
        email: "echecs@exemple.fr".into(),
        ..Requester::default()
    };
    events.push(received(&town, "grandville", club));
    link(&town.store, &events).await.unwrap();
    let worker = town.agent("grandville", "claire-martin", Role::CaseWorker);
    let names = async |query: &str| {
        let found = usecase::search_citizens(&town.identity, &worker, query).await.unwrap();
        found.into_iter().map(|c| c.requester.first_name + &c.requester.organization_name).collect::<Vec<_>>()
    };
    for query in
        ["elod", "lefevre ÉLO", "Lefè", "guyen", "ELODIE@exemple.fr", "elodie@", "06.12.34.56.78", "+33 6 12 34 56 78"]
    {
        assert_eq!(names(query).await, ["Élodie"], "{query}");
    }
    assert_eq!(names("échecs").await, ["Club d'échecs de Grandville"]);
    assert_eq!(names("dupont").await.len(), 20);
    assert_eq!(names("dupont prenom59").await, ["Prénom59"]);
    for nobody in ["elodie dupont", "zzz", "07 99 99 99 99", "12 34", "%%%az%", "x:elodie"] {
        assert!(names(nobody).await.is_empty(), "{nobody}");
    }
    for bad in ["", "é", "%%%a%", "a\0bc", "x\ny@z"] {
        assert_eq!(kind(usecase::search_citizens(&town.identity, &worker, bad).await), ErrorKind::Invalid, "{bad:?}");
    }
}

async fn searches_are_kept_and_stay_in_their_town(town: Town) {
    link(&town.store, &[received(&town, "grandville", person("Ana", "Roux", "ana@exemple.fr", ""))]).await.unwrap();
    for (role, may) in [
        (Role::FrontDesk, true),
        (Role::CaseWorker, true),
        (Role::Supervisor, true),
        (Role::ElectedOfficial, false),
        (Role::Administrator, false),
        (Role::Partner, false),
    ] {
        let caller = town.agent("grandville", "lea-petit", role);
        let found = usecase::search_citizens(&town.identity, &caller, "roux").await;
        assert_eq!(found.is_ok(), may, "{role}");
    }
    let neighbour = town.agent("petitbourg", "lea-petit", Role::FrontDesk);
    for query in ["roux", "ana@exemple.fr"] {
        assert!(usecase::search_citizens(&town.identity, &neighbour, query).await.unwrap().is_empty());
    }
    let kept = access_log::latest(town.store.read(), &tenant("grandville"), 10).await.unwrap();
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|access| access.actor == "agent:lea-petit" && access.citizens.len() == 1));
    assert_eq!(access_log::latest(town.store.read(), &tenant("petitbourg"), 10).await.unwrap().len(), 2);
    town.advance(366 * 86_400);
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
    assert!(access_log::latest(town.store.read(), &tenant("grandville"), 10).await.unwrap().is_empty());
}

async fn two_processes_meet_the_same_people_once(town: Town) {
    let others = [town.store.another().await.unwrap(), town.store.another().await.unwrap()];
    let people: Vec<_> =
        (0..50).map(|i| person("Ana", &format!("Roux{i}x"), &format!("ana{i}@exemple.fr"), "")).collect();
    let tasks = (0..6).map(|task| {
        let store = others[task % 2].clone();
        let mut people = people.clone();
        if task % 3 == 0 {
            people.reverse();
        }
        let events: Vec<_> = people.into_iter().map(|person| received(&town, "grandville", person)).collect();
        tokio::spawn(async move {
            // As the consumer does: what is transient is tried again.
            loop {
                match link(&store, &events).await {
                    Err(error) if error.is_transient() => tokio::task::yield_now().await,
                    done => return done,
                }
            }
        })
    });
    for done in futures::future::join_all(tasks).await {
        done.unwrap().unwrap();
    }
    let desk = town.agent("grandville", "lea-petit", Role::FrontDesk);
    for i in [0, 25, 49] {
        let found = usecase::search_citizens(&town.identity, &desk, &format!("roux{i}x")).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].requests, 6);
    }
}

async fn a_broken_event_is_refused_alone(town: Town) {
    let good = received(&town, "grandville", person("Ana\0", "Ro\0ux", "an\0a@exemple.fr", "\0"));
    link(&town.store, std::slice::from_ref(&good)).await.unwrap();
    let huge =
        received(&town, "grandville", person(&"é".repeat(100_000), &"x ".repeat(50_000), &"a@".repeat(9999), "1"));
    link(&town.store, &[huge]).await.unwrap();
    let broken = Event { payload: vec![0xff, 0xff].into(), ..good };
    assert!(!link(&town.store, &[broken]).await.unwrap_err().is_transient(), "it must become a dead letter");
}

async fn people_known_before_get_their_words_and_keys(town: Town) {
    let mut committed = town.store.take_committed().unwrap();
    let jo = person("Jo", "de La Tour", "", "0692 71 00 02");
    link(&town.store, &[received(&town, "grandville", jo)]).await.unwrap();
    let known = said(&committed.recv().await.unwrap())[0].1;
    for table in ["citizen_word", "citizen_contact"] {
        town.store.write().execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    for _ in 0..2 {
        usecase::index_people(&town.identity, &CancellationToken::new()).await.unwrap();
    }
    let desk = town.agent("grandville", "lea-petit", Role::FrontDesk);
    for query in ["latour", "tour jo", "+262 692 71 00 02"] {
        let found = usecase::search_citizens(&town.identity, &desk, query).await.unwrap();
        assert_eq!(found.iter().map(|citizen| citizen.id).collect::<Vec<_>>(), [known], "{query}");
    }
    let again = person("JO", "De la Tour", "", "tel:+262692710002");
    link(&town.store, &[received(&town, "grandville", again)]).await.unwrap();
    assert_eq!(said(&committed.recv().await.unwrap())[0].1, known);
}
