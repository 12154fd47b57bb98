//! An event about a request: what it changes, what it says.

use parvis_kernel::{Error, RequestId, Result, Timestamp};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged, MessagePosted},
    events, from_proto_time,
    identity::CitizenLinked,
    intake::{RequestReceived, SubmittedRequest},
    notification::NotificationOutcome,
    routing::{CaseAssigned, CaseEscalated, TransferProposed, TransferRefused},
};

use crate::domain::{Facts, label};

/// A line of a timeline, before it has a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: Timestamp,
    /// The role that said so.
    pub role: &'static str,
    /// The event's name, or its kind.
    pub kind: String,
    /// What agents read.
    pub label: String,
    /// What citizens read; empty: nothing.
    pub public_label: String,
    /// The agent who did it; never shown to citizens.
    pub actor_name: String,
}

/// An event about one request.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The request.
    pub request: RequestId,
    /// When it happened.
    pub at: Timestamp,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Received(Box<SubmittedRequest>),
    Opened(Box<CaseSnapshot>),
    StatusChanged(Box<(CaseStatusChanged, CaseSnapshot)>),
    MessagePosted(Box<(MessagePosted, CaseSnapshot)>),
    Assigned(Box<CaseAssigned>),
    Escalated(Box<CaseEscalated>),
    TransferProposed(Box<TransferProposed>),
    TransferRefused(Box<TransferRefused>),
    Told(NotificationOutcome),
    Linked,
}

impl Happening {
    /// Reads the event `kind`, said at `said_at`. `decode` fails for good where the payload is not that kind's.
    pub fn read(kind: &str, said_at: Timestamp, payload: &[u8]) -> Result<Self> {
        match kind {
            events::REQUEST_RECEIVED => {
                let event: RequestReceived = decode(kind, payload)?;
                let request = event.request.ok_or_else(|| Error::internal("request_received without request"))?;
                let at = from_proto_time(request.received_at.as_ref(), "received_at")?.unwrap_or(said_at);
                Ok(Self { request: request.request_id.parse()?, at, what: What::Received(Box::new(request)) })
            }
            events::CASE_OPENED => {
                let case = case_of(decode::<CaseOpened>(kind, payload)?.case)?;
                Ok(Self { request: case.id.parse()?, at: said_at, what: What::Opened(Box::new(case)) })
            }
            events::CASE_STATUS_CHANGED => {
                let mut event: CaseStatusChanged = decode(kind, payload)?;
                let case = case_of(event.case.take())?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: case.id.parse()?, at, what: What::StatusChanged(Box::new((event, case))) })
            }
            events::MESSAGE_POSTED => {
                let mut event: MessagePosted = decode(kind, payload)?;
                let case = case_of(event.case.take())?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: case.id.parse()?, at, what: What::MessagePosted(Box::new((event, case))) })
            }
            events::CASE_ASSIGNED => {
                let event: CaseAssigned = decode(kind, payload)?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: event.case_id.parse()?, at, what: What::Assigned(Box::new(event)) })
            }
            events::CASE_ESCALATED => {
                let event: CaseEscalated = decode(kind, payload)?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: event.case_id.parse()?, at, what: What::Escalated(Box::new(event)) })
            }
            events::TRANSFER_PROPOSED => {
                let event: TransferProposed = decode(kind, payload)?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: event.case_id.parse()?, at, what: What::TransferProposed(Box::new(event)) })
            }
            events::TRANSFER_REFUSED => {
                let event: TransferRefused = decode(kind, payload)?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: event.case_id.parse()?, at, what: What::TransferRefused(Box::new(event)) })
            }
            events::NOTIFICATION_DELIVERED | events::NOTIFICATION_FAILED => {
                let event: NotificationOutcome = decode(kind, payload)?;
                let at = from_proto_time(event.at.as_ref(), "at")?.unwrap_or(said_at);
                Ok(Self { request: event.case_id.parse()?, at, what: What::Told(event) })
            }
            events::CITIZEN_LINKED => {
                let event: CitizenLinked = decode(kind, payload)?;
                Ok(Self { request: event.request_id.parse()?, at: said_at, what: What::Linked })
            }
            other => Err(Error::internal(format!("an event that was not asked for: {other}"))),
        }
    }

    /// Changes the facts, and gives the line to append, if one is worth reading.
    pub fn apply(&self, facts: &mut Facts) -> Option<Line> {
        let at = self.at;
        match &self.what {
            What::Received(request) => facts.received(request, at),
            What::Opened(case) => facts.seen(case),
            What::StatusChanged(both) => facts.status_changed(&both.0, &both.1, at),
            What::MessagePosted(both) => facts.seen(&both.1),
            What::Assigned(event) => facts.assigned(event, at),
            What::Told(outcome) => facts.told(outcome, at),
            What::Linked | What::Escalated(_) | What::TransferProposed(_) | What::TransferRefused(_) => {}
        }
        self.line()
    }

    fn line(&self) -> Option<Line> {
        let line = |role, kind: &str, label: String, public_label: String, actor_name: &str| Line {
            at: self.at,
            role,
            kind: kind.to_owned(),
            label: label::cut(&label),
            public_label: label::cut(&public_label),
            actor_name: label::cut(actor_name),
        };
        match &self.what {
            What::Received(request) => {
                let label = label::received(&request.channel);
                let by_agent = request.acted_by.starts_with("agent:");
                let actor = if by_agent { request.acted_by_name.as_str() } else { "" };
                Some(line("intake", events::REQUEST_RECEIVED, label.clone(), label, actor))
            }
            What::Opened(_) => {
                Some(line("casework", events::CASE_OPENED, "Dossier ouvert".to_owned(), String::new(), ""))
            }
            What::StatusChanged(both) => {
                let event = &both.0;
                // The router and the messages have lines of their own.
                if matches!(
                    event.kind.as_str(),
                    "opened" | "assigned" | "queued" | "message" | "citizen_message" | "note"
                ) {
                    return None;
                }
                let label = if event.detail.is_empty() { label::status(&event.kind) } else { event.detail.clone() };
                let actor = if event.actor.starts_with("agent:") { event.actor_name.as_str() } else { "" };
                Some(line("casework", &event.kind, label, event.public_detail.clone(), actor))
            }
            What::MessagePosted(both) => {
                let event = &both.0;
                let (label, public) = label::message(&event.direction);
                let actor = if event.direction == "from_citizen" { "" } else { event.actor_name.as_str() };
                Some(line("casework", &format!("message_{}", event.direction), label, public, actor))
            }
            What::Assigned(event) => {
                // Where it waits still: the step of the ladder has its own line.
                if event.cause == "escalated" && event.agent.is_empty() {
                    return None;
                }
                let unit = event.unit.as_ref().map_or("", |unit| unit.name.as_str());
                let (label, public) = label::assigned(unit, &event.agent_name, &event.cause);
                let kind = if event.agent.is_empty() { "case_queued" } else { events::CASE_ASSIGNED };
                Some(line("routing", kind, label, public, ""))
            }
            What::Escalated(event) => {
                let label = label::escalated(&event.step, &event.to_name);
                Some(line("routing", events::CASE_ESCALATED, label, String::new(), ""))
            }
            What::TransferProposed(event) => {
                let label = label::transfer_proposed(&event.name);
                Some(line("routing", events::TRANSFER_PROPOSED, label, String::new(), ""))
            }
            What::TransferRefused(event) => {
                let label = label::transfer_refused(&event.name);
                Some(line("routing", events::TRANSFER_REFUSED, label, String::new(), &event.actor_name))
            }
            What::Told(outcome) => {
                // That a supervisor is told has its line already; only that they could not be is news.
                if outcome.kind == "escalation" && outcome.state != "failed" {
                    return None;
                }
                let (label, public) = label::told(&outcome.kind, &outcome.mode, &outcome.state);
                Some(line("notification", &format!("{}_{}", outcome.kind, outcome.state), label, public, ""))
            }
            What::Linked => Some(line(
                "identity",
                events::CITIZEN_LINKED,
                "Demande rattachée à la fiche de l’usager".to_owned(),
                String::new(),
                "",
            )),
        }
    }
}

fn case_of(case: Option<CaseSnapshot>) -> Result<CaseSnapshot> {
    case.ok_or_else(|| Error::internal("an event of a case without the case"))
}

fn decode<M: prost::Message + Default>(kind: &str, payload: &[u8]) -> Result<M> {
    M::decode(payload).map_err(|error| Error::internal(format!("{kind}: {error}")))
}
