//! Processes of one role share its partitions.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use parvis_bus::lease::{LeaseKeeper, Leases};
use parvis_kernel::{PARTITIONS, SystemClock};
use parvis_testkit::{PostgresServer, TestStore, wait_until};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::harness::DEADLINE;

/// Short, for a test; renewed three times in it.
const LEASE: Duration = Duration::from_secs(2);

struct Process {
    leases: Arc<Leases>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Process {
    async fn start(store: &TestStore, name: &str) -> Result<Self> {
        let keeper = LeaseKeeper::new("casework", store.another().await?, name).lasting(LEASE);
        let (leases, stop) = (keeper.leases(), CancellationToken::new());
        Ok(Self { leases, stop: stop.clone(), task: tokio::spawn(keeper.run(stop)) })
    }

    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        timeout(DEADLINE, self.task).await??;
        assert_eq!(self.leases.now(), [false; PARTITIONS as usize]);
        Ok(())
    }

    fn crash(self) {
        self.task.abort();
        self.leases.set([false; PARTITIONS as usize]);
    }
}

fn holders(processes: &[Process]) -> [usize; PARTITIONS as usize] {
    let mut holders = [0; PARTITIONS as usize];
    for process in processes {
        for (count, held) in holders.iter_mut().zip(process.leases.now()) {
            *count += usize::from(held);
        }
    }
    holders
}

/// Until each partition has one holder and nobody has more than a fair share.
async fn wait_until_shared(processes: &[Process]) {
    let share = usize::from(PARTITIONS).div_ceil(processes.len());
    let shared = async || {
        holders(processes) == [1; PARTITIONS as usize]
            && processes.iter().all(|p| p.leases.now().iter().filter(|held| **held).count() <= share)
    };
    wait_until("a fair share each", DEADLINE, shared).await;
}

async fn one_then_three_then_one(store: TestStore) -> Result<()> {
    let mut processes = vec![Process::start(&store, "a").await?];
    wait_until_shared(&processes).await;
    processes.push(Process::start(&store, "b").await?);
    processes.push(Process::start(&store, "c").await?);
    wait_until_shared(&processes).await;
    processes.remove(0).stop().await?;
    wait_until_shared(&processes).await;
    // This one lets go of nothing: its leases end.
    processes.remove(0).crash();
    wait_until_shared(&processes).await;
    assert_eq!(processes.len(), 1);
    processes.remove(0).stop().await?;
    // Nothing is left behind: the next one has all at once, before any lease could end.
    let next = Process::start(&store, "d").await?;
    timeout(LEASE, async {
        for partition in 0..PARTITIONS {
            next.leases.held(partition).await;
        }
    })
    .await?;
    next.stop().await
}

#[tokio::test]
async fn partitions_are_shared_over_sqlite() -> Result<()> {
    one_then_three_then_one(TestStore::sqlite(&[]).await?).await
}

#[tokio::test]
async fn partitions_are_shared_over_postgres() -> Result<()> {
    one_then_three_then_one(TestStore::postgres(&[]).await?).await
}

#[tokio::test]
async fn a_process_cut_from_the_database_stops_reading_before_its_leases_end() -> Result<()> {
    let server = PostgresServer::start().await?;
    let store = TestStore::postgres_on(&server, &[], Arc::new(SystemClock)).await?;
    let processes = [Process::start(&store, "a").await?];
    wait_until_shared(&processes).await;
    server.kill();
    timeout(LEASE + Duration::from_millis(200), async {
        for partition in 0..PARTITIONS {
            processes[0].leases.lost(partition).await;
        }
    })
    .await?;
    server.restart().await?;
    wait_until_shared(&processes).await;
    Ok(())
}
