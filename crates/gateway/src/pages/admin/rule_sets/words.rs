//! Rules as written, said in French; and what to choose from when writing them.

use parvis_kernel::Channel;
use parvis_proto::routing::{Directory, RuleAction, RuleCondition};

use crate::pages::{field::Choice, format};

/// Kinds of conditions, with what each is called.
pub(super) const CONDITIONS: [(&str, &str); 11] = [
    ("words", "Le texte contient"),
    ("procedure", "La démarche est"),
    ("channel", "La demande arrive par"),
    ("field", "Le champ du formulaire"),
    ("requester", "Le demandeur est"),
    ("district", "Le lieu est dans le quartier"),
    ("language", "La personne parle"),
    ("hours", "La demande est reçue (horaires)"),
    ("day", "La demande est reçue le jour"),
    ("dates", "La demande est reçue entre deux dates"),
    ("load", "La charge du service (en %)"),
];

/// Kinds of actions.
pub(super) const ACTIONS: [(&str, &str); 9] = [
    ("unit", "Envoyer au service"),
    ("team", "À l'équipe"),
    ("skill", "Demander la compétence"),
    ("level", "Au niveau au moins (1 à 5)"),
    ("language", "Demander la langue"),
    ("priority", "Donner la priorité"),
    ("flag", "Poser la mention"),
    ("transfer", "Proposer la transmission à"),
    ("stop", "S'arrêter là"),
];

/// Tests of a condition.
pub(super) const TESTS: [(&str, &str); 10] = [
    ("equals", "vaut exactement"),
    ("one_of", "vaut l'une de ces valeurs"),
    ("less", "est moins de"),
    ("at_most", "est au plus"),
    ("more", "est plus de"),
    ("at_least", "est au moins"),
    ("present", "est rempli"),
    ("absent", "n'est pas rempli"),
    ("inside", "pendant les horaires"),
    ("outside", "en dehors des horaires"),
];

fn name<'a>(of: &'a [(&'a str, &'a str)], code: &'a str) -> &'a str {
    of.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

/// What to choose from, and nothing.
pub(super) fn choices(of: &[(&str, &str)], nothing: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", nothing)];
    choices.extend(of.iter().map(|(code, name)| Choice::new(*code, *name)));
    choices
}

/// A condition in one line.
pub(super) fn condition(it: &RuleCondition, directory: &Directory) -> String {
    let values: Vec<String> = it.values.iter().map(|value| value_name(&it.kind, value, directory)).collect();
    let values = values.join(" ou ");
    let subject = match it.kind.as_str() {
        "load" => unit(directory, &it.subject),
        _ => it.subject.clone(),
    };
    let parts = [name(&CONDITIONS, &it.kind), &subject, name(&TESTS, &it.test), &values];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An action in one line.
pub(super) fn action(it: &RuleAction, directory: &Directory) -> String {
    let value = match it.kind.as_str() {
        "unit" => unit(directory, &it.value),
        "team" => {
            let team = directory.teams.iter().find(|team| team.code == it.value);
            team.map_or_else(|| it.value.clone(), |team| team.name.clone())
        }
        "skill" => format::skill(&it.value),
        "priority" => format::priority(&it.value).to_lowercase(),
        "flag" => format!("« {} »", it.value),
        _ => it.value.clone(),
    };
    let parts = [name(&ACTIONS, &it.kind), &value];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A unit's name; its code where it has none.
pub(super) fn unit(directory: &Directory, code: &str) -> String {
    directory.units.iter().find(|unit| unit.code == code).map_or_else(|| code.to_owned(), |unit| unit.name.clone())
}

fn value_name(kind: &str, value: &str, directory: &Directory) -> String {
    match kind {
        "words" => format!("« {value} »"),
        "channel" => format::channel(value).to_lowercase(),
        "district" => {
            let district = directory.districts.iter().find(|district| district.code == value);
            district.map_or_else(|| value.to_owned(), |district| district.name.clone())
        }
        "load" => format!("{value} %"),
        _ => value.to_owned(),
    }
}

/// The codes that conditions and actions may name here, to be read beside the form.
pub(super) fn codes(directory: &Directory) -> Vec<(&'static str, String)> {
    let listed = |all: Vec<String>| all.join(", ");
    let units = directory.units.iter().map(|unit| format!("{} ({})", unit.code, unit.name)).collect();
    let teams = directory.teams.iter().map(|team| format!("{} ({})", team.code, team.name)).collect();
    let districts = directory.districts.iter().map(|one| format!("{} ({})", one.code, one.name)).collect();
    vec![
        ("Services", listed(units)),
        ("Équipes", listed(teams)),
        ("Quartiers", listed(districts)),
        ("Canaux", listed(Channel::ALL.iter().map(|channel| channel.as_str().to_owned()).collect())),
        ("Demandeurs", "person, organization, anonymous".to_owned()),
        ("Jours", "monday, tuesday, wednesday, thursday, friday, saturday, sunday".to_owned()),
        ("Priorités", "low, normal, high, urgent".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_reads_as_a_sentence() {
        let it = RuleCondition {
            kind: "field".into(),
            subject: "surface".into(),
            test: "more".into(),
            values: vec!["120".into()],
        };
        assert_eq!(condition(&it, &Directory::default()), "Le champ du formulaire surface est plus de 120");
        let it = RuleCondition { kind: "words".into(), values: vec!["rat".into(), "souris".into()], ..it };
        let it = RuleCondition { subject: String::new(), test: String::new(), ..it };
        assert_eq!(condition(&it, &Directory::default()), "Le texte contient « rat » ou « souris »");
    }
}
