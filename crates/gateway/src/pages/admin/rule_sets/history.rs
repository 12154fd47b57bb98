//! `/admin/regles/versions`: what was published, when, by whom; rules that could not be applied.

use askama::Template;
use axum::extract::Path;
use parvis_proto::routing::{GetRuleSetRequest, ListRuleFaultsRequest, ListRuleSetsRequest, RuleFault, RuleSetLine};

use super::{Answer, draft::author, findings::FindingView, names::Names, sentence};
use crate::{
    pages::{
        admin::{ORGANISERS, frame},
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

struct LineView {
    version: u64,
    when: String,
    /// Within a sentence.
    author: String,
    imported: bool,
    note: String,
    rules: u32,
    in_force: bool,
}

struct FaultView {
    rule: String,
    rule_set: u64,
    message: String,
    times: String,
    reference: String,
    when: String,
}

impl LineView {
    /// In a cell of its own: our words begin with a capital, an agent's code stays as it is.
    fn author_alone(&self) -> String {
        if self.imported { format::capital(&self.author) } else { self.author.clone() }
    }
}

#[derive(Template)]
#[template(path = "admin/rule_versions.html")]
struct VersionsPage {
    shell: Shell,
    tabs: Vec<Link>,
    versions: Vec<LineView>,
    faults: Vec<FaultView>,
}

struct RuleView {
    number: usize,
    name: String,
    conditions: String,
    actions: String,
}

#[derive(Template)]
#[template(path = "admin/rule_version.html")]
struct VersionPage {
    shell: Shell,
    tabs: Vec<Link>,
    line: LineView,
    caption: String,
    rules: Vec<RuleView>,
    bodies: Vec<String>,
    findings: Vec<FindingView>,
}

fn line(desk: &Desk, line: RuleSetLine, in_force: u64) -> LineView {
    let at = format::instant(line.published_at.as_ref());
    LineView {
        in_force: line.version == in_force,
        version: line.version,
        when: format::date_time(at, &desk.page.zone()),
        author: author(&line.author),
        imported: line.author == "import",
        note: line.note,
        rules: line.rules,
    }
}

/// The versions, and the rules that could not be applied.
pub(super) async fn list(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    let state = &desk.page.state;
    let listed = answer(state.routing()?.list_rule_sets(desk.call(ListRuleSetsRequest {})).await).map_err(refused)?;
    let faults = answer(state.routing()?.list_rule_faults(desk.call(ListRuleFaultsRequest {})).await);
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let fault = |fault: RuleFault| FaultView {
        rule: fault.rule,
        rule_set: fault.rule_set,
        message: fault.message,
        times: format::plural(fault.times, "fois", "fois"),
        reference: fault.last_reference,
        when: format::relative(format::instant(fault.last_at.as_ref()), now, &zone),
    };
    let faults = faults.map_err(refused)?.faults.into_iter().map(fault).collect();
    let in_force = listed.in_force;
    let versions = listed.rule_sets.into_iter().map(|it| line(&desk, it, in_force)).collect();
    let (shell, tabs) = frame(&desk, "Versions des règles").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles")]);
    render(&VersionsPage { shell, tabs, versions, faults })
}

/// One version.
pub(super) async fn show(desk: Desk, Path(version): Path<String>) -> Answer {
    desk.require(&ORGANISERS)?;
    let version = version.parse().ok().filter(|version| *version > 0);
    let version = version.ok_or_else(|| Problem::not_found("Cette version n'existe pas."))?;
    let state = &desk.page.state;
    let found = answer(state.routing()?.get_rule_set(desk.call(GetRuleSetRequest { version })).await);
    let found = found.map_err(refused)?;
    let text = found.text.unwrap_or_default();
    let names = Names::of(&desk, &text.bodies).await;
    let rules = text.rules.iter().enumerate().map(|(at, rule)| RuleView {
        number: at + 1,
        name: rule.name.clone(),
        conditions: sentence::conditions(rule, &names),
        actions: sentence::actions(rule, &names),
    });
    let in_force = if found.in_force { version } else { 0 };
    let line = line(&desk, found.line.unwrap_or_default(), in_force);
    let title = format!("Règles, version {version}");
    let (shell, tabs) = frame(&desk, &title).await;
    let way = [("/admin", "Organisation"), ("/admin/regles", "Règles"), ("/admin/regles/versions", "Versions")];
    render(&VersionPage {
        shell: shell.under(&way),
        tabs,
        line,
        caption: format!("{}, dans l'ordre", format::plural(rules.len() as u64, "règle", "règles")),
        rules: rules.collect(),
        bodies: text.bodies.into_iter().map(|body| body.name).collect(),
        // What is published never changes: it is mended in the draft.
        findings: found.findings.iter().map(|it| FindingView::new(it, false)).collect(),
    })
}
