//! Schema versions. A migration is one file of SQL that both databases read the same way (BIGINT, TEXT, UUID, BYTEA,
//! BOOLEAN, SMALLINT; partial indexes; no generated keys).

use async_trait::async_trait;
use parvis_kernel::{Error, Result};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

use crate::{Store, error::db_error};

/// One step of a schema.
#[derive(Clone, Copy, Debug)]
pub struct SqlMigration {
    /// Ordered, never reused: `0001_requests`.
    pub name: &'static str,
    /// Statements separated by `;` at the end of a line. In PostgreSQL they run in one transaction.
    pub sql: &'static str,
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for SqlMigration {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait needs the same")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What every role's database has beside its own tables.
const COMMON: &[SqlMigration] = &[
    SqlMigration { name: "0000_outbox_inbox", sql: include_str!("../migrations/0000_outbox_inbox.sql") },
    SqlMigration { name: "0000b_lease_owner", sql: include_str!("../migrations/0000b_lease_owner.sql") },
    SqlMigration { name: "0000c_described_units", sql: include_str!("../migrations/0000c_described_units.sql") },
    SqlMigration { name: "0000d_membership_cache", sql: include_str!("../migrations/0000d_membership_cache.sql") },
    SqlMigration { name: "0000e_grant_key", sql: include_str!("../migrations/0000e_grant_key.sql") },
];

struct Migrator<'a>(&'a [SqlMigration]);

impl MigratorTraitSelf for Migrator<'_> {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        COMMON.iter().chain(self.0).map(|migration| Box::new(*migration) as Box<dyn MigrationTrait>).collect()
    }
}

/// A schema against what this program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The same.
    Current,
    /// These are still to be applied: run `parvis migrate`.
    Behind(Vec<String>),
    /// A later program has been here.
    Ahead(String),
}

/// Applies what is missing. Two programs migrating at once: one waits for the other.
pub async fn up(store: &Store, own: &[SqlMigration]) -> Result<()> {
    let tx = store.begin_plain().await?;
    if store.backend() == DbBackend::Postgres {
        // One number for all of Parvis; released with the transaction.
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7208418)").await.map_err(db_error)?;
    }
    Migrator(own).up(&tx, None).await.map_err(migration_error)?;
    tx.commit().await.map_err(db_error)
}

/// Compares the schema with what this program knows.
pub async fn state(store: &Store, own: &[SqlMigration]) -> Result<SchemaState> {
    match Migrator(own).get_pending_migrations_read_only(store.read()).await {
        Ok(pending) if pending.is_empty() => Ok(SchemaState::Current),
        Ok(pending) => Ok(SchemaState::Behind(pending.iter().map(|m| m.name().to_owned()).collect())),
        Err(DbErr::Custom(why)) => Ok(SchemaState::Ahead(why)),
        Err(error) => Err(db_error(error)),
    }
}

/// Refuses to go on unless the schema is the one this program knows.
pub async fn require_current(store: &Store, own: &[SqlMigration], role: &str) -> Result<()> {
    match state(store, own).await? {
        SchemaState::Current => Ok(()),
        SchemaState::Behind(missing) => Err(Error::precondition(format!(
            "the database of {role} lacks {}: run `parvis migrate`",
            missing.join(", ")
        ))),
        SchemaState::Ahead(_) => Err(Error::precondition(format!(
            "the database of {role} was migrated by a later version of Parvis: start that version, or restore a backup"
        ))),
    }
}

fn migration_error(error: DbErr) -> Error {
    match error {
        DbErr::Custom(why) => Error::precondition(format!("the schema is not one this version knows: {why}")),
        other => db_error(other),
    }
}
