//! The case as others hear of it.

use parvis_proto::{casework, common, to_proto_time};

use super::{case::Case, requester::CaseRequest, text};

fn field_answer(answer: &common::Answer) -> casework::FieldAnswer {
    casework::FieldAnswer { field: answer.field.clone(), values: answer.values.clone() }
}

/// The case after something happened.
pub fn snapshot(case: &Case, request: &CaseRequest) -> casework::CaseSnapshot {
    casework::CaseSnapshot {
        id: case.id.to_string(),
        reference: case.reference.to_string(),
        version: case.version,
        state: case.state.to_string(),
        outcome: case.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        channel: case.channel.clone(),
        received_at: Some(to_proto_time(case.received_at)),
        procedure: Some(case.procedure.clone()),
        unit: case.unit.code.clone(),
        agent: case.agent.clone(),
        priority: case.priority.to_string(),
        language: request.language(),
        requester_kind: request.requester().kind,
        requester_key: request.requester_key.clone(),
        district: request.submitted.district.clone(),
        text: text::all_words(&request.submitted),
        title: case.title.clone(),
        legal_due_on: case.legal_due_on.map(|day| day.to_string()).unwrap_or_default(),
        service_due_on: case.service_due_on.map(|day| day.to_string()).unwrap_or_default(),
        filed_by: case.filed_by.clone(),
        address: request.submitted.address.clone(),
        answers: request.submitted.answers.iter().map(field_answer).collect(),
    }
}
