//! Rows to publish, readers, and two roles that speak to each other.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use parvis_bus::{Bus, Consumer, Event, EventHandler, Inlet, Relay, Subscription, Topic, lease::Leases};
use parvis_kernel::{Clock as _, EventId, SystemClock, TenantId};
use parvis_store::{NewEvent, OutboxRow, SqlMigration, Store, Tx, db_error};
use parvis_testkit::TestStore;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::TestBroker;

/// Long enough for a loaded machine; nothing waits for it when all is well.
pub const DEADLINE: Duration = Duration::from_secs(30);
pub const SOURCE: &str = "intake";
pub const KIND: &str = "request_received";

pub const MIGRATIONS: &[SqlMigration] =
    &[SqlMigration { name: "0001_effects", sql: "CREATE TABLE effect (n BIGINT NOT NULL, place BIGINT NOT NULL)" }];

pub fn row(kind: &str, partition: u8, n: usize) -> OutboxRow {
    OutboxRow {
        id: EventId::new(),
        tenant: TenantId::parse("saint-exemple").unwrap(),
        kind: kind.to_owned(),
        partition,
        subject: format!("request-{n}"),
        traceparent: String::new(),
        payload: n.to_string().into_bytes(),
        at: SystemClock.now(),
    }
}

pub fn rows(range: std::ops::Range<usize>) -> Vec<OutboxRow> {
    range.map(|n| row(KIND, 3, n)).collect()
}

pub fn number(event: &Event) -> usize {
    std::str::from_utf8(&event.payload).unwrap().parse().unwrap()
}

pub fn numbers(events: &[Event]) -> Vec<usize> {
    events.iter().map(number).collect()
}

pub fn topic(consumer: &str, partition: u8) -> Topic {
    Topic { consumer: consumer.to_owned(), source: SOURCE.to_owned(), kinds: vec![KIND.to_owned()], partition }
}

pub async fn publish(bus: &dyn Bus, rows: &[OutboxRow]) -> Result<()> {
    let results = bus.publish(SOURCE, rows).await;
    assert_eq!(results.len(), rows.len());
    for result in results {
        result?;
    }
    Ok(())
}

pub async fn next(inlet: &mut dyn Inlet, max: usize) -> Result<Vec<Event>> {
    let events = timeout(DEADLINE, inlet.next(max)).await??;
    assert!((1..=max).contains(&events.len()));
    Ok(events)
}

/// Reads and acknowledges until `n` events came.
pub async fn read(inlet: &mut dyn Inlet, n: usize) -> Result<Vec<Event>> {
    let mut read = Vec::new();
    while read.len() < n {
        read.extend(next(inlet, 256.min(n - read.len())).await?);
        inlet.ack().await?;
    }
    Ok(read)
}

/// Whether nothing comes for a moment.
pub async fn is_silent(inlet: &mut dyn Inlet) -> bool {
    timeout(Duration::from_millis(300), inlet.next(1)).await.is_err()
}

type Verdict = Box<dyn Fn(&Event) -> parvis_kernel::Result<()> + Send + Sync>;

/// Writes each event's number into `effect`, unless the test's verdict is against it.
struct Effects(Verdict);

#[async_trait]
impl EventHandler for Effects {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> parvis_kernel::Result<()> {
        for event in events {
            (self.0)(event)?;
            let insert = "INSERT INTO effect (n, place) SELECT $1, count(*) FROM effect";
            let n = i64::try_from(number(event)).unwrap();
            let insert = Statement::from_sql_and_values(tx.conn().get_database_backend(), insert, [n.into()]);
            tx.conn().execute_raw(insert).await.map_err(db_error)?;
        }
        Ok(())
    }
}

/// A role that speaks, a role that hears.
pub struct TwoRoles {
    pub speaker: TestStore,
    pub listener: TestStore,
    pub bus: Arc<dyn Bus>,
    running: Vec<(CancellationToken, JoinHandle<()>)>,
}

impl TwoRoles {
    pub async fn new(broker: &TestBroker) -> Result<Self> {
        let (speaker, listener) = (broker.store().await?, broker.store().await?);
        Ok(Self { speaker, listener, bus: broker.open().await?, running: Vec::new() })
    }

    /// Says `range` in one transaction, which is committed or not.
    pub async fn say(&self, range: std::ops::Range<usize>, commit: bool) -> Result<()> {
        let mut tx = self.speaker.begin().await?;
        for row in rows(range) {
            tx.append(NewEvent {
                tenant: row.tenant,
                kind: KIND,
                partition: row.partition,
                subject: row.subject,
                payload: row.payload,
                traceparent: row.traceparent,
            });
        }
        if commit {
            tx.commit().await?
        } else {
            tx.rollback().await?
        }
        Ok(())
    }

    pub async fn start_relay(&mut self) -> Result<()> {
        let store = self.speaker.another().await?;
        self.start_relay_of(store);
        Ok(())
    }

    /// The relay that is handed each commit of the speaker at once.
    pub fn start_own_relay(&mut self) {
        self.start_relay_of(self.speaker.clone());
    }

    fn start_relay_of(&mut self, store: Store) {
        let stop = CancellationToken::new();
        let relay = Relay::new(SOURCE, store, self.bus.clone());
        self.running.push((stop.clone(), tokio::spawn(relay.run(stop))));
    }

    pub fn start_listening(&mut self, verdict: impl Fn(&Event) -> parvis_kernel::Result<()> + Send + Sync + 'static) {
        let stop = CancellationToken::new();
        let subscription =
            Subscription { source: SOURCE, kinds: &[KIND], handler: Arc::new(Effects(Box::new(verdict))) };
        let leases = Arc::new(Leases::all());
        let consumer = Consumer::new("casework", vec![subscription], self.listener.clone(), self.bus.clone(), leases);
        self.running.push((stop.clone(), tokio::spawn(consumer.run(stop))));
    }

    /// Stops what was started, and forgets the bus.
    pub async fn stop(&mut self) {
        for (stop, task) in self.running.drain(..) {
            stop.cancel();
            timeout(DEADLINE, task).await.expect("it stops in time").expect("it does not panic");
        }
    }

    /// The numbers that had their effect, in the order they had it.
    pub async fn effects(&self) -> Vec<usize> {
        let select = Statement::from_string(DbBackend::Sqlite, "SELECT n FROM effect ORDER BY place");
        let select = Statement { db_backend: self.listener.backend(), ..select };
        let rows = self.listener.read().query_all_raw(select).await.expect("the database answers");
        rows.iter().map(|row| usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()).collect()
    }

    pub async fn wait_for_effects(&self, n: usize) -> Vec<usize> {
        parvis_testkit::wait_until("the effects", DEADLINE, async || self.effects().await.len() >= n).await;
        self.effects().await
    }
}
