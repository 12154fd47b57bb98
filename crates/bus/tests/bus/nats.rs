//! What only a broker of its own can do to us: be away, come back, lose its store, be of the wrong kind.

use std::time::Duration;

use anyhow::Result;
use async_nats::jetstream::{self, consumer::pull};
use futures::StreamExt as _;
use parvis_bus::{
    Bus as _,
    nats::{NatsBus, NatsOptions},
};
use parvis_kernel::{Clock as _, ErrorKind, SystemClock, Timestamp};
use parvis_store::{OutboxRow, outbox};
use parvis_testkit::{NatsServer, wait_until};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    time::{Instant, timeout},
};

use crate::{
    broker::{TestBroker, options},
    harness::{DEADLINE, KIND, SOURCE, TwoRoles, is_silent, next, numbers, publish, read, row, rows, topic},
};

async fn started() -> Result<(NatsServer, NatsBus)> {
    let server = NatsServer::start().await?;
    let bus = NatsBus::connect(&options(&server)).await?;
    Ok((server, bus))
}

/// Publishes as the relay does: again until it is kept.
async fn publish_at_last(bus: &NatsBus, range: std::ops::Range<usize>) {
    let rows = rows(range);
    wait_until("the events are kept", DEADLINE, async || publish(bus, &rows).await.is_ok()).await;
}

#[tokio::test]
async fn a_role_starts_while_the_broker_is_down() -> Result<()> {
    let server = NatsServer::stopped()?;
    let began = Instant::now();
    let bus = NatsBus::connect(&NatsOptions { connect_wait: Duration::from_millis(200), ..options(&server) }).await?;
    assert_eq!(bus.ready().await.unwrap_err().kind(), ErrorKind::Unavailable);
    let refused = bus.publish(SOURCE, &rows(0..3)).await;
    assert!(refused.iter().all(|result| result.as_ref().is_err_and(|error| error.is_transient())));
    assert!(began.elapsed() < Duration::from_secs(5), "it must not wait for the broker");
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    let (events, ()) = tokio::try_join!(read(&mut *inlet, 3), async {
        server.restart().await?;
        publish_at_last(&bus, 0..3).await;
        anyhow::Ok(())
    })?;
    assert_eq!(numbers(&events), [0, 1, 2]);
    bus.ready().await?;
    Ok(())
}

#[tokio::test]
async fn a_killed_broker_comes_back_with_what_it_kept() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..300)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(numbers(&read(&mut *inlet, 100).await?).into_iter().eq(0..100));
    assert_eq!(numbers(&next(&mut *inlet, 10).await?)[0], 100);
    server.kill();
    let down = async || bus.ready().await.is_err();
    wait_until("the bus sees that the broker is down", DEADLINE, down).await;
    assert!(inlet.ack().await.is_err());
    server.restart().await?;
    publish_at_last(&bus, 300..310).await;
    // The batch that could not be acknowledged comes again, and what the killed server had not written of our position.
    let mut again = Vec::new();
    while again.last() != Some(&309) {
        again.extend(numbers(&next(&mut *inlet, 256).await?));
        inlet.ack().await?;
    }
    assert!(again[0] <= 100, "it goes on at {}", again[0]);
    assert!(again.iter().copied().eq(again[0]..310), "in order");
    Ok(())
}

#[tokio::test]
async fn a_new_consumer_begins_two_minutes_before_its_bookmark() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..5)).await?;
    let between = SystemClock.now().as_nanosecond();
    publish(&bus, &rows(5..8)).await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let bookmark = between + 120_000_000_000;
    admin.publish("parvis.bookmark.casework.intake.3", bookmark.to_string().into()).await?.await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(numbers(&read(&mut *inlet, 3).await?), [5, 6, 7]);
    let mut other = bus.subscribe(&topic("tracking", 3)).await?;
    assert_eq!(numbers(&read(&mut *other, 8).await?), [0, 1, 2, 3, 4, 5, 6, 7], "without a bookmark, all");
    Ok(())
}

#[tokio::test]
async fn what_is_acknowledged_moves_the_bookmark() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..5)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    read(&mut *inlet, 5).await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let last = admin.get_stream("PARVIS_INTAKE").await?.get_raw_message(5).await?;
    let bookmarks = admin.get_stream("PARVIS_BOOKMARKS").await?;
    let bookmark = async || bookmarks.get_last_raw_message_by_subject("parvis.bookmark.casework.intake.3").await;
    wait_until("the bookmark", DEADLINE, async || bookmark().await.is_ok()).await;
    let written = String::from_utf8(bookmark().await?.payload.to_vec())?;
    assert_eq!(written, last.time.unix_timestamp_nanos().to_string());
    Ok(())
}

#[tokio::test]
async fn a_consumer_on_the_disk_is_brought_to_memory_where_it_stands() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..8)).await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let config = pull::Config {
        durable_name: Some("casework-intake-3".to_owned()),
        filter_subject: "parvis.intake.request_received.3.*".to_owned(),
        ..pull::Config::default()
    };
    let consumer = admin.create_consumer_on_stream(config, "PARVIS_INTAKE").await?;
    let mut messages = consumer.fetch().max_messages(5).messages().await?;
    while let Some(message) = messages.next().await {
        message.map_err(anyhow::Error::from_boxed)?.double_ack().await.map_err(anyhow::Error::from_boxed)?;
    }
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(numbers(&read(&mut *inlet, 3).await?), [5, 6, 7]);
    let now = admin.get_consumer_from_stream::<pull::Config, _, _>("casework-intake-3", "PARVIS_INTAKE").await?;
    assert!(now.cached_info().config.memory_storage);
    Ok(())
}

#[tokio::test]
async fn a_reader_goes_on_with_a_broker_that_lost_its_store() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..5)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    read(&mut *inlet, 5).await?;
    let (events, ()) = tokio::try_join!(next(&mut *inlet, 10), async {
        server.wipe()?;
        server.restart().await?;
        publish_at_last(&bus, 5..6).await;
        anyhow::Ok(())
    })?;
    assert_eq!(numbers(&events), [5]);
    Ok(())
}

#[tokio::test]
async fn a_late_ack_of_a_replaced_reader_does_not_hide_its_successors() -> Result<()> {
    let (_server, bus) = started().await?;
    publish(&bus, &rows(0..220)).await?;
    let mut replaced = bus.subscribe(&topic("casework", 3)).await?;
    read(&mut *replaced, 200).await?;
    assert_eq!(numbers(&next(&mut *replaced, 20).await?)[0], 200);
    let mut successor = bus.subscribe(&topic("casework", 3)).await?;
    // In one piece or several, as they come.
    let mut again = numbers(&next(&mut *successor, 256).await?);
    let _ = replaced.ack().await;
    successor.ack().await?;
    publish(&bus, &rows(220..230)).await?;
    again.extend(numbers(&read(&mut *successor, 30 - again.len()).await?));
    assert!(again.into_iter().eq(200..230));
    drop(successor);
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(is_silent(&mut *inlet).await, "all of it was acknowledged");
    Ok(())
}

#[tokio::test]
async fn a_deleted_stream_is_made_again() -> Result<()> {
    let (server, bus) = started().await?;
    publish(&bus, &rows(0..5)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    read(&mut *inlet, 5).await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    admin.delete_stream("PARVIS_INTAKE").await?;
    publish(&bus, &rows(5..8)).await?;
    // The reader is told that its consumer is gone; the driver subscribes again.
    drop(inlet);
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(numbers(&read(&mut *inlet, 3).await?), [5, 6, 7]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_while_the_broker_is_down_is_heard_later() -> Result<()> {
    let broker = TestBroker::nats().await?;
    let TestBroker::Nats { server } = &broker else { unreachable!("it is NATS") };
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|_| Ok(()));
    roles.say(0..10, true).await?;
    roles.wait_for_effects(10).await;
    server.kill();
    roles.say(10..500, true).await?;
    server.restart().await?;
    let mut effects = roles.wait_for_effects(500).await;
    roles.stop().await;
    effects.sort_unstable();
    assert!(effects.into_iter().eq(0..500));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_power_cut_took_from_the_broker_is_said_again() -> Result<()> {
    let broker = TestBroker::nats().await?;
    let TestBroker::Nats { server } = &broker else { unreachable!("it is NATS") };
    let copy = tempfile::tempdir()?;
    let mut roles = TwoRoles::new(&broker).await?;
    roles.say(0..100, true).await?;
    roles.start_relay().await?;
    roles.start_listening(|_| Ok(()));
    roles.wait_for_effects(100).await;
    roles.stop().await;
    server.copy_store(&copy.path().join("store"))?;
    server.restart().await?;
    // The broker acknowledges these, and loses them before anybody hears them.
    roles.say(100..200, true).await?;
    roles.start_relay().await?;
    let sent = async || outbox::backlog(&roles.speaker).await.unwrap().waiting == 0;
    wait_until("everything is sent", DEADLINE, sent).await;
    roles.stop().await;
    server.put_store_back(&copy.path().join("store"))?;
    server.restart().await?;
    roles.start_relay().await?;
    roles.start_listening(|_| Ok(()));
    let mut effects = roles.wait_for_effects(200).await;
    roles.stop().await;
    effects.sort_unstable();
    assert!(effects.into_iter().eq(0..200), "each once");
    Ok(())
}

#[tokio::test]
async fn messages_carry_cloud_events_attributes() -> Result<()> {
    let (server, bus) = started().await?;
    let said = row(KIND, 3, 1);
    publish(&bus, std::slice::from_ref(&said)).await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let message = admin.get_stream("PARVIS_INTAKE").await?.get_raw_message(1).await?;
    assert_eq!(message.subject.as_str(), "parvis.intake.request_received.3.saint-exemple");
    let header = |name: &'static str| message.headers.get(name).map(ToString::to_string).unwrap_or_default();
    assert_eq!(header("Nats-Msg-Id"), said.id.to_string());
    assert_eq!(header("ce-id"), said.id.to_string());
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!(header("ce-source"), "/parvis/intake/saint-exemple");
    assert_eq!(header("ce-type"), "fr.parvis.intake.request_received.v1");
    assert_eq!(header("ce-subject"), "request-1");
    assert_eq!(header("ce-time").parse::<Timestamp>()?, said.at);
    assert_eq!(header("parvis-tenant"), "saint-exemple");
    assert!(message.headers.get("traceparent").is_none());
    Ok(())
}

#[tokio::test]
async fn streams_are_made_and_brought_to_our_settings() -> Result<()> {
    let server = NatsServer::start().await?;
    let admin = jetstream::new(async_nats::connect(server.url()).await?);
    let mut options = options(&server);
    for hours in [24, 48, 48] {
        options.max_age = Duration::from_secs(hours * 3600);
        NatsBus::connect(&options).await?.ensure_streams(&["intake", "casework"]).await?;
        let config = admin.get_stream("PARVIS_CASEWORK").await?.cached_info().config.clone();
        assert_eq!(config.max_age, options.max_age);
        assert_eq!(config.subjects, ["parvis.casework.>"]);
        assert_eq!(config.discard, jetstream::stream::DiscardPolicy::New);
        assert_eq!(config.retention, jetstream::stream::RetentionPolicy::Limits);
        assert_eq!(config.storage, jetstream::stream::StorageType::File);
        assert_eq!((config.duplicate_window, config.max_bytes), (Duration::from_secs(600), 64 << 20));
    }
    Ok(())
}

#[tokio::test]
async fn a_full_stream_refuses_and_drops_nothing() -> Result<()> {
    let server = NatsServer::start().await?;
    let bus = NatsBus::connect(&NatsOptions { max_bytes: 1 << 20, ..options(&server) }).await?;
    let large: Vec<_> = rows(0..40)
        .into_iter()
        .zip(0..)
        .map(|(row, n)| OutboxRow { payload: format!("{n:0>60000}").into(), ..row })
        .collect();
    let results = bus.publish(SOURCE, &large).await;
    let kept = results.iter().take_while(|result| result.is_ok()).count();
    assert!((10..20).contains(&kept), "{kept} were kept");
    assert!(results[kept..].iter().all(|result| result.as_ref().is_err_and(|error| error.is_transient())));
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(numbers(&read(&mut *inlet, kept).await?).into_iter().eq(0..kept));
    Ok(())
}

#[tokio::test]
async fn an_old_server_is_refused() -> Result<()> {
    let error = NatsBus::connect(&NatsOptions::new(pretender("2.9.25").await?)).await.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert!(error.message().contains("2.9.25") && error.message().contains("install nats-server 2.10"));
    Ok(())
}

#[tokio::test]
async fn a_server_without_jetstream_is_refused() -> Result<()> {
    let error = NatsBus::connect(&NatsOptions::new(pretender("2.12.8").await?)).await.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert!(error.message().contains("jetstream {"), "{error}");
    Ok(())
}

/// Something that says it is NATS `version`, where nobody listens to any subject. Returns its address.
async fn pretender(version: &'static str) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("nats://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let (from, mut to) = stream.into_split();
        let info = format!(
            "INFO {{\"server_id\":\"x\",\"version\":\"{version}\",\"headers\":true,\"max_payload\":1048576,\"proto\":1}}\r\n"
        );
        to.write_all(info.as_bytes()).await?;
        let mut lines = BufReader::new(from).lines();
        let mut subscription = String::new();
        while let Ok(Ok(Some(line))) = timeout(DEADLINE, lines.next_line()).await {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["PING"] => to.write_all(b"PONG\r\n").await?,
                ["SUB", _, id] => subscription = (*id).to_owned(),
                ["PUB", _, reply, _] => {
                    let nobody = format!("HMSG {reply} {subscription} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
                    to.write_all(nobody.as_bytes()).await?;
                }
                _ => {}
            }
        }
        anyhow::Ok(())
    });
    Ok(url)
}
