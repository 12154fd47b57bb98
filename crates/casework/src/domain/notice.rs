//! What must be told: to the citizen, or to the body that a request is sent on to ([`super::referral`]). The fields of
//! each kind are those of `docs/reference/notices.md`.

use jiff::civil::Date;
use parvis_kernel::Timestamp;
use parvis_proto::{
    casework::NoticeRequested,
    common::{FieldValue, UnitContact},
    to_proto_time,
};
use uuid::Uuid;

use super::{calendar::TownCalendar, case::Case, requester::CaseRequest, wording, words::Outcome};

/// A notice being written about one case.
pub struct Notices<'a> {
    /// The case.
    pub case: &'a Case,
    /// The request.
    pub request: &'a CaseRequest,
    /// The town's days.
    pub town: &'a TownCalendar,
    /// How to reach the authority itself, where the unit says nothing.
    pub authority: &'a UnitContact,
    /// When.
    pub now: Timestamp,
}

/// What is told at the end.
pub struct Ending<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// What the agent says.
    pub message: &'a str,
    /// The reasons of a rejection.
    pub grounds: &'a str,
    /// Who ended it.
    pub author: &'a str,
    /// Until when an answer reopens it.
    pub reopen_until: Date,
}

impl Notices<'_> {
    /// The unit in charge as a citizen may reach it.
    pub fn contact(&self) -> UnitContact {
        contact(&self.case.unit, self.authority)
    }

    /// The acknowledgment of receipt (CRPA R112-11-1).
    pub fn acknowledgment(&self) -> NoticeRequested {
        let case = self.case;
        let mut fields = self.common();
        fields.service(&self.contact());
        fields.add("agent_name", &case.agent_name);
        fields.add_day("service_due_on", case.service_due_on);
        let rule = if case.procedure.silence.is_empty() { "none" } else { &case.procedure.silence };
        fields.add("silence", rule);
        if let Some(due) = case.legal_due_on {
            fields.add_day("implicit_on", Some(due));
            fields.add("silence_source", &case.procedure.silence_source);
            fields.add("silence_sentence", &wording::silence(rule, due).unwrap_or_default());
            match rule {
                "accept" => fields.add("certificate_sentence", wording::CERTIFICATE),
                _ => fields.add("appeal_sentence", wording::APPEAL_IMPLICIT),
            }
        }
        fields.add("missing_documents", &self.request.submitted.missing_documents.join("\n"));
        self.notice("acknowledgment", "", fields)
    }

    /// Another unit took over.
    pub fn reassigned(&self, left: &UnitContact) -> NoticeRequested {
        let mut fields = self.common();
        fields.service(&self.contact());
        fields.add("agent_name", &self.case.agent_name);
        fields.add("previous_service_name", &left.name);
        let sequence = self.case.decision_sequence.unwrap_or_default().to_string();
        self.notice("reassigned", &sequence, fields)
    }

    /// An agent wrote; `waits`: and the case waits for the answer.
    pub fn message(&self, message_id: Uuid, text: &str, author: &str, waits: bool) -> NoticeRequested {
        let mut fields = self.common();
        fields.add("message", text);
        fields.add("author_name", author);
        self.notice(if waits { "waiting" } else { "message" }, &message_id.to_string(), fields)
    }

    /// It is over.
    pub fn ending(&self, ending: &Ending<'_>) -> NoticeRequested {
        let mut fields = self.common();
        fields.add("outcome", ending.outcome.as_str());
        fields.add("outcome_sentence", wording::outcome_sentence(ending.outcome));
        fields.add("message", ending.message);
        fields.add("author_name", ending.author);
        if ending.outcome == Outcome::Rejected {
            fields.add("grounds", ending.grounds);
            fields.add("appeal_sentence", wording::APPEAL_EXPRESS);
        }
        fields.add_day("reopen_until", Some(ending.reopen_until));
        let kind = if ending.outcome.is_decision() { "decision" } else { "closed" };
        self.notice(kind, &self.case.version.to_string(), fields)
    }

    /// It is taken up again; without a reason, because the citizen wrote.
    pub fn reopened(&self, reason: Option<&str>) -> NoticeRequested {
        let mut fields = self.common();
        fields.add("cause", if reason.is_some() { "agent" } else { "citizen" });
        fields.add("reason", reason.unwrap_or_default());
        self.notice("reopened", &self.case.version.to_string(), fields)
    }

    fn common(&self) -> Fields {
        let mut fields = self.about();
        fields.add("requester_name", &self.case.requester_name);
        fields
    }

    /// What every notice says of the request, to whomever it goes.
    pub(super) fn about(&self) -> Fields {
        let mut fields = Fields(Vec::with_capacity(16));
        fields.add("title", &self.case.title);
        fields.add_day("received_on", Some(self.town.day_of(self.case.received_at)));
        fields
    }

    /// `cause` tells two notices of one kind apart; the acknowledgment has none: there is only one.
    pub(super) fn notice(&self, kind: &str, cause: &str, fields: Fields) -> NoticeRequested {
        NoticeRequested {
            notice_id: Uuid::new_v5(&self.case.id.0, format!("{kind}:{cause}").as_bytes()).to_string(),
            kind: kind.to_owned(),
            case_id: self.case.id.to_string(),
            reference: self.case.reference.to_string(),
            tracking_code: self.request.tracking_code.clone(),
            recipient: Some(self.request.requester()),
            fields: fields.0,
            at: Some(to_proto_time(self.now)),
            unit: Some(self.contact()),
            procedure: Some(self.case.procedure.clone()),
            agent_name: self.case.agent_name.clone(),
            recipient_verified: self.request.is_filed_by_known(),
        }
    }
}

/// `unit` as a citizen may reach it: what it does not say, the authority does.
pub fn contact(unit: &UnitContact, authority: &UnitContact) -> UnitContact {
    let or = |own: &str, other: &str| if own.is_empty() { other.to_owned() } else { own.to_owned() };
    UnitContact {
        code: unit.code.clone(),
        name: or(&unit.name, &authority.name),
        email: or(&unit.email, &authority.email),
        phone: or(&unit.phone, &authority.phone),
        postal_address: or(&unit.postal_address, &authority.postal_address),
    }
}

pub(super) struct Fields(Vec<FieldValue>);

impl Fields {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if !value.trim().is_empty() {
            self.0.push(FieldValue { name: name.to_owned(), value: value.to_owned() });
        }
    }

    pub(super) fn add_day(&mut self, name: &str, day: Option<Date>) {
        if let Some(day) = day {
            self.add(name, &day.to_string());
        }
    }

    pub(super) fn service(&mut self, unit: &UnitContact) {
        self.add("service_name", &unit.name);
        self.add("service_email", &unit.email);
        self.add("service_phone", &unit.phone);
        self.add("service_address", &unit.postal_address);
    }
}
