//! The words of a case, stable on the wire and in the store.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = parvis_kernel::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    parvis_kernel::FieldViolation::not_one_of($field, text, &known).into()
                })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where the handling stands.
    State, "state" {
        /// Opened; with nobody in particular.
        New = "new",
        /// An agent has it and has not begun.
        Assigned = "assigned",
        /// Being handled.
        InProgress = "in_progress",
        /// The citizen is to answer.
        WaitingCitizen = "waiting_citizen",
        /// The outcome is known, the citizen is about to be told.
        Decided = "decided",
        /// Over.
        Closed = "closed",
        /// Over, then taken up again.
        Reopened = "reopened",
    }
}

impl State {
    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }
}

words! {
    /// How it ended.
    Outcome, "outcome" {
        Granted = "granted",
        Rejected = "rejected",
        Answered = "answered",
        ClosedWithoutAction = "closed_without_action",
        TransferredOut = "transferred_out",
    }
}

impl Outcome {
    /// Whether the authority decided for or against what was asked.
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Granted | Self::Rejected)
    }
}

words! {
    /// How urgent routing, then time, made it.
    Priority, "priority" {
        Low = "low",
        Normal = "normal",
        High = "high",
        Urgent = "urgent",
    }
}

impl Priority {
    /// One step more urgent.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Normal,
            Self::Normal => Self::High,
            Self::High | Self::Urgent => Self::Urgent,
        }
    }
}

words! {
    /// From whom to whom a message goes.
    Direction, "direction" {
        ToCitizen = "to_citizen",
        FromCitizen = "from_citizen",
        /// Read by agents only.
        Note = "note",
    }
}
