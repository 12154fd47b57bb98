//! Domain types as the contract's messages.

use jiff::civil::Date;
use parvis_kernel::{Timestamp, policy::ReadingReason};
use parvis_proto::{casework as proto, to_proto_time};

use crate::{
    domain::{Case, Direction, Line},
    repo::message::StoredMessage,
    usecase::{CaseView, PublicView},
};

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn time(at: Option<Timestamp>) -> Option<prost_types::Timestamp> {
    at.map(to_proto_time)
}

/// A case.
pub fn case(case: Case) -> proto::Case {
    proto::Case {
        id: case.id.to_string(),
        reference: case.reference.to_string(),
        version: case.version,
        state: case.state.to_string(),
        outcome: case.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        title: case.title,
        channel: case.channel,
        received_at: Some(to_proto_time(case.received_at)),
        updated_at: Some(to_proto_time(case.updated_at)),
        closed_at: time(case.closed_at),
        procedure: Some(case.procedure),
        unit: case.unit.code,
        unit_name: case.unit.name,
        agent: case.agent,
        agent_name: case.agent_name,
        priority: case.priority.to_string(),
        requester_name: case.requester_name,
        legal_due_on: day(case.legal_due_on),
        service_due_on: day(case.service_due_on),
        overdue: case.overdue,
        next_timer_at: time(case.next_timer_at),
        unread: case.unread,
    }
}

/// A case as an agent sees it.
pub fn detail(view: CaseView) -> proto::CaseDetail {
    let files_grant = view.files_grant;
    let submitted = view.request.map(|request| request.submitted).unwrap_or_default();
    let reasons: &[ReadingReason] = if view.standing.opens_with_a_reason() { ReadingReason::ALL } else { &[] };
    proto::CaseDetail {
        case: Some(case(view.case)),
        text: submitted.text,
        answers: submitted.answers,
        requester: submitted.requester,
        attachments: submitted.attachments,
        messages: view.messages.into_iter().map(message).collect(),
        history: view.history.into_iter().map(line).collect(),
        allowed: view.allowed.into_iter().map(|verb| verb.to_string()).collect(),
        district: submitted.district,
        address: submitted.address,
        acted_by_name: submitted.acted_by_name,
        acted_by_basis: submitted.acted_by_basis,
        missing_documents: submitted.missing_documents,
        reading: view.standing.reading().to_string(),
        reasons: reasons.iter().map(ToString::to_string).collect(),
        files_grant,
    }
}

/// A case as its citizen sees it.
pub fn public(view: PublicView) -> proto::PublicCase {
    proto::PublicCase {
        reference: view.case.reference.to_string(),
        title: view.case.title,
        state: view.case.state.to_string(),
        outcome: view.case.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        received_at: Some(to_proto_time(view.case.received_at)),
        unit: Some(view.contact),
        agent_name: view.case.agent_name,
        messages: view.messages.into_iter().map(message).collect(),
        service_due_on: day(view.case.service_due_on),
        silence: view.case.procedure.silence,
        legal_due_on: day(view.case.legal_due_on),
        may_reply: view.may_reply,
    }
}

fn message(message: StoredMessage) -> proto::Message {
    proto::Message {
        id: message.id.to_string(),
        at: Some(to_proto_time(message.at)),
        direction: message.direction.to_string(),
        for_person: message.direction == Direction::FromCitizen && message.author.is_agent(),
        author: message.author.name,
        text: message.text,
    }
}

fn line(line: Line) -> proto::HistoryLine {
    proto::HistoryLine {
        at: Some(to_proto_time(line.at)),
        kind: line.kind.to_string(),
        actor: line.author.key,
        actor_name: line.author.name,
        detail: line.detail,
    }
}
