//! A notice is one process's at a time.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use parvis_kernel::{EventId, NoticeId, RequestId, SettableClock, Timestamp};
use parvis_store::{Store, to_db_time};
use parvis_testkit::{TestStore, wait_until};
use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use super::notice::{Model, claim_due, insert_new, settle};
use crate::{MIGRATIONS, domain::State};

const LEASE: SignedDuration = SignedDuration::from_mins(5);

fn now() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

async fn with_one_due(store: &Store) -> Uuid {
    let id = NoticeId::new().0;
    let row = Model {
        id,
        tenant: "clairval".into(),
        case_id: RequestId::new().0,
        reference: String::new(),
        code_sha256: String::new(),
        unit: String::new(),
        kind: "message".into(),
        mode: "email".into(),
        state: State::Pending.as_str().into(),
        subject: String::new(),
        portal_body: String::new(),
        body: String::new(),
        recipient_name: String::new(),
        recipient_address: String::new(),
        reply_to: String::new(),
        traceparent: String::new(),
        created_at: to_db_time(now()),
        done_at: None,
        tries: 0,
        claim: None,
        due_at: Some(to_db_time(now())),
        text_removed_at: None,
    };
    insert_new(store.write(), vec![row]).await.unwrap();
    id
}

#[tokio::test]
async fn whoever_looked_at_the_same_time_finds_it_taken() {
    let clock = Arc::new(SettableClock::at(now()));
    let store = TestStore::postgres_at(MIGRATIONS, clock).await.unwrap();
    with_one_due(&store).await;
    let first = store.begin().await.unwrap();
    assert_eq!(claim_due(first.conn(), EventId::new().0, LEASE, 10, now()).await.unwrap().len(), 1);
    let other = store.another().await.unwrap();
    let second = tokio::spawn(async move {
        let tx = other.begin().await.unwrap();
        let claimed = claim_due(tx.conn(), EventId::new().0, LEASE, 10, now()).await.unwrap();
        tx.commit().await.unwrap();
        claimed.len()
    });
    // The second has read the row as due, and waits to write it.
    wait_until("the second waits for the first", Duration::from_secs(20), async || {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, waiting);
        store.read().query_one_raw(statement).await.unwrap().is_some()
    })
    .await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_comes_back_after_the_lease_changes_nothing() {
    let clock = Arc::new(SettableClock::at(now()));
    for store in [
        TestStore::sqlite_at(MIGRATIONS, clock.clone()).await.unwrap(),
        TestStore::postgres_at(MIGRATIONS, clock.clone()).await.unwrap(),
    ] {
        let id = with_one_due(&store).await;
        let (late, other) = (EventId::new().0, EventId::new().0);
        let conn = store.write();
        let claimed = claim_due(conn, late, LEASE, 10, now()).await.unwrap();
        assert_eq!((claimed.len(), claimed[0].1, claimed[0].0.tries), (1, false, 1));
        let before = now() + LEASE - SignedDuration::from_secs(1);
        assert!(claim_due(conn, other, LEASE, 10, before).await.unwrap().is_empty());
        let claimed = claim_due(conn, other, LEASE, 10, now() + LEASE).await.unwrap();
        assert_eq!((claimed.len(), claimed[0].1, claimed[0].0.tries), (1, true, 2));
        let done = Some(now() + LEASE);
        assert!(settle(conn, late, &[id], State::Failed, done, None).await.unwrap().is_empty());
        assert_eq!(settle(conn, other, &[id], State::Sent, done, None).await.unwrap(), [id]);
        assert!(settle(conn, other, &[id], State::Failed, done, None).await.unwrap().is_empty());
    }
}
