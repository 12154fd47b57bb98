//! A broker under test, which can be closed, opened and emptied.

use std::sync::{Arc, Mutex};

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
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

type Running = Mutex<Option<(CancellationToken, JoinHandle<()>)>>;

pub enum TestBroker {
    Embedded { folder: TempDir, running: Running },
    Nats { server: NatsServer },
}

impl TestBroker {
    pub async fn embedded() -> Result<Self> {
        Ok(Self::Embedded { folder: tempfile::tempdir()?, running: Running::default() })
    }

    pub async fn nats() -> Result<Self> {
        Ok(Self::Nats { server: NatsServer::start().await? })
    }

    /// A bus as a process that starts opens it. The embedded one is for one process: close the last first.
    pub async fn open(&self) -> Result<Arc<dyn Bus>> {
        match self {
            Self::Embedded { folder, running } => {
                let options = StoreOptions::new(StoreUrl::Sqlite(folder.path().join("bus.db")));
                let bus = EmbeddedBus::open(Store::connect(&options, Arc::new(SystemClock)).await?).await?;
                let stop = CancellationToken::new();
                let task = tokio::spawn(bus.clone().run(jiff::SignedDuration::from_hours(1), stop.clone()));
                *running.lock().unwrap() = Some((stop, task));
                Ok(Arc::new(bus))
            }
            Self::Nats { server } => Ok(Arc::new(NatsBus::connect(&options(server)).await?)),
        }
    }

    /// Ends as a process that stops does: the embedded bus writes its positions.
    pub async fn close(&self, bus: Arc<dyn Bus>) -> Result<()> {
        drop(bus);
        if let Self::Embedded { running, .. } = self {
            let (stop, task) = running.lock().unwrap().take().expect("it was opened");
            stop.cancel();
            task.await?;
        }
        Ok(())
    }

    /// Loses everything the broker kept, as when its disk dies.
    pub async fn wipe(&self) -> Result<()> {
        match self {
            Self::Embedded { folder, .. } => {
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
