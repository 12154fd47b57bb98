//! What is learnt from the cases that ended.

use parvis_bus::{Event, EventHandler as _};
use parvis_kernel::{Clock as _, EventId, RequestId, Role};
use parvis_knowledge::{ProcedureCard, consumer::OnCasework, import_procedures};
use parvis_proto::{
    casework::{CaseSnapshot, CaseStatusChanged},
    common::ProcedureSnapshot,
    events, to_proto_time,
};

use super::world::{World, agent, editor, on_both, tenant};

/// `kind` is said of a case at `version`.
fn said(world: &World, id: RequestId, version: u64, kind: &str, procedure: &str, outcome: &str) -> Event {
    let now = world.clock.now();
    let message = CaseStatusChanged {
        case: Some(CaseSnapshot {
            id: id.to_string(),
            version,
            state: kind.into(),
            outcome: outcome.into(),
            text: "Madame Durand, 3 rue du Port".into(),
            title: "Madame Durand".into(),
            procedure: Some(ProcedureSnapshot {
                code: procedure.into(),
                theme: if procedure.is_empty() { String::new() } else { "voirie".into() },
                ..ProcedureSnapshot::default()
            }),
            ..CaseSnapshot::default()
        }),
        kind: kind.into(),
        at: Some(to_proto_time(now)),
        ..CaseStatusChanged::default()
    };
    Event {
        id: EventId::new(),
        tenant: tenant("clairval"),
        kind: events::CASE_STATUS_CHANGED.into(),
        partition: id.partition(),
        subject: id.to_string(),
        traceparent: String::new(),
        at: now,
        payload: prost::Message::encode_to_vec(&message).into(),
    }
}

async fn hear(world: &World, events: &[Event]) {
    let mut tx = world.store.begin().await.unwrap();
    OnCasework(world.tenants.clone()).handle(&mut tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

on_both!(what_is_often_handled_and_never_explained_is_to_be_written, world => {
    let card = |code: &str, title: &str| ProcedureCard {
        code: code.into(),
        title: title.into(),
        theme: "voirie".into(),
        ..ProcedureCard::default()
    };
    let cards = [card("nid-de-poule", "Signaler un trou"), card("lampadaire", "Signaler une panne d'éclairage")];
    import_procedures(&world.store, &tenant("clairval"), &cards).await.unwrap();
    world.knowledge.refresh().await.unwrap();
    let ids: Vec<RequestId> = (0..8).map(|_| RequestId::new()).collect();
    let mut events: Vec<Event> = Vec::new();
    for id in &ids[..6] {
        events.push(said(&world, *id, 4, "closed", "nid-de-poule", "answered"));
    }
    events.push(said(&world, ids[6], 3, "closed", "nid-de-poule", "transferred_out"));
    events.push(said(&world, ids[7], 2, "closed", "", "answered"));
    // A note on a closed case ends nothing again.
    events.push(said(&world, ids[7], 3, "note", "", "answered"));
    hear(&world, &events).await;
    // The same again, in other batches, changes nothing.
    for event in &events {
        hear(&world, std::slice::from_ref(event)).await;
    }
    let usage = async || world.knowledge.get_usage(&editor(), 30).await.unwrap();
    let seen = usage().await;
    assert_eq!((seen.closed, seen.closed_without_procedure), (8, 1));
    let [line] = &seen.uncovered[..] else { panic!("one subject: {:?}", seen.uncovered) };
    assert_eq!((line.kind.as_str(), line.code.as_str(), line.title.as_str()), ("procedure", "nid-de-poule", "Signaler un trou"));
    assert_eq!((line.closed, line.has_template), (7, false));
    let outcomes: Vec<_> = line.outcomes.iter().map(|it| (it.key.as_str(), it.count)).collect();
    assert_eq!(outcomes, [("answered", 6)]);
    // Opened again: it has not ended. What is said late of its first end is left.
    hear(&world, &[said(&world, ids[0], 5, "reopened", "nid-de-poule", "")]).await;
    hear(&world, &[said(&world, ids[0], 4, "closed", "nid-de-poule", "answered")]).await;
    assert_eq!((usage().await.closed, usage().await.uncovered[0].closed), (7, 6));
    hear(&world, &[said(&world, ids[0], 7, "closed", "nid-de-poule", "granted")]).await;
    assert_eq!(usage().await.closed, 8);
    // Another town sees nothing of it, and no word of anybody is kept.
    assert_eq!(world.knowledge.get_usage(&agent("petit-ormeau", Role::Administrator), 30).await.unwrap().closed, 0);
    // A response template helps the agents, an article for agents only too; only an article for the public explains.
    let file = |audience: &str| {
        let article = "slug = \"trous\"\ntitle = \"Les trous\"\nsummary = \"Ce que nous faisons.\"\ntheme = \"voirie\"";
        let template = "slug = \"reponse\"\ntitle = \"Réponse\"\ntheme = \"voirie\"";
        let rest = "procedure = \"nid-de-poule\"\ntext = \"Nous rebouchons.\"";
        format!("tenant = \"clairval\"\n[[article]]\n{article}\n{audience}\n{rest}\n[[template]]\n{template}\n{rest}\n")
    };
    world.load(&file("audience = [\"agent\"]")).await;
    assert_eq!(usage().await.uncovered.iter().map(|it| it.has_template).collect::<Vec<_>>(), [true]);
    world.load(&file("")).await;
    assert!(usage().await.uncovered.is_empty());
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 40));
    assert_eq!(usage().await.closed, 0);
    world.knowledge.purge_counts(30).await.unwrap();
    assert_eq!(world.count("closed_case").await, 0);
});
