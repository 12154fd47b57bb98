//! A database for one test.

use std::{ops::Deref, sync::Arc};

use anyhow::Result;
use parvis_kernel::{Clock, EventId, SystemClock};
use parvis_store::{SqlMigration, Store, StoreOptions, StoreUrl, migrate};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::PostgresServer;

/// A fresh, migrated database; used as a [`Store`].
pub struct TestStore {
    store: Store,
    options: StoreOptions,
    clock: Arc<dyn Clock>,
    _folder: Option<TempDir>,
}

impl TestStore {
    /// On SQLite, with the tables of `migrations` and those common to every role.
    pub async fn sqlite(migrations: &[SqlMigration]) -> Result<Self> {
        Self::sqlite_at(migrations, Arc::new(SystemClock)).await
    }

    /// The same, reading the time from `clock`.
    pub async fn sqlite_at(migrations: &[SqlMigration], clock: Arc<dyn Clock>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("parvis-sqlite-").tempdir()?;
        let url = StoreUrl::Sqlite(folder.path().join("test.db"));
        Self::open(StoreOptions::new(url), migrations, clock, Some(folder)).await
    }

    /// On the PostgreSQL server that this program's tests share.
    pub async fn postgres(migrations: &[SqlMigration]) -> Result<Self> {
        Self::postgres_at(migrations, Arc::new(SystemClock)).await
    }

    /// The same, reading the time from `clock`.
    pub async fn postgres_at(migrations: &[SqlMigration], clock: Arc<dyn Clock>) -> Result<Self> {
        Self::postgres_on(PostgresServer::shared().await?, migrations, clock).await
    }

    /// On a server of the test's own, which it may kill.
    pub async fn postgres_on(
        server: &PostgresServer,
        migrations: &[SqlMigration],
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let url = server.create_database(&format!("test_{}", EventId::new().0.simple())).await?;
        Self::open(StoreOptions::new(StoreUrl::Postgres(SecretString::from(url))), migrations, clock, None).await
    }

    async fn open(
        options: StoreOptions,
        migrations: &[SqlMigration],
        clock: Arc<dyn Clock>,
        folder: Option<TempDir>,
    ) -> Result<Self> {
        let store = Store::connect(&options, clock.clone()).await?;
        migrate::up(&store, migrations).await?;
        Ok(Self { store, options, clock, _folder: folder })
    }

    /// Connects once more, as another process of the role would: its own pool and its own relay's channel.
    pub async fn another(&self) -> Result<Store> {
        Ok(Store::connect(&self.options, self.clock.clone()).await?)
    }

    /// How to connect to it.
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
