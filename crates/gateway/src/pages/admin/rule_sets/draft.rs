//! `/admin/regles/brouillon`: the next version, rule by rule, with what is wrong; and its publication.

use askama::Template;
use axum::{extract::Query, response::Response};
use parvis_kernel::text::fold;
use parvis_proto::routing::{DiscardRuleDraftRequest, Finding, PublishRulesRequest, RuleSetText};
use serde::Deserialize;

use super::{Answer, DRAFT, done, draft_of, findings::FindingView, keep, names::Names, not_done, sentence};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, ORGANISERS, frame},
        format,
        page::{Desk, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// Characters of a search at most.
const MAX_QUERY: usize = 100;

struct RuleView {
    number: usize,
    name: String,
    conditions: String,
    actions: String,
    errors: usize,
    warnings: usize,
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
    query: String,
    caption: String,
    rules: Vec<RuleView>,
    findings: Vec<FindingView>,
    errors: usize,
    warnings: usize,
    bodies: usize,
    percent: u32,
    revision: u64,
    based_on: u64,
    in_force: u64,
    author: String,
    when: String,
    writes: bool,
}

/// Which rules are looked for.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The page.
pub(super) async fn show(desk: Desk, Query(search): Query<Search>) -> Answer {
    desk.require(&ORGANISERS)?;
    let draft = draft_of(&desk).await?;
    let text = draft.text.unwrap_or_default();
    let names = Names::of(&desk, &text.bodies).await;
    let query: String = search.q.trim().chars().take(MAX_QUERY).collect();
    let mut rules = rules(&text, &draft.findings, &names);
    let all = rules.len() as u64;
    let wanted = fold(&query);
    rules.retain(|rule| {
        let texts = [&rule.name, &rule.conditions, &rule.actions];
        texts.into_iter().any(|text| fold(text).contains(&wanted))
    });
    let caption = match query.as_str() {
        "" => format!("{}, lues dans cet ordre", format::plural(all, "règle", "règles")),
        _ => format!("{} sur {}", format::plural(rules.len() as u64, "règle", "règles"), format::count(all)),
    };
    let writes = desk.has(&ADMINISTRATORS);
    let count = |severity: &str| draft.findings.iter().filter(|finding| finding.severity == severity).count();
    let (shell, tabs) = frame(&desk, "Brouillon des règles").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles")]);
    render(&DraftPage {
        shell,
        tabs,
        query,
        caption,
        rules,
        findings: draft.findings.iter().map(|it| FindingView::new(it, writes)).collect(),
        errors: count("error"),
        warnings: count("warning"),
        bodies: text.bodies.len(),
        percent: text.guess_percent,
        revision: draft.revision,
        based_on: draft.based_on,
        in_force: draft.in_force,
        author: author(&draft.author),
        when: format::date_time(format::instant(draft.at.as_ref()), &desk.page.zone()),
        writes,
    })
}

/// Who wrote something, as kept, for the reader.
pub(super) fn author(kept: &str) -> String {
    match kept {
        "import" => "le fichier de l'annuaire".to_owned(),
        kept => kept.strip_prefix("agent:").unwrap_or(kept).to_owned(),
    }
}

fn rules(text: &RuleSetText, findings: &[Finding], names: &Names) -> Vec<RuleView> {
    let ordinary = text.rules.len().saturating_sub(1);
    let view = |(at, rule): (usize, &parvis_proto::routing::RuleText)| {
        let number = at + 1;
        let mine = findings.iter().filter(|finding| finding.rule as usize == number);
        let errors = mine.clone().filter(|finding| finding.severity == "error").count();
        RuleView {
            number,
            name: rule.name.clone(),
            conditions: sentence::conditions(rule, names),
            actions: sentence::actions(rule, names),
            errors,
            warnings: mine.count() - errors,
            fixed: at == ordinary && rule.code == "default",
            first: at == 0,
            last: at + 1 >= ordinary,
        }
    };
    text.rules.iter().enumerate().map(view).collect()
}

/// Moves a rule up or down, sets the threshold, takes up a draft on the version in force, or drops it.
pub(super) async fn act(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    // A button's value: what to do, and to which rule.
    let asked = fields.first("action");
    let (action, number) = asked.split_once('-').unwrap_or((asked, ""));
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
    let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let mut based_on = 0;
    // The page opens again where the rule went.
    let mut place = String::new();
    match (action, at) {
        ("monter", Some(at)) if at > 0 && at + 1 < text.rules.len() => {
            text.rules.swap(at - 1, at);
            place = format!("#regle-{at}");
        }
        ("descendre", Some(at)) if at + 2 < text.rules.len() => {
            text.rules.swap(at, at + 1);
            place = format!("#regle-{}", at + 2);
        }
        ("seuil", _) => match fields.first("seuil").trim().parse() {
            Ok(percent @ 0..=100) => text.guess_percent = percent,
            _ => return done(DRAFT, "seuil-inchange"),
        },
        ("reprendre", _) => based_on = draft.in_force,
        _ => return done(DRAFT, "regles-changees"),
    }
    match keep(&desk, text, revision, based_on).await {
        Ok(_) => done(DRAFT, &format!("regles-enregistrees{place}")),
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
