//! A request's lines, then each new one as it comes.

use std::time::Duration;

use parvis_kernel::{Caller, RequestId, Result, TenantId};
use parvis_store::Store;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    access::{AskTimeline, View, open},
    get_timeline::TimelineLine,
};
use crate::{Watchers, repo::line};

/// Lines that wait for a slow reader at most.
const AHEAD: usize = 64;

/// What a stream needs beside the store.
#[derive(Clone)]
pub struct Watching {
    /// Wakes at commits of this process.
    pub watchers: Watchers,
    /// How often to look for those of others.
    pub poll: Duration,
    /// Ends every stream.
    pub shutdown: CancellationToken,
}

/// Checks that the caller may read it, then sends lines until they leave or this process stops.
pub async fn watch_timeline(
    store: &Store,
    caller: &Caller,
    ask: &AskTimeline,
    watching: &Watching,
) -> Result<mpsc::Receiver<Result<TimelineLine>>> {
    let (facts, view) = open(store, caller, ask).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let stream = Stream {
        store: store.clone(),
        tenant: caller.tenant.clone(),
        request: facts.id,
        view,
        last: i64::try_from(ask.after).unwrap_or(i64::MAX),
        // Before the first reading: what is committed in between is not missed.
        woken: watching.watchers.subscribe(facts.id),
        poll: watching.poll,
        sender,
    };
    tokio::spawn(stream.run(watching.shutdown.clone()));
    Ok(receiver)
}

struct Stream {
    store: Store,
    tenant: TenantId,
    request: RequestId,
    view: View,
    last: i64,
    woken: watch::Receiver<()>,
    poll: Duration,
    sender: mpsc::Sender<Result<TimelineLine>>,
}

impl Stream {
    async fn run(mut self, shutdown: CancellationToken) {
        let mut hears = true;
        loop {
            if !self.send_new().await {
                return;
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.sender.closed() => return,
                woken = self.woken.changed(), if hears => hears = woken.is_ok(),
                () = tokio::time::sleep(self.poll) => {}
            }
        }
    }

    /// `false`: nobody reads any more, or the database failed and the reader was told.
    async fn send_new(&mut self) -> bool {
        let rows = match line::after(self.store.read(), &self.tenant, self.request, self.last).await {
            Ok(rows) => rows,
            Err(error) => {
                let _ = self.sender.send(Err(error)).await;
                return false;
            }
        };
        let Some(last) = rows.last().map(|row| row.position) else { return true };
        self.last = last;
        let mut lines: Vec<_> = rows.into_iter().filter_map(|row| TimelineLine::of(row, self.view)).collect();
        lines.sort_by_key(|line| (line.at, line.position));
        for line in lines {
            if self.sender.send(Ok(line)).await.is_err() {
                return false;
            }
        }
        true
    }
}
