//! What a reader may count on.

use anyhow::Result;
use parvis_bus::Topic;
use parvis_kernel::Timestamp;
use parvis_store::OutboxRow;
use std::time::Duration;
use tokio::time::timeout;

use crate::{
    broker::TestBroker,
    harness::{DEADLINE, KIND, is_silent, next, number, numbers, publish, read, row, rows, topic},
};

pub async fn an_event_arrives_as_it_was_said(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let said = OutboxRow {
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        payload: vec![0, 255, 10, 13, 0],
        at: "2026-03-01T08:30:00.123456Z".parse::<Timestamp>()?,
        ..row(KIND, 7, 1)
    };
    publish(&*bus, std::slice::from_ref(&said)).await?;
    let events = read(&mut *bus.subscribe(&topic("casework", 7)).await?, 1).await?;
    let event = &events[0];
    assert_eq!((event.id, &event.tenant, &event.kind, event.partition), (said.id, &said.tenant, &said.kind, 7));
    assert_eq!((&event.subject, &event.traceparent, event.at), (&said.subject, &said.traceparent, said.at));
    assert_eq!(&event.payload[..], &said.payload[..]);
    Ok(())
}

pub async fn order_is_kept_inside_a_partition(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let said: Vec<_> = (0..600).map(|n| row(KIND, if n % 2 == 0 { 3 } else { 5 }, n)).collect();
    for batch in said.chunks(7) {
        publish(&*bus, batch).await?;
    }
    for (partition, first) in [(3, 0), (5, 1)] {
        let events = read(&mut *bus.subscribe(&topic("casework", partition)).await?, 300).await?;
        assert!(numbers(&events).into_iter().eq((first..600).step_by(2)), "partition {partition}");
    }
    Ok(())
}

pub async fn only_the_kinds_asked_for_come(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let kinds = ["case_opened", "case_closed", "case_noted"];
    let said: Vec<_> = (0..30).map(|n| row(kinds[n % 3], 3, n)).collect();
    publish(&*bus, &said).await?;
    let wanted = Topic { kinds: vec!["case_opened".to_owned(), "case_noted".to_owned()], ..topic("tracking", 3) };
    let mut inlet = bus.subscribe(&wanted).await?;
    let events = read(&mut *inlet, 20).await?;
    assert!(numbers(&events).into_iter().eq((0..30).filter(|n| n % 3 != 1)));
    assert!(is_silent(&mut *inlet).await);
    publish(&*bus, &[row("case_closed", 3, 30), row("case_noted", 3, 31)]).await?;
    assert_eq!(numbers(&next(&mut *inlet, 10).await?), [31]);
    Ok(())
}

pub async fn a_position_survives_reopening(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    publish(&*bus, &rows(0..10)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(numbers(&read(&mut *inlet, 4).await?), [0, 1, 2, 3]);
    drop(inlet);
    broker.close(bus).await?;
    let bus = broker.open().await?;
    publish(&*bus, &rows(10..12)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(numbers(&read(&mut *inlet, 8).await?).into_iter().eq(4..12));
    assert!(is_silent(&mut *inlet).await);
    Ok(())
}

pub async fn a_batch_not_acknowledged_comes_again_first(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    publish(&*bus, &rows(0..8)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(numbers(&read(&mut *inlet, 2).await?), [0, 1]);
    assert_eq!(numbers(&next(&mut *inlet, 3).await?)[0], 2);
    drop(inlet);
    publish(&*bus, &rows(8..10)).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    // Well before any time-out of the broker's, and before what came after.
    let again = timeout(Duration::from_secs(10), read(&mut *inlet, 8)).await??;
    assert!(numbers(&again).into_iter().eq(2..10));
    assert!(is_silent(&mut *inlet).await);
    Ok(())
}

pub async fn a_row_published_twice_is_read_once(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let said = rows(0..20);
    publish(&*bus, &said).await?;
    publish(&*bus, &said[5..]).await?;
    broker.close(bus).await?;
    let bus = broker.open().await?;
    publish(&*bus, &said).await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(numbers(&read(&mut *inlet, 20).await?).into_iter().eq(0..20));
    assert!(is_silent(&mut *inlet).await);
    Ok(())
}

pub async fn each_consumer_gets_everything(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let mut early = bus.subscribe(&topic("casework", 3)).await?;
    publish(&*bus, &rows(0..50)).await?;
    let mut late = bus.subscribe(&topic("tracking", 3)).await?;
    for inlet in [&mut early, &mut late] {
        assert!(numbers(&read(&mut **inlet, 50).await?).into_iter().eq(0..50));
    }
    Ok(())
}

pub async fn a_backlog_is_read_in_order(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let said: Vec<_> = (0..5000).map(|n| row(KIND, u8::try_from(n % 16).unwrap(), n)).collect();
    for batch in said.chunks(1024) {
        publish(&*bus, batch).await?;
    }
    for partition in 0..16 {
        let expected: Vec<usize> = (0..5000).filter(|n| n % 16 == usize::from(partition)).collect();
        let mut inlet = bus.subscribe(&topic("casework", partition)).await?;
        assert_eq!(numbers(&read(&mut *inlet, expected.len()).await?), expected);
    }
    Ok(())
}

pub async fn a_waiting_reader_is_served_at_once(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    assert!(is_silent(&mut *inlet).await);
    let mut slowest = Duration::ZERO;
    for n in 0..20 {
        let publisher = bus.clone();
        let waiting = async {
            let events = next(&mut *inlet, 256).await?;
            inlet.ack().await?;
            anyhow::Ok(numbers(&events))
        };
        let began = tokio::time::Instant::now();
        let (events, ()) = tokio::try_join!(waiting, async { publish(&*publisher, &rows(n..n + 1)).await })?;
        slowest = slowest.max(began.elapsed());
        assert_eq!(events, [n]);
    }
    assert!(slowest < Duration::from_secs(2), "an event took {slowest:?} to arrive");
    Ok(())
}

pub async fn giving_up_the_wait_loses_nothing(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    let mut inlet = bus.subscribe(&topic("casework", 3)).await?;
    let publisher = bus.clone();
    let publishing = tokio::spawn(async move {
        for n in 0..100 {
            publish(&*publisher, &rows(n..n + 1)).await?;
        }
        anyhow::Ok(())
    });
    let mut read = Vec::new();
    let reading = async {
        while read.len() < 100 {
            if let Ok(events) = timeout(Duration::from_millis(1), inlet.next(16)).await {
                read.extend(numbers(&events?));
                inlet.ack().await?;
            }
        }
        anyhow::Ok(())
    };
    timeout(DEADLINE, reading).await??;
    publishing.await??;
    assert!(read.into_iter().eq(0..100));
    Ok(())
}

/// Two processes may both believe that a partition is theirs; neither may acknowledge what the other has not handled.
pub async fn two_readers_of_one_topic_lose_nothing(broker: TestBroker) -> Result<()> {
    let bus = broker.open().await?;
    publish(&*bus, &rows(0..10)).await?;
    let mut gone = bus.subscribe(&topic("casework", 3)).await?;
    assert_eq!(number(&next(&mut *gone, 5).await?[0]), 0);
    let mut other = bus.subscribe(&topic("casework", 3)).await?;
    let mut seen = numbers(&next(&mut *other, 3).await?);
    other.ack().await?;
    publish(&*bus, &rows(10..20)).await?;
    drop(gone);
    while seen.last() != Some(&19) {
        seen.extend(numbers(&next(&mut *other, 256).await?));
        other.ack().await?;
    }
    assert!(seen.into_iter().eq(0..20));
    Ok(())
}
