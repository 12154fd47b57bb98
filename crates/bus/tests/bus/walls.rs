//! Between roles that share a broker: the settings delivered for nats-server, and what a reader does not believe.

use anyhow::{Context as _, Result};
use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, consumer::push, stream},
};
use parvis_bus::{
    Bus as _, Topic, dead_letter,
    nats::{NatsBus, NatsOptions, permissions},
};
use parvis_kernel::ErrorKind;
use parvis_testkit::{Authority, NatsServer, wait_until};
use tokio::time::timeout;

use crate::{
    broker::{TestBroker, options},
    harness::{DEADLINE, KIND, SOURCE, TwoRoles, next, numbers, publish, read, rows, topic},
};

const SUBJECT: &str = "parvis.intake.request_received.3.saint-exemple";

/// The broker as delivered, its streams made by the operator.
struct Walled {
    authority: Authority,
    server: NatsServer,
}

impl Walled {
    async fn new() -> Result<Self> {
        let authority = Authority::new()?;
        let server = NatsServer::start_walled(&authority).await?;
        let walled = Self { authority, server };
        let operator = NatsBus::connect(&NatsOptions { make_streams: true, ..walled.options("operator") }).await?;
        operator.ensure_streams(&permissions::ROLES.map(|(role, _)| role)).await?;
        Ok(walled)
    }

    fn options(&self, user: &str) -> NatsOptions {
        NatsOptions {
            url: self.server.tls_url(),
            user: Some((user.to_owned(), format!("of-{user}").into())),
            root_certificates: Some(self.authority.certificate()),
            make_streams: false,
            max_bytes: 1 << 20,
            ..NatsOptions::new("")
        }
    }

    async fn bus(&self, role: &str) -> Result<NatsBus> {
        Ok(NatsBus::connect(&self.options(role)).await?)
    }

    /// Somebody who holds the password of `role`, and does with it what no role does; and what the broker says to it.
    async fn somebody(&self, role: &str) -> Result<(async_nats::Client, tokio::sync::mpsc::UnboundedReceiver<String>)> {
        let (said, heard) = tokio::sync::mpsc::unbounded_channel();
        let client = ConnectOptions::with_user_and_password(role.to_owned(), format!("of-{role}"))
            .add_root_certificates(self.authority.certificate())
            .custom_inbox_prefix(format!("_INBOX_{role}"))
            .event_callback(move |event| {
                let _ = said.send(event.to_string());
                std::future::ready(())
            })
            .connect(self.server.tls_url())
            .await?;
        Ok((client, heard))
    }
}

/// The first refusal that the broker speaks of, which names the subject.
async fn refusal(heard: &mut tokio::sync::mpsc::UnboundedReceiver<String>) -> Result<String> {
    loop {
        let said = timeout(DEADLINE, heard.recv()).await?.context("the broker says nothing more")?;
        if said.to_lowercase().contains("permissions violation") {
            return Ok(said.to_lowercase());
        }
    }
}

#[tokio::test]
async fn each_role_speaks_and_hears_with_a_user_of_its_own() -> Result<()> {
    let walled = Walled::new().await?;
    for (role, _) in permissions::ROLES {
        let kept = walled.bus(role).await?.publish(role, &rows(0..3)).await;
        assert!(kept.iter().all(Result::is_ok), "{role}: {kept:?}");
    }
    for (role, sources) in permissions::ROLES {
        let bus = walled.bus(role).await?;
        for source in sources {
            let topic = Topic { source: (*source).to_owned(), ..topic(role, 3) };
            let mut inlet = bus.subscribe(&topic).await?;
            assert_eq!(numbers(&read(&mut *inlet, 1).await?), [0], "{role} hears {source}");
            assert_eq!(numbers(&next(&mut *inlet, 1).await?), [1], "{role} hears {source}");
            // Who reads after it begins at what it did not acknowledge.
            drop(inlet);
            let mut inlet = bus.subscribe(&topic).await?;
            assert_eq!(numbers(&read(&mut *inlet, 2).await?), [1, 2], "{role} hears {source}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_role_speaks_for_no_other() -> Result<()> {
    let walled = Walled::new().await?;
    let (routing, mut heard) = walled.somebody("routing").await?;
    for subject in
        [SUBJECT, "parvis.bookmark.casework.intake.3", "_INBOX_casework.x", "$JS.API.STREAM.DELETE.PARVIS_INTAKE"]
    {
        routing.publish(subject, "?".into()).await?;
        let refused = refusal(&mut heard).await?;
        assert!(refused.contains(&subject.to_lowercase()), "{subject}: {refused}");
    }
    let through_the_bus = walled.bus("routing").await?.publish("intake", &rows(0..1)).await;
    assert!(through_the_bus[0].is_err());
    let operator = jetstream::new(walled.somebody("operator").await?.0);
    assert_eq!(operator.get_stream("PARVIS_INTAKE").await?.cached_info().state.messages, 0);
    Ok(())
}

#[tokio::test]
async fn a_role_hears_nobody_it_does_not_listen_to() -> Result<()> {
    let walled = Walled::new().await?;
    let (knowledge, mut heard) = walled.somebody("knowledge").await?;
    for subject in ["parvis.>", "_INBOX_casework.>", "$JS.>", ">"] {
        let _subscription = knowledge.subscribe(subject).await?;
        let refused = refusal(&mut heard).await?;
        assert!(refused.contains(&subject.to_lowercase()), "{subject}: {refused}");
    }
    // Of intake, which it does not listen to; of casework, to which it does, by a name that is another's.
    for (stream, name) in [("INTAKE", "knowledge-intake-3"), ("CASEWORK", "tracking-casework-3")] {
        for subject in ["CREATE", "INFO", "DELETE", "MSG.NEXT"]
            .map(|verb| format!("$JS.API.CONSUMER.{verb}.PARVIS_{stream}.{name}"))
        {
            knowledge.publish(subject.clone(), "{}".into()).await?;
            let refused = refusal(&mut heard).await?;
            assert!(refused.contains(&subject.to_lowercase()), "{subject}: {refused}");
        }
    }
    Ok(())
}

/// A stream can copy another, past every permission; a consumer sends what it reads where its maker likes.
#[tokio::test]
async fn a_role_has_no_stream_copied_and_nothing_sent_for_it() -> Result<()> {
    let walled = Walled::new().await?;
    let (knowledge, mut heard) = walled.somebody("knowledge").await?;
    let knowledge = jetstream::new(knowledge);
    let copy = stream::Config {
        name: "PARVIS_KNOWLEDGE".to_owned(),
        sources: Some(vec![stream::Source { name: "PARVIS_INTAKE".to_owned(), ..Default::default() }]),
        ..Default::default()
    };
    for verb in ["CREATE", "UPDATE"] {
        let payload = format!(r#"{{"name":"{}","sources":[{{"name":"PARVIS_INTAKE"}}]}}"#, copy.name);
        knowledge.client().publish(format!("$JS.API.STREAM.{verb}.PARVIS_KNOWLEDGE"), payload.into()).await?;
        let refused = refusal(&mut heard).await?;
        assert!(refused.contains(&format!("stream.{}", verb.to_lowercase())), "{refused}");
    }
    // From what it writes itself, it may have nothing sent.
    let forger = push::Config {
        durable_name: Some("knowledge-knowledge-3".to_owned()),
        deliver_subject: SUBJECT.to_owned(),
        ..Default::default()
    };
    let own = timeout(DEADLINE, knowledge.create_consumer_on_stream(forger.clone(), "PARVIS_KNOWLEDGE"));
    let (own, refused) = tokio::join!(own, refusal(&mut heard));
    assert!(own?.is_err() && refused?.contains("parvis_knowledge"));
    Ok(())
}

/// What permissions do not see: a reader of casework asks that an event of casework be sent as one of intake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_sent_on_under_another_name_is_not_believed() -> Result<()> {
    let walled = Walled::new().await?;
    let kept = walled.bus("casework").await?.publish("casework", &rows(0..1)).await;
    assert!(kept[0].is_ok(), "{kept:?}");
    let knowledge = jetstream::new(walled.somebody("knowledge").await?.0);
    let sent_on = push::Config {
        durable_name: Some("knowledge-casework-3".to_owned()),
        deliver_subject: SUBJECT.to_owned(),
        ..Default::default()
    };
    // Refused or not, and whatever the broker does with it, it must have no effect.
    let _ = knowledge.create_consumer_on_stream(sent_on, "PARVIS_CASEWORK").await;
    let said = walled.bus("intake").await?.publish("intake", &rows(5..6)).await;
    assert!(said[0].is_ok(), "{said:?}");
    let bus = walled.bus("tracking").await?;
    let mut inlet = bus.subscribe(&topic("tracking", 3)).await?;
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard.extend(numbers(&timeout(DEADLINE, inlet.next(16)).await??));
        inlet.refused();
        inlet.ack().await?;
    }
    assert_eq!(heard, [5]);
    Ok(())
}

#[tokio::test]
async fn a_broker_without_our_streams_is_waited_for() -> Result<()> {
    let authority = Authority::new()?;
    let walled = Walled { server: NatsServer::start_walled(&authority).await?, authority };
    let refused = walled.bus("intake").await?.publish("intake", &rows(0..1)).await;
    let error = refused[0].as_ref().expect_err("there is no stream");
    assert!(error.kind() == ErrorKind::Unavailable && error.message().contains("parvis bus prepare"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_broker_of_a_foreign_authority_and_a_wrong_password_are_refused() -> Result<()> {
    let walled = Walled::new().await?;
    let foreign = Authority::new()?;
    let trusting = NatsOptions { root_certificates: Some(foreign.certificate()), ..walled.options("intake") };
    let wrong = NatsOptions { user: Some(("intake".to_owned(), "of-casework".into())), ..walled.options("intake") };
    for options in [trusting, wrong] {
        let bus = NatsBus::connect(&options).await;
        assert!(!bus.is_ok_and(|bus| bus.incarnation().is_some()));
    }
    Ok(())
}

fn headers(id: &str, tenant: &str, source: &str, kind: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", id);
    headers.insert("ce-source", format!("/parvis/{source}/{tenant}").as_str());
    headers.insert("ce-type", format!("fr.parvis.{source}.{kind}.v1").as_str());
    headers.insert("ce-time", "2026-03-01T08:30:00Z");
    headers.insert("ce-subject", "request-1");
    headers.insert("parvis-tenant", tenant);
    headers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_message_says_of_itself_is_what_its_subject_says_or_it_has_no_effect() -> Result<()> {
    let broker = TestBroker::nats().await?;
    let TestBroker::Nats { server } = &broker else { unreachable!("it is NATS") };
    let mut roles = TwoRoles::new(&broker).await?;
    NatsBus::connect(&options(server)).await?.ensure_streams(&[SOURCE]).await?;
    let said = rows(0..1);
    let id = said[0].id.to_string();
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let forged = [
        headers(&id, "autre-ville", "intake", KIND),
        headers(&id, "saint-exemple", "casework", KIND),
        headers(&id, "saint-exemple", "intake", "case_closed"),
        headers("no-id", "saint-exemple", "intake", KIND),
        HeaderMap::new(),
    ];
    let count = forged.len();
    for headers in forged {
        admin.publish_with_headers(SUBJECT, headers, "7".into()).await?.await?;
    }
    // The genuine one comes after, with the id that the forgers used.
    publish(&*roles.bus, &said).await?;
    roles.start_listening(|_| Ok(()));
    assert_eq!(roles.wait_for_effects(1).await, [0]);
    let aside = async || dead_letter::count(&roles.listener).await.unwrap() as usize == count;
    wait_until("they are put aside", DEADLINE, aside).await;
    let letters = dead_letter::list(&roles.listener, 10).await?;
    for letter in &letters {
        assert_eq!((letter.source.as_str(), letter.kind.as_str(), letter.attempts), (SOURCE, KIND, 0));
        assert!(letter.tenant == "saint-exemple" && letter.event.to_string() != id, "{letter:?}");
    }
    // Asked for or not, they are never handled.
    assert_eq!(dead_letter::request_replay(&roles.listener, None).await?, 0);
    assert_eq!(dead_letter::request_replay(&roles.listener, Some(letters[0].event)).await?, 0);
    publish(&*roles.bus, &rows(1..2)).await?;
    assert_eq!(roles.wait_for_effects(2).await, [0, 1]);
    roles.stop().await;
    assert_eq!(dead_letter::count(&roles.listener).await? as usize, count);
    Ok(())
}
