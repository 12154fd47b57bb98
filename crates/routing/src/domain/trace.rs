//! What the router looked at, in a few bytes: thousands of decisions a second are kept with their explanation.

use std::collections::BTreeMap;

use parvis_kernel::{AgentId, Error, Result, UnitId};
use serde::{Deserialize, Serialize};

use super::{
    guess::Guess,
    place::Proposal,
    rules::{Fault, Hit},
};

/// A run of rules in a stored trace is at most this long.
const MAX_RULES: usize = 10_000;

/// What the rules found and said besides the place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placed {
    /// The phrases of the kept rules that were in the text.
    #[serde(rename = "h", skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<Hit>,
    /// The rules that could not be told, from 0, and why.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<(usize, Fault)>,
    /// What agents see of the request.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// To whom it is proposed to transfer it.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Proposal>,
    /// The loads looked at, in percent.
    #[serde(rename = "l", skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: BTreeMap<UnitId, u32>,
    /// What the classifier guessed, best first; at most three.
    #[serde(rename = "g", skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Guess>,
    /// Which version of the classifier; 0: none was asked.
    #[serde(rename = "v", skip_serializing_if = "is_zero")]
    pub model: u64,
}

impl Placed {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_zero(version: &u64) -> bool {
    *version == 0
}

/// What became of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the first condition that did not hold")]
pub enum RuleOutcome {
    NotTried,
    Kept,
    Channel,
    Procedure,
    Words,
    District,
    Requester,
    Time,
    Field,
    Language,
    Load,
    /// It could not be told: see the fault.
    Failed,
}

impl RuleOutcome {
    const LETTERS: [(Self, char); 12] = [
        (Self::NotTried, '.'),
        (Self::Kept, '+'),
        (Self::Channel, 'c'),
        (Self::Procedure, 'p'),
        (Self::Words, 'w'),
        (Self::District, 'd'),
        (Self::Requester, 'r'),
        (Self::Time, 't'),
        (Self::Field, 'f'),
        (Self::Language, 'l'),
        (Self::Load, 'o'),
        (Self::Failed, '!'),
    ];
}

/// Why an agent was kept or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "explained in French by `explain`")]
pub enum Why {
    #[serde(rename = "+")]
    Kept,
    #[serde(rename = "i")]
    LessIdle,
    #[serde(rename = "t")]
    NotInTeam,
    #[serde(rename = "z")]
    ReceivesNone,
    #[serde(rename = "s")]
    NoSkill,
    #[serde(rename = "l")]
    NoLanguage,
    #[serde(rename = "a")]
    Absent,
    #[serde(rename = "h")]
    OutsideHours,
    #[serde(rename = "w")]
    Away,
    #[serde(rename = "f")]
    Full,
    #[serde(rename = "x")]
    HandedItOn,
    #[serde(rename = "v")]
    LowLevel,
    #[serde(rename = "d")]
    Declined,
}

impl Why {
    /// Whether the agent could have taken the case.
    pub fn is_eligible(self) -> bool {
        matches!(self, Self::Kept | Self::LessIdle)
    }
}

/// Why the agent kept was the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// Has an open case of the same person.
    #[serde(rename = "s")]
    SamePerson,
    /// Had the case before it was closed.
    #[serde(rename = "b")]
    HadIt,
    /// Speaks the requester's language, and given the least work among those.
    #[serde(rename = "l")]
    Speaks,
    /// Longest without a new case: as it was decided before work was counted by the hour.
    #[serde(rename = "i")]
    LongestIdle,
    /// Given the least work for their hours.
    #[serde(rename = "f")]
    FairShare,
    /// Stands in for who would have had it, and is absent.
    #[serde(rename = "d")]
    Deputy,
    /// Took what was offered.
    #[serde(rename = "o")]
    Accepted,
    /// Somebody said so.
    #[serde(rename = "m")]
    Named,
}

/// One agent looked at, with what they had in hand then and could have, in hundredths of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate(pub AgentId, pub Why, #[serde(with = "cases")] pub u32, #[serde(with = "cases")] pub u32);

/// Hundredths kept as cases, `3` or `1.5`, as before there were weights.
mod cases {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(hundredths: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        if hundredths.is_multiple_of(100) {
            return serializer.serialize_u32(hundredths / 100);
        }
        serializer.serialize_f64(f64::from(*hundredths) / 100.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let hundredths = (f64::deserialize(deserializer)? * 100.0).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds")]
        Ok(hundredths.clamp(0.0, f64::from(u32::MAX)) as u32)
    }
}

/// Everything looked at for one decision. What it does not hold (names, conditions) is in the rule set it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// One outcome a rule, in the order of the rule set; those at the end that were not tried are left out.
    pub rules: Vec<RuleOutcome>,
    /// What the rules found and said besides.
    pub placed: Placed,
    /// Which word of the kept rule was in the text; only in traces of earlier versions.
    pub word: Option<usize>,
    /// The agents of the unit, with their load and capacity then.
    pub candidates: Vec<Candidate>,
    /// Why the kept one was the one.
    pub pick: Option<Pick>,
    /// The requester speaks a language that none of those eligible speaks.
    pub language_missing: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    r: String,
    #[serde(default, skip_serializing_if = "Placed::is_empty")]
    p: Placed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<Candidate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<Pick>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    m: bool,
}

impl Trace {
    /// As kept.
    pub fn to_stored(&self) -> Result<String> {
        let stored = Stored {
            r: shorten(&self.rules),
            p: self.placed.clone(),
            w: self.word,
            c: self.candidates.clone(),
            k: self.pick,
            m: self.language_missing,
        };
        serde_json::to_string(&stored).map_err(Error::internal)
    }

    /// Reads what [`Trace::to_stored`] wrote.
    pub fn from_stored(text: &str) -> Result<Self> {
        let stored: Stored = serde_json::from_str(text).map_err(Error::internal)?;
        Ok(Self {
            rules: lengthen(&stored.r),
            placed: stored.p,
            word: stored.w,
            candidates: stored.c,
            pick: stored.k,
            language_missing: stored.m,
        })
    }
}

/// One letter a rule; a run of the same is written once, after how many: `57w+`.
fn shorten(outcomes: &[RuleOutcome]) -> String {
    let tried = outcomes.iter().rposition(|outcome| *outcome != RuleOutcome::NotTried).map_or(0, |last| last + 1);
    let mut text = String::new();
    for run in outcomes[..tried].chunk_by(|a, b| a == b) {
        let letter = RuleOutcome::LETTERS.iter().find(|(known, _)| run.first() == Some(known));
        if run.len() > 1 {
            text.push_str(&run.len().to_string());
        }
        text.push(letter.map_or('.', |(_, letter)| *letter));
    }
    text
}

/// Reads what [`shorten`] wrote, and traces of earlier versions, which had no numbers.
fn lengthen(text: &str) -> Vec<RuleOutcome> {
    let mut outcomes = Vec::new();
    let mut count = 0_usize;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            count = count.saturating_mul(10).saturating_add(digit as usize).min(MAX_RULES);
            continue;
        }
        let known = RuleOutcome::LETTERS.iter().find(|(_, known)| *known == letter);
        let outcome = known.map_or(RuleOutcome::NotTried, |(outcome, _)| *outcome);
        outcomes.extend(std::iter::repeat_n(outcome, std::mem::take(&mut count).max(1)));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back_and_is_short() {
        let trace = Trace {
            rules: vec![RuleOutcome::Words; 60].into_iter().chain([RuleOutcome::Kept]).collect(),
            placed: Placed { hits: vec![Hit { rule: 60, clause: 0, phrase: 3 }], ..Placed::default() },
            word: None,
            candidates: vec![Candidate(AgentId::parse("karim-benali").unwrap(), Why::Kept, 350, 1500)],
            pick: Some(Pick::LongestIdle),
            language_missing: false,
        };
        let stored = trace.to_stored().unwrap();
        assert!(stored.len() < 140 && stored.contains(",3.5,15]"), "{stored}");
        assert_eq!(Trace::from_stored(&stored).unwrap(), trace);
        assert_eq!(Trace::from_stored(&Trace::default().to_stored().unwrap()).unwrap(), Trace::default());
        // As earlier versions wrote it.
        let earlier = Trace::from_stored(r#"{"r":"pw+","w":1}"#).unwrap();
        assert_eq!(earlier.rules, [RuleOutcome::Procedure, RuleOutcome::Words, RuleOutcome::Kept]);
        assert_eq!(earlier.word, Some(1));
    }
}
