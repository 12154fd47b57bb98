//! From words to types, every error kept by rule number and field.

use std::{collections::BTreeSet, str::FromStr};

use jiff::civil::Date;
use parvis_kernel::{ProcedureCode, TeamId, UnitId, ids::is_code, typed};

use super::{
    model::{Body, Condition, FieldTest, Limit, Rule, RuleSet, Then},
    text::{ActionText, BodyText, ConditionText, Finding, RESERVED, RuleSetText, RuleText, Severity},
};

/// Rules of a set at most.
const MAX_RULES: usize = 2_000;
/// Conditions or actions of a rule at most.
const MAX_PARTS: usize = 30;
/// Values of a condition at most.
const MAX_VALUES: usize = 500;
/// Characters of a value, a name or a flag at most.
const MAX_TEXT: usize = 200;
const MAX_BODIES: usize = 200;

/// Reads a set. What cannot be read is left out of it and is an error among the findings.
pub fn read(text: &RuleSetText) -> (RuleSet, Vec<Finding>) {
    let mut set = RuleSet::default();
    let mut findings = Vec::new();
    let mut whole = At { rule: 0, code: "", findings: &mut findings };
    if text.rules.len() > MAX_RULES {
        whole.error("rules", format!("Un jeu a {MAX_RULES} règles au plus ; celui-ci en a {}.", text.rules.len()));
        return (set, findings);
    }
    set.guess_percent = u8::try_from(text.guess_percent.min(100)).unwrap_or(100);
    if text.guess_percent > 100 {
        whole.error("guess_percent", "Le seuil est un pourcentage, de 0 à 100.".to_owned());
    }
    set.bodies = bodies(&text.bodies, &mut whole);
    let mut codes = BTreeSet::new();
    let last = text.rules.len();
    for (at, rule) in text.rules.iter().enumerate() {
        let number = at + 1;
        let mut here = At { rule: number, code: &rule.code, findings: &mut findings };
        if !is_code(&rule.code) {
            here.error("code", "Un code a 2 à 40 caractères parmi a-z, 0-9 et le tiret.".to_owned());
        } else if !codes.insert(rule.code.as_str()) {
            here.error("code", format!("Une autre règle s’appelle déjà « {} ».", rule.code));
        }
        let read = one(number, rule, &mut here);
        if number == last && rule.code == "default" {
            if !rule.conditions.is_empty() {
                here.error("conditions", "La règle par défaut n’a aucune condition.".to_owned());
            }
            if read.then.unit.is_none() {
                here.error("actions.unit", "La règle par défaut désigne un service.".to_owned());
            }
            set.default = read.then;
            continue;
        }
        if RESERVED.contains(&rule.code.as_str()) {
            let message = format!("Le code « {} » est réservé ; donnez-en un autre à cette règle.", rule.code);
            here.error("code", message);
        }
        if rule.actions.is_empty() {
            here.error("actions", "Cette règle ne fait rien ; ajoutez une action.".to_owned());
        }
        set.rules.push(read);
    }
    if text.rules.last().is_none_or(|rule| rule.code != "default") {
        let message = "La dernière règle doit être la règle par défaut : code « default », sans condition.";
        At { rule: 0, code: "", findings: &mut findings }.error("rules", message.to_owned());
    }
    (set, findings)
}

/// Where an error is.
struct At<'a> {
    rule: usize,
    code: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl At<'_> {
    fn error(&mut self, field: impl Into<String>, message: String) {
        let (rule, code) = (self.rule, self.code.to_owned());
        self.findings.push(Finding { severity: Severity::Error, rule, code, field: field.into(), message });
    }
}

fn one(number: usize, text: &RuleText, at: &mut At<'_>) -> Rule {
    if text.name.trim().is_empty() || too_long(&text.name) {
        at.error("name", format!("Donnez un nom de {MAX_TEXT} caractères au plus."));
    }
    if text.conditions.len() > MAX_PARTS || text.actions.len() > MAX_PARTS {
        at.error("conditions", format!("Une règle a {MAX_PARTS} conditions et {MAX_PARTS} actions au plus."));
    }
    let conditions = text.conditions.iter().take(MAX_PARTS).enumerate();
    let when = conditions.filter_map(|(n, text)| condition(text, &format!("conditions[{}]", n + 1), at)).collect();
    let mut then = Then::default();
    for (n, action) in text.actions.iter().take(MAX_PARTS).enumerate() {
        act(&mut then, action, &format!("actions[{}]", n + 1), at);
    }
    if then.unit.is_none() && then.team.is_some() {
        at.error("actions.unit", "Une équipe demande son service : désignez aussi le service.".to_owned());
    }
    if then.level.is_some() && then.skill.is_none() {
        at.error("actions.skill", "Un niveau demande sa compétence : désignez aussi la compétence.".to_owned());
    }
    Rule { number, code: text.code.clone(), name: text.name.trim().to_owned(), when, then }
}

fn condition(text: &ConditionText, field: &str, at: &mut At<'_>) -> Option<Condition> {
    let values: Vec<String> = text.values.iter().map(|value| value.trim().to_owned()).collect();
    // Of a period, a day may be left blank: its own check says what is missing.
    let blank = |value: &String| value.is_empty() && text.kind != "dates";
    if values.len() > MAX_VALUES || values.iter().any(|value| blank(value) || too_long(value)) {
        let message = format!("Donnez {MAX_VALUES} valeurs au plus, de 1 à {MAX_TEXT} caractères chacune.");
        at.error(format!("{field}.values"), message);
        return None;
    }
    let before = at.findings.len();
    let subject_wanted = matches!(text.kind.as_str(), "field" | "load" | "hours");
    if !subject_wanted && !text.subject.is_empty() {
        at.error(format!("{field}.subject"), format!("« {} » ne s’applique à rien de précis : videz.", text.kind));
    }
    if !subject_wanted && !matches!(text.test.as_str(), "" | "any_of") {
        at.error(format!("{field}.test"), format!("« {} » se compare seulement par « any_of ».", text.kind));
    }
    let mut any_of = Values { values: &values, field: format!("{field}.values"), at };
    let condition = match text.kind.as_str() {
        "channel" => Condition::Channel(any_of.each("un canal (web, phone, counter, email, letter…)")),
        "procedure" => Condition::Procedure(any_of.each::<ProcedureCode>("un code de démarche")),
        "requester" => Condition::Requester(any_of.each("un demandeur (person, organization, anonymous)")),
        "day" => Condition::Day(any_of.each("un jour (monday… sunday)")),
        "district" => {
            Condition::District(any_of.each::<Code>("un code de quartier").into_iter().map(|c| c.0).collect())
        }
        "language" => {
            let languages = any_of.each::<Tag>("une langue (fr, en, pt-BR)");
            Condition::Language(languages.into_iter().map(|tag| primary(&tag.0).to_owned()).collect())
        }
        "words" => {
            any_of.some();
            if values.iter().any(|value| !value.chars().any(char::is_alphanumeric)) {
                any_of
                    .at
                    .error(format!("{field}.values"), "Un mot contient au moins une lettre ou un chiffre.".to_owned());
            }
            Condition::Words(values.clone())
        }
        "field" => field_condition(text, &values, field, at)?,
        "hours" => hours(text, &values, field, at)?,
        "dates" => dates(&values, field, at)?,
        "load" => {
            let limit = limit(&text.test, &values, field, at);
            let unit = UnitId::parse(&text.subject)
                .map_err(|_| at.error(format!("{field}.subject"), "Ce n’est pas un code de service.".to_owned()));
            let (limit, unit) = (limit?, unit.ok()?);
            Condition::Load { unit, limit }
        }
        other => {
            let message = format!("« {} » n’est pas une sorte de condition connue.", excerpt(other));
            at.error(format!("{field}.kind"), message);
            return None;
        }
    };
    (at.findings.len() == before).then_some(condition)
}

struct Values<'a, 'b, 'c> {
    values: &'a [String],
    field: String,
    at: &'b mut At<'c>,
}

impl Values<'_, '_, '_> {
    fn some(&mut self) {
        if self.values.is_empty() {
            self.at.error(self.field.clone(), "Aucune valeur : cette condition ne serait jamais vraie.".to_owned());
        }
    }

    fn each<T: FromStr + Ord>(&mut self, wanted: &str) -> BTreeSet<T> {
        self.some();
        let mut all = BTreeSet::new();
        for value in self.values {
            match value.parse() {
                Ok(value) => {
                    all.insert(value);
                }
                Err(_) => self.at.error(self.field.clone(), format!("« {} » n’est pas {wanted}.", excerpt(value))),
            }
        }
        all
    }
}

fn field_condition(text: &ConditionText, values: &[String], field: &str, at: &mut At<'_>) -> Option<Condition> {
    if !is_code(&text.subject) {
        at.error(format!("{field}.subject"), "Donnez le code d’un champ de formulaire.".to_owned());
        return None;
    }
    let test = match text.test.as_str() {
        "equals" if values.len() != 1 => {
            at.error(format!("{field}.values"), "« equals » se compare à une seule valeur.".to_owned());
            return None;
        }
        "equals" | "one_of" => {
            Values { values, field: format!("{field}.values"), at }.some();
            FieldTest::OneOf(values.iter().cloned().collect())
        }
        "present" | "absent" if !values.is_empty() => {
            at.error(format!("{field}.values"), format!("« {} » ne se compare à rien : videz.", text.test));
            return None;
        }
        "present" => FieldTest::Present,
        "absent" => FieldTest::Absent,
        other => FieldTest::Number(limit(other, values, field, at)?),
    };
    Some(Condition::Field { field: text.subject.clone(), test })
}

fn hours(text: &ConditionText, values: &[String], field: &str, at: &mut At<'_>) -> Option<Condition> {
    if !text.subject.is_empty() && !is_code(&text.subject) {
        at.error(format!("{field}.subject"), "Donnez le code d’un calendrier, ou rien.".to_owned());
        return None;
    }
    if !values.is_empty() {
        at.error(format!("{field}.values"), "Des horaires n’ont pas de valeur : videz.".to_owned());
    }
    let inside = match text.test.as_str() {
        "inside" => true,
        "outside" => false,
        _ => {
            at.error(format!("{field}.test"), "Choisissez « inside » ou « outside ».".to_owned());
            return None;
        }
    };
    Some(Condition::Hours { calendar: (!text.subject.is_empty()).then(|| text.subject.clone()), inside })
}

fn dates(values: &[String], field: &str, at: &mut At<'_>) -> Option<Condition> {
    let days: Vec<Date> = values.iter().filter_map(|value| value.parse().ok()).collect();
    match (days.as_slice(), values.len()) {
        ([from, until], 2) if from <= until => Some(Condition::Dates { from: *from, until: *until }),
        ([_, _], 2) => {
            at.error(format!("{field}.values"), "La période finit avant de commencer.".to_owned());
            None
        }
        _ => {
            let message = "Donnez deux jours, le premier et le dernier, comme 2026-12-21.";
            at.error(format!("{field}.values"), message.to_owned());
            None
        }
    }
}

fn limit(test: &str, values: &[String], field: &str, at: &mut At<'_>) -> Option<Limit> {
    let limit: fn(f64) -> Limit = match test {
        "less" => Limit::Less,
        "at_most" => Limit::AtMost,
        "more" => Limit::More,
        "at_least" => Limit::AtLeast,
        other => {
            at.error(format!("{field}.test"), format!("« {} » n’est pas une comparaison connue.", excerpt(other)));
            return None;
        }
    };
    let [value] = values else {
        at.error(format!("{field}.values"), "Donnez un seul nombre.".to_owned());
        return None;
    };
    let Some(number) = number(value) else {
        at.error(format!("{field}.values"), format!("« {} » n’est pas un nombre.", excerpt(value)));
        return None;
    };
    Some(limit(number))
}

/// A number as people and forms write it; never NaN nor infinite.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite())
}

fn act(then: &mut Then, action: &ActionText, field: &str, at: &mut At<'_>) {
    let value = action.value.trim();
    let twice = match action.kind.as_str() {
        "unit" => set(&mut then.unit, UnitId::parse(value).ok()),
        "team" => set(&mut then.team, TeamId::parse(value).ok()),
        "skill" => set(&mut then.skill, value.parse::<Code>().ok().map(|code| code.0)),
        "level" => set(&mut then.level, value.parse().ok().filter(|level| (1..=5).contains(level))),
        "language" => set(&mut then.language, value.parse::<Tag>().ok().map(|tag| tag.0)),
        "priority" => set(&mut then.priority, value.parse().ok()),
        "transfer" => set(&mut then.transfer, value.parse::<Code>().ok().map(|code| code.0)),
        "flag" if value.is_empty() || too_long(value) => None,
        "flag" => {
            let known = then.flags.iter().any(|flag| flag == value);
            if !known {
                then.flags.push(value.to_owned());
            }
            Some(known)
        }
        "stop" if !value.is_empty() => None,
        "stop" => Some(std::mem::replace(&mut then.stop, true)),
        other => {
            let message = format!("« {} » n’est pas une sorte d’action connue.", excerpt(other));
            return at.error(format!("{field}.kind"), message);
        }
    };
    match twice {
        None => at.error(
            format!("{field}.value"),
            format!("« {} » ne convient pas à l’action « {} ».", excerpt(value), action.kind),
        ),
        Some(true) => at.error(format!("{field}.kind"), format!("L’action « {} » est donnée deux fois.", action.kind)),
        Some(false) => {}
    }
}

/// `None`: no value; `Some(true)`: there was one already.
fn set<T>(into: &mut Option<T>, value: Option<T>) -> Option<bool> {
    let value = value?;
    Some(into.replace(value).is_some())
}

fn bodies(texts: &[BodyText], at: &mut At<'_>) -> Vec<Body> {
    if texts.len() > MAX_BODIES {
        at.error("bodies", format!("Un jeu a {MAX_BODIES} organismes au plus."));
    }
    let mut codes = BTreeSet::new();
    let mut bodies = Vec::new();
    for (n, body) in texts.iter().take(MAX_BODIES).enumerate() {
        let field = format!("bodies[{}]", n + 1);
        if !is_code(&body.code) || !codes.insert(&body.code) {
            let message = "Un organisme a son propre code, de 2 à 40 caractères parmi a-z, 0-9 et le tiret.";
            at.error(format!("{field}.code"), message.to_owned());
        }
        let texts = [&body.name, &body.email, &body.phone, &body.address, &body.website];
        if body.name.trim().is_empty() || texts.into_iter().any(|text| too_long(text)) {
            at.error(format!("{field}.name"), format!("Donnez un nom ; chaque texte a {MAX_TEXT} caractères au plus."));
        }
        if texts.iter().skip(1).all(|text| text.trim().is_empty()) {
            let message = "Donnez au moins un moyen de joindre cet organisme : l’usager en a besoin.";
            at.error(format!("{field}.email"), message.to_owned());
        }
        let email = typed::email::read(&body.email);
        if !typed::tidy::is_blank(&body.email) && email.is_none() {
            let message = "Ce n’est pas une adresse électronique : écrivez-la comme contact@organisme.fr, ou laissez \
                           le champ vide. La demande lui est alors envoyée par courrier.";
            at.error(format!("{field}.email"), message.to_owned());
        }
        let trimmed = typed::one_line;
        bodies.push(Body {
            code: body.code.clone(),
            name: trimmed(&body.name),
            email: email.unwrap_or_default(),
            phone: trimmed(&body.phone),
            address: trimmed(&body.address),
            website: trimmed(&body.website),
        });
    }
    bodies
}

/// A code that has no type of its own.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Code(String);

impl FromStr for Code {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if is_code(text) { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// A language tag (BCP 47).
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Tag(String);

impl FromStr for Tag {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let first = primary(text);
        let shaped = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_lowercase());
        let short = text.len() <= 35 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if shaped && short { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// `pt` of `pt-BR`.
pub(super) fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}

fn too_long(text: &str) -> bool {
    text.chars().count() > MAX_TEXT
}

fn excerpt(text: &str) -> String {
    parvis_kernel::text::excerpt(text, 40)
}
