//! Rules, drafts, simulations: request → command → use case → response.

use parvis_kernel::{Caller, Result};
use parvis_proto::{routing as proto, to_proto_time};
use parvis_search::classify::competence;

use crate::{
    domain::rules::{ActionText, BodyText, ConditionText, Finding, RuleSetText, RuleText, Severity},
    repo::{learning::TrainedModel, rule_fault::RuleFault, rule_set::Published},
    router::Router,
    usecase::{self, DraftView, PublishRules, RefuseTransfer, SaveRuleDraft, SimulateRules, SimulationView},
};

/// Lines of a simulation sent at most; the counts are of all.
const MOST_MOVED: usize = 500;

pub(super) async fn list(router: &Router, caller: &Caller) -> Result<proto::ListRuleSetsResponse> {
    let (listed, in_force) = usecase::list_rule_sets(router, caller).await?;
    Ok(proto::ListRuleSetsResponse { rule_sets: listed.iter().map(line).collect(), in_force })
}

pub(super) async fn get(router: &Router, caller: &Caller, version: u64) -> Result<proto::RuleSet> {
    let view = usecase::get_rule_set(router, caller, version).await?;
    Ok(proto::RuleSet {
        line: Some(line(&view.published)),
        in_force: view.in_force,
        text: Some(said(view.published.text)),
        findings: view.findings.into_iter().map(finding).collect(),
    })
}

pub(super) async fn draft(router: &Router, caller: &Caller) -> Result<proto::RuleDraft> {
    usecase::get_rule_draft(router, caller).await.map(drafted)
}

pub(super) async fn save(
    router: &Router,
    caller: &Caller,
    request: proto::SaveRuleDraftRequest,
) -> Result<proto::RuleDraft> {
    let text = heard(request.text.unwrap_or_default());
    let command = SaveRuleDraft { text, expected_revision: request.expected_revision, based_on: request.based_on };
    usecase::save_rule_draft(router, caller, command).await.map(drafted)
}

pub(super) async fn discard(router: &Router, caller: &Caller) -> Result<proto::RuleDraft> {
    usecase::discard_rule_draft(router, caller).await.map(drafted)
}

pub(super) async fn try_out(
    router: &Router,
    caller: &Caller,
    request: proto::SimulateRulesRequest,
) -> Result<proto::Simulation> {
    let command = SimulateRules { rules: request.rules.map(heard), last: u64::from(request.last) };
    let view = usecase::simulate_rules(router, caller, command).await?;
    let snapshot = router.snapshots.current(&router.store, &caller.tenant).await?;
    Ok(simulation(view, |unit| snapshot.unit_name(unit).to_owned()))
}

pub(super) async fn publish(
    router: &Router,
    caller: &Caller,
    request: proto::PublishRulesRequest,
) -> Result<proto::RuleSet> {
    let command = PublishRules { expected_revision: request.expected_revision, note: request.note };
    let published = usecase::publish_rules(router, caller, &command).await?;
    Ok(proto::RuleSet {
        line: Some(line(&published)),
        in_force: true,
        text: Some(said(published.text)),
        findings: Vec::new(),
    })
}

pub(super) async fn faults(router: &Router, caller: &Caller) -> Result<proto::ListRuleFaultsResponse> {
    let fault = |fault: RuleFault| proto::RuleFault {
        rule_set: fault.rule_set,
        rule: fault.rule,
        message: fault.fault.tell(),
        times: fault.times,
        last_case: fault.last_case.to_string(),
        last_reference: fault.last_reference,
        last_at: Some(to_proto_time(fault.last_at)),
    };
    let faults = usecase::list_rule_faults(router, caller).await?;
    Ok(proto::ListRuleFaultsResponse { faults: faults.into_iter().map(fault).collect() })
}

pub(super) async fn classifiers(router: &Router, caller: &Caller) -> Result<proto::ListClassifierModelsResponse> {
    let listed = usecase::list_classifier_models(router, caller).await?;
    let model = |model: TrainedModel| proto::ClassifierModel {
        version: model.version,
        trained_at: Some(to_proto_time(model.at)),
        examples: model.examples,
        corrections: model.corrections,
        promoted: model.is_promoted,
        right: model.measured.candidate,
        right_before: model.measured.in_service,
    };
    Ok(proto::ListClassifierModelsResponse {
        models: listed.models.into_iter().map(model).collect(),
        in_service: listed.in_service,
        guess_percent: u32::from(listed.guess_percent),
        rule_set: listed.rule_set,
        corrections: listed.corrections,
        corrections_to_retrain: listed.corrections_to_retrain,
        new_corrections: listed.new_corrections,
    })
}

pub(super) async fn refuse_transfer(
    router: &Router,
    caller: &Caller,
    request: proto::RefuseTransferRequest,
) -> Result<proto::Transfer> {
    let command = RefuseTransfer { case_id: request.case_id, reason: request.reason };
    let refused = usecase::refuse_transfer(router, caller, &command).await?;
    Ok(super::transfer(refused.proposal, refused.state))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn line(published: &Published) -> proto::RuleSetLine {
    proto::RuleSetLine {
        version: published.version,
        published_at: Some(to_proto_time(published.at)),
        author: published.author.clone(),
        note: published.note.clone(),
        rules: count(published.rules),
    }
}

fn finding(finding: Finding) -> proto::Finding {
    proto::Finding {
        severity: Severity::as_str(finding.severity).to_owned(),
        rule: count(finding.rule),
        code: finding.code,
        field: finding.field,
        message: finding.message,
    }
}

fn drafted(view: DraftView) -> proto::RuleDraft {
    proto::RuleDraft {
        revision: view.draft.revision,
        based_on: view.draft.based_on,
        in_force: view.in_force,
        text: Some(said(view.draft.text)),
        findings: view.findings.into_iter().map(finding).collect(),
        author: view.draft.author,
        at: Some(to_proto_time(view.draft.at)),
        known_bodies: national_bodies(),
    }
}

/// Those that the classifier may propose without the town having described them.
fn national_bodies() -> Vec<proto::CompetentBody> {
    let bodies = competence::bodies().iter().filter(|body| body.code != competence::TOWN_HALL);
    let told = |body: &competence::CompetentBody| proto::CompetentBody {
        code: body.code.clone(),
        name: body.name.clone(),
        phone: body.phone.clone().unwrap_or_default(),
        website: body.site.clone().unwrap_or_default(),
        ..proto::CompetentBody::default()
    };
    bodies.map(told).collect()
}

fn simulation(view: SimulationView, name: impl Fn(&parvis_kernel::UnitId) -> String) -> proto::Simulation {
    let SimulationView { simulation, findings, in_force, revision } = view;
    let moved_total = count(simulation.moved.len());
    let to_another_unit = count(simulation.moved.iter().filter(|moved| moved.to_another_unit).count());
    let moved = simulation.moved.into_iter().take(MOST_MOVED).map(|moved| proto::Moved {
        case_id: moved.case_id.to_string(),
        reference: moved.reference,
        decided_at: Some(to_proto_time(moved.decided_at)),
        from_unit_name: name(&moved.from.unit),
        from_unit: moved.from.unit.to_string(),
        from_rule: moved.from.rule,
        to_unit_name: name(&moved.to.unit),
        to_unit: moved.to.unit.to_string(),
        to_rule: moved.to.rule,
        changes: moved.changes,
    });
    let uses = |uses: std::collections::BTreeMap<String, usize>| {
        uses.into_iter().map(|(rule, times)| proto::RuleUse { rule, times: count(times) }).collect()
    };
    proto::Simulation {
        cases: count(simulation.cases),
        moved: moved.collect(),
        moved_total,
        to_another_unit,
        used: uses(simulation.used),
        failed: uses(simulation.failed),
        loads_of_now: count(simulation.loads_of_now),
        findings: findings.into_iter().map(finding).collect(),
        in_force,
        revision,
    }
}

fn said(text: RuleSetText) -> proto::RuleSetText {
    let condition = |condition: ConditionText| proto::RuleCondition {
        kind: condition.kind,
        subject: condition.subject,
        test: condition.test,
        values: condition.values,
    };
    let action = |action: ActionText| proto::RuleAction { kind: action.kind, value: action.value };
    let rules = text.rules.into_iter().map(|rule| proto::RuleText {
        code: rule.code,
        name: rule.name,
        conditions: rule.conditions.into_iter().map(condition).collect(),
        actions: rule.actions.into_iter().map(action).collect(),
    });
    let bodies = text.bodies.into_iter().map(|body| proto::CompetentBody {
        code: body.code,
        name: body.name,
        email: body.email,
        phone: body.phone,
        address: body.address,
        website: body.website,
    });
    proto::RuleSetText { rules: rules.collect(), bodies: bodies.collect(), guess_percent: text.guess_percent }
}

fn heard(text: proto::RuleSetText) -> RuleSetText {
    let condition = |condition: proto::RuleCondition| ConditionText {
        kind: condition.kind,
        subject: condition.subject,
        test: condition.test,
        values: condition.values,
    };
    let action = |action: proto::RuleAction| ActionText { kind: action.kind, value: action.value };
    let rules = text.rules.into_iter().map(|rule| RuleText {
        code: rule.code,
        name: rule.name,
        conditions: rule.conditions.into_iter().map(condition).collect(),
        actions: rule.actions.into_iter().map(action).collect(),
    });
    let bodies = text.bodies.into_iter().map(|body| BodyText {
        code: body.code,
        name: body.name,
        email: body.email,
        phone: body.phone,
        address: body.address,
        website: body.website,
    });
    RuleSetText { rules: rules.collect(), bodies: bodies.collect(), guess_percent: text.guess_percent }
}
