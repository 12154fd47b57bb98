//! `/admin/regles/brouillon/regle/{number}`: one rule of the draft, as a plain form.

use askama::Template;
use axum::{extract::Path, response::Response};
use parvis_proto::routing::{GetDirectoryRequest, RuleAction, RuleCondition, RuleText};

use super::{
    Answer, DRAFT, done,
    draft::FindingView,
    draft_of, keep, not_done,
    words::{self, ACTIONS, CONDITIONS, TESTS},
};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, frame},
        field::Choice,
        page::{Desk, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// Empty rows at the end of each list: what a save does not fill is left out, and there are as many again.
const SPARE: usize = 2;
/// Rows read at most.
const MOST_ROWS: usize = 40;

struct ConditionRow {
    number: usize,
    kind: String,
    subject: String,
    test: String,
    values: String,
}

struct ActionRow {
    number: usize,
    kind: String,
    value: String,
}

#[derive(Template)]
#[template(path = "admin/rule_edit.html")]
struct EditPage {
    shell: Shell,
    tabs: Vec<Link>,
    number: String,
    code: String,
    name: String,
    fixed: bool,
    conditions: Vec<ConditionRow>,
    actions: Vec<ActionRow>,
    kinds: Vec<Choice>,
    tests: Vec<Choice>,
    deeds: Vec<Choice>,
    codes: Vec<(&'static str, String)>,
    findings: Vec<FindingView>,
    revision: u64,
}

/// The form.
pub(super) async fn show(desk: Desk, Path(number): Path<String>) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let text = draft.text.unwrap_or_default();
    let (rule, at) = match (number.as_str(), number.parse::<usize>()) {
        ("nouvelle", _) => (RuleText::default(), 0),
        (_, Ok(at)) if (1..=text.rules.len()).contains(&at) => (text.rules[at - 1].clone(), at),
        _ => return Err(Problem::not_found("Cette règle n'est plus dans le brouillon.")),
    };
    let directory = answer(desk.page.state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await);
    let title = if at == 0 { "Nouvelle règle".to_owned() } else { format!("Règle {at}") };
    let (shell, tabs) = frame(&desk, &title).await;
    let way = [("/admin", "Organisation"), ("/admin/regles", "Règles"), (DRAFT, "Brouillon")];
    let mine = draft.findings.iter().filter(|finding| at > 0 && finding.rule as usize == at);
    let fixed = at > 0 && at == text.rules.len() && rule.code == "default";
    render(&EditPage {
        shell: shell.under(&way),
        tabs,
        number,
        code: rule.code,
        name: rule.name,
        fixed,
        conditions: condition_rows(rule.conditions),
        actions: action_rows(rule.actions),
        kinds: words::choices(&CONDITIONS, "Aucune condition"),
        tests: words::choices(&TESTS, "Sans objet"),
        deeds: words::choices(&ACTIONS, "Aucune action"),
        codes: words::codes(&directory.unwrap_or_default()),
        findings: mine.map(FindingView::new).collect(),
        revision: draft.revision,
    })
}

fn condition_rows(conditions: Vec<RuleCondition>) -> Vec<ConditionRow> {
    let spare = std::iter::repeat_n(RuleCondition::default(), SPARE);
    let row = |(at, it): (usize, RuleCondition)| ConditionRow {
        number: at + 1,
        kind: it.kind,
        subject: it.subject,
        test: it.test,
        values: it.values.join("\n"),
    };
    conditions.into_iter().chain(spare).enumerate().map(row).collect()
}

fn action_rows(actions: Vec<RuleAction>) -> Vec<ActionRow> {
    let spare = std::iter::repeat_n(RuleAction::default(), SPARE);
    let row = |(at, it): (usize, RuleAction)| ActionRow { number: at + 1, kind: it.kind, value: it.value };
    actions.into_iter().chain(spare).enumerate().map(row).collect()
}

/// Keeps it in the draft, whatever is wrong with it, and shows the draft with what is.
pub(super) async fn save(desk: Desk, Path(number): Path<String>, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let mut text = draft.text.unwrap_or_default();
    let rule = rule(&fields);
    match (number.as_str(), number.parse::<usize>()) {
        // Before the default one.
        ("nouvelle", _) => text.rules.insert(text.rules.len().saturating_sub(1), rule),
        (_, Ok(at)) if (1..=text.rules.len()).contains(&at) => text.rules[at - 1] = rule,
        _ => return Err(Problem::not_found("Cette règle n'est plus dans le brouillon.")),
    }
    let revision = fields.first("revision").parse().unwrap_or_default();
    match keep(&desk, text, revision, 0).await {
        Ok(_) => done(DRAFT, "regles-enregistrees"),
        Err(error) => not_done(error),
    }
}

fn rule(fields: &CsrfFields) -> RuleText {
    let text = |name: &str| fields.first(name).trim().to_owned();
    let conditions = (1..=MOST_ROWS).map(|row| RuleCondition {
        kind: text(&format!("si.{row}.sorte")),
        subject: text(&format!("si.{row}.objet")),
        test: text(&format!("si.{row}.test")),
        values: lines(fields.first(&format!("si.{row}.valeurs"))),
    });
    let actions = (1..=MOST_ROWS).map(|row| RuleAction {
        kind: text(&format!("alors.{row}.sorte")),
        value: text(&format!("alors.{row}.valeur")),
    });
    RuleText {
        code: text("code"),
        name: text("nom"),
        conditions: conditions.filter(|it| !it.kind.is_empty()).collect(),
        actions: actions.filter(|it| !it.kind.is_empty()).collect(),
    }
}

/// One value a line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rows_are_left_out() {
        let pairs = [
            ("code", "rats"),
            ("nom", " Rats "),
            ("si.1.sorte", "words"),
            ("si.1.valeurs", "rat\r\n\r\n rats "),
            ("si.2.sorte", ""),
            ("si.2.valeurs", "perdu"),
            ("alors.1.sorte", "unit"),
            ("alors.1.valeur", "proprete"),
            ("alors.3.sorte", "stop"),
        ];
        let fields = CsrfFields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let rule = rule(&fields);
        assert_eq!((rule.name.as_str(), rule.conditions.len(), rule.actions.len()), ("Rats", 1, 2));
        assert_eq!(rule.conditions[0].values, ["rat", "rats"]);
    }
}
