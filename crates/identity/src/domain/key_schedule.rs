//! When keys are made, sign and go.
//!
//! A key is published at least [`NOTICE`] before it signs, so that every role has fetched it (they ask each minute).
//! It stays published for [`LINGER`] after its successor signs: longer than the longest token it may have signed.

use jiff::SignedDuration;
use parvis_kernel::Timestamp;

/// How long a key is published before it signs.
pub const NOTICE: SignedDuration = SignedDuration::from_mins(10);
/// How long it stays published once its successor signs: the longest token (60 minutes) and clocks that differ.
pub const LINGER: SignedDuration = SignedDuration::from_mins(75);

/// The times of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    /// One more than its predecessor's.
    pub generation: i32,
    /// Signs from then on, until its successor does.
    pub activates_at: Timestamp,
    /// Published until then; known once it has a successor.
    pub retires_at: Option<Timestamp>,
}

impl KeyTimes {
    /// Whether verifiers must know it.
    pub fn is_published(&self, now: Timestamp) -> bool {
        self.retires_at.is_none_or(|at| at > now)
    }
}

/// The key that signs at `now`: the latest that is active. Before any is, the first: better than nobody signing.
pub fn signing<K>(keys: &[K], times: impl Fn(&K) -> KeyTimes, now: Timestamp) -> Option<&K> {
    keys.iter()
        .filter(|key| times(key).activates_at <= now)
        .max_by_key(|key| times(key).generation)
        .or_else(|| keys.iter().min_by_key(|key| times(key).generation))
}

/// What must be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its times.
    pub times: KeyTimes,
    /// When its predecessor goes, where there is one: (generation, retires at).
    pub predecessor: Option<(i32, Timestamp)>,
}

/// The key to make at `now`, if any: the first at once; the next so that it is published in time to take over when
/// the last has signed for `life`.
pub fn due(latest: Option<KeyTimes>, now: Timestamp, life: SignedDuration) -> Option<NewKey> {
    let Some(latest) = latest else {
        let times = KeyTimes { generation: 1, activates_at: now, retires_at: None };
        return Some(NewKey { times, predecessor: None });
    };
    if now < latest.activates_at + life - NOTICE {
        return None;
    }
    let activates_at = now + NOTICE;
    Some(NewKey {
        times: KeyTimes { generation: latest.generation + 1, activates_at, retires_at: None },
        predecessor: Some((latest.generation, activates_at + LINGER)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    #[test]
    fn there_is_always_one_key_that_signs_and_it_was_published_before() {
        let life = DAY * 30;
        let mut now = Timestamp::UNIX_EPOCH;
        let mut keys: Vec<(KeyTimes, Timestamp)> = Vec::new();
        for step in 0..4000 {
            let latest = keys.iter().map(|(times, _)| *times).max_by_key(|times| times.generation);
            if let Some(new) = due(latest, now, life) {
                for (times, _) in &mut keys {
                    if new.predecessor.is_some_and(|(generation, _)| generation == times.generation) {
                        times.retires_at = new.predecessor.map(|(_, at)| at);
                    }
                }
                keys.push((new.times, now));
            }
            let (signing, made) = signing(&keys, |key| key.0, now).copied().unwrap();
            assert!(signing.is_published(now), "step {step}");
            assert!(signing.generation == 1 || now >= made + NOTICE, "step {step}");
            // Whatever it signs now is verified to its end.
            assert!(signing.is_published(now + SignedDuration::from_mins(60)), "step {step}");
            now += SignedDuration::from_mins(if step % 7 == 0 { 600 } else { 1 });
        }
        assert!(keys.len() > 2, "{}", keys.len());
    }

    #[test]
    fn nothing_is_due_while_the_successor_waits() {
        let now = Timestamp::UNIX_EPOCH + DAY * 40;
        let latest = KeyTimes { generation: 2, activates_at: now + NOTICE, retires_at: None };
        assert_eq!(due(Some(latest), now, DAY * 30), None);
    }
}
