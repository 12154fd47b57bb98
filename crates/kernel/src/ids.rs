//! Identifiers, each its own type so that one cannot be passed for another.
//!
//! Requests, cases and events use UUID version 7: they sort by creation and index well. People and units of the
//! directory are named by the code an administrator wrote, so a file imported twice names the same ones.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh, time-ordered id.
            #[expect(clippy::new_without_default, reason = "an id has no default value")]
            #[expect(clippy::disallowed_methods, reason = "the one place where ids are drawn")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Uuid::try_parse(text).map(Self).map_err(|_| {
                    Error::wrong(
                        stringify!($name),
                        $crate::reason::Expected::Id,
                        format!("« {} » is not an identifier (UUID)", crate::text::excerpt(text, 40)),
                    )
                })
            }
        }
    };
}

macro_rules! code_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the shape (`[a-z0-9-]`, 2 to 40 characters, no dash at an end).
            pub fn parse(text: &str) -> Result<Self> {
                if is_code(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Error::wrong(
                        stringify!($name),
                        $crate::reason::Expected::Code,
                        format!("« {} » is not a code: 2 to 40 of a-z, 0-9 and dash", crate::text::excerpt(text, 40)),
                    ))
                }
            }
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Whether `text` may be a code: `[a-z0-9-]`, 2 to 40 characters, no dash at an end.
pub fn is_code(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

uuid_id! {
    /// What a citizen said, once. The case that handles it keeps this id.
    RequestId
}
uuid_id! {
    /// A file sent with a request.
    AttachmentId
}
uuid_id! {
    /// One event of the outbox; also the message's deduplication id.
    EventId
}
uuid_id! {
    /// A message between an agent and a citizen, or an internal note.
    MessageId
}
uuid_id! {
    /// One decision of the router.
    DecisionId
}
uuid_id! {
    /// One notice to one person.
    NoticeId
}
uuid_id! {
    /// A person known to the authority.
    CitizenId
}
code_id! {
    /// A direction or service of the authority.
    UnitId
}
code_id! {
    /// A group of agents inside a unit.
    TeamId
}
code_id! {
    /// Someone who works for the authority.
    AgentId
}
code_id! {
    /// A place with a counter.
    SiteId
}
code_id! {
    /// A procedure, whatever its version.
    ProcedureCode
}

/// A case has the id of the request it handles.
pub type CaseId = RequestId;

/// How many partitions each role's events are spread over: order is kept inside one.
pub const PARTITIONS: u8 = 16;

impl RequestId {
    /// Which of the [`PARTITIONS`] carries this request's events, from the id's random last byte.
    pub fn partition(self) -> u8 {
        self.0.as_bytes()[15] % PARTITIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_checked() {
        assert!(UnitId::parse("etat-civil").is_ok());
        for bad in ["", "a", "-a", "a-", "État", "a b", &"x".repeat(41), "a.b", "a>b", "a*"] {
            assert!(UnitId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn partitions_are_in_range_and_all_used() {
        let used: std::collections::BTreeSet<u8> = (0..2000).map(|_| RequestId::new().partition()).collect();
        assert_eq!(used.len(), usize::from(PARTITIONS));
        assert!(used.iter().all(|p| *p < PARTITIONS));
    }
}
