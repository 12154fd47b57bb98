//! `/admin/regles/brouillon/essai`: which of the latest cases the draft would send elsewhere.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use parvis_kernel::ErrorKind;
use parvis_proto::routing::{ListRulesRequest, Moved, SimulateRulesRequest};
use serde::Deserialize;

use super::{Answer, DRAFT, done, draft_of, findings::FindingView};
use crate::{
    pages::{
        admin::{ADMINISTRATORS, ORGANISERS, frame},
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

/// How many cases may be asked for.
const SIZES: [u32; 4] = [100, 500, 2_000, 5_000];

struct MovedView {
    reference: String,
    when: String,
    from: String,
    from_rule: String,
    to: String,
    to_rule: String,
    changes: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/rule_simulation.html")]
struct TrialPage {
    shell: Shell,
    tabs: Vec<Link>,
    caption: String,
    cases: u32,
    reread: String,
    in_force: u64,
    revision: u64,
    moved: Vec<MovedView>,
    total: u32,
    used: Vec<(String, u32)>,
    failed: Vec<(String, u32)>,
    loads_of_now: String,
    findings: Vec<FindingView>,
    sizes: Vec<(u32, bool)>,
    may_publish: bool,
}

/// What decided where no rule did.
fn without_rule(code: String) -> String {
    match code.as_str() {
        "procedure" => "Service de la démarche".to_owned(),
        "default" => "Service par défaut".to_owned(),
        "triage" => "À trier par un agent".to_owned(),
        "classifier" => "Proposition automatique".to_owned(),
        "manual" => "Choix d'un agent".to_owned(),
        _ => code,
    }
}

/// On how many of the latest cases.
#[derive(Deserialize)]
pub(super) struct On {
    #[serde(default)]
    derniers: String,
}

/// The page.
pub(super) async fn show(desk: Desk, Query(On { derniers }): Query<On>) -> Answer {
    desk.require(&ORGANISERS)?;
    let last = derniers.parse().ok().filter(|last| SIZES.contains(last)).unwrap_or(500);
    let request = SimulateRulesRequest { rules: None, last };
    let tried = match answer(desk.page.state.routing()?.simulate_rules(desk.call(request)).await) {
        Ok(tried) => tried,
        Err(error) if error.kind() == ErrorKind::FailedPrecondition => return done(DRAFT, "regles-sans-brouillon"),
        Err(error) => return Err(refused(error)),
    };
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let draft = draft_of(&desk).await?.text.unwrap_or_default();
    let listed =
        answer(desk.page.state.routing()?.list_rules(desk.call(ListRulesRequest {})).await).unwrap_or_default();
    let names = draft.rules.into_iter().map(|rule| (rule.code, rule.name));
    let names: HashMap<String, String> = listed.rules.into_iter().map(|it| (it.code, it.name)).chain(names).collect();
    let rule = |code: String| names.get(&code).cloned().unwrap_or_else(|| without_rule(code));
    let view = |moved: Moved| MovedView {
        when: format::relative(format::instant(moved.decided_at.as_ref()), now, &zone),
        reference: moved.reference,
        from: moved.from_unit_name,
        from_rule: rule(moved.from_rule),
        to: moved.to_unit_name,
        to_rule: rule(moved.to_rule),
        changes: moved.changes,
    };
    let caption = format!(
        "{} sur {} iraient autrement, dont {} dans un autre service",
        format::plural(u64::from(tried.moved_total), "dossier", "dossiers"),
        format::count(u64::from(tried.cases)),
        format::count(u64::from(tried.to_another_unit)),
    );
    let writes = desk.has(&ADMINISTRATORS);
    let forbidden = tried.findings.iter().any(|finding| finding.severity == "error");
    let (shell, tabs) = frame(&desk, "Essai du brouillon").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles"), (DRAFT, "Brouillon")]);
    let mut used: Vec<(String, u32)> = tried.used.into_iter().map(|it| (rule(it.rule), it.times)).collect();
    used.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    render(&TrialPage {
        shell,
        tabs,
        caption,
        cases: tried.cases,
        reread: format::plural(u64::from(tried.cases), "dossier relu", "dossiers relus"),
        in_force: tried.in_force,
        revision: tried.revision,
        total: tried.moved_total,
        moved: tried.moved.into_iter().map(view).collect(),
        used,
        failed: tried.failed.into_iter().map(|it| (rule(it.rule), it.times)).collect(),
        loads_of_now: match tried.loads_of_now {
            0 => String::new(),
            of_now => format::plural(u64::from(of_now), "dossier", "dossiers"),
        },
        findings: tried.findings.iter().map(|it| FindingView::new(it, writes)).collect(),
        sizes: SIZES.iter().map(|size| (*size, *size == last)).collect(),
        may_publish: writes && !forbidden,
    })
}
