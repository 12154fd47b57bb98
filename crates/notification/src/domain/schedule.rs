//! When an e-mail that did not go is tried again.

use jiff::SignedDuration;
use parvis_kernel::{NoticeId, Timestamp};

/// Waits before each try, in seconds: at once, then growing, about a day in all.
const WAITS: [i64; 8] = [0, 30, 2 * 60, 10 * 60, 30 * 60, 2 * 3600, 6 * 3600, 16 * 3600];

/// How long a process has to send by SMTP what it claimed before another may. Longer than a batch can take.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// The same where messages are files: a batch takes milliseconds, and a second writing gives the same file.
pub const FILE_LEASE: SignedDuration = SignedDuration::from_secs(20);

/// When a notice tried `tries` times is tried again; `None`: it was tried `attempts` times, that is enough. One whose
/// address was put right after that is tried as often again.
///
/// A tenth of the wait at most is added, drawn from the notice's id: notices that failed together (the server was
/// down) do not come back together.
pub fn next_try(id: NoticeId, tries: i16, attempts: u8, now: Timestamp) -> Option<Timestamp> {
    let (tries, attempts) = (usize::try_from(tries).unwrap_or(0), usize::from(attempts.max(1)));
    let tries = if tries == 0 { 0 } else { (tries - 1) % attempts + 1 };
    if tries == attempts {
        return None;
    }
    let wait = WAITS[tries.min(WAITS.len() - 1)];
    let bytes = id.0.as_bytes();
    let share = i64::from(u16::from_be_bytes([bytes[14], bytes[15]]));
    Some(now + SignedDuration::from_millis(wait * 1000 + wait * 100 * share / 65_536))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_about_a_day_and_end() {
        let now = Timestamp::UNIX_EPOCH;
        let id = NoticeId::new();
        let mut at = now;
        let mut last = SignedDuration::ZERO;
        for tries in 1..8 {
            let next = next_try(id, tries, 8, at).unwrap();
            let wait = next.duration_since(at);
            assert!(wait > last);
            last = wait;
            at = next;
        }
        let day = at.duration_since(now).as_hours();
        assert!((24..28).contains(&day), "{day}");
        assert!(next_try(id, 8, 8, at).is_none());
        assert!(next_try(id, 3, 3, at).is_none());
        assert!(next_try(id, 20, 30, at).is_some());
        assert!(next_try(id, 9, 8, at).is_some() && next_try(id, 16, 8, at).is_none());
    }

    #[test]
    fn jitter_stays_below_a_tenth_and_is_stable() {
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..200 {
            let id = NoticeId::new();
            let wait = next_try(id, 1, 8, now).unwrap().duration_since(now);
            assert!(wait >= SignedDuration::from_secs(30) && wait < SignedDuration::from_secs(33));
            assert_eq!(next_try(id, 1, 8, now), next_try(id, 1, 8, now));
        }
    }
}
