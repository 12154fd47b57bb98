//! Rules as an administrator writes them: what is said of those that are wrong, what the others decide.

mod decisions;
mod findings;

use super::{
    ActionText, Catalogue, ConditionText, Finding, FormField, ProcedureForm, RuleSetText, RuleText, Severity, check,
    read,
};
use crate::domain::town;

fn when(kind: &str, subject: &str, test: &str, values: &[&str]) -> ConditionText {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    ConditionText { kind: kind.to_owned(), subject: subject.to_owned(), test: test.to_owned(), values }
}

fn then(kind: &str, value: &str) -> ActionText {
    ActionText { kind: kind.to_owned(), value: value.to_owned() }
}

fn rule(code: &str, conditions: Vec<ConditionText>, actions: Vec<ActionText>) -> RuleText {
    RuleText { code: code.to_owned(), name: code.to_owned(), conditions, actions }
}

/// To a unit, and no further.
fn to(unit: &str) -> Vec<ActionText> {
    vec![then("unit", unit), then("stop", "")]
}

fn set(rules: Vec<RuleText>) -> RuleSetText {
    let mut rules = rules;
    rules.push(rule("default", Vec::new(), vec![then("unit", "accueil")]));
    RuleSetText { rules, ..RuleSetText::default() }
}

fn catalogue() -> Catalogue {
    let field = |code: &str, kind: &str, choices: &[&str]| FormField {
        code: code.to_owned(),
        kind: kind.to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    let fields = vec![
        field("surface", "number", &[]),
        field("nature", "choice", &["mur", "toit"]),
        field("jours", "multi_choice", &["lundi", "mardi"]),
    ];
    Catalogue { procedures: vec![ProcedureForm { code: "permis".to_owned(), fields, ..ProcedureForm::default() }] }
}

fn findings(text: &RuleSetText) -> Vec<Finding> {
    let (set, findings) = read(text);
    check(&set, &town::directory(), Some(&catalogue()), findings)
}

/// The one error: its rule's number and its field.
#[track_caller]
fn error(text: &RuleSetText) -> (usize, String) {
    let all = findings(text);
    let errors: Vec<_> = all.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{all:?}");
    (errors[0].rule, errors[0].field.clone())
}

fn at(rule: usize, field: &str) -> (usize, String) {
    (rule, field.to_owned())
}
