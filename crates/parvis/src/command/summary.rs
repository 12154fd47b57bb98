//! What an import did, in a line for whoever ran it.

use parvis_knowledge::{ArticlesSummary, FichesSummary};
use parvis_routing::domain::rules::{Finding, Severity};

/// `version 2 is now in force: 27 units, 86 agents, 1 rule; no longer there: 1 unit; to be decided again: 12 cases`
pub fn of_directory(done: &parvis_routing::ImportSummary) -> String {
    let state = if done.changed { "is now in force" } else { "was in force already" };
    let holds =
        [(done.units, "unit"), (done.agents, "agent"), (done.rules, "rule")].map(|(count, one)| several(count, one));
    let gone = [(done.retired_units.len(), "unit"), (done.retired_agents.len(), "agent")];
    let gone: Vec<String> =
        gone.into_iter().filter(|(count, _)| *count > 0).map(|(count, one)| several(count, one)).collect();
    let mut told = format!("version {} {state}: {}", done.version, holds.join(", "));
    if !gone.is_empty() {
        told.push_str(&format!("; no longer there: {}", gone.join(", ")));
    }
    if done.to_reroute > 0 {
        told.push_str(&format!("; to be decided again: {}", several(done.to_reroute as usize, "case")));
    }
    told
}

/// `86 added, 2 without a password`
pub fn of_accounts(done: &parvis_identity::usecase::ImportSummary) -> String {
    or_nothing(counts(&[
        (done.added, "added"),
        (done.updated, "updated"),
        (done.closed, "closed"),
        (done.without_password, "without a password: see « parvis account set-password »"),
    ]))
}

/// `3 added, 1 changed, 78 unchanged`
pub fn of_procedures(done: &parvis_intake::ImportSummary) -> String {
    or_nothing(counts(&[
        (done.added, "added"),
        (done.changed, "changed"),
        (done.restored, "back"),
        (done.retired, "retired"),
        (done.unchanged, "unchanged"),
    ]))
}

/// `54 added, 2 left as changed on the pages`
pub fn of_articles(done: &ArticlesSummary) -> String {
    or_nothing(counts(&[
        (done.added, "added"),
        (done.changed, "changed"),
        (done.unchanged, "unchanged"),
        (done.kept, "left as changed on the pages"),
    ]))
}

/// `3778 served: 3778 added`
pub fn of_fiches(done: &FichesSummary) -> String {
    let how = counts(&[
        (done.added, "added"),
        (done.changed, "changed"),
        (done.removed, "removed"),
        (done.unchanged, "unchanged"),
        (done.refused, "unreadable"),
    ]);
    format!("{} served: {}", done.served, or_nothing(how))
}

/// A line an error; of warnings, which the page of the rules shows beside each, only how many.
pub fn of_findings(findings: &[Finding]) -> Vec<String> {
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.iter().partition(|it| it.severity == Severity::Error);
    let mut lines: Vec<String> = errors.into_iter().map(of_finding).collect();
    if !warnings.is_empty() {
        lines.push(format!("{} about the rules: see /admin/regles", several(warnings.len(), "warning")));
    }
    lines
}

/// `warning: rule 4 « voirie », actions.team: …`
pub fn of_finding(finding: &Finding) -> String {
    let severity = finding.severity.as_str();
    let rule =
        if finding.rule == 0 { String::new() } else { format!("rule {} « {} », ", finding.rule, finding.code) };
    format!("{severity}: {rule}{}: {}", finding.field, finding.message)
}

fn several(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn counts(of: &[(usize, &str)]) -> String {
    let some: Vec<String> =
        of.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    some.join(", ")
}

fn or_nothing(counts: String) -> String {
    if counts.is_empty() { "nothing to do".to_owned() } else { counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_told_by_what_it_did() {
        let accounts = parvis_identity::usecase::ImportSummary { added: 86, without_password: 2, ..Default::default() };
        assert_eq!(of_accounts(&accounts), "86 added, 2 without a password: see « parvis account set-password »");
        assert_eq!(of_accounts(&Default::default()), "nothing to do");
        let fiches = FichesSummary { served: 12, unchanged: 12, ..FichesSummary::default() };
        assert_eq!(of_fiches(&fiches), "12 served: 12 unchanged");
    }

    #[test]
    fn a_directory_is_told_with_what_went() {
        let done = parvis_routing::ImportSummary {
            version: 2,
            changed: true,
            rule_set: 2,
            units: 1,
            agents: 3,
            rules: 2,
            retired_units: vec![parvis_kernel::UnitId::parse("crue").expect("a code")],
            retired_agents: Vec::new(),
            to_reroute: 1,
            findings: Vec::new(),
        };
        let told = "version 2 is now in force: 1 unit, 3 agents, 2 rules; no longer there: 1 unit; to be decided again: 1 case";
        assert_eq!(of_directory(&done), told);
    }

    #[test]
    fn errors_are_told_and_warnings_counted() {
        let finding = |severity| Finding {
            severity,
            rule: 4,
            code: "voirie".to_owned(),
            field: "actions.team".to_owned(),
            message: "Aucune.".to_owned(),
        };
        let lines = of_findings(&[Severity::Warning, Severity::Error, Severity::Warning].map(finding));
        assert_eq!(
            lines,
            ["error: rule 4 « voirie », actions.team: Aucune.", "2 warnings about the rules: see /admin/regles"]
        );
    }
}
