//! The rules of a directory file, as a rule set: each stops, and the default unit is the default rule.

use parvis_directory::{DirectoryFile, RuleTime};

use super::text::{ActionText, BodyText, ConditionText, RuleSetText, RuleText};

/// Guesses are followed from this probability unless the authority says otherwise.
const GUESS_PERCENT: u32 = 75;

impl RuleSetText {
    /// The rules of `file`, in its order, with `bodies`, which a file does not have.
    pub fn from_directory(file: &DirectoryFile, bodies: Vec<BodyText>) -> Self {
        let mut rules: Vec<RuleText> = file.rules.iter().map(rule).collect();
        rules.push(RuleText {
            code: "default".to_owned(),
            name: "Service par défaut".to_owned(),
            conditions: Vec::new(),
            actions: vec![action("unit", file.default_unit.as_str())],
        });
        Self { rules, bodies, guess_percent: GUESS_PERCENT }
    }
}

fn rule(rule: &parvis_directory::Rule) -> RuleText {
    let mut conditions = Vec::new();
    let mut any_of = |kind: &str, values: Vec<String>| {
        if !values.is_empty() {
            conditions.push(ConditionText { kind: kind.to_owned(), values, ..ConditionText::default() });
        }
    };
    any_of("procedure", rule.procedures.iter().map(ToString::to_string).collect());
    any_of("channel", rule.channels.iter().map(|channel| channel.as_str().to_owned()).collect());
    any_of("requester", rule.requesters.iter().map(|kind| kind.as_str().to_owned()).collect());
    any_of("words", rule.words.clone());
    any_of("district", rule.districts.clone());
    if let Some(time) = rule.time {
        let test = match time {
            RuleTime::Inside => "inside",
            RuleTime::Outside => "outside",
        };
        conditions.push(ConditionText { kind: "hours".to_owned(), test: test.to_owned(), ..ConditionText::default() });
    }
    let mut actions = vec![action("unit", rule.unit.as_str())];
    actions.extend(rule.team.as_ref().map(|team| action("team", team.as_str())));
    actions.extend(rule.skill.as_ref().map(|skill| action("skill", skill)));
    actions.extend((rule.level > 0).then(|| action("level", &rule.level.to_string())));
    actions.extend(rule.language.as_ref().map(|language| action("language", language)));
    actions.extend(rule.priority.map(|priority| action("priority", priority.as_str())));
    actions.push(action("stop", ""));
    RuleText { code: rule.code.clone(), name: rule.name.clone(), conditions, actions }
}

fn action(kind: &str, value: &str) -> ActionText {
    ActionText { kind: kind.to_owned(), value: value.to_owned() }
}
