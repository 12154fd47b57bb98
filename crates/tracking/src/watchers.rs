//! Who watches which request in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use parvis_kernel::RequestId;
use tokio::sync::watch;

/// Forgotten watchers are looked for when there are more entries than this.
const CROWD: usize = 1024;

/// Wakes the streams of a request when lines of it are committed here. Cheap to clone.
#[derive(Clone, Default)]
pub struct Watchers(Arc<Mutex<HashMap<RequestId, watch::Sender<()>>>>);

impl Watchers {
    /// Changes whenever lines of `request` are committed in this process.
    pub fn subscribe(&self, request: RequestId) -> watch::Receiver<()> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.len() > CROWD {
            watched.retain(|_, sender| sender.receiver_count() > 0);
        }
        watched.entry(request).or_insert_with(|| watch::channel(()).0).subscribe()
    }

    /// Lines of `requests` were committed.
    pub fn wake(&self, requests: &[RequestId]) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.is_empty() {
            return;
        }
        for request in requests {
            // Nobody listens any more: forget it.
            if watched.get(request).is_some_and(|sender| sender.send(()).is_err()) {
                watched.remove(request);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_watch_are_woken_and_none_is_kept() {
        let watchers = Watchers::default();
        let (mine, other) = (RequestId::new(), RequestId::new());
        let mut receiver = watchers.subscribe(mine);
        watchers.wake(&[other]);
        assert!(!receiver.has_changed().unwrap());
        watchers.wake(&[other, mine]);
        assert!(receiver.has_changed().unwrap());
        receiver.mark_unchanged();
        drop(receiver);
        watchers.wake(&[mine]);
        assert!(watchers.0.lock().unwrap().is_empty());
    }
}
