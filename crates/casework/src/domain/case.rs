//! A case and what may happen to it. Each method makes one version and gives the line to keep of it.

use jiff::civil::Date;
use parvis_kernel::{CaseId, Reference, Result, TenantId, Timestamp};
use parvis_proto::common::{ProcedureSnapshot, UnitContact};

use super::{
    calendar::TownCalendar,
    history::{Author, Kind, Line},
    requester::CaseRequest,
    text, transition,
    transition::Step,
    wording,
    words::{Outcome, Priority, State},
};

/// Characters of a title at most.
const TITLE: usize = 80;

/// The handling of a request.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the contract's message Case documents each")]
pub struct Case {
    pub id: CaseId,
    pub tenant: TenantId,
    pub reference: Reference,
    pub version: u64,
    /// The version in the store, over which this one is to be written.
    pub base_version: u64,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub title: String,
    pub channel: String,
    pub received_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub procedure: ProcedureSnapshot,
    /// Without a code until routed.
    pub unit: UnitContact,
    pub agent: String,
    pub agent_name: String,
    pub priority: Priority,
    pub requester_name: String,
    /// The name as searched.
    pub requester_search: String,
    pub legal_due_on: Option<Date>,
    pub service_due_on: Option<Date>,
    pub overdue: bool,
    pub next_timer_at: Option<Timestamp>,
    pub unread: bool,
    /// Of the last decision of routing that was shown.
    pub decision_sequence: Option<u64>,
    /// Whether the acknowledgment was asked for.
    pub acknowledged: bool,
    /// Since when the citizen is waited for.
    pub waiting_since: Option<Timestamp>,
    pub filed_by: String,
}

/// What routing decided.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message CaseAssigned documents each")]
pub struct Decision {
    pub sequence: u64,
    pub unit: UnitContact,
    pub agent: String,
    pub agent_name: String,
    pub priority: Priority,
    pub summary: String,
    pub reason: String,
    pub actor: String,
}

/// A decision of routing, once shown.
#[derive(Debug)]
pub struct Shown {
    /// What is kept of it.
    pub line: Line,
    /// Whether the citizen has not been told of any before.
    pub first: bool,
    /// The unit that had it, where another one has it now.
    pub left: Option<UnitContact>,
}

impl Case {
    /// Opens the case of a request.
    ///
    /// # Errors
    /// "Invalid" where the request lacks what a case cannot be without.
    pub fn open(tenant: &TenantId, request: &CaseRequest, now: Timestamp, town: &TownCalendar) -> Result<(Self, Line)> {
        let submitted = &request.submitted;
        let received_at = parvis_proto::from_proto_time(submitted.received_at.as_ref(), "received_at")?.unwrap_or(now);
        let procedure = submitted.procedure.clone().unwrap_or_default();
        let requester = request.requester();
        // A free text has its own first words: twenty cases of the same general title cannot be told apart.
        let free = procedure.code.is_empty() && !submitted.text.trim().is_empty();
        let title = if free || procedure.title.is_empty() { &submitted.text } else { &procedure.title };
        let mut case = Self {
            id: submitted.request_id.parse()?,
            tenant: tenant.clone(),
            reference: submitted.reference.parse()?,
            version: 1,
            base_version: 0,
            state: State::New,
            outcome: None,
            title: text::first_words(title, TITLE),
            channel: submitted.channel.clone(),
            received_at,
            updated_at: now,
            closed_at: None,
            legal_due_on: town.legal_due(received_at, &procedure),
            service_due_on: town.service_due(received_at, &procedure),
            procedure,
            unit: UnitContact::default(),
            agent: String::new(),
            agent_name: String::new(),
            priority: Priority::Normal,
            requester_name: text::display_name(&requester),
            requester_search: text::search_name(&requester),
            overdue: false,
            next_timer_at: None,
            unread: false,
            decision_sequence: None,
            acknowledged: false,
            waiting_since: None,
            filed_by: request.filed_by().to_owned(),
        };
        case.next_timer_at = town.next_timer(&case, now);
        let author = match submitted.acted_by.as_str() {
            "" | "citizen" => Author::citizen(&case.requester_name),
            key => Author { key: key.to_owned(), name: submitted.acted_by_name.clone() },
        };
        let line = case.line(Kind::Opened, State::New, &author, now, wording::opened(&case.channel).to_owned());
        Ok((case, Line { public_detail: "Votre demande est enregistrée.".to_owned(), ..line }))
    }

    /// The case without the person's own words: the title of a request written freely is its first ones.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        self.title.clone_from(&self.procedure.title);
        self.unread = false;
        self
    }

    /// Shows a decision of routing; `None` where a later one was shown already.
    pub fn show(&mut self, decision: &Decision, now: Timestamp, town: &TownCalendar) -> Result<Option<Shown>> {
        if self.decision_sequence.is_some_and(|shown| decision.sequence <= shown) {
            return Ok(None);
        }
        let queued = decision.agent.is_empty();
        let step = match queued {
            true => Step::Queue,
            false if decision.agent == self.agent => Step::Confirm,
            false => Step::Assign,
        };
        let from = self.advance(step, now)?;
        let left = (self.unit.code != decision.unit.code && self.acknowledged && self.state.is_open())
            .then(|| self.unit.clone());
        let first = !self.acknowledged;
        self.acknowledged = true;
        self.decision_sequence = Some(decision.sequence);
        self.unit = decision.unit.clone();
        self.agent = decision.agent.clone();
        self.agent_name = decision.agent_name.clone();
        // Time made it more urgent than the rules know.
        self.priority = if self.overdue { self.priority.max(decision.priority) } else { decision.priority };
        self.next_timer_at = town.next_timer(self, now);
        let author = match decision.actor.as_str() {
            "" => Author { key: "system:routing".to_owned(), name: "Parvis".to_owned() },
            key => Author { key: key.to_owned(), name: String::new() },
        };
        let kind = if queued { Kind::Queued } else { Kind::Assigned };
        let line = self.line(kind, from, &author, now, wording::decision(decision));
        let line = Line { public_detail: wording::handler(&self.unit.name, &self.agent_name), ..line };
        Ok(Some(Shown { line, first, left }))
    }

    /// An agent begins, or goes on without the citizen's answer.
    pub fn start(&mut self, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Start, now)?;
        self.stop_waiting(now, town);
        self.next_timer_at = town.next_timer(self, now);
        let line = self.line(Kind::Started, from, author, now, "Traitement commencé.".to_owned());
        Ok(Line { public_detail: "Le traitement de votre demande a commencé.".to_owned(), ..line })
    }

    /// An agent writes to the citizen, or (`Step::Note`) to colleagues; or the citizen writes (`Step::Receive`).
    pub fn write(&mut self, step: Step, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(step, now)?;
        let (kind, detail) = match step {
            Step::Note => (Kind::Note, "Note interne ajoutée."),
            Step::Receive => (Kind::CitizenMessage, "Message de l’usager reçu."),
            _ => (Kind::Message, "Message envoyé à l’usager."),
        };
        self.unread |= step == Step::Receive;
        self.next_timer_at = town.next_timer(self, now);
        Ok(self.line(kind, from, author, now, detail.to_owned()))
    }

    /// The citizen is to answer: the town's promise stops running.
    pub fn wait(&mut self, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Wait, now)?;
        self.waiting_since.get_or_insert(now);
        self.next_timer_at = town.next_timer(self, now);
        let line = self.line(Kind::Waiting, from, author, now, "En attente d’une réponse de l’usager.".to_owned());
        Ok(Line { public_detail: "Nous attendons votre réponse pour continuer.".to_owned(), ..line })
    }

    /// The citizen answered: the promise runs again, later by the working days it stood.
    pub fn resume(&mut self, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Resume, now)?;
        self.stop_waiting(now, town);
        self.next_timer_at = town.next_timer(self, now);
        let line =
            self.line(Kind::Resumed, from, author, now, "L’usager a répondu : le traitement reprend.".to_owned());
        Ok(Line { public_detail: "Votre réponse est arrivée, le traitement reprend.".to_owned(), ..line })
    }

    /// The outcome is decided.
    pub fn decide(&mut self, outcome: Outcome, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Decide, now)?;
        self.stop_waiting(now, town);
        self.outcome = Some(outcome);
        self.next_timer_at = town.next_timer(self, now);
        let line = self.line(Kind::Decided, from, author, now, format!("Décision : {}.", wording::outcome(outcome)));
        Ok(Line { public_detail: wording::outcome_sentence(outcome).to_owned(), ..line })
    }

    /// It is over.
    pub fn close(&mut self, outcome: Outcome, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Close, now)?;
        self.stop_waiting(now, town);
        self.outcome = Some(outcome);
        self.closed_at = Some(now);
        self.next_timer_at = None;
        let line = self.line(Kind::Closed, from, author, now, format!("Clos : {}.", wording::outcome(outcome)));
        Ok(Line { public_detail: "Votre demande est close.".to_owned(), ..line })
    }

    /// It is taken up again: with a new promise, counted from now. The legal date stays: it is a fact.
    pub fn reopen(&mut self, detail: String, author: &Author, now: Timestamp, town: &TownCalendar) -> Result<Line> {
        let from = self.advance(Step::Reopen, now)?;
        self.outcome = None;
        self.closed_at = None;
        self.overdue = false;
        self.service_due_on = town.service_due(now, &self.procedure);
        self.next_timer_at = town.next_timer(self, now);
        let line = self.line(Kind::Reopened, from, author, now, detail);
        Ok(Line { public_detail: "Votre demande est rouverte.".to_owned(), ..line })
    }

    /// The date in `next_timer_at` has come. A line for each clock that struck.
    pub fn strike(&mut self, now: Timestamp, town: &TownCalendar) -> Result<Vec<Line>> {
        let Some(set) = self.next_timer_at.filter(|at| *at <= now) else { return Ok(Vec::new()) };
        let promise_broken = !self.overdue
            && self.state != State::WaitingCitizen
            && self.service_due_on.is_some_and(|due| town.overdue_from(due) <= now);
        // The timer is set no later than the legal target, as long as that is to come: it strikes once.
        let legal_near = self.legal_due_on.is_some_and(|due| (set..=now).contains(&town.legal_target(due)));
        let mut kinds = Vec::with_capacity(2);
        kinds.extend(promise_broken.then_some(Kind::Overdue));
        kinds.extend(legal_near.then_some(Kind::LegalNear));
        if kinds.is_empty() {
            kinds.push(if self.overdue && self.priority < Priority::Urgent { Kind::Escalated } else { Kind::Review });
        }
        let mut lines = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let from = self.advance(Step::Timer, now)?;
            self.overdue |= kind == Kind::Overdue;
            if kind != Kind::Review {
                self.priority = self.priority.raised();
            }
            self.next_timer_at = town.next_timer(self, now);
            lines.push(self.line(kind, from, &Author::system(), now, wording::timer(kind, self)));
        }
        Ok(lines)
    }

    /// Until when an answer of the citizen reopens the closed case.
    pub fn reopens_until(&self, days: u32) -> Option<Timestamp> {
        self.closed_at.map(|at| at.saturating_add(jiff::SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(at))
    }

    fn advance(&mut self, step: Step, now: Timestamp) -> Result<State> {
        let from = self.state;
        self.state = transition::require(from, step)?;
        self.version += 1;
        self.updated_at = now;
        Ok(from)
    }

    fn stop_waiting(&mut self, now: Timestamp, town: &TownCalendar) {
        let Some(since) = self.waiting_since.take() else { return };
        if !self.overdue {
            self.service_due_on = self.service_due_on.map(|due| town.paused(due, since, now));
        }
    }

    fn line(&self, kind: Kind, from: State, author: &Author, at: Timestamp, detail: String) -> Line {
        Line {
            case_id: self.id,
            at,
            version: self.version,
            kind,
            author: author.clone(),
            detail,
            public_detail: String::new(),
            from,
            state: self.state,
            outcome: self.outcome,
            unit: self.unit.code.clone(),
            agent: self.agent.clone(),
            priority: self.priority,
        }
    }
}
