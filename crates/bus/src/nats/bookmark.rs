//! Where each reading stood, should the broker forget its consumers.
//!
//! A consumer that the broker keeps on its disk is a file made anew at each acknowledgment, for each topic; so its place
//! is kept in memory. Now and then a reader writes down when its last acknowledged event was kept: a broker that started
//! again is asked for what it kept after that. A time holds whatever became of the stream's numbers meanwhile, and what
//! so comes twice the inbox recognises.

use std::time::Duration;

use async_nats::{
    datetime::{self, DateTime},
    jetstream::{
        ErrorCode,
        consumer::DeliverPolicy,
        context::GetStreamErrorKind,
        stream::{Config, DiscardPolicy, LastRawMessageErrorKind, StorageType},
    },
};
use parvis_kernel::Result;
use tokio::time::Instant;

use super::{Broker, streams::is_missing, unavailable};
use crate::Topic;

/// The stream that keeps the last bookmark of each topic.
pub(super) const STREAM: &str = "PARVIS_BOOKMARKS";
/// How often a reading that goes on is marked.
const EVERY: Duration = Duration::from_secs(5);
/// How far before its bookmark a reading begins: more than the clocks of two servers of a cluster differ by.
const MARGIN: Duration = Duration::from_secs(120);
/// Many times what every topic's bookmark takes.
const MOST_BYTES: i64 = 4 << 20;

/// How far a reading has come, and when that was last written down.
#[derive(Default)]
pub(super) struct Bookmark {
    /// When the broker kept the last event taken.
    kept_at: Option<DateTime>,
    marked: Option<Instant>,
}

impl Bookmark {
    /// The reading has taken the event that the broker kept `at`.
    pub(super) fn taken(&mut self, at: DateTime) {
        self.kept_at = Some(at);
    }

    /// Everything of `topic` that was taken is handled. Best effort: an older bookmark does no harm.
    pub(super) async fn mark(&mut self, broker: &Broker, topic: &Topic) {
        let Some(kept_at) = self.kept_at else { return };
        if self.marked.is_some_and(|marked| marked.elapsed() < EVERY) {
            return;
        }
        let nanoseconds = kept_at.unix_timestamp_nanos().to_string();
        if broker.client.publish(subject(topic), nanoseconds.into()).await.is_ok() {
            self.marked = Some(Instant::now());
        }
    }
}

/// Where a new consumer of `topic` begins.
pub(super) async fn start(broker: &Broker, topic: &Topic) -> Result<DeliverPolicy> {
    let stream = broker.jetstream.get_stream_no_info(STREAM).await;
    let stream = stream.map_err(unavailable("NATS does not show the bookmarks"))?;
    let message = match stream.get_last_raw_message_by_subject(&subject(topic)).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(DeliverPolicy::All),
        Err(error) => return Err(unavailable("NATS does not show a bookmark")(error)),
    };
    let written = std::str::from_utf8(&message.payload).ok().and_then(|text| text.parse::<i128>().ok());
    Ok(match written.map(|nanoseconds| datetime::from_nanos(nanoseconds - MARGIN.as_nanos() as i128)) {
        Some(Ok(start_time)) => DeliverPolicy::ByStartTime { start_time },
        // Somebody else wrote it.
        _ => DeliverPolicy::All,
    })
}

/// Makes the stream of bookmarks, or brings it to our settings.
pub(super) async fn ensure(broker: &Broker) -> Result<()> {
    let config = Config {
        name: STREAM.to_owned(),
        description: Some("where each reading stood".to_owned()),
        subjects: vec!["parvis.bookmark.>".to_owned()],
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_messages_per_subject: 1,
        max_bytes: MOST_BYTES,
        num_replicas: broker.options.replicas,
        ..Config::default()
    };
    if !broker.options.make_streams {
        let seen = broker.jetstream.get_stream(STREAM).await;
        return match seen {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(why) if why.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Err(is_missing(STREAM))
                }
                _ => Err(unavailable("NATS does not show a stream")(error)),
            },
        };
    }
    let made = broker.jetstream.create_or_update_stream(config).await;
    made.map(|_| ()).map_err(unavailable("NATS does not make a stream"))
}

fn subject(Topic { consumer, source, partition, .. }: &Topic) -> String {
    format!("parvis.bookmark.{consumer}.{source}.{partition}")
}
