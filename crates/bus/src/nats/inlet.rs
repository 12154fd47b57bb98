//! A reading in progress.

use std::{sync::Arc, time::Duration};

use async_nats::{
    Message, StatusCode, Subject, Subscriber,
    jetstream::{self, consumer::pull::BatchConfig},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _};
use parvis_kernel::{Error, Result};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{ANSWER_WAIT, Broker, Link, bookmark::Bookmark, message, position, position::Position, unavailable};
use crate::{Event, Inlet, Refused, Topic, consumer::BATCH};

/// How long the server keeps a request for an event that does not come.
const IDLE: Duration = Duration::from_secs(25);
/// What the server may be late by.
const LATE: Duration = Duration::from_secs(5);

const UNHEARD: &str = "NATS did not hear what was handled; it will come again";

pub(super) struct NatsInlet {
    broker: Arc<Broker>,
    topic: Topic,
    session: Option<Session>,
    batch: Vec<Message>,
    refused: Vec<Refused>,
    /// Whether the batch was given to the caller.
    given: bool,
}

/// A reading over one connection. When something is lost it is dropped, and the next begins at the first event not
/// acknowledged.
struct Session {
    jetstream: jetstream::Context,
    generation: u64,
    link: watch::Receiver<Link>,
    position: Position,
    inbox: Subject,
    messages: Subscriber,
    pull: Option<Pull>,
    bookmark: Bookmark,
}

/// A request for events.
struct Pull {
    left: usize,
    until: Instant,
}

impl NatsInlet {
    pub(super) fn new(broker: Arc<Broker>, topic: Topic) -> Self {
        Self { broker, topic, session: None, batch: Vec::new(), refused: Vec::new(), given: false }
    }

    /// Sends `word` for each message of the batch; returns once the server has heard the last, so all of them.
    async fn say(&self, word: &'static [u8]) -> Result<()> {
        self.broker.require_link()?;
        let mut replies: Vec<Subject> = self.batch.iter().filter_map(|message| message.reply.clone()).collect();
        let Some(last) = replies.pop() else { return Ok(()) };
        let send = async {
            for reply in replies {
                self.broker.client.publish(reply, Bytes::from_static(word)).await.map_err(unavailable(UNHEARD))?;
            }
            let heard = self.broker.client.request(last, Bytes::from_static(word)).await;
            heard.map(|_| ()).map_err(unavailable(UNHEARD))
        };
        timeout(ANSWER_WAIT, send).await.unwrap_or_else(|_| Err(Error::unavailable(UNHEARD)))
    }

    fn events(&mut self) -> Vec<Event> {
        let (source, mut refused) = (&self.topic.source, Vec::new());
        let read = self.batch.iter().filter_map(|message| match message::event(source, message) {
            Ok(event) => Some(event),
            Err(error) => {
                tracing::error!(source, %error, "a message that the role cannot have published is put aside");
                refused.push(message::refused(source, sequence(message), message, error));
                None
            }
        });
        let events = read.collect();
        self.refused = refused;
        events
    }
}

#[async_trait]
impl Inlet for NatsInlet {
    async fn next(&mut self, max: usize) -> Result<Vec<Event>> {
        if self.given {
            self.session = None;
        }
        loop {
            let session = match &mut self.session {
                Some(session) => session,
                None => {
                    self.batch.clear();
                    self.given = false;
                    self.session.insert(Session::open(&self.broker, &self.topic).await?)
                }
            };
            match session.fill(&mut self.batch, max.clamp(1, BATCH)).await {
                Ok(true) => {}
                Ok(false) => {
                    self.session = None;
                    continue;
                }
                Err(error) => {
                    self.session = None;
                    self.broker.forget(&self.topic.source).await;
                    return Err(error);
                }
            }
            self.given = true;
            return Ok(self.events());
        }
    }

    fn refused(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.refused)
    }

    async fn ack(&mut self) -> Result<()> {
        let said = self.say(b"+ACK").await;
        self.batch.clear();
        self.given = false;
        match &mut self.session {
            Some(session) if said.is_ok() => session.bookmark.mark(&self.broker, &self.topic).await,
            _ => self.session = None,
        }
        said
    }

    async fn extend(&mut self) -> Result<()> {
        self.say(b"+WPI").await
    }
}

/// The number of a delivered message in its stream: in the subject of its acknowledgment.
fn sequence(message: &Message) -> u64 {
    let reply = message.reply.as_ref().map(|reply| reply.split('.').collect::<Vec<_>>()).unwrap_or_default();
    // $JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE.…; later servers put a domain and an account before the stream.
    let at = if reply.len() > 9 { 7 } else { 5 };
    reply.get(at).and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl Session {
    /// Waits for the broker, then begins.
    async fn open(broker: &Arc<Broker>, topic: &Topic) -> Result<Self> {
        broker.wait_for_link().await;
        let generation = broker.prepare(&topic.source).await?;
        let position = position::find(broker, topic).await?;
        let inbox = Subject::from(broker.client.new_inbox());
        let messages =
            broker.client.subscribe(inbox.clone()).await.map_err(unavailable("NATS does not let us listen"))?;
        let (jetstream, link) = (broker.jetstream.clone(), broker.link.subscribe());
        let bookmark = Bookmark::default();
        Ok(Self { jetstream, generation, link, position, inbox, messages, pull: None, bookmark })
    }

    /// Waits for one message, and takes those that are there with it, `max` at most. `false`: begin again.
    ///
    /// The request for `max` of them stands while they come one by one: each goes without delay and without being
    /// asked for.
    async fn fill(&mut self, batch: &mut Vec<Message>, max: usize) -> Result<bool> {
        loop {
            if batch.len() >= max {
                return Ok(true);
            }
            let until = match &self.pull {
                Some(pull) => pull.until,
                None if !batch.is_empty() => return Ok(true),
                None => self.ask(max).await?,
            };
            let generation = self.generation;
            let message = match self.messages.next().now_or_never() {
                Some(message) => message,
                None if !batch.is_empty() => return Ok(true),
                None => tokio::select! {
                    biased;
                    message = self.messages.next() => message,
                    _ = self.link.wait_for(|link| link.generation != generation) => return Ok(false),
                    () = sleep_until(until) => return Ok(false),
                },
            };
            let Some(message) = message else {
                return Err(Error::unavailable("the connection to NATS is closed"));
            };
            match message.status {
                None | Some(StatusCode::OK) => {
                    if !self.take(message, batch)? {
                        return Ok(false);
                    }
                }
                Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => self.pull = None,
                Some(status) => {
                    let why = message.description.unwrap_or_default();
                    return Err(Error::unavailable(format!("NATS ended the reading: {status} {why}")));
                }
            }
        }
    }

    /// Asks for the next events, those that wait and those to come.
    async fn ask(&mut self, max: usize) -> Result<Instant> {
        let request = BatchConfig { batch: max, expires: Some(IDLE), ..BatchConfig::default() };
        let pull = self.pull.insert(Pull { left: request.batch, until: Instant::now() + IDLE + LATE });
        let asked = self.position.consumer.request_batch(request, self.inbox.clone()).await;
        asked.map_err(unavailable("NATS was not asked"))?;
        Ok(pull.until)
    }

    /// Adds a message to the batch. `false` when one before it went to another reader or got lost: order comes first.
    fn take(&mut self, message: Message, batch: &mut Vec<Message>) -> Result<bool> {
        let message = jetstream::Message { message, context: self.jetstream.clone() };
        let info = message.info().map_err(unavailable("NATS gave a message of no stream"))?;
        if info.consumer_sequence != self.position.next_delivery {
            tracing::debug!(consumer = info.consumer, "a delivery was lost; reading again from the last acknowledged");
            return Ok(false);
        }
        self.position.next_delivery += 1;
        self.bookmark.taken(info.published);
        batch.push(message.message);
        if let Some(pull) = &mut self.pull {
            pull.left -= 1;
            if pull.left == 0 {
                self.pull = None;
            }
        }
        Ok(true)
    }
}
