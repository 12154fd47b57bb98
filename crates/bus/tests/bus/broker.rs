//! A broker under test, which can be closed, opened and emptied.

use std::sync::Arc;

use anyhow::Result;
use parvis_bus::{
    Bus,
    embedded::EmbeddedBus,
    nats::{NatsBus, NatsOptions},
};
use parvis_kernel::SystemClock;
use parvis_store::{Store, StoreOptions, StoreUrl};
use parvis_testkit::{NatsServer, TestStore};
use tempfile::TempDir;

pub enum TestBroker {
    Embedded { folder: TempDir },
    Nats { server: NatsServer },
}

impl TestBroker {
    pub async fn embedded() -> Result<Self> {
        Ok(Self::Embedded { folder: tempfile::tempdir()? })
    }

    pub async fn nats() -> Result<Self> {
        Ok(Self::Nats { server: NatsServer::start().await? })
    }

    /// A bus as a process that starts opens it. The embedded one is for one process: drop the last first.
    pub async fn open(&self) -> Result<Arc<dyn Bus>> {
        match self {
            Self::Embedded { folder } => {
                let options = StoreOptions::new(StoreUrl::Sqlite(folder.path().join("bus.db")));
                let bus = EmbeddedBus::open(Store::connect(&options, Arc::new(SystemClock)).await?).await?;
                tokio::spawn(bus.clone().run(jiff::SignedDuration::from_hours(1), Default::default()));
                Ok(Arc::new(bus))
            }
            Self::Nats { server } => Ok(Arc::new(NatsBus::connect(&options(server)).await?)),
        }
    }

    /// Loses everything the broker kept, as when its disk dies.
    pub async fn wipe(&self) -> Result<()> {
        match self {
            Self::Embedded { folder } => {
                for entry in std::fs::read_dir(folder.path())? {
                    std::fs::remove_file(entry?.path())?;
                }
                Ok(())
            }
            Self::Nats { server } => {
                server.wipe()?;
                server.restart().await
            }
        }
    }

    /// A role's database, of the kind used with this bus.
    pub async fn store(&self) -> Result<TestStore> {
        match self {
            Self::Embedded { .. } => TestStore::sqlite(crate::harness::MIGRATIONS).await,
            Self::Nats { .. } => TestStore::postgres(crate::harness::MIGRATIONS).await,
        }
    }
}

/// Settings that a small disk bears.
pub fn options(server: &NatsServer) -> NatsOptions {
    NatsOptions { max_bytes: 64 << 20, ..NatsOptions::new(server.url()) }
}
