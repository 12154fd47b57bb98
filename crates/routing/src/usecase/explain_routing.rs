//! What would be decided now.

use parvis_kernel::{
    AgentId, Caller, DecisionId, Error, FieldViolation, ProcedureCode, Reason, RequestId, Result, UnitId,
};

use super::{
    access,
    list_decisions::{DecisionView, view},
};
use crate::{
    domain::{CaseFacts, Cause, Decided, Known, Workload, decide, summary},
    repo::agent,
    router::Router,
};

/// A text is at most this long, in characters.
const MAX_TEXT: usize = 50_000;
const MAX_WORD: usize = 500;
const MAX_ANSWERS: usize = 200;
const MAX_ANSWER: usize = 4_000;

/// A request as it would come.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct ExplainRouting {
    pub channel: String,
    pub procedure_code: String,
    pub procedure_unit: String,
    pub procedure_skill: String,
    pub text: String,
    pub district: String,
    pub address: String,
    pub requester_kind: String,
    pub language: String,
    /// Answers to the form's fields.
    pub answers: Vec<(String, Vec<String>)>,
    /// `47.218371,-1.553621`; may be left out.
    pub point: String,
}

/// Decides as for a case that opens now; nothing is kept.
pub async fn explain_routing(router: &Router, caller: &Caller, request: &ExplainRouting) -> Result<DecisionView> {
    access::supervises(caller)?;
    let now = router.store.clock().now();
    let facts = facts(request, now)?;
    let snapshot = router.snapshots.latest(&router.store, &caller.tenant).await?;
    let states = agent::all(router.store.read(), &caller.tenant).await?;
    let workload = Workload::new(&snapshot, states, now);
    let verdict = decide(&snapshot, &workload, &Known::default(), &facts);
    let name = |agent: &AgentId| snapshot.agent(agent).map(|agent| agent.full_name());
    let agent_name = verdict.agent.as_ref().and_then(name).unwrap_or_default();
    let decided = Decided {
        id: DecisionId::new(),
        case_id: RequestId::new(),
        reference: String::new(),
        sequence: 0,
        at: now,
        cause: Cause::Opened,
        summary: summary(Cause::Opened, snapshot.unit_name(&verdict.need.unit), &agent_name, &verdict.trace),
        unit: verdict.need.unit,
        team: verdict.need.lane.team,
        agent: verdict.agent,
        agent_name,
        priority: verdict.need.priority,
        trace: verdict.trace,
        actor: String::new(),
        reason: String::new(),
        rule: verdict.need.rule,
        rule_set: snapshot.rule_set,
    };
    Ok(view(decided, snapshot.rules(), &snapshot))
}

fn facts(request: &ExplainRouting, now: parvis_kernel::Timestamp) -> Result<CaseFacts> {
    let mut wrong: Vec<FieldViolation> = Vec::new();
    let limits = [
        ("channel", &request.channel, MAX_WORD),
        ("text", &request.text, MAX_TEXT),
        ("district", &request.district, MAX_WORD),
        ("address", &request.address, MAX_WORD),
        ("language", &request.language, MAX_WORD),
    ];
    for (field, text, max) in limits {
        if text.chars().count() > max {
            wrong.push(FieldViolation::too_long(field, max));
        }
    }
    let long = |text: &String| text.chars().count() > MAX_ANSWER;
    let too_many = request.answers.len() > MAX_ANSWERS;
    if too_many || request.answers.iter().any(|(field, values)| long(field) || values.iter().any(long)) {
        let message = format!("are at most {MAX_ANSWERS}, of {MAX_ANSWER} characters each");
        let reason = match too_many {
            true => Reason::TooMany { most: MAX_ANSWERS as u64 },
            false => Reason::TooLong { most: MAX_ANSWER as u64 },
        };
        wrong.push(FieldViolation::new("answers", reason, message));
    }
    let mut read = |field: &str, result: Result<()>| {
        if let Err(error) = result {
            wrong.extend(error.about(field).violations().first().cloned());
        }
    };
    let (mut channel, mut procedure, mut procedure_unit, mut requester_kind) = (None, None, None, None);
    let mut point = None;
    read("point", set(&request.point, &mut point, str::parse));
    read("channel", set(&request.channel, &mut channel, |text| text.parse()));
    read("procedure_code", set(&request.procedure_code, &mut procedure, ProcedureCode::parse));
    read("procedure_unit", set(&request.procedure_unit, &mut procedure_unit, UnitId::parse));
    read("requester_kind", set(&request.requester_kind, &mut requester_kind, |text| text.parse()));
    if !wrong.is_empty() {
        return Err(Error::invalid_fields(wrong));
    }
    Ok(CaseFacts {
        channel,
        procedure,
        procedure_unit,
        procedure_skill: Some(request.procedure_skill.clone()).filter(|skill| !skill.is_empty()),
        title: String::new(),
        text: request.text.clone(),
        answers: request.answers.iter().cloned().collect(),
        point,
        district: request.district.clone(),
        address: request.address.clone(),
        requester_kind,
        requester_key: String::new(),
        language: request.language.clone(),
        site: None,
        received_at: now,
    })
}

/// Reads a field that may be left out.
fn set<T>(text: &str, into: &mut Option<T>, parse: impl Fn(&str) -> Result<T>) -> Result<()> {
    if !text.is_empty() {
        *into = Some(parse(text)?);
    }
    Ok(())
}
