//! A rule as written, said in French: one sentence for its conditions, one for its actions.

use parvis_proto::routing::{RuleAction, RuleCondition, RuleText};

use super::names::{DAYS, Names, REQUESTERS};
use crate::pages::format;

/// Values named in a sentence; of more, the others are counted.
const NAMED: usize = 6;

/// « Si le texte contient « rat » et si la demande arrive par téléphone. »
pub(super) fn conditions(rule: &RuleText, names: &Names) -> String {
    if rule.conditions.is_empty() {
        return "Toujours.".to_owned();
    }
    let procedures = procedures_of(rule);
    let all: Vec<String> =
        rule.conditions.iter().map(|it| format!("si {}", condition(it, &procedures, names))).collect();
    sentence(&all.join(" et "))
}

/// « Envoyer au service Voirie, équipe Nord ; priorité haute. »
pub(super) fn actions(rule: &RuleText, names: &Names) -> String {
    let of = |kind: &str| rule.actions.iter().find(|it| it.kind == kind).map(|it| it.value.as_str());
    let mut all: Vec<String> = Vec::new();
    let team = of("team").map(|team| names.team(team));
    match (of("unit"), team) {
        (Some(unit), Some(team)) => all.push(format!("envoyer au service {}, à l'équipe {team}", names.unit(unit))),
        (Some(unit), None) => all.push(format!("envoyer au service {}", names.unit(unit))),
        (None, Some(team)) => all.push(format!("envoyer à l'équipe {team}")),
        (None, None) => {}
    }
    if let Some(skill) = of("skill") {
        let level = of("level").map(|level| format!(", niveau {level} au moins")).unwrap_or_default();
        all.push(format!("demander la compétence {}{level}", format::skill(skill)));
    }
    if let Some(language) = of("language") {
        all.push(format!("choisir un agent qui parle {}", format::language(language)));
    }
    if let Some(priority) = of("priority") {
        all.push(format!("donner la priorité {}", format::priority(priority).to_lowercase()));
    }
    let flag = |it: &&RuleAction| it.kind == "flag";
    all.extend(rule.actions.iter().filter(flag).map(|it| format!("ajouter la mention {}", quoted(&it.value))));
    if let Some(body) = of("transfer") {
        all.push(format!("proposer la transmission à {}", names.body(body)));
    }
    if of("stop").is_some() {
        all.push("puis s'arrêter là".to_owned());
    }
    if all.is_empty() { "Rien.".to_owned() } else { sentence(&all.join("\u{a0}; ")) }
}

/// The procedures that a rule is about; none: any.
pub(super) fn procedures_of(rule: &RuleText) -> Vec<String> {
    let about = |it: &&RuleCondition| it.kind == "procedure";
    rule.conditions.iter().filter(about).flat_map(|it| it.values.clone()).collect()
}

fn condition(it: &RuleCondition, procedures: &[String], names: &Names) -> String {
    let any = |name: &dyn Fn(&str) -> String| any_of(it.values.iter().map(|value| name(value)).collect());
    match it.kind.as_str() {
        "words" => format!("le texte contient {}", any(&quoted)),
        "procedure" => format!("la démarche est {}", any(&|code| quoted(&names.procedure(code)))),
        "channel" => format!("la demande arrive {}", any(&by_channel)),
        "requester" => format!("le demandeur est {}", any(&|code| format::named(REQUESTERS.into_iter(), code))),
        "district" => format!("le lieu est dans le quartier {}", any(&|code| names.district(code))),
        "language" => format!("la personne parle {}", any(&|code| format::language(code).to_owned())),
        "day" => format!("la demande est reçue un {}", any(&|code| format::named(DAYS.into_iter(), code))),
        "dates" => {
            let day = |at: usize| it.values.get(at).filter(|day| !day.is_empty()).map(|day| format::iso_day(day));
            match (day(0), day(1)) {
                (Some(from), Some(until)) => format!("la demande est reçue du {from} au {until}"),
                (Some(from), None) => format!("la demande est reçue du {from} à un jour à préciser"),
                (None, Some(until)) => format!("la demande est reçue d'un jour à préciser au {until}"),
                (None, None) => "la demande est reçue pendant une période à préciser".to_owned(),
            }
        }
        "hours" => {
            let when = if it.test == "outside" { "en dehors des" } else { "pendant les" };
            match it.subject.as_str() {
                "" => format!("la demande est reçue {when} horaires du service par défaut"),
                code => format!("la demande est reçue {when} horaires {}", quoted(&names.calendar(code))),
            }
        }
        "load" => {
            let value = it.values.first().map_or("…", String::as_str);
            format!("le service {} est occupé à {} {value}\u{a0}%", names.unit(&it.subject), bound(&it.test))
        }
        "field" => answer_to(it, procedures, names),
        other => quoted(other),
    }
}

fn answer_to(it: &RuleCondition, procedures: &[String], names: &Names) -> String {
    let question = names.question(&it.subject, procedures);
    let asked = quoted(question.map_or(&it.subject, |field| &field.label));
    let label = |value: &str| match question {
        Some(field) if field.r#type == "boolean" => if value == "true" { "oui" } else { "non" }.to_owned(),
        Some(field) => {
            let choice = field.choices.iter().find(|choice| choice.code == value);
            quoted(choice.map_or(value, |choice| &choice.label))
        }
        None => quoted(value),
    };
    let first = it.values.first().map_or("…", String::as_str);
    match it.test.as_str() {
        "present" => format!("la question {asked} a une réponse"),
        "absent" => format!("la question {asked} n'a pas de réponse"),
        "less" | "at_most" | "more" | "at_least" => format!("la réponse à {asked} est {} {first}", bound_of(&it.test)),
        _ => format!("la réponse à {asked} est {}", any_of(it.values.iter().map(|value| label(value)).collect())),
    }
}

fn bound(test: &str) -> &'static str {
    match test {
        "less" => "moins de",
        "at_most" => "au plus",
        "at_least" => "au moins",
        _ => "plus de",
    }
}

fn bound_of(test: &str) -> &'static str {
    match test {
        "less" => "inférieure à",
        "at_most" => "d'au plus",
        "at_least" => "d'au moins",
        _ => "supérieure à",
    }
}

fn by_channel(code: &str) -> String {
    match code {
        "web" => "par internet".to_owned(),
        "counter" => "au guichet".to_owned(),
        "open311" => "par une application de signalement".to_owned(),
        "api" => "par un autre logiciel".to_owned(),
        "partner" => "par un partenaire".to_owned(),
        other => format!("par {}", format::channel(other).to_lowercase()),
    }
}

fn quoted(text: &str) -> String {
    format!("«\u{a0}{}\u{a0}»", if text.is_empty() { "…" } else { text })
}

/// « a, b ou c »; of many, the first ones and how many more.
fn any_of(mut values: Vec<String>) -> String {
    if values.len() > NAMED + 1 {
        let more = values.len() - NAMED;
        values.truncate(NAMED);
        values.push(format!("{more} autres"));
    }
    match values.pop() {
        Some(last) if !values.is_empty() => format!("{} ou {last}", values.join(", ")),
        Some(only) => only,
        None => "…".to_owned(),
    }
}

fn sentence(text: &str) -> String {
    let end = if text.ends_with('…') { "" } else { "." };
    format!("{}{end}", format::capital(text))
}

#[cfg(test)]
mod tests {
    use parvis_proto::{
        intake::{Choice, FormField, Procedure},
        routing::{Directory, Unit},
    };

    use super::*;

    fn when(kind: &str, subject: &str, test: &str, values: &[&str]) -> RuleCondition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        RuleCondition { kind: kind.into(), subject: subject.into(), test: test.into(), values }
    }

    fn said(condition: RuleCondition) -> String {
        let field = |code: &str, label: &str, kind: &str| FormField {
            code: code.into(),
            label: label.into(),
            r#type: kind.into(),
            choices: vec![Choice { code: "bois".into(), label: "En bois".into() }],
            ..FormField::default()
        };
        let procedures = vec![Procedure {
            fields: vec![
                field("surface", "Surface", "number"),
                field("mur", "Le mur", "choice"),
                field("ok", "Vu", "boolean"),
            ],
            ..Procedure::default()
        }];
        let units = vec![Unit { code: "voirie".into(), name: "Voirie".into(), ..Unit::default() }];
        let names = Names { procedures, directory: Directory { units, ..Directory::default() }, bodies: Vec::new() };
        conditions(&RuleText { conditions: vec![condition], ..RuleText::default() }, &names)
    }

    #[test]
    fn every_condition_reads_as_a_sentence() {
        let many = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        for (condition, expected) in [
            (when("words", "", "", &["rat", "souris"]), "Si le texte contient « rat » ou « souris »."),
            (
                when("words", "", "", &many),
                "Si le texte contient « a », « b », « c », « d », « e », « f » ou 3 autres.",
            ),
            (when("channel", "", "", &["phone", "counter"]), "Si la demande arrive par téléphone ou au guichet."),
            (when("field", "surface", "more", &["120"]), "Si la réponse à « Surface » est supérieure à 120."),
            (when("field", "mur", "one_of", &["bois"]), "Si la réponse à « Le mur » est « En bois »."),
            (when("field", "ok", "equals", &["true"]), "Si la réponse à « Vu » est oui."),
            (when("field", "ok", "absent", &[]), "Si la question « Vu » n'a pas de réponse."),
            (when("load", "voirie", "more", &["80"]), "Si le service Voirie est occupé à plus de 80 %."),
            (
                when("hours", "", "outside", &[]),
                "Si la demande est reçue en dehors des horaires du service par défaut.",
            ),
            (
                when("dates", "", "", &["2026-12-21", "2027-01-04"]),
                "Si la demande est reçue du 21 décembre 2026 au 4 janvier 2027.",
            ),
            (
                when("dates", "", "", &["", "2027-01-04"]),
                "Si la demande est reçue d'un jour à préciser au 4 janvier 2027.",
            ),
            (when("day", "", "", &["monday"]), "Si la demande est reçue un lundi."),
            (when("language", "", "", &["en"]), "Si la personne parle anglais."),
        ] {
            assert_eq!(said(condition).replace('\u{a0}', " "), expected);
        }
        assert_eq!(conditions(&RuleText::default(), &Names::default()), "Toujours.");
    }

    #[test]
    fn actions_read_as_one_sentence() {
        let action = |kind: &str, value: &str| RuleAction { kind: kind.into(), value: value.into() };
        let rule = RuleText {
            actions: vec![
                action("unit", "voirie"),
                action("skill", "droit-des-sols"),
                action("level", "2"),
                action("priority", "high"),
                action("flag", "Élu"),
                action("stop", ""),
            ],
            ..RuleText::default()
        };
        assert_eq!(
            actions(&rule, &Names::default()).replace('\u{a0}', " "),
            "Envoyer au service voirie ; demander la compétence droit des sols, niveau 2 au moins ; donner la priorité \
             haute ; ajouter la mention « Élu » ; puis s'arrêter là."
        );
        assert_eq!(actions(&RuleText::default(), &Names::default()), "Rien.");
    }
}
