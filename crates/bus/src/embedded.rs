//! The bus inside one process: a durable log and durable cursors in one SQLite file.
//!
//! A published event is in the file (full synchronisation) before `publish` answers. Positions are written a little
//! later and together: after a crash some events come again, which the inbox expects. The last events of each
//! partition are also in memory, so that a reader who keeps up reads no file.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parvis_kernel::{Error, EventId, Result, TenantId, Timestamp};
use parvis_store::{OutboxRow, SqlMigration, Store, db_error, from_db_time, migrate, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Event, Inlet, Topic};
use entity::{cursor, message};

/// The file's schema.
pub const MIGRATIONS: &[SqlMigration] =
    &[SqlMigration { name: "0001_messages", sql: include_str!("../migrations/0001_messages.sql") }];

/// Events of one partition kept in memory.
const RING: usize = 128;
/// How often positions are written.
const FLUSH: Duration = Duration::from_millis(200);

mod append;
mod entity;

/// One log: a role's events in one partition.
type LogKey = (String, u8);
type CursorKey = (String, String, u8);

/// The last events of a log; every event after `from` is in `events`.
struct Tail {
    from: i64,
    events: VecDeque<(i64, Event)>,
    last: watch::Sender<i64>,
}

/// The embedded bus.
#[derive(Clone)]
pub struct EmbeddedBus {
    store: Store,
    next: Arc<tokio::sync::Mutex<i64>>,
    pending: Arc<Mutex<Vec<append::Pending>>>,
    tails: Arc<Mutex<HashMap<LogKey, Tail>>>,
    positions: Arc<Mutex<HashMap<CursorKey, i64>>>,
    changed: Arc<AtomicBool>,
}

impl EmbeddedBus {
    /// Opens the log in `store`, an SQLite file of its own, bringing its schema up to date.
    pub async fn open(store: Store) -> Result<Self> {
        migrate::up(&store, MIGRATIONS).await?;
        let last = message::Entity::find()
            .select_only()
            .column_as(message::Column::Seq.max(), "last")
            .into_tuple::<Option<i64>>()
            .one(store.read())
            .await
            .map_err(db_error)?
            .flatten()
            .unwrap_or(0);
        let cursors = cursor::Entity::find().all(store.read()).await.map_err(db_error)?;
        // A purge may have emptied the log: numbers must still grow past every position.
        let last = cursors.iter().map(|cursor| cursor.acked).fold(last, i64::max);
        let positions = cursors
            .into_iter()
            .map(|c| ((c.consumer, c.source, u8::try_from(c.partition).unwrap_or(0)), c.acked))
            .collect();
        Ok(Self {
            store,
            next: Arc::new(tokio::sync::Mutex::new(last + 1)),
            pending: Arc::default(),
            tails: Arc::default(),
            positions: Arc::new(Mutex::new(positions)),
            changed: Arc::default(),
        })
    }

    /// Writes positions as they change, and drops what every consumer has read and `keep` has passed, until
    /// `shutdown`.
    pub async fn run(self, keep: jiff::SignedDuration, shutdown: CancellationToken) {
        let mut flush = tokio::time::interval(FLUSH);
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut purge = tokio::time::interval(Duration::from_secs(60));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = flush.tick() => self.flush_or_warn().await,
                _ = purge.tick() => {
                    if let Err(error) = self.purge(self.store.clock().now() - keep).await {
                        tracing::warn!(%error, "old events stay in the embedded bus");
                    }
                }
            }
        }
        self.flush_or_warn().await;
    }

    async fn flush_or_warn(&self) {
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "positions of the embedded bus are not written yet");
        }
    }

    /// Writes the positions.
    pub async fn flush(&self) -> Result<()> {
        if !self.changed.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let rows: Vec<_> = lock(&self.positions)
            .iter()
            .map(|((consumer, source, partition), acked)| cursor::ActiveModel {
                consumer: Set(consumer.clone()),
                source: Set(source.clone()),
                partition: Set(i16::from(*partition)),
                acked: Set(*acked),
            })
            .collect();
        let written = cursor::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([cursor::Column::Consumer, cursor::Column::Source, cursor::Column::Partition])
                    .update_column(cursor::Column::Acked)
                    .to_owned(),
            )
            .exec_without_returning(self.store.write())
            .await;
        if written.is_err() {
            self.changed.store(true, Ordering::SeqCst);
        }
        written.map(|_| ()).map_err(db_error)
    }

    async fn purge(&self, before: Timestamp) -> Result<()> {
        let mut read_by_all: HashMap<LogKey, i64> = HashMap::new();
        for ((_, source, partition), acked) in lock(&self.positions).iter() {
            read_by_all
                .entry((source.clone(), *partition))
                .and_modify(|least| *least = (*least).min(*acked))
                .or_insert(*acked);
        }
        for ((source, partition), acked) in read_by_all {
            message::Entity::delete_many()
                .filter(message::Column::Source.eq(source))
                .filter(message::Column::Partition.eq(i16::from(partition)))
                .filter(message::Column::Seq.lte(acked))
                .filter(message::Column::SaidAt.lt(to_db_time(before)))
                .exec(self.store.write())
                .await
                .map_err(db_error)?;
        }
        Ok(())
    }
}

impl Tail {
    fn starting(from: i64) -> Self {
        Self { from, events: VecDeque::new(), last: watch::Sender::new(from) }
    }
}

#[async_trait]
impl Bus for EmbeddedBus {
    async fn publish(&self, role: &str, rows: &[OutboxRow]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(append::MOST) {
            let appended = self.append(role, chunk).await;
            results.extend(chunk.iter().map(|_| appended.clone().map_err(Error::unavailable)));
        }
        results
    }

    async fn subscribe(&self, topic: &Topic) -> Result<Box<dyn Inlet>> {
        let key = (topic.consumer.clone(), topic.source.clone(), topic.partition);
        let acked = *lock(&self.positions).entry(key).or_insert(0);
        let last = {
            // Nothing is appended meanwhile, so the tail starts where the file ends.
            let next = self.next.lock().await;
            let mut tails = lock(&self.tails);
            let tail =
                tails.entry((topic.source.clone(), topic.partition)).or_insert_with(|| Tail::starting(*next - 1));
            tail.last.subscribe()
        };
        Ok(Box::new(EmbeddedInlet { bus: self.clone(), topic: topic.clone(), acked, seen: acked, last }))
    }

    async fn ready(&self) -> Result<()> {
        self.store.ping().await
    }
}

struct EmbeddedInlet {
    bus: EmbeddedBus,
    topic: Topic,
    acked: i64,
    seen: i64,
    last: watch::Receiver<i64>,
}

impl EmbeddedInlet {
    fn wanted(&self, kind: &str) -> bool {
        self.topic.kinds.iter().any(|wanted| wanted == kind)
    }

    /// What is in memory after the acked position; `None` when some of it is only in the file.
    fn read_memory(&mut self, max: usize) -> Option<Vec<Event>> {
        let tails = lock(&self.bus.tails);
        let tail = tails.get(&(self.topic.source.clone(), self.topic.partition))?;
        if tail.from > self.acked {
            return None;
        }
        let start = tail.events.partition_point(|(seq, _)| *seq <= self.acked);
        let mut events = Vec::new();
        for (seq, event) in tail.events.range(start..) {
            if events.len() == max {
                break;
            }
            self.seen = *seq;
            if self.topic.kinds.contains(&event.kind) {
                events.push(event.clone());
            }
        }
        Some(events)
    }

    async fn read_file(&mut self, max: usize) -> Result<Vec<Event>> {
        let rows = message::Entity::find()
            .filter(message::Column::Source.eq(&self.topic.source))
            .filter(message::Column::Partition.eq(i16::from(self.topic.partition)))
            .filter(message::Column::Seq.gt(self.acked))
            .order_by_asc(message::Column::Seq)
            .limit(max as u64)
            .all(self.bus.store.read())
            .await
            .map_err(db_error)?;
        self.seen = match rows.last() {
            Some(row) => row.seq,
            // The file holds nothing more: what follows is in memory.
            None => {
                let tails = lock(&self.bus.tails);
                let from = tails.get(&(self.topic.source.clone(), self.topic.partition)).map_or(0, |tail| tail.from);
                self.acked.max(from)
            }
        };
        rows.into_iter().filter(|row| self.wanted(&row.kind)).map(event_from).collect()
    }
}

#[async_trait]
impl Inlet for EmbeddedInlet {
    async fn next(&mut self, max: usize) -> Result<Vec<Event>> {
        loop {
            self.last.borrow_and_update();
            let events = match self.read_memory(max) {
                Some(events) => events,
                None => self.read_file(max).await?,
            };
            if !events.is_empty() {
                return Ok(events);
            }
            if self.seen > self.acked {
                // Only events for others: pass them.
                self.ack().await?;
                continue;
            }
            self.last.changed().await.map_err(|_| Error::unavailable("the embedded bus is closed"))?;
        }
    }

    async fn ack(&mut self) -> Result<()> {
        self.acked = self.seen;
        let key = (self.topic.consumer.clone(), self.topic.source.clone(), self.topic.partition);
        lock(&self.bus.positions).insert(key, self.acked);
        self.bus.changed.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn extend(&mut self) -> Result<()> {
        Ok(())
    }
}

fn event_from(row: message::Model) -> Result<Event> {
    Ok(Event {
        id: EventId(row.event_id),
        tenant: TenantId::parse(&row.tenant)?,
        kind: row.kind,
        partition: u8::try_from(row.partition).unwrap_or(0),
        subject: row.subject,
        traceparent: row.traceparent,
        at: from_db_time(row.said_at),
        payload: row.payload.into(),
    })
}

/// A panic while holding these locks leaves nothing half-written, so a poisoned one is still good.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
