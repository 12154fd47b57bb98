//! A role's database.

use std::sync::Arc;

use parvis_kernel::{Clock, Result};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::mpsc;

use crate::{
    error::db_error,
    folder::make_private_folder,
    options::{StoreOptions, StoreUrl},
    outbox::OutboxRow,
    tx::Tx,
};

/// Statements that a connection of SQLite keeps prepared: the writer's come in several sizes (`pieces`).
const WRITTEN: usize = 128;
const READ: usize = 32;

/// A role's database, cheap to clone.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    clock: Arc<dyn Clock>,
    committed: mpsc::UnboundedSender<Vec<OutboxRow>>,
    committed_receiver: Arc<std::sync::Mutex<Option<mpsc::UnboundedReceiver<Vec<OutboxRow>>>>>,
}

impl Store {
    /// Connects. SQLite: creates the file, WAL with full synchronisation, one connection that writes (SQLite has one
    /// writer anyway; waiting in our queue is fair where its busy loop is not) and some that read.
    ///
    /// # Errors
    /// "Unavailable" where the database does not answer.
    pub async fn connect(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        let (read, write) = match &options.url {
            StoreUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    make_private_folder(folder).map_err(|error| {
                        parvis_kernel::Error::invalid(
                            "store.url",
                            format!("the folder {} cannot be created: {error}", folder.display()),
                        )
                    })?;
                }
                let url = format!("sqlite://{}?mode=rwc", path.display());
                let write = sqlite(&url, 1, WRITTEN, options).await?;
                let read = sqlite(&url, options.max_connections, READ, options).await?;
                (read, write)
            }
            StoreUrl::Postgres(url) => {
                let mut connect = ConnectOptions::new(secrecy::ExposeSecret::expose_secret(url).to_owned());
                connect
                    .max_connections(options.max_connections)
                    .min_connections(1)
                    .acquire_timeout(options.acquire_timeout)
                    .connect_timeout(options.acquire_timeout)
                    .sqlx_logging(false);
                let pool = Database::connect(connect).await.map_err(db_error)?;
                (pool.clone(), pool)
            }
        };
        let (committed, receiver) = mpsc::unbounded_channel();
        Ok(Self { read, write, clock, committed, committed_receiver: Arc::new(std::sync::Mutex::new(Some(receiver))) })
    }

    /// For queries outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Starts a transaction; it rolls back when dropped without [`Tx::commit`].
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx::new(self.begin_plain().await?, self.clock.clone(), self.committed.clone()))
    }

    /// A transaction that says nothing. In SQLite it takes the writer's lock at once: taken later, it would be refused
    /// rather than waited for.
    pub(crate) async fn begin_plain(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write.begin_with_options(options).await.map_err(db_error)
    }

    /// For statements that need no transaction of ours.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// The clock of this store.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The rows of each commit, for the relay; the first who asks gets them.
    pub fn take_committed(&self) -> Option<mpsc::UnboundedReceiver<Vec<OutboxRow>>> {
        self.committed_receiver.lock().ok()?.take()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read.ping().await.map_err(db_error)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        let _ = self.read.close_by_ref().await;
        let _ = self.write.close_by_ref().await;
    }
}

async fn sqlite(url: &str, connections: u32, prepared: usize, options: &StoreOptions) -> Result<DatabaseConnection> {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let mut connect = ConnectOptions::new(url.to_owned());
    connect
        .max_connections(connections)
        // All at once, and for good: each is a thread, of the priority of whoever opens it.
        .min_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .idle_timeout(None::<std::time::Duration>)
        .max_lifetime(None::<std::time::Duration>)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(std::time::Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("cache_size", "-1024")
                .pragma("wal_autocheckpoint", "1000")
                .pragma("temp_store", "MEMORY")
                .statement_cache_capacity(prepared)
        });
    Database::connect(connect).await.map_err(db_error)
}
