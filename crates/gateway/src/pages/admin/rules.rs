//! `/admin/regles`: the rules in their order, each said in French.

use askama::Template;
use parvis_proto::routing::{GetDirectoryRequest, ListRulesRequest};

use super::{Answer, ORGANISERS, frame};
use crate::{
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

/// Characters of a condition shown at once.
const SHORT: usize = 140;

struct RuleView {
    rank: usize,
    name: String,
    code: String,
    conditions: Vec<Condition>,
    target: String,
    extras: Vec<String>,
}

/// A condition; one that names many words shows the first of them.
struct Condition {
    beginning: String,
    whole: String,
    long: bool,
}

impl Condition {
    fn new(rank: usize, whole: String) -> Self {
        let mut letters = whole.chars();
        let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
        let whole = if rank == 0 { whole } else { format!("et {first}{}", letters.as_str()) };
        let long = whole.chars().count() > SHORT;
        Self { beginning: parvis_kernel::text::excerpt(&whole, SHORT), whole, long }
    }
}

#[derive(Template)]
#[template(path = "admin/rules.html")]
struct RulesPage {
    shell: Shell,
    tabs: Vec<Link>,
    caption: String,
    rules: Vec<RuleView>,
    default_unit: String,
}

/// The page.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    let state = &desk.page.state;
    let (rules, directory) =
        tokio::join!(async { answer(state.routing()?.list_rules(desk.call(ListRulesRequest {})).await) }, async {
            answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await)
        },);
    let rules = rules.map_err(refused)?.rules;
    let directory = directory.unwrap_or_default();
    let rules = rules.into_iter().enumerate().map(|(rank, rule)| {
        let target = match rule.team.as_str() {
            "" => format::unit_name(&directory, &rule.unit),
            code => {
                format!("{}, équipe {}", format::unit_name(&directory, &rule.unit), format::team_name(&directory, code))
            }
        };
        let mut extras = Vec::new();
        if !rule.skill.is_empty() {
            let level = if rule.level > 0 { format!(", niveau {}", rule.level) } else { String::new() };
            extras.push(format!("compétence : {}{level}", format::skill(&rule.skill)));
        }
        if !rule.language.is_empty() {
            extras.push(format!("langue : {}", rule.language));
        }
        if !matches!(rule.priority.as_str(), "" | "normal") {
            extras.push(format!("priorité {}", format::priority(&rule.priority).to_lowercase()));
        }
        let conditions =
            rule.conditions.into_iter().enumerate().map(|(rank, whole)| Condition::new(rank, whole)).collect();
        RuleView { rank: rank + 1, name: rule.name, code: rule.code, conditions, target, extras }
    });
    let rules: Vec<_> = rules.collect();
    let default_unit = format::unit_name(&directory, &directory.default_unit);
    let caption = format!("{}, dans l'ordre", format::plural(rules.len() as u64, "règle", "règles"));
    let (shell, tabs) = frame(&desk, "Règles d'orientation").await;
    render(&RulesPage { shell, tabs, caption, rules, default_unit })
}
