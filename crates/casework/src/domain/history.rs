//! The history of a case: one line a version, appended and never changed. The case's state can be recomputed from it.

use parvis_kernel::{Caller, CaseId, Error, Result, Timestamp};

use super::{
    transition::{self, Step},
    words::{Outcome, Priority, State, words},
};

words! {
    /// What a line tells.
    Kind, "kind" {
        Opened = "opened",
        Assigned = "assigned",
        Queued = "queued",
        Started = "started",
        Message = "message",
        Waiting = "waiting",
        CitizenMessage = "citizen_message",
        /// The citizen answered a case that waited.
        Resumed = "resumed",
        Note = "note",
        Decided = "decided",
        Closed = "closed",
        Reopened = "reopened",
        /// The town's promise has passed.
        Overdue = "overdue",
        /// Still overdue a working day later.
        Escalated = "escalated",
        /// Tomorrow silence becomes a decision.
        LegalNear = "legal_near",
        /// No date has come and nothing has happened for ten working days.
        Review = "review",
        NoticeSent = "notice_sent",
        NoticeFailed = "notice_failed",
        /// Routing thinks that it is rather another body's.
        TransferProposed = "transfer_proposed",
        /// An agent says that it is not.
        TransferRefused = "transfer_refused",
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// `agent:claire-martin`, `citizen`, `system:casework`.
    pub key: String,
    /// Name shown.
    pub name: String,
}

impl Author {
    /// Whoever calls.
    pub fn of(caller: &Caller) -> Self {
        Self { key: caller.actor_key(), name: caller.name.clone() }
    }

    /// The citizen, under the name declared.
    pub fn citizen(name: &str) -> Self {
        let name = if name.is_empty() { "L’usager" } else { name };
        Self { key: "citizen".to_owned(), name: name.to_owned() }
    }

    /// Whether it is an agent.
    pub fn is_agent(&self) -> bool {
        self.key.starts_with("agent:")
    }

    /// Parvis itself.
    pub fn system() -> Self {
        Self { key: "system:casework".to_owned(), name: "Parvis".to_owned() }
    }
}

/// One line, with the case as it was after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The case.
    pub case_id: CaseId,
    /// When.
    pub at: Timestamp,
    /// The version it made; 0 where the case did not change: a notice's outcome, a proposal.
    pub version: u64,
    /// What happened.
    pub kind: Kind,
    /// Who did it.
    pub author: Author,
    /// One French sentence, for agents.
    pub detail: String,
    /// One French sentence for the citizen; empty: not shown. Not kept: it travels with the event.
    pub public_detail: String,
    /// The state before. Not kept: the line before says it.
    pub from: State,
    /// The state after.
    pub state: State,
    /// The outcome after.
    pub outcome: Option<Outcome>,
    /// The unit after.
    pub unit: String,
    /// The agent after.
    pub agent: String,
    /// The priority after.
    pub priority: Priority,
}

impl Line {
    /// Something told beside the case, which does not change it.
    pub fn beside(case_id: CaseId, at: Timestamp, kind: Kind, author: Author, detail: String) -> Self {
        Self {
            case_id,
            at,
            version: 0,
            kind,
            author,
            detail,
            public_detail: String::new(),
            from: State::New,
            state: State::New,
            outcome: None,
            unit: String::new(),
            agent: String::new(),
            priority: Priority::Normal,
        }
    }
}

/// What of a case its history says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// Its version.
    pub version: u64,
    /// Its state.
    pub state: State,
    /// Its outcome.
    pub outcome: Option<Outcome>,
    /// Its unit.
    pub unit: String,
    /// Its agent.
    pub agent: String,
    /// Its priority.
    pub priority: Priority,
    /// Whether the town's promise has passed.
    pub overdue: bool,
}

/// Recomputes a case from its lines, in any order, through the transition table. Versions order them: two processes'
/// clocks may differ.
///
/// # Errors
/// "Internal" where the lines tell something that cannot have happened.
pub fn recompute(lines: &[Line]) -> Result<Recomputed> {
    let mut case = Recomputed {
        version: 0,
        state: State::New,
        outcome: None,
        unit: String::new(),
        agent: String::new(),
        priority: Priority::Normal,
        overdue: false,
    };
    let mut versioned: Vec<&Line> = lines.iter().filter(|line| line.version > 0).collect();
    versioned.sort_by_key(|line| line.version);
    for line in versioned {
        if line.version != case.version + 1 {
            return Err(Error::internal(format!("version {} follows {}", line.version, case.version)));
        }
        if let Some(step) = step_of(line, &case) {
            case.state = transition::require(case.state, step).map_err(Error::internal)?;
        }
        if case.state != line.state {
            return Err(Error::internal(format!("line {} says {}, not {}", line.version, line.state, case.state)));
        }
        match line.kind {
            Kind::Overdue => case.overdue = true,
            Kind::Reopened => case.overdue = false,
            _ => {}
        }
        case.version = line.version;
        case.outcome = line.outcome;
        case.unit.clone_from(&line.unit);
        case.agent.clone_from(&line.agent);
        case.priority = line.priority;
    }
    Ok(case)
}

fn step_of(line: &Line, before: &Recomputed) -> Option<Step> {
    Some(match line.kind {
        Kind::Opened | Kind::NoticeSent | Kind::NoticeFailed | Kind::TransferProposed | Kind::TransferRefused => {
            return None;
        }
        Kind::Assigned if line.agent == before.agent => Step::Confirm,
        Kind::Assigned => Step::Assign,
        Kind::Queued => Step::Queue,
        Kind::Started => Step::Start,
        Kind::Message => Step::Message,
        Kind::Waiting => Step::Wait,
        Kind::CitizenMessage => Step::Receive,
        Kind::Resumed => Step::Resume,
        Kind::Note => Step::Note,
        Kind::Decided => Step::Decide,
        Kind::Closed => Step::Close,
        Kind::Reopened => Step::Reopen,
        Kind::Overdue | Kind::Escalated | Kind::LegalNear | Kind::Review => Step::Timer,
    })
}
