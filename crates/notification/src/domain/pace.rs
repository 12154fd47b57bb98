//! How often strangers may have an address written to. Whoever files without signing in gives any address: it is told of
//! so many receptions an hour, and of the others later.

use std::collections::VecDeque;

use jiff::SignedDuration;
use parvis_kernel::Timestamp;
use sha2::{Digest as _, Sha256};

/// Over how long they are counted.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What tells one mailbox from another, however it is written: no trace of whose. What follows a « + » is the same
/// mailbox.
pub fn mailbox_key(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
    let local = local.split('+').next().unwrap_or_default();
    hex::encode(Sha256::digest(format!("{local}@{domain}")))
}

/// When the latest notices to one mailbox go, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned(VecDeque<Timestamp>);

impl Planned {
    /// From what is kept; anything else counts as nothing.
    pub fn read(text: &str) -> Self {
        let instant = |part: &str| part.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
        Self(text.split(' ').filter_map(instant).collect())
    }

    /// As kept.
    pub fn write(&self) -> String {
        let instants: Vec<String> = self.0.iter().map(|at| at.as_microsecond().to_string()).collect();
        instants.join(" ")
    }

    /// When one more goes: now, or as soon as no more than `most` go in any hour.
    pub fn add(&mut self, most: usize, now: Timestamp) -> Timestamp {
        while self.0.len() > most.max(1) {
            self.0.pop_front();
        }
        let mut at = self.0.back().copied().unwrap_or(now).max(now);
        if self.0.len() == most.max(1)
            && let Some(oldest) = self.0.pop_front()
        {
            at = at.max(oldest + WINDOW);
        }
        self.0.push_back(at);
        at
    }

    /// The last one.
    pub fn last(&self) -> Option<Timestamp> {
        self.0.back().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_mailbox_is_one_however_it_is_written() {
        assert_eq!(mailbox_key("Zoe+mairie@Example.org "), mailbox_key("zoe@example.org"));
        assert_ne!(mailbox_key("zoe@example.org"), mailbox_key("zoe@example.com"));
        assert_eq!(mailbox_key("").len(), 64);
    }

    #[test]
    fn the_seventh_waits_for_its_hour() {
        let mut planned = Planned::default();
        let went: Vec<_> = (0..14).map(|_| planned.add(6, at(0))).collect();
        assert_eq!(went[5], at(0));
        assert_eq!((went[6], went[11], went[12]), (at(3600), at(3600), at(7200)));
        assert_eq!(Planned::read(&planned.write()), planned);
        assert_eq!(Planned::read("x 1 "), Planned::read("1"));
        // A smaller setting later is kept too.
        assert!(planned.add(2, at(7200)) >= at(3600 * 3));
    }

    proptest! {
        #[test]
        fn no_hour_has_more(steps in prop::collection::vec(0_i64..2_000, 1..80), most in 1_usize..8) {
            let (mut planned, mut now, mut went) = (Planned::default(), 0, Vec::new());
            for step in steps {
                now += step;
                let when = planned.add(most, at(now));
                prop_assert!(when >= at(now));
                went.push(when);
            }
            prop_assert!(went.is_sorted());
            for (n, first) in went.iter().enumerate() {
                let within = went[n..].iter().filter(|when| **when < *first + WINDOW).count();
                prop_assert!(within <= most);
            }
        }
    }
}
