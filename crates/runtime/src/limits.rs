//! How much one address may do: a counter that needs no list of addresses.
//!
//! Each address falls on one of a fixed number of slots by a keyed hash, and each slot keeps one instant (the generic
//! cell rate algorithm): memory is bounded whatever comes, nothing is ever cleaned, and nobody can choose to share
//! another's slot. Two addresses that do share one share a limit, which is rare and harmless.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hash},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::client::network;

const SLOTS: usize = 1 << 16;
const MINUTE: u64 = 60_000_000;
/// Attempts to sign in, or to get a token, of one address, a minute.
const SIGN_IN_PER_MINUTE: u32 = 30;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Whatever changes something.
    Change,
    /// Giving a password.
    SignIn,
}

impl Limit {
    /// How calls of a gRPC method are counted; `None` for those that only read, and for methods that do not exist.
    pub fn of_method(name: &str) -> Option<Self> {
        const READ: [&str; 10] =
            ["Get", "List", "Search", "Watch", "Download", "Suggest", "Count", "Explain", "Read", "unknown"];
        match name {
            "SignIn" | "IssuePartnerToken" | "ChangePassword" => Some(Self::SignIn),
            name if READ.iter().any(|verb| name.starts_with(verb)) => None,
            _ => Some(Self::Change),
        }
    }
}

/// What many spend at a steady rate, each their own, some of it at once.
pub struct Allowances {
    slots: Box<[AtomicU64]>,
    hasher: RandomState,
    start: Instant,
}

impl Default for Allowances {
    fn default() -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { slots, hasher: RandomState::new(), start: Instant::now() }
    }
}

impl Allowances {
    /// Spends `amount` of the `most` that `who` has in a `period`; how long to wait where too little is left.
    pub fn spend(&self, who: impl Hash, amount: u64, most: u64, period: Duration) -> Result<(), Duration> {
        let elapsed = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.spend_at(who, amount, most, u64::try_from(period.as_micros()).unwrap_or(u64::MAX), elapsed)
    }

    fn spend_at(&self, who: impl Hash, amount: u64, most: u64, period: u64, now: u64) -> Result<(), Duration> {
        let cost = u128::from(period) * u128::from(amount) / u128::from(most.max(1));
        let cost = u64::try_from(cost).unwrap_or(u64::MAX);
        // A whole period's worth may come at once.
        let burst = period.saturating_sub(cost);
        let hash = self.hasher.hash_one(who);
        let Some(slot) = self.slots.get(hash as usize % SLOTS) else { return Ok(()) };
        let mut wait = 0;
        let counted = slot.try_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            let next = next.max(now);
            wait = (next - now).saturating_sub(burst);
            (wait == 0).then_some(next.saturating_add(cost))
        });
        counted.map(|_| ()).map_err(|_| Duration::from_micros(wait))
    }
}

/// Counts what each address does.
#[derive(Default)]
pub struct RateLimiter {
    allowances: Allowances,
    per_minute: u32,
}

impl RateLimiter {
    /// `per_minute` changes an address; 0: no limit at all.
    pub fn new(per_minute: u32) -> Self {
        Self { allowances: Allowances::default(), per_minute }
    }

    /// Counts one; how long to wait where it is one too many.
    pub fn check(&self, limit: Limit, address: IpAddr) -> Result<(), Duration> {
        let elapsed = u64::try_from(self.allowances.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.check_at(limit, address, elapsed)
    }

    fn check_at(&self, limit: Limit, address: IpAddr, now: u64) -> Result<(), Duration> {
        let per_minute = match limit {
            _ if self.per_minute == 0 => return Ok(()),
            Limit::Change => self.per_minute,
            Limit::SignIn => SIGN_IN_PER_MINUTE.min(self.per_minute),
        };
        self.allowances.spend_at((limit, network(address)), 1, u64::from(per_minute), MINUTE, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_passes_then_one_an_interval() {
        let limiter = RateLimiter::new(60);
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..60 {
            limiter.check_at(Limit::Change, address, 1_000).unwrap();
        }
        let wait = limiter.check_at(Limit::Change, address, 1_000).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert!(limiter.check_at(Limit::Change, IpAddr::from([192, 0, 2, 2]), 1_000).is_ok(), "another is free");
        limiter.check_at(Limit::Change, address, 1_000 + 1_000_000).unwrap();
        assert!(limiter.check_at(Limit::Change, address, 1_000 + 1_000_000).is_err());
        assert!(RateLimiter::new(0).check_at(Limit::SignIn, address, 0).is_ok());
    }

    #[test]
    fn signing_in_is_counted_apart_and_tighter() {
        let limiter = RateLimiter::new(600);
        let address = IpAddr::from([192, 0, 2, 1]);
        let passed = (0..100).filter(|_| limiter.check_at(Limit::SignIn, address, 5).is_ok()).count();
        assert_eq!(passed, 30);
        assert!(limiter.check_at(Limit::Change, address, 5).is_ok());
    }

    #[test]
    fn bytes_are_spent_like_calls() {
        let bytes = Allowances::default();
        let spend = |amount, now| bytes.spend_at("me", amount, 1_000, MINUTE, now);
        assert!(spend(600, 1).is_ok() && spend(400, 1).is_ok());
        assert!(spend(1, 1).is_err() && spend(400, MINUTE / 2).is_ok());
        assert!(spend(2_000, MINUTE * 9).is_ok(), "one that is larger than all passes alone");
        assert!(spend(1, MINUTE * 9).is_err());
    }
}
