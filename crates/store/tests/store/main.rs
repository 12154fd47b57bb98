//! What a role's database promises, over SQLite and over PostgreSQL.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::Result;
use parvis_kernel::{ErrorKind, EventId, SettableClock, SystemClock, TenantId, Timestamp};
use parvis_store::{
    NewEvent, SchemaState, SqlMigration, Store, StoreOptions, StoreUrl, db_error, inbox, migrate, outbox,
};
use parvis_testkit::{PostgresServer, TestStore};
use sea_orm::ConnectionTrait as _;
use tokio::time::timeout;

mod rows;
use rows::{
    any_number_of_rows_is_kept_as_given, one_of_names_those_and_no_other,
    rows_that_are_there_are_left_or_changed_as_told,
};

const DEADLINE: Duration = Duration::from_secs(30);

/// A database, and the clock it reads.
struct Given {
    store: TestStore,
    clock: SettableClock,
}

impl Given {
    async fn sqlite() -> Result<Self> {
        let clock = SettableClock::at("2026-03-01T08:30:00Z".parse()?);
        Ok(Self { store: TestStore::sqlite_at(&[], Arc::new(clock.clone())).await?, clock })
    }

    async fn postgres() -> Result<Self> {
        let clock = SettableClock::at("2026-03-01T08:30:00Z".parse()?);
        Ok(Self { store: TestStore::postgres_at(&[], Arc::new(clock.clone())).await?, clock })
    }

    fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    async fn say(&self, n: usize) -> Result<Vec<EventId>> {
        let mut tx = self.store.begin().await?;
        let ids = (0..n).map(|i| tx.append(event(i))).collect();
        tx.commit().await?;
        Ok(ids)
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(jiff::SignedDuration::from_secs(seconds));
    }
}

fn event(n: usize) -> NewEvent {
    NewEvent {
        tenant: TenantId::parse("saint-exemple").unwrap(),
        kind: "request_received",
        partition: 3,
        subject: format!("request-{n}"),
        payload: vec![0, 1, 255],
        traceparent: String::new(),
    }
}

/// One test a function, over each database.
macro_rules! over_each_database {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(super::Given::sqlite().await?).await
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(super::Given::postgres().await?).await
            })*
        }
    };
}

over_each_database! {
    a_commit_hands_its_events_to_the_relay_and_a_rollback_none,
    rows_are_claimed_when_their_lease_ends,
    two_claimers_never_share_a_row,
    sent_rows_stay_until_purged_and_are_said_again_on_request,
    an_event_is_new_once,
    two_transactions_agree_on_who_was_first,
    a_rolled_back_mark_is_no_mark,
    old_marks_are_purged,
    migrations_are_applied_once,
    two_programs_may_migrate_at_once,
    a_schema_behind_or_ahead_is_refused,
    a_failed_migration_leaves_nothing,
    any_number_of_rows_is_kept_as_given,
    rows_that_are_there_are_left_or_changed_as_told,
    one_of_names_those_and_no_other,
}

async fn a_commit_hands_its_events_to_the_relay_and_a_rollback_none(given: Given) -> Result<()> {
    let mut committed = given.store.take_committed().expect("nobody took it");
    assert!(given.store.take_committed().is_none());
    let ids = given.say(3).await?;
    let mut tx = given.store.begin().await?;
    tx.append(event(9));
    tx.rollback().await?;
    let rows = committed.recv().await.expect("a commit");
    assert!(rows.iter().map(|row| row.id).eq(ids));
    assert!(committed.try_recv().is_err());
    assert_eq!(outbox::backlog(&given.store).await?.waiting, 3);
    Ok(())
}

async fn rows_are_claimed_when_their_lease_ends(given: Given) -> Result<()> {
    let ids = given.say(5).await?;
    assert!(outbox::claim(&given.store, given.now(), 10).await?.is_empty(), "the one who commits publishes first");
    given.pass(16);
    let first = outbox::claim(&given.store, given.now(), 3).await?;
    assert!(first.iter().map(|row| row.id).eq(ids[..3].iter().copied()), "oldest first");
    assert_eq!(
        (first[0].subject.as_str(), first[0].partition, &first[0].payload[..]),
        ("request-0", 3, &[0, 1, 255][..])
    );
    outbox::mark_sent(&given.store, &ids[..1], given.now()).await?;
    assert_eq!(outbox::claim(&given.store, given.now(), 10).await?.len(), 2);
    given.pass(16);
    let again = outbox::claim(&given.store, given.now(), 10).await?;
    assert!(again.iter().map(|row| row.id).eq(ids[1..].iter().copied()));
    let backlog = outbox::backlog(&given.store).await?;
    assert_eq!((backlog.waiting, backlog.oldest), (4, Some(given.now().as_microsecond() - 32_000_000)));
    Ok(())
}

async fn two_claimers_never_share_a_row(given: Given) -> Result<()> {
    let said: HashSet<EventId> = given.say(2000).await?.into_iter().collect();
    given.pass(16);
    let now = given.now();
    let claimers = (0..4).map(|_| async {
        let store = given.store.another().await?;
        let mut claimed = Vec::new();
        let mut nothing = 0;
        // Nothing may mean that another took the same candidates.
        while nothing < 3 {
            let rows = outbox::claim(&store, now, 100).await?;
            nothing = if rows.is_empty() { nothing + 1 } else { 0 };
            claimed.extend(rows.into_iter().map(|row| row.id));
        }
        anyhow::Ok(claimed)
    });
    let claimed: Vec<EventId> = futures::future::try_join_all(claimers).await?.concat();
    assert_eq!(claimed.len(), 2000, "each once");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), said);
    Ok(())
}

async fn sent_rows_stay_until_purged_and_are_said_again_on_request(given: Given) -> Result<()> {
    let old = given.say(4).await?;
    outbox::mark_sent(&given.store, &old, given.now()).await?;
    given.pass(3600);
    let since = given.now();
    let recent = given.say(2).await?;
    outbox::mark_sent(&given.store, &recent, given.now()).await?;
    assert_eq!(outbox::backlog(&given.store).await?.waiting, 0);
    assert_eq!(outbox::republish(&given.store, since).await?, 2);
    let claimed = outbox::claim(&given.store, given.now(), 10).await?;
    assert!(claimed.iter().map(|row| row.id).eq(recent.iter().copied()), "at once, whatever their lease");
    assert_eq!(outbox::purge(&given.store, since, 3).await?, 3);
    assert_eq!(outbox::purge(&given.store, since, 3).await?, 1);
    assert_eq!(outbox::purge(&given.store, since, 3).await?, 0, "what is not sent again yet stays");
    assert_eq!(outbox::republish(&given.store, Timestamp::UNIX_EPOCH).await?, 2);
    Ok(())
}

async fn an_event_is_new_once(given: Given) -> Result<()> {
    let ids: Vec<EventId> = (0..2500).map(|_| EventId::new()).collect();
    let tx = given.store.begin().await?;
    let mut twice = ids.clone();
    twice.insert(1, ids[0]);
    assert_eq!(inbox::mark_new(&tx, &twice).await?, ids.iter().copied().collect());
    assert!(inbox::mark_new(&tx, &[]).await?.is_empty());
    tx.commit().await?;
    let tx = given.store.begin().await?;
    let (known, fresh) = (ids[7], EventId::new());
    assert_eq!(inbox::mark_new(&tx, &[known, fresh]).await?, HashSet::from([fresh]));
    tx.commit().await?;
    Ok(())
}

async fn two_transactions_agree_on_who_was_first(given: Given) -> Result<()> {
    for commits in [true, false] {
        let id = EventId::new();
        let first = given.store.begin().await?;
        assert!(inbox::mark_new(&first, &[id]).await?.contains(&id));
        let other = given.store.another().await?;
        let second = tokio::spawn(async move {
            let tx = other.begin().await?;
            let new = inbox::mark_new(&tx, &[id]).await?.contains(&id);
            tx.commit().await?;
            anyhow::Ok(new)
        });
        // It must wait for the first: it cannot know yet.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!second.is_finished());
        if commits {
            first.commit().await?
        } else {
            first.rollback().await?
        }
        let second_was_first = timeout(DEADLINE, second).await???;
        assert_eq!(second_was_first, !commits);
    }
    Ok(())
}

async fn a_rolled_back_mark_is_no_mark(given: Given) -> Result<()> {
    let id = EventId::new();
    let tx = given.store.begin().await?;
    inbox::mark_new(&tx, &[id]).await?;
    drop(tx);
    let tx = given.store.begin().await?;
    assert!(inbox::mark_new(&tx, &[id]).await?.contains(&id));
    tx.commit().await?;
    Ok(())
}

async fn old_marks_are_purged(given: Given) -> Result<()> {
    let mark = async |id| {
        let tx = given.store.begin().await?;
        let new = inbox::mark_new(&tx, &[id]).await?.contains(&id);
        tx.commit().await?;
        anyhow::Ok(new)
    };
    let (old, recent) = (EventId::new(), EventId::new());
    mark(old).await?;
    given.pass(60);
    mark(recent).await?;
    assert_eq!(inbox::purge(&given.store, given.now(), 10).await?, 1);
    assert!(!mark(recent).await?);
    assert!(mark(old).await?);
    Ok(())
}

const FIRST: SqlMigration =
    SqlMigration { name: "0001_first", sql: "CREATE TABLE first (n BIGINT);\nCREATE INDEX first_n ON first (n);\n" };
const SECOND: SqlMigration = SqlMigration { name: "0002_second", sql: "CREATE TABLE second (n BIGINT)" };
const BROKEN: SqlMigration =
    SqlMigration { name: "0002_broken", sql: "CREATE TABLE broken (n BIGINT);\nINSERT INTO nowhere VALUES (1)" };

async fn migrations_are_applied_once(given: Given) -> Result<()> {
    for _ in 0..3 {
        migrate::up(&given.store, &[FIRST]).await?;
    }
    assert_eq!(migrate::state(&given.store, &[FIRST]).await?, SchemaState::Current);
    given.store.write().execute_unprepared("INSERT INTO first VALUES (1)").await?;
    migrate::up(&given.store, &[FIRST, SECOND]).await?;
    given.store.write().execute_unprepared("INSERT INTO second SELECT n FROM first").await?;
    Ok(())
}

async fn two_programs_may_migrate_at_once(given: Given) -> Result<()> {
    let programs = (0..3).map(|_| async {
        let store = given.store.another().await?;
        migrate::up(&store, &[FIRST, SECOND]).await?;
        anyhow::Ok(())
    });
    futures::future::try_join_all(programs).await?;
    assert_eq!(migrate::state(&given.store, &[FIRST, SECOND]).await?, SchemaState::Current);
    Ok(())
}

async fn a_schema_behind_or_ahead_is_refused(given: Given) -> Result<()> {
    migrate::require_current(&given.store, &[], "intake").await?;
    let behind = SchemaState::Behind(vec!["0001_first".to_owned(), "0002_second".to_owned()]);
    assert_eq!(migrate::state(&given.store, &[FIRST, SECOND]).await?, behind);
    let error = migrate::require_current(&given.store, &[FIRST, SECOND], "intake").await.unwrap_err();
    assert!(error.message().contains("0001_first, 0002_second") && error.message().contains("parvis migrate"));
    migrate::up(&given.store, &[FIRST, SECOND]).await?;
    assert!(matches!(migrate::state(&given.store, &[FIRST]).await?, SchemaState::Ahead(_)));
    let error = migrate::require_current(&given.store, &[FIRST], "intake").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert!(migrate::up(&given.store, &[FIRST]).await.is_err(), "an older program changes nothing");
    Ok(())
}

async fn a_failed_migration_leaves_nothing(given: Given) -> Result<()> {
    migrate::up(&given.store, &[FIRST]).await?;
    assert!(migrate::up(&given.store, &[FIRST, BROKEN]).await.is_err());
    assert_eq!(migrate::state(&given.store, &[FIRST]).await?, SchemaState::Current);
    assert!(given.store.read().execute_unprepared("SELECT * FROM broken").await.is_err());
    Ok(())
}

#[tokio::test]
async fn an_empty_database_is_behind() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlite = StoreUrl::Sqlite(folder.path().join("new").join("empty.db"));
    let postgres = PostgresServer::shared().await?.create_database("empty").await?;
    for url in [sqlite, StoreUrl::Postgres(postgres.into())] {
        let store = Store::connect(&StoreOptions::new(url), Arc::new(SystemClock)).await?;
        assert!(matches!(migrate::state(&store, &[]).await?, SchemaState::Behind(missing) if !missing.is_empty()));
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_postgres_is_unavailable_and_a_wrong_statement_is_not() -> Result<()> {
    let server = PostgresServer::start().await?;
    let fresh = TestStore::postgres_on(&server, &[], Arc::new(SystemClock)).await?;
    let options = StoreOptions { acquire_timeout: Duration::from_millis(500), ..fresh.options().clone() };
    let store = Store::connect(&options, Arc::new(SystemClock)).await?;
    let wrong = store.write().execute_unprepared("SELECT nothing FROM nowhere").await.unwrap_err();
    assert_eq!(db_error(wrong).kind(), ErrorKind::Internal);

    let mut tx = store.begin().await?;
    tx.append(event(1));
    server.kill();
    // The process behind our connection outlives its server by a moment.
    let dying = async {
        loop {
            if let Err(error) = tx.conn().execute_unprepared("SELECT 1").await {
                return error;
            }
        }
    };
    let broken = timeout(DEADLINE, dying).await.expect("a killed PostgreSQL still answers on an open connection");
    assert_eq!(db_error(broken).kind(), ErrorKind::Unavailable, "in a transaction");
    assert_eq!(tx.commit().await.unwrap_err().kind(), ErrorKind::Unavailable, "at its end");
    assert_eq!(store.begin().await.err().expect("refused").kind(), ErrorKind::Unavailable, "a new connection");
    assert_eq!(store.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(outbox::backlog(&store).await.unwrap_err().kind(), ErrorKind::Unavailable);
    let nobody = Store::connect(&options, Arc::new(SystemClock)).await.err().expect("refused");
    assert_eq!(nobody.kind(), ErrorKind::Unavailable);

    server.restart().await?;
    assert_eq!(outbox::backlog(&store).await?.waiting, 0, "the pool mends itself, and nothing was half-written");
    Ok(())
}
