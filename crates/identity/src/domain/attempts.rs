//! How often one may try a password.
//!
//! An attempt is counted *before* its password is looked at, so a hundred at once are still counted one by one. From
//! the third in a row the next must wait, longer each time; the tenth locks for a quarter of an hour, and so does each
//! one after. A day without a failure, or a success, forgets them. Logins that name nobody are counted the same way,
//! so that a lock does not say who exists.
//!
//! Each origin ([`super::origin`]) has a count of its own. Whoever guesses from many networks at once comes to
//! [`MOST_FROM_STRANGERS`]: then only origins that somebody signed in from before may go on.

use jiff::SignedDuration;
use parvis_kernel::{Error, ErrorKind, Refusal, Result, Timestamp};

/// Attempts in a row that lock.
pub const LOCK_AFTER: i32 = 10;
/// Failures a day on one account, from networks that nobody signed in from, after which no new network may try.
pub const MOST_FROM_STRANGERS: i64 = 100;
const LOCK: SignedDuration = SignedDuration::from_mins(15);
const FORGET: SignedDuration = SignedDuration::from_hours(24);

/// Attempts that did not succeed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many in a row.
    pub failures: i32,
    /// The last.
    pub failed_at: Option<Timestamp>,
    /// No attempt before.
    pub locked_until: Option<Timestamp>,
}

impl Attempts {
    /// Counts one more, as failed until it proves right.
    ///
    /// # Errors
    /// "Exhausted" while one must wait; nothing is counted then.
    pub fn attempt(self, now: Timestamp) -> Result<Self> {
        if let Some(until) = self.locked_until.filter(|until| *until > now) {
            let seconds = (until.as_microsecond() - now.as_microsecond() + 999_999) / 1_000_000;
            return Err(too_many(format!("too many attempts: try again in {seconds} seconds")));
        }
        let forgotten = self.failed_at.is_none_or(|at| at + FORGET <= now);
        let failures = if forgotten { 1 } else { self.failures.saturating_add(1) };
        let wait = wait_after(failures);
        Ok(Self { failures, failed_at: Some(now), locked_until: wait.map(|wait| now + wait) })
    }

    /// When those who failed before may be forgotten.
    pub fn forget_before(now: Timestamp) -> Timestamp {
        now - FORGET
    }
}

/// What whoever must wait is told.
pub fn too_many(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Exhausted, message.into()).refused(Refusal::TooManyAttempts)
}

fn wait_after(failures: i32) -> Option<SignedDuration> {
    match failures {
        ..=2 => None,
        3..LOCK_AFTER => Some(SignedDuration::from_secs(1 << (failures - 3))),
        LOCK_AFTER.. => Some(LOCK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_then_it_locks() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut attempts = Attempts::default();
        let mut waits = Vec::new();
        for _ in 0..11 {
            attempts = attempts.attempt(now).unwrap();
            let until = attempts.locked_until.unwrap_or(now);
            waits.push(until.as_second() - now.as_second());
            if until > now {
                let refused = attempts.attempt(until - SignedDuration::from_micros(1)).unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Exhausted);
            }
            now = until;
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 900, 900]);
    }

    #[test]
    fn a_quiet_day_forgets() {
        let now = Timestamp::UNIX_EPOCH;
        let attempts = Attempts { failures: 30, failed_at: Some(now), locked_until: Some(now + LOCK) };
        assert_eq!(attempts.attempt(now + FORGET).unwrap().failures, 1);
        assert_eq!(attempts.attempt(now + LOCK).unwrap().failures, 31);
    }

    #[test]
    fn the_wait_is_told() {
        let now = Timestamp::UNIX_EPOCH;
        let attempts = Attempts { failures: 10, failed_at: Some(now), locked_until: Some(now + LOCK) };
        let error = attempts.attempt(now + SignedDuration::from_secs(800)).unwrap_err();
        assert!(error.message().contains("100 seconds"), "{error}");
    }
}
