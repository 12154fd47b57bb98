//! What may be asked, and the answers.

use jiff::Timestamp;

use crate::channel::named_enum;

named_enum! {
    /// What somebody wants to do to a case.
    Verb, "verb" {
        /// Know that it exists: its service, its status, its promised date, the steps that the person sees.
        ReadPublic = "read_public",
        /// The person's own words: the text, its title, the answers, who they are, the messages.
        ReadText = "read_text",
        /// The files.
        ReadFiles = "read_files",
        /// What was sent to the person.
        ReadNotices = "read_notices",
        /// What agents write to each other.
        ReadNotes = "read_notes",
        /// Why it went where it went: the explanation quotes the text.
        ReadRouting = "read_routing",
        /// Say or bring something for the person: they write themselves, or somebody writes down what they say.
        AddForPerson = "add_for_person",
        /// Write to colleagues.
        AddNote = "add_note",
        /// Begin, write to the person, wait for them, reopen.
        Handle = "handle",
        /// Say the outcome and close.
        Decide = "decide",
        /// Give it to somebody else.
        HandOn = "hand_on",
        /// Post a letter, read a notice out, type an SMS.
        Carry = "carry",
    }
}

named_enum! {
    /// Why somebody at the counter opens the text of a request that is not theirs. Each opening is logged with it.
    ReadingReason, "reason" {
        /// The person is there and asks.
        PersonPresent = "person_present",
        /// The person is on the telephone, and said who they are.
        PersonOnPhone = "person_on_phone",
        /// A letter or a message came that belongs to it.
        MailReceived = "mail_received",
        /// Something in it was written down wrongly.
        Correction = "correction",
        /// It was sent to the wrong service.
        WrongService = "wrong_service",
    }
}

/// What the policy says. A later one is wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// No. Who may not read the public part either is told that there is nothing.
    No,
    /// Once a reason is given; it is logged.
    WithReason,
    /// What was filed, and nothing that came after.
    AsFiled,
    /// What existed until then.
    UpTo(Timestamp),
    /// Yes.
    Yes,
}

impl Answer {
    /// Whether it is yes, without any limit.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether something that came at `at` is shown, where the request itself was filed at `filed_at`.
    pub fn shows(self, at: Timestamp, filed_at: Timestamp) -> bool {
        match self {
            Self::Yes => true,
            Self::UpTo(until) => at <= until,
            Self::AsFiled => at <= filed_at,
            Self::WithReason | Self::No => false,
        }
    }

    /// Whether what was filed is shown.
    pub fn shows_filed(self) -> bool {
        matches!(self, Self::Yes | Self::UpTo(_) | Self::AsFiled)
    }
}
