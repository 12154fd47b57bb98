//! What is wrong with a draft, said beside what it is about.

use parvis_proto::routing::{Finding, RuleText};

use super::form::part;
use crate::pages::values::Errors;

/// What is wrong with a rule, or with all of them.
pub(super) struct FindingView {
    pub(super) error: bool,
    pub(super) text: String,
    /// The rule's number; 0: the whole set.
    pub(super) rule: u32,
}

impl FindingView {
    pub(super) fn new(finding: &Finding) -> Self {
        Self { error: finding.severity == "error", text: finding.message.clone(), rule: finding.rule }
    }
}

/// The errors of one rule, by the field of its form; and what only looks like a mistake.
pub(super) fn beside(rule: &RuleText, findings: &[Finding], number: usize) -> (Errors, Vec<String>) {
    let mut errors = Errors::default();
    let mut remarks = Vec::new();
    for finding in findings.iter().filter(|finding| number > 0 && finding.rule as usize == number) {
        if finding.severity == "error" {
            let (field, missing) = field(rule, &finding.field);
            errors.add(&field, if missing.is_empty() { &finding.message } else { missing });
        } else {
            remarks.push(finding.message.clone());
        }
    }
    (errors, remarks)
}

/// The form's field of a finding's (empty: the whole rule), and what to do where it was simply left empty.
fn field(rule: &RuleText, path: &str) -> (String, &'static str) {
    let (list, rest) = path.split_once('[').unwrap_or((path, ""));
    let (number, what) = rest.split_once("].").unwrap_or(("", ""));
    let number: usize = number.parse().unwrap_or(0);
    let at = number.checked_sub(1);
    match list {
        "name" if rule.name.is_empty() => ("nom".to_owned(), "Donnez un nom à la règle."),
        "name" => ("nom".to_owned(), ""),
        "actions" if rule.actions.is_empty() => {
            ("service".to_owned(), "La règle ne fait rien : choisissez un service, une priorité, une mention…")
        }
        "actions" => {
            let kind = at.and_then(|at| rule.actions.get(at)).map_or("", |it| it.kind.as_str());
            let name = match kind {
                "team" => "equipe",
                "skill" => "competence",
                "level" => "niveau",
                "language" => "langue",
                "priority" => "priorite",
                "transfer" => "organisme",
                "flag" => "mentions",
                _ => "service",
            };
            (name.to_owned(), "")
        }
        "conditions" => {
            let Some(condition) = at.and_then(|at| rule.conditions.get(at)) else { return (String::new(), "") };
            let kind = condition.kind.as_str();
            let name = match (kind, what) {
                ("", _) | (_, "kind" | "") => return (String::new(), ""),
                ("field", "subject") => "question",
                ("hours", "subject") => "calendrier",
                ("load", "subject") => "service",
                (_, "test") => "test",
                ("words", _) => "mots",
                ("dates", _) => "debut",
                ("load", _) => "valeur",
                _ => "choix",
            };
            let empty = if what == "subject" { condition.subject.is_empty() } else { condition.values.is_empty() };
            let missing = match name {
                _ if !empty => "",
                "question" => "Choisissez une question du formulaire.",
                "service" => "Choisissez un service.",
                "mots" => "Écrivez au moins un mot.",
                "debut" => "Donnez le premier et le dernier jour.",
                "valeur" => "Donnez un pourcentage.",
                "choix" if kind == "field" => "Donnez au moins une réponse.",
                "choix" => "Cochez au moins une ligne.",
                _ => "",
            };
            (part(number, name), missing)
        }
        _ => (String::new(), ""),
    }
}
