//! How much one address may do: a counter that needs no list of addresses.
//!
//! Each address falls on one of a fixed number of slots by a keyed hash, and each slot keeps one instant (the generic
//! cell rate algorithm): memory is bounded whatever comes, nothing is ever cleaned, and nobody can choose to share
//! another's slot. Two addresses that do share one share a limit, which is rare and harmless.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use http::HeaderMap;

const SLOTS: usize = 1 << 16;
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

/// Counts what each address does.
pub struct RateLimiter {
    slots: Box<[AtomicU64]>,
    hasher: RandomState,
    start: Instant,
    per_minute: u32,
}

impl RateLimiter {
    /// `per_minute` changes an address; 0: no limit at all.
    pub fn new(per_minute: u32) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { slots, hasher: RandomState::new(), start: Instant::now(), per_minute }
    }

    /// Counts one; how long to wait where it is one too many.
    pub fn check(&self, limit: Limit, address: IpAddr) -> Result<(), Duration> {
        let elapsed = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.check_at(limit, address, elapsed)
    }

    fn check_at(&self, limit: Limit, address: IpAddr, now: u64) -> Result<(), Duration> {
        let per_minute = match limit {
            _ if self.per_minute == 0 => return Ok(()),
            Limit::Change => self.per_minute,
            Limit::SignIn => SIGN_IN_PER_MINUTE.min(self.per_minute),
        };
        let interval = 60_000_000 / u64::from(per_minute);
        // A whole minute's worth may come at once.
        let burst = 60_000_000 - interval;
        let hash = self.hasher.hash_one((limit, network(address)));
        let Some(slot) = self.slots.get(hash as usize % SLOTS) else { return Ok(()) };
        let mut wait = 0;
        let counted = slot.try_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            let next = next.max(now);
            wait = (next - now).saturating_sub(burst);
            (wait == 0).then_some(next + interval)
        });
        counted.map(|_| ()).map_err(|_| Duration::from_micros(wait))
    }
}

/// An IPv6 subscriber has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let s = v6.segments();
            IpAddr::from([s[0], s[1], s[2], s[3], 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

/// The client's address: the last one that is not a trusted proxy. With `trusted` proxies in front, each appended
/// what it saw to `X-Forwarded-For`, so the one that counts is `trusted` from the end; what a client wrote comes before.
pub fn client_address(headers: &HeaderMap, peer: Option<SocketAddr>, trusted: usize) -> IpAddr {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    if trusted == 0 {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let seen = hops.len().checked_sub(trusted).and_then(|at| hops.get(at));
    seen.and_then(|text| text.parse().ok()).unwrap_or(peer)
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
    fn only_what_trusted_proxies_saw_counts() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.9, 203.0.113.7".parse().unwrap());
        let peer = Some("10.0.0.1:5".parse().unwrap());
        assert_eq!(client_address(&headers, peer, 0).to_string(), "10.0.0.1");
        assert_eq!(client_address(&headers, peer, 1).to_string(), "203.0.113.7");
        assert_eq!(client_address(&headers, peer, 2).to_string(), "198.51.100.9");
        assert_eq!(client_address(&headers, peer, 3).to_string(), "10.0.0.1");
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), network("2001:db8:1:2::9".parse().unwrap()));
    }
}
