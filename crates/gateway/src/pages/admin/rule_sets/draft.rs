//! `/admin/regles/brouillon`: the next version, rule by rule, with what is wrong; and its publication.

use askama::Template;
use axum::response::Response;
use parvis_proto::routing::{
    Directory, DiscardRuleDraftRequest, Finding, GetDirectoryRequest, PublishRulesRequest, RuleSetText,
};

use super::{Answer, DRAFT, done, draft_of, keep, not_done, words};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, ORGANISERS, frame},
        page::{Desk, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// What is wrong with a rule.
pub(super) struct FindingView {
    pub(super) error: bool,
    pub(super) text: String,
}

impl FindingView {
    pub(super) fn new(finding: &Finding) -> Self {
        let place = match finding.rule {
            0 => String::new(),
            number => format!("Règle {number} ({}) : ", finding.code),
        };
        Self { error: finding.severity == "error", text: format!("{place}{}", finding.message) }
    }
}

struct RuleView {
    number: usize,
    name: String,
    code: String,
    conditions: Vec<String>,
    actions: Vec<String>,
    findings: Vec<FindingView>,
    /// The default rule stays last.
    fixed: bool,
    first: bool,
    last: bool,
}

#[derive(Template)]
#[template(path = "admin/rule_draft.html")]
struct DraftPage {
    shell: Shell,
    tabs: Vec<Link>,
    rules: Vec<RuleView>,
    whole: Vec<FindingView>,
    errors: usize,
    warnings: usize,
    bodies: usize,
    percent: u32,
    revision: u64,
    based_on: u64,
    in_force: u64,
    author: String,
    writes: bool,
}

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    let draft = draft_of(&desk).await?;
    let directory = answer(desk.page.state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await);
    let directory = directory.unwrap_or_default();
    let text = draft.text.unwrap_or_default();
    let count = |severity: &str| draft.findings.iter().filter(|finding| finding.severity == severity).count();
    let (shell, tabs) = frame(&desk, "Brouillon des règles").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles")]);
    render(&DraftPage {
        shell,
        tabs,
        rules: rules(&text, &draft.findings, &directory),
        whole: draft.findings.iter().filter(|finding| finding.rule == 0).map(FindingView::new).collect(),
        errors: count("error"),
        warnings: count("warning"),
        bodies: text.bodies.len(),
        percent: text.guess_percent,
        revision: draft.revision,
        based_on: draft.based_on,
        in_force: draft.in_force,
        author: draft.author,
        writes: desk.has(&ADMINISTRATORS),
    })
}

fn rules(text: &RuleSetText, findings: &[Finding], directory: &Directory) -> Vec<RuleView> {
    let ordinary = text.rules.len().saturating_sub(1);
    let view = |(at, rule): (usize, &parvis_proto::routing::RuleText)| {
        let number = at + 1;
        let mine = findings.iter().filter(|finding| finding.rule as usize == number);
        RuleView {
            number,
            name: rule.name.clone(),
            code: rule.code.clone(),
            conditions: rule.conditions.iter().map(|it| words::condition(it, directory)).collect(),
            actions: rule.actions.iter().map(|it| words::action(it, directory)).collect(),
            findings: mine
                .map(|finding| FindingView { error: finding.severity == "error", text: finding.message.clone() })
                .collect(),
            fixed: at == ordinary && rule.code == "default",
            first: at == 0,
            last: at + 1 >= ordinary,
        }
    };
    text.rules.iter().enumerate().map(view).collect()
}

/// Moves a rule, takes one away, sets the threshold, takes up a draft on the version in force, or drops it.
pub(super) async fn act(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let action = fields.first("action").to_owned();
    if action == "abandonner" {
        let dropped = desk.page.state.routing()?.discard_rule_draft(desk.call(DiscardRuleDraftRequest {})).await;
        return match answer(dropped) {
            Ok(_) => done("/admin/regles", "regles-abandonnees"),
            Err(error) => not_done(error),
        };
    }
    let draft = draft_of(&desk).await?;
    let revision = fields.first("revision").parse().unwrap_or_default();
    let mut text = draft.text.unwrap_or_default();
    let at = fields.first("regle").parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let mut based_on = 0;
    match (action.as_str(), at) {
        ("monter", Some(at)) if at > 0 && at < text.rules.len() => text.rules.swap(at - 1, at),
        ("descendre", Some(at)) if at + 2 < text.rules.len() => text.rules.swap(at, at + 1),
        ("retirer", Some(at)) if at + 1 < text.rules.len() => {
            text.rules.remove(at);
        }
        ("seuil", _) => text.guess_percent = fields.first("seuil").parse().unwrap_or(text.guess_percent),
        ("reprendre", _) => based_on = draft.in_force,
        _ => return done(DRAFT, "regles-changees"),
    }
    match keep(&desk, text, revision, based_on).await {
        Ok(_) => done(DRAFT, "regles-enregistrees"),
        Err(error) => not_done(error),
    }
}

/// Puts it in force.
pub(super) async fn publish(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let request = PublishRulesRequest {
        expected_revision: fields.first("revision").parse().unwrap_or_default(),
        note: fields.first("note").to_owned(),
    };
    match answer(desk.page.state.routing()?.publish_rules(desk.call(request)).await) {
        Ok(_) => done("/admin/regles", "regles-publiees"),
        Err(error) => not_done(error),
    }
}
