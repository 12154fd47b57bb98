//! What the store itself does with the same rows, one transaction each.

use std::time::{Duration, Instant};

use anyhow::Result;
use parvis_tests::Town;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use tokio::task::JoinSet;

use super::figures::Figures;

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS floor_request (id UUID PRIMARY KEY NOT NULL, tenant TEXT NOT NULL, reference BIGINT NOT NULL, received_at BIGINT NOT NULL, body BYTEA NOT NULL)",
    "CREATE TABLE IF NOT EXISTS floor_key (tenant TEXT NOT NULL, key TEXT NOT NULL, hash BYTEA NOT NULL, request UUID NOT NULL, PRIMARY KEY (tenant, key))",
    "CREATE TABLE IF NOT EXISTS floor_event (id UUID PRIMARY KEY NOT NULL, tenant TEXT NOT NULL, kind TEXT NOT NULL, payload BYTEA NOT NULL, created_at BIGINT NOT NULL, sent_at BIGINT)",
];

/// Three rows a transaction from `clients` connections, as long as `time`, in a database of the town's own store with
/// the same durability.
pub async fn run(town: &Town, clients: usize, time: Duration) -> Result<Figures> {
    let url = town.database_url("intake");
    let sqlite = url.starts_with("sqlite:");
    let url = if sqlite { format!("sqlite://{}?mode=rwc", town.folder().join("floor.db").display()) } else { url };
    // SQLite has one writer: the connections would only wait for each other inside it.
    let connections = if sqlite { 1 } else { u32::try_from(clients)? };
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(connections).sqlx_logging(false).map_sqlx_sqlite_opts(|o| {
        o.journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
    });
    let pool = Database::connect(options).await?;
    for table in TABLES {
        pool.execute_unprepared(table).await?;
    }
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let pool = pool.clone();
        tasks.spawn(async move {
            let mut figures = Figures::default();
            while start.elapsed() < time {
                let before = Instant::now();
                insert(&pool).await?;
                figures.record(before.elapsed());
            }
            anyhow::Ok(figures)
        });
    }
    let mut total = Figures::default();
    while let Some(figures) = tasks.join_next().await {
        total.add(figures??);
    }
    total.lasted(start.elapsed());
    pool.close().await?;
    Ok(total)
}

async fn insert(pool: &DatabaseConnection) -> Result<()> {
    let backend = pool.get_database_backend();
    let id = parvis_kernel::RequestId::new().0;
    let event = parvis_kernel::EventId::new().0;
    let body = vec![b'x'; 400];
    let tx = pool.begin().await?;
    let statement = |sql: &str, values: Vec<sea_orm::Value>| {
        let sql = if backend == DbBackend::Sqlite { sql.replace('$', "?") } else { sql.to_owned() };
        Statement::from_sql_and_values(backend, sql, values)
    };
    tx.execute_raw(statement(
        "INSERT INTO floor_request VALUES ($1, $2, $3, $4, $5)",
        vec![id.into(), "clairval".into(), 1_i64.into(), 1_i64.into(), body.clone().into()],
    ))
    .await?;
    tx.execute_raw(statement(
        "INSERT INTO floor_key VALUES ($1, $2, $3, $4)",
        vec!["clairval".into(), id.to_string().into(), vec![7_u8; 32].into(), id.into()],
    ))
    .await?;
    tx.execute_raw(statement(
        "INSERT INTO floor_event VALUES ($1, $2, $3, $4, $5, NULL)",
        vec![event.into(), "clairval".into(), "request_received".into(), body.into(), 1_i64.into()],
    ))
    .await?;
    tx.commit().await?;
    Ok(())
}
