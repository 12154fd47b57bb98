//! What a refresh token is worth.
//!
//! Each is good once. Used again, it was copied: the whole session ends. One exception: a browser with two tabs may
//! send the same one twice at the same moment, so a second use within [`GRACE`] of the first is answered with a pair of
//! its own. A third never is.

use jiff::SignedDuration;
use parvis_kernel::Timestamp;

/// How long after its first use a token may be used once more.
pub const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// A token as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// When it was first used.
    pub spent_at: Option<Timestamp>,
    /// Whether the second use was granted.
    pub reused: bool,
}

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// First use: mark it spent and give a pair.
    Spend,
    /// Second tab: mark it reused and give a pair.
    Reuse,
    /// Copied: end the session.
    EndSession,
}

impl TokenUse {
    /// What a use at `now` deserves.
    pub fn verdict(self, now: Timestamp) -> Verdict {
        match self.spent_at {
            None => Verdict::Spend,
            Some(at) if !self.reused && now < at + GRACE => Verdict::Reuse,
            Some(_) => Verdict::EndSession,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reuse_within_the_grace() {
        let at = Timestamp::UNIX_EPOCH;
        let spent = TokenUse { spent_at: Some(at), reused: false };
        assert_eq!(TokenUse { spent_at: None, reused: false }.verdict(at), Verdict::Spend);
        assert_eq!(spent.verdict(at + SignedDuration::from_secs(9)), Verdict::Reuse);
        assert_eq!(spent.verdict(at + GRACE), Verdict::EndSession);
        assert_eq!(TokenUse { reused: true, ..spent }.verdict(at), Verdict::EndSession);
    }
}
