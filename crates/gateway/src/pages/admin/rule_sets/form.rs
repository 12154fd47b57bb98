//! A rule of the draft as a plain form, and back. Every name is chosen from a list.

use parvis_proto::routing::{RuleAction, RuleCondition, RuleText};

use super::{
    names::{self, DAYS, Names, PRIORITIES, REQUESTERS},
    sentence::procedures_of,
};
use crate::pages::{
    field::{Choice, Field, Input, select},
    filing, format,
    values::{Errors, Values},
};

/// Conditions read at most.
const MOST_CONDITIONS: usize = 40;

/// Sorts of conditions, as the list to add one from says them.
pub(super) const KINDS: [(&str, &str); 11] = [
    ("words", "Le texte contient certains mots"),
    ("procedure", "La démarche"),
    ("field", "La réponse à une question du formulaire"),
    ("channel", "Le canal par lequel la demande arrive"),
    ("requester", "Qui demande"),
    ("district", "Le quartier"),
    ("language", "La langue de la personne"),
    ("hours", "Les horaires"),
    ("day", "Le jour de la semaine"),
    ("dates", "Une période"),
    ("load", "La charge d'un service"),
];
const OTHER_LANGUAGE: &str = "Si elle n'est pas dans la liste : son code, comme hy pour l'arménien.";
const BOUNDS: [(&str, &str); 4] =
    [("more", "plus de"), ("at_least", "au moins"), ("less", "moins de"), ("at_most", "au plus")];

/// A condition's part of the form.
pub(super) struct ConditionView {
    pub(super) number: usize,
    pub(super) kind: String,
    pub(super) legend: String,
    pub(super) fields: Vec<Field>,
    /// The question whose answers are offered.
    pub(super) shown_for: String,
    /// It was added just now.
    pub(super) fresh: bool,
}

/// The name of a condition's field.
pub(super) fn part(number: usize, name: &str) -> String {
    format!("si.{number}.{name}")
}

/// What was filled in, as a rule. What was left empty says nothing.
pub(super) fn rule_of(values: &Values) -> RuleText {
    let conditions = (1..=MOST_CONDITIONS).map(|number| condition_of(values, number));
    let action = |kind: &str, name: &str| RuleAction { kind: kind.to_owned(), value: values.first(name).to_owned() };
    let mut actions: Vec<RuleAction> = ACTIONS.iter().map(|(kind, name)| action(kind, name)).collect();
    let other = values.first("autre-langue");
    if let Some(language) = actions.iter_mut().find(|it| it.kind == "language" && !other.is_empty()) {
        other.clone_into(&mut language.value);
    }
    actions.retain(|action| !action.value.is_empty());
    actions.extend(lines(values.first("mentions")).into_iter().map(|value| RuleAction { kind: "flag".into(), value }));
    if !values.first("arret").is_empty() {
        actions.push(RuleAction { kind: "stop".to_owned(), value: String::new() });
    }
    RuleText {
        code: values.first("code").to_owned(),
        name: values.first("nom").to_owned(),
        conditions: conditions.filter(|it| !it.kind.is_empty()).collect(),
        actions,
    }
}

/// Actions that a rule has once, and the fields that say them.
pub(super) const ACTIONS: [(&str, &str); 7] = [
    ("unit", "service"),
    ("team", "equipe"),
    ("skill", "competence"),
    ("level", "niveau"),
    ("language", "langue"),
    ("priority", "priorite"),
    ("transfer", "organisme"),
];

fn condition_of(values: &Values, number: usize) -> RuleCondition {
    let first = |name: &str| values.first(&part(number, name)).to_owned();
    let one = |name: &str| Some(first(name)).filter(|value| !value.is_empty()).into_iter().collect::<Vec<_>>();
    let chosen = || values.all(&part(number, "choix")).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let kind = first("sorte");
    let (subject, test, values) = match kind.as_str() {
        "words" => (String::new(), String::new(), lines(&first("mots"))),
        "hours" => (first("calendrier"), first("test"), Vec::new()),
        "load" => (first("service"), first("test"), one("valeur")),
        "dates" => {
            let days = [first("debut"), first("fin")].map(|day| filing::iso_day(&day));
            // One given alone keeps its place.
            let given = days.iter().any(|day| !day.is_empty());
            (String::new(), String::new(), if given { days.into() } else { Vec::new() })
        }
        "field" => {
            let (subject, test) = (first("question"), first("test"));
            let values = match test.as_str() {
                "present" | "absent" => Vec::new(),
                // The answers offered were those of another question.
                _ if !matches!(first("question-montree").as_str(), shown if shown.is_empty() || shown == subject) => {
                    Vec::new()
                }
                _ => chosen().iter().flat_map(|text| lines(text)).collect(),
            };
            (subject, test, values)
        }
        "language" => {
            let mut all = chosen();
            all.extend(one("autre").into_iter().filter(|other| !chosen().contains(other)));
            (String::new(), String::new(), all)
        }
        _ => (String::new(), String::new(), chosen()),
    };
    RuleCondition { kind, subject, test, values }
}

/// The conditions of a rule, each with its fields.
pub(super) fn conditions(rule: &RuleText, names: &Names, errors: &Errors, fresh: usize) -> Vec<ConditionView> {
    let procedures = procedures_of(rule);
    let view = |(at, it): (usize, &RuleCondition)| {
        let number = at + 1;
        let (fields, values) = condition_fields(number, it, &procedures, names);
        ConditionView {
            number,
            kind: it.kind.clone(),
            legend: format::named(KINDS.into_iter(), &it.kind),
            fields: fields.into_iter().map(|field| field.fill(&values, errors)).collect(),
            shown_for: if it.kind == "field" { it.subject.clone() } else { String::new() },
            fresh: number == fresh,
        }
    };
    rule.conditions.iter().enumerate().map(view).collect()
}

fn condition_fields(number: usize, it: &RuleCondition, procedures: &[String], names: &Names) -> (Vec<Field>, Values) {
    let name = |name: &str| part(number, name);
    let field = |part: &str, label: &str, input: Input| Field::new(name(part), label, input).depends();
    let mut values = Values::default();
    let first = it.values.first().map(String::as_str).unwrap_or_default();
    let fields = match it.kind.as_str() {
        "words" => {
            values.set(&name("mots"), it.values.join("\n"));
            let hint = "Il suffit que l'un d'eux soit dans le texte. Accents et majuscules ne comptent pas.";
            vec![field("mots", "Mots ou expressions, un par ligne", Input::Area(4)).hint(hint)]
        }
        "hours" => {
            values.set(&name("calendrier"), &it.subject);
            values.set(&name("test"), &it.test);
            let calendars = select(names.calendars(), &it.subject, "Horaires du service par défaut");
            let tests = vec![
                Choice::new("inside", "pendant ces horaires"),
                Choice::new("outside", "en dehors de ces horaires"),
            ];
            vec![
                field("calendrier", "Horaires", Input::Select).choices(calendars),
                field("test", "La demande est reçue", Input::Select).choices(tests),
            ]
        }
        "dates" => {
            values.set(&name("debut"), first);
            values.set(&name("fin"), it.values.get(1).map(String::as_str).unwrap_or_default());
            vec![field("debut", "Premier jour", Input::Line("date")), field("fin", "Dernier jour", Input::Line("date"))]
        }
        "load" => {
            values.set(&name("service"), &it.subject);
            values.set(&name("test"), &it.test);
            values.set(&name("valeur"), first);
            let hint = "En pourcentage de ce que ses agents peuvent avoir en charge.";
            vec![
                field("service", "Service", Input::Select).choices(select(names.units(), &it.subject, "Choisissez…")),
                field("test", "Il est occupé à", Input::Select).choices(choices(&BOUNDS)),
                field("valeur", "Pourcentage", Input::Line("number")).hint(hint),
            ]
        }
        "field" => question(number, it, procedures, names, &mut values),
        kind => {
            values.0.extend(it.values.iter().map(|value| (name("choix"), value.clone())));
            let (label, offered) = offered(kind, names, &it.values);
            let mut fields = vec![Field::checks(name("choix"), label, offered, &it.values).depends()];
            if kind == "language" {
                fields
                    .push(field("autre", "Une autre langue", Input::Line("text")).hint(OTHER_LANGUAGE).max_length(35));
            }
            fields
        }
    };
    (fields, values)
}

/// What may be ticked for a condition that is one of a list.
fn offered(kind: &str, names: &Names, chosen: &[String]) -> (&'static str, Vec<Choice>) {
    match kind {
        "procedure" => ("L'une de ces démarches", names.procedures()),
        "channel" => ("L'un de ces canaux", names::channels()),
        "requester" => ("Le demandeur est", names::fixed(&REQUESTERS)),
        "district" => ("L'un de ces quartiers", names.districts()),
        "language" => ("L'une de ces langues", names.languages(chosen.iter().map(String::as_str))),
        "day" => ("L'un de ces jours", names::fixed(&DAYS)),
        _ => ("Valeurs", Vec::new()),
    }
}

fn question(
    number: usize,
    it: &RuleCondition,
    procedures: &[String],
    names: &Names,
    values: &mut Values,
) -> Vec<Field> {
    let name = |name: &str| part(number, name);
    let field = |part: &str, label: &str, input: Input| Field::new(name(part), label, input).depends();
    let known = names.question(&it.subject, procedures);
    values.set(&name("question"), &it.subject);
    values.set(&name("test"), if it.test == "equals" { "one_of" } else { &it.test });
    let mut tests = vec![Choice::new("one_of", "est l'une de ces réponses")];
    if known.is_none_or(|field| field.r#type == "number") {
        tests.extend(BOUNDS.iter().map(|(code, name)| Choice::new(*code, format!("est {name}"))));
    }
    tests.extend([Choice::new("present", "est donnée"), Choice::new("absent", "n'est pas donnée")]);
    let questions = select(names.questions(procedures), &it.subject, "Choisissez…");
    let mut fields = vec![
        field("question", "Question", Input::Select)
            .choices(questions)
            .hint("Si vous en changez, enregistrez pour voir les réponses possibles."),
        field("test", "La réponse", Input::Select).choices(select(tests, &it.test.replace("equals", "one_of"), "")),
    ];
    let answers = match known {
        Some(field) if field.r#type == "boolean" => vec![Choice::new("true", "Oui"), Choice::new("false", "Non")],
        Some(field) => field.choices.iter().map(|it| Choice::new(&it.code, &it.label)).collect(),
        None => Vec::new(),
    };
    if answers.is_empty() {
        values.set(&name("choix"), it.values.join("\n"));
        fields.push(field("choix", "Valeurs, une par ligne", Input::Area(2)).hint("Rien pour « est donnée »."));
    } else {
        values.0.extend(it.values.iter().map(|value| (name("choix"), value.clone())));
        fields.push(Field::checks(name("choix"), "Réponses", answers, &it.values).depends());
    }
    fields
}

/// What the rule does.
pub(super) fn action_fields(rule: &RuleText, names: &Names, errors: &Errors, fixed: bool) -> Vec<Field> {
    let of = |kind: &str| rule.actions.iter().find(|it| it.kind == kind).map_or("", |it| it.value.as_str());
    let mut values = Values::default();
    for (kind, name) in ACTIONS {
        values.set(name, of(kind));
    }
    let flags = rule.actions.iter().filter(|it| it.kind == "flag").map(|it| it.value.as_str());
    values.set("mentions", flags.collect::<Vec<_>>().join("\n"));
    values.set("arret", if rule.actions.iter().any(|it| it.kind == "stop") { "true" } else { "" });
    let one = |name: &str, label: &str, kind: &str, offered: Vec<Choice>, nothing: &str| {
        Field::new(name, label, Input::Select).depends().choices(select(offered, of(kind), nothing))
    };
    let levels = (1..=5).map(|level| Choice::new(level.to_string(), format!("Niveau {level} au moins"))).collect();
    let priorities = PRIORITIES.iter().map(|code| Choice::new(*code, format::priority(code))).collect();
    let nothing = if fixed { "Choisissez…" } else { "Aucun : une autre règle le dira" };
    let mut fields = vec![
        one("service", "Envoyer au service", "unit", names.units(), nothing),
        one("equipe", "Envoyer à l'équipe", "team", names.teams(), "Toutes"),
        one("competence", "À un agent qui a la compétence", "skill", names.skills(), "Sans condition"),
        one("niveau", "Niveau de cette compétence", "level", levels, "Tous les niveaux"),
        one(
            "langue",
            "À un agent qui parle",
            "language",
            names.languages([of("language")].into_iter()),
            "Sans condition",
        ),
        Field::new("autre-langue", "À un agent qui parle une autre langue", Input::Line("text"))
            .depends()
            .hint(OTHER_LANGUAGE)
            .max_length(35),
        one("priorite", "Priorité", "priority", priorities, "Celle de la démarche"),
        one("organisme", "Proposer la transmission à", "transfer", names.bodies(), "Personne")
            .hint("L'agent confirme toujours ; l'usager reçoit le nom de l'organisme et comment le joindre."),
        Field::new("mentions", "Mentions à ajouter au dossier, une par ligne", Input::Area(2)).depends(),
    ];
    if !fixed {
        let stop = "Ne pas lire les règles suivantes quand celle-ci s'applique";
        fields.push(Field::new("arret", stop, Input::Tick).depends());
    }
    fields.into_iter().map(|field| field.fill(&values, errors)).collect()
}

fn choices(of: &[(&str, &str)]) -> Vec<Choice> {
    of.iter().map(|(code, name)| Choice::new(*code, *name)).collect()
}

/// One value a line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_may_name_a_language_of_no_list() {
        let typed = [
            ("si.1.sorte", "language"),
            ("si.1.choix", "en"),
            ("si.1.autre", "hy"),
            ("langue", "fr"),
            ("autre-langue", "pt-BR"),
        ];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let rule = rule_of(&Values(typed.into()));
        assert_eq!(rule.conditions[0].values, ["en", "hy"]);
        assert_eq!(rule.actions, [RuleAction { kind: "language".into(), value: "pt-BR".into() }]);
        // Shown again, both are among what may be chosen, and not as something that is no more.
        let (names, errors) = (Names::default(), Errors::default());
        let shown = conditions(&rule, &names, &errors, 0).swap_remove(0).fields;
        let hy = shown[0].choices.iter().find(|choice| choice.value == "hy").unwrap();
        assert!(hy.label.starts_with("Langue") && shown[0].values == ["en", "hy"], "{hy:?}");
        let shown = action_fields(&rule, &names, &errors, false);
        let language = shown.iter().find(|field| field.name == "langue").unwrap();
        let chosen = language.choices.iter().find(|choice| choice.value == "pt-BR").unwrap();
        assert_eq!((chosen.label.as_str(), language.value.as_str()), ("Portugais (pt-BR)", "pt-BR"));
    }
}
