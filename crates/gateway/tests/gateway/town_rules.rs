//! The town's rules: those in force, a draft, what it would change.

use parvis_proto::routing::*;

use crate::{fakes::*, town::at};

/// A draft with a rule, the default one, and something wrong.
pub fn rule_draft() -> RuleDraft {
    let action = |kind: &str, value: &str| RuleAction { kind: kind.into(), value: value.into() };
    let rule = RuleText {
        code: "trottoirs".into(),
        name: "Trottoirs <b>gras".into(),
        conditions: vec![RuleCondition {
            kind: "words".into(),
            values: vec!["trottoir".into(), "<script>x".into()],
            ..Default::default()
        }],
        actions: vec![action("unit", "voirie"), action("stop", "")],
    };
    let other = RuleText { code: "autre".into(), name: "Autre".into(), ..rule.clone() };
    let default = RuleText {
        code: "default".into(),
        name: "Défaut".into(),
        actions: vec![action("unit", "etat-civil")],
        ..Default::default()
    };
    let body = CompetentBody { code: "caf".into(), name: "CAF".into(), phone: "3230".into(), ..Default::default() };
    RuleDraft {
        revision: 7,
        based_on: 4,
        in_force: 4,
        text: Some(RuleSetText { rules: vec![rule, other, default], bodies: vec![body], guess_percent: 75 }),
        findings: vec![Finding {
            severity: "warning".into(),
            code: "autre".into(),
            ..error(2, "conditions", "Vise en partie les mêmes demandes.")
        }],
        author: "agent:claire-martin".into(),
        at: at("2026-11-20T10:00:00Z"),
        known_bodies: ["caf", "prefecture"]
            .map(|code| CompetentBody { code: code.into(), name: format!("Organisme {code}"), ..Default::default() })
            .into(),
    }
}

/// What is wrong with a rule, the first being number 1, or with no rule in particular.
pub fn error(rule: u32, field: &str, message: &str) -> Finding {
    Finding { severity: "error".into(), rule, field: field.into(), message: message.into(), ..Default::default() }
}

/// Tells routing which draft there is, before and after it is saved.
pub fn tell_draft(seen: &Seen, draft: &RuleDraft) {
    seen.tell("get_rule_draft", draft);
    seen.tell("save_rule_draft", draft);
}

/// Tells routing what to answer about rules.
pub fn tell(seen: &Seen) {
    let draft = rule_draft();
    let line = RuleSetLine {
        version: 4,
        published_at: at("2026-11-20T10:00:00Z"),
        author: "import".into(),
        rules: 3,
        ..Default::default()
    };
    tell_draft(seen, &draft);
    seen.tell("list_rule_sets", &ListRuleSetsResponse { rule_sets: vec![line.clone()], in_force: 4 });
    let set = RuleSet { line: Some(line), in_force: true, text: draft.text, findings: draft.findings };
    seen.tell("get_rule_set", &set);
    let moved = Moved {
        reference: KNOWN.into(),
        from_unit_name: "Accueil".into(),
        to_unit_name: "Voirie".into(),
        to_rule: "trottoirs".into(),
        changes: vec!["priorité : normal → high".into()],
        ..Default::default()
    };
    let used = vec![RuleUse { rule: "trottoirs".into(), times: 1 }];
    seen.tell(
        "simulate_rules",
        &Simulation {
            cases: 12,
            moved: vec![moved],
            moved_total: 1,
            to_another_unit: 1,
            failed: used.clone(),
            used,
            loads_of_now: 1,
            in_force: 4,
            revision: 7,
            ..Default::default()
        },
    );
    seen.tell(
        "list_rules",
        &ListRulesResponse {
            rules: vec![Rule {
                code: "r".into(),
                name: "Règle".into(),
                conditions: vec!["le canal est internet".into()],
                unit: "voirie".into(),
                priority: "high".into(),
                ..Default::default()
            }],
        },
    );
    let fault = RuleFault {
        rule_set: 4,
        rule: "surfaces".into(),
        message: "La réponse n'est pas un nombre.".into(),
        times: 3,
        last_reference: KNOWN.into(),
        ..Default::default()
    };
    seen.tell("list_rule_faults", &ListRuleFaultsResponse { faults: vec![fault] });
}
