//! Applies together what the readers of a role hold at the same moment.

use std::{sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::{
    BATCH,
    apply::{Applier, Share},
};
use crate::Event;

/// How long a first event waits for others to share its transaction: not at all where the last one came alone, and
/// longer the more they were. Under load a commit more costs everybody more than the wait costs one.
fn company(last: usize) -> Duration {
    match last {
        0 | 1 => Duration::ZERO,
        2..=7 => Duration::from_millis(5),
        8..=63 => Duration::from_millis(20),
        _ => Duration::from_millis(60),
    }
}

/// What one reader holds.
pub(super) struct Parcel {
    pub(super) subscription: usize,
    pub(super) events: Arc<[Event]>,
    /// Whether the events' effects are committed. Dropped or `false`: the reader sees to its own.
    pub(super) applied: oneshot::Sender<bool>,
}

/// Applies parcels until every reader is gone.
pub(super) async fn run(applier: Arc<Applier>, mut parcels: mpsc::Receiver<Parcel>) {
    let mut last = 0;
    // A parcel that had no room any more in the last transaction.
    let mut left = None;
    loop {
        let first = match left.take() {
            Some(parcel) => parcel,
            None => {
                let Some(parcel) = parcels.recv().await else { return };
                let wait = company(last);
                if !wait.is_zero() {
                    tokio::time::sleep(wait).await;
                }
                parcel
            }
        };
        let mut taken = first.events.len();
        let mut together = vec![first];
        while let Ok(parcel) = parcels.try_recv() {
            taken += parcel.events.len();
            if taken > BATCH {
                left = Some(parcel);
                break;
            }
            together.push(parcel);
        }
        last = together.iter().map(|parcel| parcel.events.len()).sum();
        let shares: Vec<Share<'_>> =
            together.iter().map(|parcel| (parcel.subscription, parcel.events.as_ref())).collect();
        // Why it failed is found by each reader on its own events.
        let applied = applier.apply(&shares).await.is_ok();
        for parcel in together {
            let _ = parcel.applied.send(applied);
        }
    }
}
