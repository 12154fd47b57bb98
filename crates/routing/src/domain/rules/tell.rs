//! A rule's conditions, a French sentence each.

use std::collections::BTreeSet;

use parvis_directory::{DirectoryFile, RequesterKind};
use parvis_kernel::{Channel, languages};

use super::model::{Condition, FieldTest, Rule};

/// The conditions of `rule`, in order; « Toujours. » where it has none.
pub fn conditions(rule: &Rule, directory: &DirectoryFile) -> Vec<String> {
    if rule.when.is_empty() {
        return vec!["Toujours.".to_owned()];
    }
    rule.when.iter().map(|condition| tell(condition, directory)).collect()
}

fn tell(condition: &Condition, directory: &DirectoryFile) -> String {
    match condition {
        Condition::Procedure(any) => say("La démarche est", any, |code| format!("« {code} »")),
        Condition::Channel(any) => say("La demande arrive par", any, |channel| channel_name(*channel).to_owned()),
        Condition::Requester(any) => say("Elle vient", any, |kind| requester_name(*kind).to_owned()),
        Condition::Words(any) => format!("Le texte contient {}.", any_of(any.iter().map(|word| format!("« {word} »")))),
        Condition::District(any) => say("Le lieu est dans le quartier", any, |code| {
            let found = directory.districts.iter().find(|district| district.code == *code);
            format!("« {} »", found.map_or(code, |district| &district.name))
        }),
        Condition::Language(any) => say("La personne parle", any, |language| language_name(language)),
        Condition::Day(any) => say("La demande est reçue le", any, |day| day.name().to_owned()),
        Condition::Dates { from, until } => {
            format!("La demande est reçue du {} au {}.", from.strftime("%d/%m/%Y"), until.strftime("%d/%m/%Y"))
        }
        Condition::Hours { calendar, inside } => {
            let when = if *inside { "pendant" } else { "en dehors de" };
            let hours = match calendar {
                None if *inside => "les heures d’ouverture".to_owned(),
                None => return "La demande est reçue en dehors des heures d’ouverture.".to_owned(),
                Some(code) => {
                    let found = directory.calendars.iter().find(|calendar| calendar.code == *code);
                    format!("« {} »", found.map_or(code, |calendar| &calendar.name))
                }
            };
            format!("La demande est reçue {when} {hours}.")
        }
        Condition::Load { unit, limit } => {
            let (how, percent) = limit.tell();
            let name = directory.unit(unit).map_or(unit.as_str(), |unit| &unit.name);
            format!("La charge du service « {name} » est de {how} {percent} %.")
        }
        Condition::Field { field, test } => match test {
            FieldTest::Present => format!("Le champ « {field} » est rempli."),
            FieldTest::Absent => format!("Le champ « {field} » n’est pas rempli."),
            FieldTest::OneOf(any) => {
                format!("Le champ « {field} » vaut {}.", any_of(any.iter().map(|value| format!("« {value} »"))))
            }
            FieldTest::Number(limit) => {
                let (how, number) = limit.tell();
                format!("Le champ « {field} » vaut {how} {}.", number.to_string().replace('.', ","))
            }
        },
    }
}

fn say<T>(start: &str, any: &BTreeSet<T>, name: impl Fn(&T) -> String) -> String {
    format!("{start} {}.", any_of(any.iter().map(name)))
}

fn any_of(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" ou ")
}

fn language_name(code: &str) -> String {
    languages::spoken(code).map_or_else(|| format!("la langue « {code} »"), str::to_owned)
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "internet",
        Channel::Phone => "téléphone",
        Channel::Counter => "le guichet",
        Channel::Email => "courriel",
        Channel::Letter => "courrier",
        Channel::Open311 => "Open311",
        Channel::Api => "l’API",
        Channel::Partner => "un partenaire",
    }
}

fn requester_name(kind: RequesterKind) -> &'static str {
    match kind {
        RequesterKind::Person => "d’une personne",
        RequesterKind::Organization => "d’une organisation",
        RequesterKind::Anonymous => "d’une personne anonyme",
    }
}
