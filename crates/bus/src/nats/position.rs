//! The durable consumer of a topic: where a reading stands.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_nats::jetstream::{
    ErrorCode,
    consumer::{AckPolicy, Config as ConsumerConfig, Consumer, DeliverPolicy, pull},
    stream::ConsumerErrorKind,
};
use parvis_kernel::{Error, Result};

use super::{Broker, bookmark, streams, unavailable};
use crate::{Topic, consumer::BATCH};

/// Past it the server gives a batch again; the driver says in between that it is still at it.
const ACK_WAIT: Duration = Duration::from_secs(30);
/// More than a batch: the server may see the request for the next one before the acks of the last.
const MAX_ACK_PENDING: i64 = 4 * BATCH as i64;

/// A consumer and the number its next delivery must bear.
pub(super) struct Position {
    pub(super) consumer: Consumer<pull::Config>,
    pub(super) next_delivery: u64,
}

/// Finds the topic's consumer, or makes it where its bookmark is. What was delivered to a reader that is gone and not
/// acknowledged comes again first: the server alone would give it only after [`ACK_WAIT`], behind later events.
pub(super) async fn find(broker: &Arc<Broker>, topic: &Topic) -> Result<Position> {
    let stream = streams::name_of(&topic.source);
    let wanted = config(topic);
    let name = wanted.durable_name.clone().unwrap_or_default();
    let existing = broker.jetstream.get_consumer_from_stream::<pull::Config, _, _>(&name, &stream).await;
    let consumer = match existing {
        Ok(consumer) => consumer,
        Err(error) if is_not_found(&error.kind()) => {
            let deliver_policy = bookmark::start(broker, topic).await?;
            create(broker, pull::Config { deliver_policy, ..wanted.clone() }, &stream).await?
        }
        Err(error) => return Err(unavailable("NATS does not show a consumer")(error)),
    };
    let info = consumer.cached_info();
    if info.num_ack_pending > 0 || !info.config.memory_storage {
        let from = info.ack_floor.stream_sequence + 1;
        let start = DeliverPolicy::ByStartSequence { start_sequence: from };
        tracing::debug!(consumer = name, from, "reading again what was not acknowledged");
        // In a task: dropped between the two steps, it would leave a topic to be read from its bookmark.
        let broker = broker.clone();
        let restart = async move {
            let deleted = broker.jetstream.delete_consumer_from_stream(&name, &stream).await;
            if let Err(error) = deleted
                && !is_not_found(&error.kind())
            {
                return Err(unavailable("NATS does not let a consumer go back")(error));
            }
            create(&broker, pull::Config { deliver_policy: start, ..wanted }, &stream).await
        };
        let consumer = tokio::spawn(restart).await.map_err(Error::internal)??;
        return Ok(Position { consumer, next_delivery: 1 });
    }
    let next_delivery = info.delivered.consumer_sequence + 1;
    if !same(&info.config, &wanted) {
        let deliver_policy = info.config.deliver_policy;
        let consumer = create(broker, pull::Config { deliver_policy, ..wanted }, &stream).await?;
        return Ok(Position { consumer, next_delivery });
    }
    Ok(Position { consumer, next_delivery })
}

/// `casework-intake-3`
pub(super) fn name_of(consumer: &str, source: &str, partition: u8) -> String {
    format!("{consumer}-{source}-{partition}")
}

fn config(topic: &Topic) -> pull::Config {
    let Topic { consumer, source, partition, .. } = topic;
    pull::Config {
        durable_name: Some(name_of(consumer, source, *partition)),
        filter_subjects: topic.kinds.iter().map(|kind| format!("parvis.{source}.{kind}.{partition}.*")).collect(),
        deliver_policy: DeliverPolicy::All,
        // Not `All`: it covers what a reader that is gone was given and never handled, and after a late one of a reader
        // that was replaced, whose deliveries were numbered higher, the server ignores its successor's.
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        // For ever: attempts are counted by the driver, which ends them with a dead letter.
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
        // On the disk it would be a file made anew for each topic, ten times a second; see the bookmark.
        memory_storage: true,
        ..pull::Config::default()
    }
}

async fn create(broker: &Broker, config: pull::Config, stream: &str) -> Result<Consumer<pull::Config>> {
    let created = broker.jetstream.create_consumer_on_stream(config, stream).await;
    created.map_err(unavailable("NATS does not make a consumer"))
}

fn same(existing: &ConsumerConfig, wanted: &pull::Config) -> bool {
    let filters: BTreeSet<&String> =
        existing.filter_subjects.iter().chain([&existing.filter_subject]).filter(|filter| !filter.is_empty()).collect();
    filters == wanted.filter_subjects.iter().collect()
        && existing.ack_wait == wanted.ack_wait
        && existing.max_ack_pending == wanted.max_ack_pending
        && existing.max_deliver == wanted.max_deliver
}

fn is_not_found(kind: &ConsumerErrorKind) -> bool {
    matches!(kind, ConsumerErrorKind::JetStream(why) if why.error_code() == ErrorCode::CONSUMER_NOT_FOUND)
}
