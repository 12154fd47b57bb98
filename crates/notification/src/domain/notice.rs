//! Kinds and states.

use parvis_kernel::{Error, Result, text::excerpt};

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request was received: CRPA R112-11-1.
    Acknowledgment,
    /// Another service took over.
    Reassigned,
    /// An agent wrote.
    Message,
    /// An agent wrote and the case waits for the answer.
    Waiting,
    /// Granted or rejected.
    Decision,
    /// Closed without a decision for or against.
    Closed,
    /// Open again.
    Reopened,
    /// To a supervisor: a case of their unit waits too long.
    Escalation,
    /// To the body that a request belongs to: the request itself (CRPA L114-2).
    Referral,
}

impl Kind {
    /// Every kind that is for the person who asked.
    pub const TO_CITIZENS: [Self; 7] = [
        Self::Acknowledgment,
        Self::Reassigned,
        Self::Message,
        Self::Waiting,
        Self::Decision,
        Self::Closed,
        Self::Reopened,
    ];
    /// Those that are for others, and that no follow-up page shows.
    pub const TO_OTHERS: [Self; 2] = [Self::Escalation, Self::Referral];

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TO_CITIZENS.into_iter().chain(Self::TO_OTHERS)
    }

    /// Whether it is for the person who asked.
    pub fn is_for_citizen(self) -> bool {
        Self::TO_CITIZENS.contains(&self)
    }

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgment => "acknowledgment",
            Self::Reassigned => "reassigned",
            Self::Message => "message",
            Self::Waiting => "waiting",
            Self::Decision => "decision",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Escalation => "escalation",
            Self::Referral => "referral",
        }
    }

    /// From the stable name.
    pub fn parse(text: &str) -> Result<Self> {
        Self::all()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::invalid("kind", format!("« {} » is not a kind of notice", excerpt(text, 40))))
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// An e-mail to be sent, now or at its next try.
    Pending,
    /// An e-mail that a process is sending, until its lease ends.
    Sending,
    /// Done by the software: e-mail accepted by the server, or portal copy in place.
    Sent,
    /// A person must post, call or type it.
    ToHandOver,
    /// A person did.
    HandedOver,
    /// It will not be tried again.
    Failed,
}

impl State {
    /// As kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::ToHandOver => "to_hand_over",
            Self::HandedOver => "handed_over",
            Self::Failed => "failed",
        }
    }

    /// As told: being sent is still pending for whoever reads.
    pub fn public(kept: &str) -> &str {
        if kept == Self::Sending.as_str() { Self::Pending.as_str() } else { kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for kind in Kind::all() {
            assert_eq!(Kind::parse(kind.as_str()).unwrap(), kind);
        }
        assert!(!Kind::Escalation.is_for_citizen() && Kind::Closed.is_for_citizen());
        assert!(Kind::parse("spam").is_err());
        assert_eq!(State::public("sending"), "pending");
        assert_eq!(State::public("failed"), "failed");
    }
}
