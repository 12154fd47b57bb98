//! `/admin/regles/brouillon/regle/{number}`: one rule of the draft, as a plain form.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use parvis_kernel::ErrorKind;
use parvis_proto::routing::{RuleCondition, RuleDraft, RuleSetText, RuleText};

use super::{
    Answer, DRAFT, done, draft_of, findings,
    form::{self, ConditionView, KINDS},
    keep,
    names::{Names, code_from},
    not_done, number_in, sentence,
};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, frame},
        field::{Choice, Field, Input},
        page::{Desk, show_with},
        shell::{Link, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
};

const CHANGED: &str = "Le brouillon a changé pendant que vous aviez cette règle sous les yeux. Ce que vous avez écrit \
                       est resté ci-dessous : relisez, puis enregistrez à nouveau.";

const GONE: &str = "Cette règle n'est plus dans le brouillon. Ce que vous avez écrit est resté ci-dessous : enregistrez pour \
                    l'ajouter à nouveau.";

#[derive(Template)]
#[template(path = "admin/rule_edit.html")]
struct EditPage {
    shell: Shell,
    tabs: Vec<Link>,
    errors: Vec<ErrorLine>,
    remarks: Vec<String>,
    /// The number in the address, or `nouvelle`.
    address: String,
    code: String,
    said: Option<(String, String)>,
    fixed: bool,
    head: Vec<Field>,
    conditions: Vec<ConditionView>,
    actions: Vec<Field>,
    kinds: Vec<Choice>,
    revision: u64,
}

/// A rule being written.
struct Edited {
    /// Its place in the draft, from 1; `None`: it is new.
    number: Option<usize>,
    rule: RuleText,
    /// The place it is to have, as typed.
    rank: String,
    /// The draft that it was written upon.
    revision: u64,
    /// The condition added just now; 0: none.
    fresh: usize,
}

/// The form.
pub(super) async fn show(desk: Desk, Path(address): Path<String>) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let rules = draft.text.as_ref().map_or(&[][..], |text| &text.rules);
    let number = number_in(&address, rules.len())?;
    let rule = number.and_then(|number| rules.get(number - 1)).cloned().unwrap_or_default();
    let (errors, remarks) = findings::beside(&rule, &draft.findings, number.unwrap_or(0));
    let edited = Edited { number, rule, rank: place_of(number, rules).to_string(), revision: draft.revision, fresh: 0 };
    render(&desk, &draft, edited, errors, remarks, StatusCode::OK).await
}

/// Adds or removes a condition of the form, nothing being kept yet; takes the rule away; or keeps it in the draft,
/// whatever is wrong with it, and shows what is.
pub(super) async fn save(desk: Desk, Path(address): Path<String>, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let mut text = draft.text.clone().unwrap_or_default();
    let values = Values(fields.0);
    let rule = form::rule_of(&values);
    // Somebody may have moved it, or taken it away.
    let named = number_in(&address, usize::MAX)?;
    let is_it = |known: &RuleText| known.code == rule.code;
    let still = named.filter(|number| text.rules.get(number - 1).is_some_and(is_it));
    let elsewhere = || named.and_then(|_| text.rules.iter().position(is_it)).map(|at| at + 1);
    let number = still.or_else(elsewhere);
    let mut errors = Errors::default();
    let typed = values.first("rang").to_owned();
    let mut edited = Edited {
        number,
        rank: if typed.is_empty() { place_of(number, &text.rules).to_string() } else { typed },
        revision: values.first("revision").parse().unwrap_or_default(),
        rule,
        fresh: 0,
    };
    let (action, which) = values.first("action").split_once('-').unwrap_or((values.first("action"), ""));
    let at = which.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let shows_again = match (action, at) {
        ("ajouter", _) => {
            let kind = values.first("sorte").to_owned();
            if KINDS.iter().any(|(known, _)| *known == kind) {
                edited.rule.conditions.push(RuleCondition { kind, ..RuleCondition::default() });
            }
            edited.fresh = edited.rule.conditions.len();
            true
        }
        ("enlever", Some(at)) if at < edited.rule.conditions.len() => {
            edited.rule.conditions.remove(at);
            true
        }
        ("retirer", _) => {
            let removed = number.filter(|number| *number < text.rules.len());
            let Some(number) = removed else { return done(DRAFT, "regles-changees") };
            text.rules.remove(number - 1);
            return match keep(&desk, text, edited.revision, 0).await {
                Ok(_) => done(DRAFT, "regle-retiree"),
                Err(error) => not_done(error),
            };
        }
        _ => false,
    };
    if named.is_some() && number.is_none() {
        errors.add("", GONE);
        edited.revision = draft.revision;
        return render(&desk, &draft, edited, errors, Vec::new(), StatusCode::CONFLICT).await;
    }
    if shows_again {
        return render(&desk, &draft, edited, errors, Vec::new(), StatusCode::OK).await;
    }
    let Some(rank) = edited.rank.parse().ok().filter(|rank| *rank > 0) else {
        errors.add("rang", "Le rang est un nombre entier, à partir de 1.");
        return render(&desk, &draft, edited, errors, Vec::new(), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let place = put(&mut text, edited.rule.clone(), number, rank);
    match keep(&desk, text, edited.revision, 0).await {
        Ok(kept) if kept.findings.iter().any(|it| it.rule as usize == place && it.severity == "error") => {
            done(&format!("{DRAFT}/regle/{place}"), "regle-a-corriger")
        }
        Ok(_) => done(DRAFT, &format!("regle-enregistree#regle-{place}")),
        Err(error) if error.kind() == ErrorKind::Conflict => {
            errors.add("", CHANGED);
            // Having read what changed, they may save upon it.
            edited.revision = draft.revision;
            render(&desk, &draft, edited, errors, Vec::new(), StatusCode::CONFLICT).await
        }
        Err(error) => not_done(error),
    }
}

/// The place of a rule; a new one comes last, before the default one.
fn place_of(number: Option<usize>, rules: &[RuleText]) -> usize {
    number.unwrap_or(rules.len().max(1))
}

/// Puts the rule at its place, before the default one; gives the place.
fn put(text: &mut RuleSetText, mut rule: RuleText, number: Option<usize>, rank: usize) -> usize {
    let last = text.rules.len();
    match number {
        // The default rule stays where it is.
        Some(number) if number == last => {
            text.rules[number - 1] = rule;
            return number;
        }
        Some(number) => drop(text.rules.remove(number - 1)),
        None => rule.code = code_from(&rule.name, text.rules.iter().map(|it| it.code.as_str())),
    }
    let place = rank.clamp(1, text.rules.len().max(1));
    text.rules.insert(place - 1, rule);
    place
}

async fn render(
    desk: &Desk,
    draft: &RuleDraft,
    edited: Edited,
    errors: Errors,
    remarks: Vec<String>,
    status: StatusCode,
) -> Answer {
    let text = draft.text.clone().unwrap_or_default();
    let names = Names::of(desk, &text.bodies).await;
    let Edited { number, rule, rank, revision, fresh } = edited;
    let fixed = number == Some(text.rules.len()) && rule.code == "default";
    let title = match number {
        None => "Nouvelle règle".to_owned(),
        Some(number) => format!("Règle {number} : {}", rule.name),
    };
    let conditions = if fixed { Vec::new() } else { form::conditions(&rule, &names, &errors, fresh) };
    let actions = form::action_fields(&rule, &names, &errors, fixed);
    let last = text.rules.len().saturating_sub(1) + usize::from(number.is_none());
    let head = head(&rule, rank, last, fixed, &errors);
    let order = head.iter().chain(conditions.iter().flat_map(|it| &it.fields)).chain(&actions);
    let order: Vec<&str> = order.map(|field| field.name.as_str()).collect();
    let lines = errors.lines(&order);
    let (shell, tabs) = frame(desk, &title).await;
    let way = [("/admin", "Organisation"), ("/admin/regles", "Règles"), (DRAFT, "Brouillon")];
    let page = EditPage {
        shell: shell.under(&way).with_errors(lines.len()),
        tabs,
        errors: lines,
        remarks,
        address: number.map_or_else(|| "nouvelle".to_owned(), |number| number.to_string()),
        said: number.map(|_| (sentence::conditions(&rule, &names), sentence::actions(&rule, &names))),
        code: rule.code,
        fixed,
        head,
        conditions,
        actions,
        kinds: KINDS.iter().map(|(code, name)| Choice::new(*code, *name)).collect(),
        revision,
    };
    show_with(status, &page)
}

fn head(rule: &RuleText, rank: String, last: usize, fixed: bool, errors: &Errors) -> Vec<Field> {
    let mut values = Values::default();
    values.set("nom", &rule.name);
    values.set("rang", rank);
    let mut fields = vec![
        Field::new("nom", "Nom", Input::Line("text"))
            .hint("Pour vous y retrouver, et pour que l'agent sache pourquoi un dossier lui est venu.")
            .max_length(200),
    ];
    if !fixed {
        let hint = format!("De 1, lue la première, à {last}.");
        let mut field = Field::new("rang", "Rang", Input::Line("number")).depends().hint(hint);
        field.min = "1".to_owned();
        field.max = last.to_string();
        fields.push(field);
    }
    fields.into_iter().map(|field| field.fill(&values, errors)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_left_empty_says_nothing() {
        let rule = form::rule_of(&values(&[
            ("code", "rats"),
            ("nom", " Rats "),
            ("si.1.sorte", "words"),
            ("si.1.mots", "rat\r\n\r\n rats "),
            ("si.2.sorte", "dates"),
            ("si.2.debut", ""),
            ("si.2.fin", "04/01/2027"),
            ("si.3.sorte", "field"),
            ("si.3.question", "surface"),
            ("si.3.question-montree", "mur"),
            ("si.3.test", "one_of"),
            ("si.3.choix", "bois"),
            ("service", "proprete"),
            ("equipe", ""),
            ("mentions", "Urgent\nÉlu"),
            ("arret", "true"),
        ]));
        assert_eq!((rule.name.as_str(), rule.conditions.len()), ("Rats", 3));
        assert_eq!(rule.conditions[0].values, ["rat", "rats"]);
        assert_eq!(rule.conditions[1].values, ["", "2027-01-04"], "the last day stays the last");
        assert!(rule.conditions[2].values.is_empty(), "answers to another question");
        let actions: Vec<_> = rule.actions.iter().map(|it| (it.kind.as_str(), it.value.as_str())).collect();
        assert_eq!(actions, [("unit", "proprete"), ("flag", "Urgent"), ("flag", "Élu"), ("stop", "")]);
    }

    #[test]
    fn a_rule_goes_to_its_rank_and_the_default_one_stays_last() {
        let rule = |code: &str| RuleText { code: code.into(), name: code.into(), ..RuleText::default() };
        let set = || RuleSetText { rules: ["a1", "b1", "c1", "default"].map(rule).into(), ..RuleSetText::default() };
        let codes = |text: &RuleSetText| text.rules.iter().map(|it| it.code.clone()).collect::<Vec<_>>().join(" ");
        for (code, number, rank, expected, place) in [
            ("c1", Some(3), 1, "c1 a1 b1 default", 1),
            ("a1", Some(1), 99, "b1 c1 a1 default", 3),
            ("default", Some(4), 1, "a1 b1 c1 default", 4),
            ("Neuf", None, 2, "a1 neuf b1 c1 default", 2),
            ("Neuf", None, 99, "a1 b1 c1 neuf default", 4),
        ] {
            let mut text = set();
            assert_eq!(put(&mut text, rule(code), number, rank), place, "{code}");
            assert_eq!(codes(&text), expected);
        }
    }
}
