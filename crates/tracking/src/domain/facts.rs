//! What is known of one request. Every change is commutative: see the crate's documentation.

use jiff::{civil::Date, tz::TimeZone};
use parvis_kernel::{RequestId, TenantId, Timestamp};
use parvis_proto::{
    casework::{CaseSnapshot, CaseStatusChanged},
    common::ProcedureSnapshot,
    from_proto_time,
    intake::SubmittedRequest,
    notification::NotificationOutcome,
    routing::CaseAssigned,
};

use crate::domain::day;

/// The states of a case in the order in which it goes through them: of two snapshots of one version, the later counts.
const STATES: [&str; 7] = ["new", "assigned", "in_progress", "waiting_citizen", "decided", "closed", "reopened"];

/// What is known of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The authority.
    pub tenant: TenantId,
    /// The request.
    pub id: RequestId,
    /// Its reference; empty until known.
    pub reference: String,
    /// SHA-256 of the tracking code, kept by earlier versions; empty since.
    pub code_sha256: String,
    /// When it reached the authority.
    pub received_at: Option<Timestamp>,
    /// The door it came in by.
    pub channel: String,
    /// Procedure's code; empty for free text.
    pub procedure: String,
    /// Its theme.
    pub theme: String,
    /// What it is about.
    pub title: String,
    /// Agent who filed it for somebody; empty: nobody did.
    pub filed_by: String,
    /// Version of the case last known; 0: none.
    pub case_version: i64,
    /// Rank of its state, to tell two snapshots of one version apart.
    pub case_rank: i16,
    /// Its state, as casework names it.
    pub case_state: String,
    /// The decision of the router last known; 0: none.
    pub routing_sequence: i64,
    /// Unit in charge.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// Agent in charge; empty: in the unit's queue.
    pub agent: String,
    /// First decision of the router.
    pub first_routed_at: Option<Timestamp>,
    /// First decision that named an agent.
    pub first_assigned_at: Option<Timestamp>,
    /// When the acknowledgment went.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was last closed; it may have been reopened since.
    pub last_closed_at: Option<Timestamp>,
    /// Version of the case that closed it.
    pub last_closed_version: i64,
    /// How often it was reopened.
    pub reopened: i32,
    /// How often somebody handed it on.
    pub reassigned: i32,
    /// Day the town promised an answer for.
    pub service_due_day: Option<i32>,
    /// Lines of its timeline.
    pub lines: i64,
}

impl Facts {
    /// Nothing known yet.
    pub fn new(tenant: TenantId, id: RequestId) -> Self {
        Self {
            tenant,
            id,
            reference: String::new(),
            code_sha256: String::new(),
            received_at: None,
            channel: String::new(),
            procedure: String::new(),
            theme: String::new(),
            title: String::new(),
            filed_by: String::new(),
            case_version: 0,
            case_rank: 0,
            case_state: String::new(),
            routing_sequence: 0,
            unit: String::new(),
            unit_name: String::new(),
            agent: String::new(),
            first_routed_at: None,
            first_assigned_at: None,
            acknowledged_at: None,
            last_closed_at: None,
            last_closed_version: 0,
            reopened: 0,
            reassigned: 0,
            service_due_day: None,
            lines: 0,
        }
    }

    /// Without the person's own words: the title of a request written freely is its first ones.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        if self.procedure.is_empty() {
            self.title.clear();
        }
        self
    }

    /// Whether it counts as open: received, and not closed as far as is known.
    pub fn is_open(&self) -> bool {
        self.received_at.is_some() && !self.is_closed()
    }

    /// Whether it is closed now.
    pub fn is_closed(&self) -> bool {
        self.case_state == "closed"
    }

    /// Day of reception.
    pub fn received_day(&self, zone: &TimeZone) -> Option<i32> {
        self.received_at.map(|at| day::day_of(at, zone))
    }

    /// Day of closing, while it is closed.
    pub fn closed_day(&self, zone: &TimeZone) -> Option<i32> {
        self.last_closed_at.filter(|_| self.is_closed()).map(|at| day::day_of(at, zone))
    }

    /// Where it stands, in one word. Casework says so once an agent has begun; before, the router does.
    pub fn status(&self) -> &str {
        match (self.case_state.as_str(), self.routing_sequence, self.agent.is_empty()) {
            ("" | "new" | "assigned", 0, _) => "received",
            ("" | "new" | "assigned", _, true) => "queued",
            ("" | "new" | "assigned", _, false) => "assigned",
            (state, ..) => state,
        }
    }

    pub(super) fn received(&mut self, request: &SubmittedRequest, at: Timestamp) {
        fill(&mut self.reference, &request.reference);
        fill(&mut self.channel, &request.channel);
        earliest(&mut self.received_at, at);
        self.about(request.procedure.as_ref());
        if let Some(agent) = request.acted_by.strip_prefix("agent:") {
            fill(&mut self.filed_by, agent);
        }
        if self.case_version == 0 {
            let title = request.procedure.as_ref().map(|procedure| procedure.title.as_str());
            fill(&mut self.title, title.unwrap_or_default());
        }
    }

    fn about(&mut self, procedure: Option<&ProcedureSnapshot>) {
        if let Some(procedure) = procedure {
            fill(&mut self.procedure, &procedure.code);
            fill(&mut self.theme, &procedure.theme);
        }
    }

    pub(super) fn seen(&mut self, case: &CaseSnapshot) {
        fill(&mut self.reference, &case.reference);
        fill(&mut self.channel, &case.channel);
        fill(&mut self.filed_by, &case.filed_by);
        self.about(case.procedure.as_ref());
        if let Ok(Some(at)) = from_proto_time(case.received_at.as_ref(), "received_at") {
            earliest(&mut self.received_at, at);
        }
        let version = i64::try_from(case.version).unwrap_or(i64::MAX);
        let rank = STATES.iter().position(|state| *state == case.state).unwrap_or(0);
        let rank = i16::try_from(rank).unwrap_or(0);
        if (version, rank) < (self.case_version, self.case_rank) {
            return;
        }
        (self.case_version, self.case_rank) = (version, rank);
        self.case_state.clone_from(&case.state);
        self.title.clone_from(&case.title);
        self.service_due_day = case.service_due_on.parse::<Date>().ok().map(day::number_of);
    }

    pub(super) fn status_changed(&mut self, event: &CaseStatusChanged, case: &CaseSnapshot, at: Timestamp) {
        self.seen(case);
        if event.kind == "reopened" {
            self.reopened += 1;
        }
        let version = i64::try_from(case.version).unwrap_or(i64::MAX);
        let newer = (version, Some(at)) > (self.last_closed_version, self.last_closed_at);
        if event.kind == "closed" && newer {
            self.last_closed_version = version;
            self.last_closed_at = Some(at);
        }
    }

    pub(super) fn assigned(&mut self, event: &CaseAssigned, at: Timestamp) {
        fill(&mut self.reference, &event.reference);
        earliest(&mut self.first_routed_at, at);
        if !event.agent.is_empty() {
            earliest(&mut self.first_assigned_at, at);
        }
        if event.cause == "reassigned" {
            self.reassigned += 1;
        }
        let sequence = i64::try_from(event.sequence).unwrap_or(i64::MAX);
        if sequence <= self.routing_sequence {
            return;
        }
        self.routing_sequence = sequence;
        let unit = event.unit.clone().unwrap_or_default();
        (self.unit, self.unit_name) = (unit.code, unit.name);
        self.agent.clone_from(&event.agent);
    }

    pub(super) fn told(&mut self, outcome: &NotificationOutcome, at: Timestamp) {
        if outcome.kind == "acknowledgment" && matches!(outcome.state.as_str(), "sent" | "handed_over") {
            earliest(&mut self.acknowledged_at, at);
        }
    }
}

/// Said by several roles, always the same.
fn fill(known: &mut String, said: &str) {
    if known.is_empty() {
        said.clone_into(known);
    }
}

fn earliest(known: &mut Option<Timestamp>, at: Timestamp) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}
