//! A case waits too long: an e-mail to each supervisor whom routing names, with nothing of the citizen but the
//! reference.

use parvis_bus::Event;
use parvis_kernel::Result;
use parvis_proto::{
    casework::NoticeRequested,
    common::{FieldValue, Requester, UnitContact},
    routing::{CaseEscalated, ToldAgent},
};
use uuid::Uuid;

use super::Request;
use crate::domain::{Kind, Town};

/// The notices of one step of a ladder. Their ids come from the step's event: however often it comes, each supervisor
/// is told once.
pub fn tell_supervisors(event: &Event, step: &CaseEscalated, town: &Town) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for told in recipients(step) {
        if told.email.trim().is_empty() {
            metrics::counter!("parvis_escalations_without_address_total").increment(1);
            tracing::warn!(tenant = %event.tenant, "a supervisor has no e-mail in the directory: not told of a case");
            continue;
        }
        let message = NoticeRequested {
            notice_id: Uuid::new_v5(&event.id.0, told.agent.as_bytes()).to_string(),
            kind: Kind::Escalation.as_str().to_owned(),
            case_id: step.case_id.clone(),
            reference: step.reference.clone(),
            recipient: Some(Requester {
                first_name: told.name,
                email: told.email,
                contact_mode: "email".to_owned(),
                ..Requester::default()
            }),
            fields: fields(step),
            at: step.at,
            unit: step.unit.clone(),
            ..NoticeRequested::default()
        };
        requests.push(Request::read(event, &message, town)?);
    }
    Ok(requests)
}

/// Where a unit has no supervisor at all, its own mailbox.
fn recipients(step: &CaseEscalated) -> Vec<ToldAgent> {
    if step.step != "escalated" || !step.told.is_empty() || !step.to.is_empty() {
        return step.told.clone();
    }
    let UnitContact { email, .. } = step.unit.clone().unwrap_or_default();
    // Without a name: nobody in particular is written to.
    if email.is_empty() { Vec::new() } else { vec![ToldAgent { email, ..ToldAgent::default() }] }
}

fn fields(step: &CaseEscalated) -> Vec<FieldValue> {
    let priority = match step.priority.as_str() {
        "low" => "basse",
        "high" => "haute",
        "urgent" => "urgente",
        _ => "normale",
    };
    let field = |name: &str, value: &str| FieldValue { name: name.to_owned(), value: value.to_owned() };
    vec![field("summary", &step.summary), field("priority", priority)]
}
