//! What a role keeps in memory of each authority. A change, by this process or another, moves a revision in the role's
//! database, which is looked at every second at most: what serves asks the database for nothing else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use parvis_kernel::TenantId;

/// How long what is in memory is trusted.
const FRESH: Duration = Duration::from_secs(1);

/// Each authority's, with the revision it was read at.
pub struct TenantCache<T> {
    all: ArcSwap<HashMap<TenantId, (i64, Arc<T>)>>,
    looked_at: Mutex<Instant>,
}

impl<T> Default for TenantCache<T> {
    fn default() -> Self {
        Self { all: ArcSwap::default(), looked_at: Mutex::new(Instant::now()) }
    }
}

impl<T: Default> TenantCache<T> {
    /// What is in memory of `tenant`; the default where that is nothing.
    pub fn get(&self, tenant: &TenantId) -> Arc<T> {
        self.all.load().get(tenant).map(|(_, kept)| kept.clone()).unwrap_or_default()
    }

    /// Whether it is time to look at the revisions: for one caller only, the others go on with what is there.
    pub fn is_my_turn(&self) -> bool {
        let Ok(mut looked_at) = self.looked_at.try_lock() else { return false };
        if looked_at.elapsed() < FRESH {
            return false;
        }
        *looked_at = Instant::now();
        true
    }

    /// Those of `revisions` that are not in memory yet, to be read and [kept](Self::keep).
    pub fn behind(&self, revisions: HashMap<TenantId, i64>) -> Vec<(TenantId, i64)> {
        let all = self.all.load();
        let is_behind =
            |(tenant, revision): &(TenantId, i64)| all.get(tenant).is_none_or(|(known, _)| known < revision);
        revisions.into_iter().filter(is_behind).collect()
    }

    /// Keeps what was read at a revision; what was read at a later one meanwhile stays.
    pub fn keep(&self, read: Vec<(TenantId, i64, T)>) {
        if read.is_empty() {
            return;
        }
        let read: Vec<_> =
            read.into_iter().map(|(tenant, revision, value)| (tenant, (revision, Arc::new(value)))).collect();
        self.all.rcu(|all| {
            let mut all = HashMap::clone(all);
            for (tenant, (revision, value)) in &read {
                if all.get(tenant).is_none_or(|(known, _)| known < revision) {
                    all.insert(tenant.clone(), (*revision, value.clone()));
                }
            }
            all
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town(slug: &str) -> TenantId {
        TenantId::parse(slug).unwrap()
    }

    #[test]
    fn only_what_moved_is_read_and_what_is_newer_stays() {
        let cache = TenantCache::<&str>::default();
        let revisions = |clairval, bourg| HashMap::from([(town("clairval"), clairval), (town("bourg"), bourg)]);
        assert_eq!(cache.behind(revisions(1, 1)).len(), 2);
        cache.keep(vec![(town("clairval"), 1, "first"), (town("bourg"), 1, "first")]);
        assert_eq!(cache.behind(revisions(2, 1)), [(town("clairval"), 2)]);
        cache.keep(vec![(town("clairval"), 3, "third")]);
        // Read before that, by one who was slower.
        cache.keep(vec![(town("clairval"), 2, "second")]);
        assert_eq!((*cache.get(&town("clairval")), *cache.get(&town("bourg"))), ("third", "first"));
        assert_eq!(*cache.get(&town("ailleurs")), "");
        assert!(!cache.is_my_turn(), "it was read just now");
    }
}
