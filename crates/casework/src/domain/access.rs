//! Who reads a case and who may do what to it: the policy's answers about one case, with the rules of handling beneath.

use parvis_kernel::{
    Caller, Role, Timestamp,
    policy::{self, Answer, CaseFacts, Had, ReadingReason, Relation},
};

use super::{
    case::Case,
    history::Line,
    transition::{Step, next},
    words::words,
};

words! {
    /// What an agent may ask to do.
    Verb, "verb" {
        Start = "start",
        Message = "message",
        Wait = "wait",
        Note = "note",
        Close = "close",
        Reopen = "reopen",
        /// Routing does it; shown here with the others.
        Reassign = "reassign",
        /// Write down what the person says.
        ForPerson = "for_person",
    }
}

words! {
    /// How much of a case a reader is shown.
    Reading, "reading" {
        /// Everything.
        Full = "full",
        /// What the person sees and said, without what agents write to each other.
        Text = "text",
        /// What existed while it was with a unit of the reader's.
        Until = "until",
        /// What was filed.
        Filed = "filed",
        /// That it exists, and how far it is.
        Public = "public",
    }
}

/// The roles with which one reads cases at all.
pub const READERS: [Role; 3] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor];

/// How a reader stands to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    assigned: bool,
    supervises: bool,
    /// The person's own words.
    pub text: Answer,
    /// The files.
    pub files: Answer,
    /// What agents write to each other.
    pub notes: Answer,
    for_person: bool,
    note: bool,
    handles: bool,
    decides: bool,
    hands_on: bool,
}

impl Standing {
    /// How `caller` stands to `case`; `None`: for them it does not exist. `sensitive`: whether the cases of its unit
    /// are closed to everybody else; `had`: the units that had it; `reason`: why somebody at the counter opens it.
    pub fn of(
        caller: &Caller,
        case: &Case,
        sensitive: bool,
        had: &[Had],
        reason: Option<ReadingReason>,
    ) -> Option<Self> {
        let facts = facts(case, sensitive, had);
        let may = |verb| policy::may(caller, &facts, verb, reason);
        if may(policy::Verb::ReadPublic) == Answer::No {
            return None;
        }
        let in_unit = policy::relations(caller, &facts).iter().any(|it| matches!(it, Relation::Unit { .. }));
        Some(Self {
            assigned: caller.agent().is_some_and(|agent| agent.as_str() == case.agent),
            supervises: in_unit && caller.has(Role::Supervisor),
            text: may(policy::Verb::ReadText),
            files: may(policy::Verb::ReadFiles),
            notes: may(policy::Verb::ReadNotes),
            for_person: may(policy::Verb::AddForPerson).is_yes(),
            note: may(policy::Verb::AddNote).is_yes(),
            handles: may(policy::Verb::Handle).is_yes(),
            decides: may(policy::Verb::Decide).is_yes(),
            hands_on: may(policy::Verb::HandOn).is_yes(),
        })
    }

    /// Whether who stands so handles the case, rather than only reads it.
    pub fn handles(self) -> bool {
        self.handles
    }

    /// How much they are shown.
    pub fn reading(self) -> Reading {
        match (self.text, self.notes) {
            (Answer::Yes, Answer::Yes) => Reading::Full,
            (Answer::Yes, _) => Reading::Text,
            (Answer::UpTo(_), _) => Reading::Until,
            (Answer::AsFiled, _) => Reading::Filed,
            (Answer::WithReason | Answer::No, _) => Reading::Public,
        }
    }

    /// Whether a reason would open the text.
    pub fn opens_with_a_reason(self) -> bool {
        self.text == Answer::WithReason
    }

    /// Whether who stands so may do `verb`, in some state.
    pub fn may(self, verb: Verb) -> bool {
        match verb {
            Verb::Start => self.handles && (self.assigned || self.supervises),
            Verb::Note => self.note,
            Verb::Close => self.decides,
            Verb::Reassign => self.hands_on,
            Verb::ForPerson => self.for_person,
            Verb::Message | Verb::Wait | Verb::Reopen => self.handles,
        }
    }

    /// What who stands so may do now.
    pub fn allowed(self, case: &Case) -> Vec<Verb> {
        let possible = |verb: &Verb| match verb {
            Verb::Start => next(case.state, Step::Start).is_some(),
            Verb::Message => next(case.state, Step::Message).is_some(),
            Verb::Wait => next(case.state, Step::Wait).is_some(),
            Verb::Note => next(case.state, Step::Note).is_some(),
            Verb::Close => next(case.state, Step::Close).is_some(),
            Verb::Reopen => next(case.state, Step::Reopen).is_some(),
            Verb::Reassign => case.state.is_open(),
            Verb::ForPerson => next(case.state, Step::Receive).is_some(),
        };
        Verb::ALL.iter().copied().filter(|verb| self.may(*verb) && possible(verb)).collect()
    }
}

/// What the policy looks at.
pub fn facts<'a>(case: &'a Case, sensitive: bool, had: &'a [Had]) -> CaseFacts<'a> {
    CaseFacts {
        tenant: &case.tenant,
        request: case.id,
        open: case.state.is_open(),
        unit: &case.unit.code,
        sensitive,
        handler: &case.agent,
        filed_by: &case.filed_by,
        had,
    }
}

/// The units that had the case before the one in charge, by its history: each until the version that gave it away.
pub fn units_that_had_it(history: &[Line]) -> Vec<Had> {
    let mut versions: Vec<(u64, &str, Timestamp)> = history
        .iter()
        .filter(|line| line.version > 0)
        .map(|line| (line.version, line.unit.as_str(), line.at))
        .collect();
    versions.sort_by_key(|(version, ..)| *version);
    let left = versions.windows(2).filter(|pair| pair[0].1 != pair[1].1 && !pair[0].1.is_empty());
    left.map(|pair| Had { unit: pair[0].1.to_owned(), until: pair[1].2 }).collect()
}
