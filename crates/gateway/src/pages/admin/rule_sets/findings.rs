//! What is wrong with a draft, said beside what it is about.

use parvis_proto::routing::{Finding, RuleText};

use super::{
    DRAFT,
    form::{ACTIONS, part},
};
use crate::pages::values::Errors;

/// What is wrong with a rule, a body, or the whole set.
pub(super) struct FindingView {
    pub(super) error: bool,
    pub(super) text: String,
    /// « Règle 3 », « Organisme 2 »; empty: the whole set.
    pub(super) about: String,
    /// Where it is mended; empty: not here.
    pub(super) href: String,
}

impl FindingView {
    /// `mends`: the reader may change the draft that it is about.
    pub(super) fn new(finding: &Finding, mends: bool) -> Self {
        let (about, page) = match (finding.rule, body_of(finding)) {
            (0, None) => (String::new(), String::new()),
            (0, Some(body)) => (format!("Organisme {body}"), format!("organismes/{body}")),
            (rule, _) => (format!("Règle {rule}"), format!("regle/{rule}")),
        };
        Self {
            error: finding.severity == "error",
            text: finding.message.clone(),
            href: if mends && !page.is_empty() { format!("{DRAFT}/{page}") } else { String::new() },
            about,
        }
    }
}

/// The number of the body that a finding is about.
pub(super) fn body_of(finding: &Finding) -> Option<usize> {
    let (number, _) = finding.field.strip_prefix("bodies[")?.split_once(']')?;
    number.parse().ok().filter(|number| finding.rule == 0 && *number > 0)
}

/// The errors of one rule, by the field of its form; and what only looks like a mistake.
pub(super) fn beside(rule: &RuleText, findings: &[Finding], number: usize) -> (Errors, Vec<String>) {
    let mut errors = Errors::default();
    let mut remarks = Vec::new();
    for finding in findings.iter().filter(|finding| number > 0 && finding.rule as usize == number) {
        if finding.severity == "error" {
            let (field, missing) = field(rule, &finding.field);
            let text: &str = if missing.is_empty() { &finding.message } else { missing };
            // A field shows one error; the summary has the others.
            if errors.of(&field) != text {
                errors.add(if errors.of(&field).is_empty() { &field } else { "" }, text);
            }
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
    if let Some(kind) = list.strip_prefix("actions.") {
        return (field_of_action(kind).to_owned(), "");
    }
    let number: usize = number.parse().unwrap_or(0);
    let at = number.checked_sub(1);
    match list {
        "name" if rule.name.is_empty() => ("nom".to_owned(), "Donnez un nom à la règle."),
        "name" => ("nom".to_owned(), ""),
        "actions" if rule.actions.is_empty() && rule.code != "default" => {
            ("service".to_owned(), "La règle ne fait rien : choisissez un service, une priorité, une mention…")
        }
        "actions" => {
            let kind = at.and_then(|at| rule.actions.get(at)).map_or("", |it| it.kind.as_str());
            (field_of_action(kind).to_owned(), "")
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
                ("dates", _) if lacks_its_end(&condition.values) => "fin",
                ("dates", _) => "debut",
                ("load", _) => "valeur",
                _ => "choix",
            };
            let empty = match what {
                "subject" => condition.subject.is_empty(),
                _ => condition.values.is_empty() || condition.values.iter().any(String::is_empty),
            };
            let missing = match name {
                _ if !empty => "",
                "question" => "Choisissez une question du formulaire.",
                "service" => "Choisissez un service.",
                "mots" => "Écrivez au moins un mot.",
                "debut" | "fin" => "Donnez le premier et le dernier jour.",
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

/// Of a period, the first day only is given.
fn lacks_its_end(days: &[String]) -> bool {
    matches!(days, [from, until] if !from.is_empty() && until.is_empty())
}

/// The field that says an action of this kind; empty: none does, the summary shows what is wrong.
fn field_of_action(kind: &str) -> &'static str {
    match kind {
        "flag" => "mentions",
        kind => ACTIONS.iter().find(|(known, _)| *known == kind).map_or("", |(_, field)| field),
    }
}

#[cfg(test)]
mod tests {
    use parvis_proto::routing::{RuleAction, RuleCondition};

    use super::*;

    fn error(field: &str, message: &str) -> Finding {
        Finding {
            severity: "error".into(),
            rule: 1,
            field: field.into(),
            message: message.into(),
            ..Finding::default()
        }
    }

    #[test]
    fn errors_of_actions_are_beside_what_they_are_about_and_none_is_lost() {
        let action = |kind: &str, value: &str| RuleAction { kind: kind.into(), value: value.into() };
        let rule = RuleText { actions: vec![action("unit", "voirie"), action("level", "9")], ..RuleText::default() };
        let findings = [
            error("actions.team", "équipe"),
            error("actions.skill", "personne"),
            error("actions.skill", "un niveau"),
            error("actions[2].value", "neuf"),
            error("actions", "boucle"),
            error("actions", "autre"),
        ];
        let (errors, _) = beside(&rule, &findings, 1);
        let said: Vec<_> = ["equipe", "competence", "niveau", "service"].map(|field| errors.of(field)).into();
        assert_eq!(said, ["équipe", "personne", "neuf", ""]);
        let summary: Vec<_> = errors.lines(&["service"]).into_iter().map(|line| line.text).collect();
        assert!(findings.iter().all(|finding| summary.contains(&finding.message)), "{summary:?}");
    }

    #[test]
    fn the_default_rule_is_told_to_name_a_service() {
        let empty = |code: &str| RuleText { code: code.into(), ..RuleText::default() };
        let said = |code: &str, field: &str| beside(&empty(code), &[error(field, "Désigne.")], 1).0;
        assert_eq!(said("default", "actions.unit").of("service"), "Désigne.");
        assert_eq!(said("default", "actions").of(""), "Désigne.");
        assert!(said("rats", "actions").of("service").starts_with("La règle ne fait rien"));
    }

    #[test]
    fn a_day_left_out_is_asked_for_where_it_is_missing() {
        let said = |days: [&str; 2]| {
            let values = days.map(str::to_owned).into();
            let dates = RuleCondition { kind: "dates".into(), values, ..RuleCondition::default() };
            let rule = RuleText { conditions: vec![dates], ..RuleText::default() };
            let (errors, _) = beside(&rule, &[error("conditions[1].values", "Donnez 500 valeurs.")], 1);
            ["debut", "fin"].map(|day| errors.of(&part(1, day)).to_owned())
        };
        let wanted = "Donnez le premier et le dernier jour.";
        assert_eq!(said(["", "2027-01-04"]), [wanted, ""]);
        assert_eq!(said(["2026-12-21", ""]), ["", wanted]);
    }

    #[test]
    fn a_body_is_named_and_led_to() {
        let finding = Finding { rule: 0, ..error("bodies[2].name", "Donnez un nom.") };
        let view = FindingView::new(&finding, true);
        assert_eq!((view.about.as_str(), view.href.as_str()), ("Organisme 2", "/admin/regles/brouillon/organismes/2"));
        assert_eq!(FindingView::new(&finding, false).href, "");
        assert_eq!(FindingView::new(&error("name", "x"), true).href, "/admin/regles/brouillon/regle/1");
        assert_eq!(FindingView::new(&Finding { rule: 0, ..error("rules", "x") }, true).about, "");
    }
}
