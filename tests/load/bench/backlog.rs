//! Fills a town with rows like those of one request, by plain SQL, to see whether reading one back stays the same.

use anyhow::{Context as _, Result};
use parvis_tests::Town;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement};

/// Each table that reading a request looks into: its role, the columns that name a row, and the one that names the
/// request.
const TABLES: [(&str, &str, &[&str], Option<&str>); 7] = [
    ("casework", "cases", &["id"], Some("reference")),
    ("casework", "case_request", &["case_id"], None),
    ("casework", "case_history", &["id", "case_id"], None),
    ("tracking", "request_facts", &["id"], Some("reference")),
    ("tracking", "timeline_line", &["request_id"], None),
    ("notification", "notice", &["id", "case_id"], Some("reference")),
    ("intake", "request", &["id"], Some("reference")),
];
/// Rows a statement.
const STEP: u64 = 50_000;

/// Adds `rows` rows to each table, copies of one row with names of their own. The town goes on serving.
pub async fn fill(town: &Town, rows: u64) -> Result<()> {
    let mut from = 1;
    while from <= rows {
        let to = (from + STEP - 1).min(rows);
        for (role, table, ids, reference) in TABLES {
            let pool = connect(town, role).await?;
            let statement = copies(&pool, table, ids, reference, from, to).await.context(table)?;
            pool.execute_unprepared(&statement).await.context(table)?;
            pool.close().await?;
        }
        from = to + 1;
    }
    Ok(())
}

async fn connect(town: &Town, role: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(town.database_url(role));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(std::time::Duration::from_secs(60)));
    Ok(Database::connect(options).await?)
}

async fn copies(
    pool: &DatabaseConnection,
    table: &str,
    ids: &[&str],
    reference: Option<&str>,
    from: u64,
    to: u64,
) -> Result<String> {
    let backend = pool.get_database_backend();
    let one = Statement::from_string(backend, format!("SELECT * FROM {table} LIMIT 1"));
    let row: QueryResult = pool.query_one_raw(one).await?.context("no row to copy")?;
    let columns = row.column_names();
    let (new_id, number) = match backend {
        DbBackend::Sqlite => ("randomblob(16)", "n"),
        _ => ("gen_random_uuid()", "n::bigint"),
    };
    let values: Vec<String> = columns
        .iter()
        .map(|column| {
            if ids.contains(&column.as_str()) {
                return new_id.to_owned();
            }
            match reference {
                // Above every reference that is drawn: nine digits and a check character.
                Some(name) if name == column && ["notice", "request_facts"].contains(&table) => {
                    format!("'copy-' || {number}")
                }
                Some(name) if name == column => format!("1000000000 + {number}"),
                _ => format!("m.{column}"),
            }
        })
        .collect();
    Ok(format!(
        "WITH RECURSIVE numbers(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM numbers WHERE n < {to}) \
         INSERT INTO {table} ({}) SELECT {} FROM numbers, (SELECT * FROM {table} LIMIT 1) AS m",
        columns.join(", "),
        values.join(", "),
    ))
}
