//! The bus over NATS JetStream.
//!
//! One stream a role, one durable pull consumer a topic, whose place is kept in the broker's memory and marked on its
//! disk now and then. A role starts, and accepts, while the broker is away: the connection is made in the background and
//! for ever, the server is checked and the streams are made at their first use after each connection. A broker that lost
//! its store so gets its streams back; `parvis outbox republish` refills them.

mod bookmark;
mod inlet;
mod message;
mod options;
pub mod permissions;
mod position;
mod streams;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishAckFuture, PublishError, PublishErrorKind},
    message::PublishMessage,
};
use async_trait::async_trait;
use parvis_kernel::{Error, Result};
use parvis_store::OutboxRow;
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout, timeout_at},
};

use crate::{Bus, Inlet, Topic, subject_of};

pub use options::NatsOptions;

/// Messages published and not acknowledged yet, at most.
const IN_FLIGHT: usize = 512;
/// How long the broker has to keep a message; past it the row waits in the outbox.
const ACK_WAIT: Duration = Duration::from_secs(5);
/// How long the broker has to answer a question.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// How long it has when a probe asks whether we are ready.
const READY_WAIT: Duration = Duration::from_secs(1);

/// A connection to NATS, cheap to clone.
#[derive(Clone)]
pub struct NatsBus(Arc<Broker>);

/// The connection's state. A new generation begins at each connection: what the server held for us is gone.
#[derive(Clone, Copy, Debug)]
struct Link {
    up: bool,
    generation: u64,
}

struct Broker {
    options: NatsOptions,
    client: async_nats::Client,
    jetstream: jetstream::Context,
    link: watch::Sender<Link>,
    /// For each role and for the bookmarks, the generation in which the stream was last seen to.
    prepared: Mutex<HashMap<String, u64>>,
}

impl NatsBus {
    /// Connects, and goes on trying for ever in the background when the broker does not answer.
    ///
    /// # Errors
    /// When the settings are wrong, or when the broker answers and is not one we can trust with events: older than
    /// 2.10, or without JetStream.
    pub async fn connect(options: &NatsOptions) -> Result<Self> {
        options.validate()?;
        let link = watch::Sender::new(Link { up: false, generation: 0 });
        let client = options.open(link.clone()).await?;
        let jetstream = jetstream::context::ContextBuilder::new().timeout(ANSWER_WAIT).build(client.clone());
        let broker = Broker { options: options.clone(), client, jetstream, link, prepared: Mutex::new(HashMap::new()) };
        if timeout(options.connect_wait, broker.wait_for_link()).await.is_err() {
            tracing::warn!("NATS does not answer yet; events wait in the outboxes");
        } else if let Err(error) = broker.check_server().await {
            if !error.is_transient() {
                return Err(error);
            }
            tracing::warn!(%error, "NATS cannot be used yet; events wait in the outboxes");
        }
        Ok(Self(Arc::new(broker)))
    }

    /// Makes the streams of `roles`, or brings them to our settings. Happens by itself at a stream's first use.
    pub async fn ensure_streams(&self, roles: &[&str]) -> Result<()> {
        for role in roles {
            self.0.prepare(role).await?;
        }
        Ok(())
    }

    async fn publish_pipelined(&self, role: &str, rows: &[OutboxRow]) -> Vec<Result<(), PublishError>> {
        let mut results = Vec::with_capacity(rows.len());
        let mut in_flight: VecDeque<(Instant, Result<PublishAckFuture, PublishError>)> = VecDeque::new();
        for row in rows {
            if in_flight.len() == IN_FLIGHT
                && let Some(oldest) = in_flight.pop_front()
            {
                results.push(acknowledged(oldest).await);
            }
            in_flight.push_back((Instant::now() + ACK_WAIT, self.send(role, row).await));
        }
        for sent in in_flight {
            results.push(acknowledged(sent).await);
        }
        results
    }

    async fn send(&self, role: &str, row: &OutboxRow) -> Result<PublishAckFuture, PublishError> {
        let headers =
            message::headers(role, row).map_err(|error| PublishError::with_source(PublishErrorKind::Other, error))?;
        let message = PublishMessage::build().headers(headers).payload(row.payload.clone().into());
        self.0.jetstream.send_publish(subject_of(role, row), message).await
    }
}

/// The broker's answer to a message; the time it has runs from when the message was sent, not from when we look.
async fn acknowledged((until, sent): (Instant, Result<PublishAckFuture, PublishError>)) -> Result<(), PublishError> {
    match timeout_at(until, sent?.into_future()).await {
        Ok(answer) => answer.map(|_| ()),
        Err(_) => Err(PublishError::new(PublishErrorKind::TimedOut)),
    }
}

fn is_without_stream(result: &Result<(), PublishError>) -> bool {
    matches!(result, Err(error) if error.kind() == PublishErrorKind::StreamNotFound)
}

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, role: &str, rows: &[OutboxRow]) -> Vec<Result<()>> {
        if let Err(error) = self.0.prepare(role).await {
            let why = error.to_string();
            return rows.iter().map(|_| Err(Error::unavailable(why.clone()))).collect();
        }
        let mut results = self.publish_pipelined(role, rows).await;
        if results.iter().any(is_without_stream) {
            // Somebody deleted it under us: make it again, and send again what it would have kept.
            self.0.forget(role).await;
            if self.0.prepare(role).await.is_ok() {
                let missing: Vec<usize> = (0..rows.len()).filter(|i| is_without_stream(&results[*i])).collect();
                let again: Vec<OutboxRow> = missing.iter().map(|i| rows[*i].clone()).collect();
                for (i, result) in missing.into_iter().zip(self.publish_pipelined(role, &again).await) {
                    results[i] = result;
                }
            }
        }
        results.into_iter().map(|result| result.map_err(unavailable("NATS did not keep an event"))).collect()
    }

    async fn subscribe(&self, topic: &Topic) -> Result<Box<dyn Inlet>> {
        Ok(Box::new(inlet::NatsInlet::new(self.0.clone(), topic.clone())))
    }

    fn incarnation(&self) -> Option<String> {
        self.0.require_link().ok()?;
        // A server draws its id at each start.
        self.0.client.try_server_info().map(|server| server.server_id.clone())
    }

    async fn ready(&self) -> Result<()> {
        self.0.require_link()?;
        let answer = timeout(READY_WAIT, self.0.check_server()).await;
        answer.unwrap_or_else(|_| Err(Error::unavailable("NATS does not answer in time")))
    }
}

impl Broker {
    fn require_link(&self) -> Result<u64> {
        let link = *self.link.borrow();
        if link.up { Ok(link.generation) } else { Err(Error::unavailable("NATS does not answer")) }
    }

    /// Waits until the broker is there.
    async fn wait_for_link(&self) {
        // The sender is ours, so the wait cannot fail.
        let _ = self.link.subscribe().wait_for(|link| link.up).await;
    }

    /// Sees to the server, to the stream of `role` and to the bookmarks, once a connection. Returns the connection's
    /// generation.
    async fn prepare(&self, role: &str) -> Result<u64> {
        let generation = self.require_link()?;
        let mut prepared = self.prepared.lock().await;
        if prepared.get(role) != Some(&generation) {
            self.check_server().await?;
            streams::ensure(&self.jetstream, &self.options, role).await?;
            if prepared.get(bookmark::STREAM) != Some(&generation) {
                bookmark::ensure(self).await?;
                prepared.insert(bookmark::STREAM.to_owned(), generation);
            }
            prepared.insert(role.to_owned(), generation);
        }
        Ok(generation)
    }

    /// The stream of `role` may be gone, or the bookmarks: look again.
    async fn forget(&self, role: &str) {
        let mut prepared = self.prepared.lock().await;
        prepared.remove(role);
        prepared.remove(bookmark::STREAM);
    }

    /// Whether the server is one we can trust with events.
    async fn check_server(&self) -> Result<()> {
        if let Some(server) = self.client.try_server_info() {
            options::check_version(&server.version)?;
        }
        self.check_jetstream().await?;
        // Once it has answered, what it said of itself is known and of this connection.
        options::check_version(&self.client.server_info().version)
    }

    async fn check_jetstream(&self) -> Result<()> {
        use async_nats::jetstream::context::AccountErrorKind;
        self.jetstream.query_account().await.map_err(|error| {
            let disabled = match error.kind() {
                AccountErrorKind::JetStreamUnavailable => true,
                AccountErrorKind::JetStream(why) => {
                    [ErrorCode::JETSTREAM_NOT_ENABLED, ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT]
                        .contains(&why.error_code())
                }
                _ => false,
            };
            if !disabled {
                return unavailable("NATS does not answer")(error);
            }
            Error::precondition(
                "NATS runs without JetStream for this account: add a « jetstream { store_dir: … } » block to its \
                 configuration, and enable it for the account",
            )
            .with_source(error)
        })?;
        Ok(())
    }
}

fn unavailable<E>(what: &'static str) -> impl Fn(E) -> Error
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |error| Error::unavailable(what).with_source(error)
}
