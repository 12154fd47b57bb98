//! How a unit handles its cases: what is offered, how soon somebody begins, and what happens when nobody does.

use std::{fmt, str::FromStr};

use parvis_kernel::{Channel, Error, UnitId, text::excerpt};
use serde::{Deserialize, Serialize};

use crate::{model::word, read::Item, reader::Entry};

/// A length of working time, in minutes. Written `30min` or `4h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Delay(u32);

/// A delay is at most this long: a year of working hours.
const LONGEST_MINUTES: u32 = 2_000 * 60;

impl Delay {
    /// `hours` of working time.
    pub const fn hours(hours: u32) -> Self {
        Self(hours * 60)
    }

    /// In minutes.
    pub fn minutes(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(60) { write!(f, "{}h", self.0 / 60) } else { write!(f, "{}min", self.0) }
    }
}

impl FromStr for Delay {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (digits, unit) = match text.strip_suffix("min") {
            Some(digits) => (digits, 1),
            None => (text.strip_suffix('h').unwrap_or_default(), 60),
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let minutes = plain.then(|| digits.parse::<u32>().ok()?.checked_mul(unit)).flatten();
        minutes.filter(|minutes| (1..=LONGEST_MINUTES).contains(minutes)).map(Self).ok_or_else(|| {
            let text = excerpt(text, 40);
            Error::invalid("delay", format!("« {text} » is not a delay from 1min to 2000h; write it like 30min or 4h"))
        })
    }
}

word! {
    /// What is done for a case that nobody has taken.
    LadderStep, "step" {
        /// Looks again, no more.
        Wait = "wait",
        /// The agents of the unit above and of the neighbouring units may take it too.
        Widen = "widen",
        /// A lower level of the skill is enough.
        LowerLevel = "lower_level",
        /// The next higher priority.
        RaisePriority = "raise_priority",
        /// The supervisor is told.
        Escalate = "escalate",
        /// The supervisors may take it too, whatever their skills.
        Supervisor = "supervisor",
    }
}

/// One rung of a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// How long after the rung before, in working time of the unit.
    pub after: Delay,
    /// What is done.
    pub step: LadderStep,
}

/// The ladder of a unit that has none, nor any unit above: thirty-two working hours, about a week.
pub const DEFAULT_LADDER: [Rung; 5] = [
    Rung { after: Delay::hours(8), step: LadderStep::Widen },
    Rung { after: Delay::hours(4), step: LadderStep::LowerLevel },
    Rung { after: Delay::hours(4), step: LadderStep::RaisePriority },
    Rung { after: Delay::hours(8), step: LadderStep::Escalate },
    Rung { after: Delay::hours(8), step: LadderStep::Supervisor },
];
/// How long an agent has to begin, where no unit says otherwise.
pub const DEFAULT_RESPONSE: Delay = Delay::hours(16);
/// How long a case that was begun may stay without news, where no unit says otherwise.
pub const DEFAULT_REVIEW: Delay = Delay::hours(80);
/// How long an offer stands, in seconds, where no unit says otherwise.
pub const DEFAULT_OFFER_SECONDS: u32 = 60;

/// How a unit handles its cases. What is absent comes from the unit above, else from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handling {
    /// Cases of these channels are offered, not given. `None`: as above; by default none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Vec<Channel>>,
    /// How long an offer stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_seconds: Option<u32>,
    /// How long an agent has to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Delay>,
    /// How long a case that was begun may stay without news.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Delay>,
    /// What is done for a case that waits. Empty: as above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ladder: Vec<Rung>,
    /// Units that this one takes the place of: their open cases come here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<UnitId>,
}

/// Reads the keys of a unit's table.
pub(crate) fn read(entry: &Entry<'_>) -> Handling {
    let offer = entry.has("offer").then(|| entry.list("offer"));
    let ladder = entry.tables("ladder", "a step of a ladder");
    if entry.has("ladder") && ladder.is_empty() {
        entry.error("ladder", "the ladder has no step; add one, or remove it to have that of the unit above");
    }
    let rung = |rung: Entry<'_>| {
        let (after, step) = (rung.required("after"), rung.required("step"));
        rung.finish();
        Some(Rung { after: after?, step: step? })
    };
    Handling {
        offer,
        offer_seconds: entry.number("offer_seconds", 5, 3600),
        response: entry.optional("response"),
        review: entry.optional("review"),
        ladder: ladder.into_iter().filter_map(rung).collect(),
        replaces: entry.list("replaces"),
    }
}

/// A unit that is there replaces nobody's, and two do not replace the same.
pub(crate) fn check_replaced(units: &[Item<'_, crate::Unit>]) {
    let mut replaced = std::collections::BTreeMap::new();
    for Item { value: unit, entry } in units {
        for (at, old) in unit.handling.replaces.iter().enumerate() {
            if units.iter().any(|known| known.value.code == *old) {
                let message = format!("unit « {old} » is still in the file; remove it, or remove it from here");
                entry.error_nth("replaces", at, message);
            } else if let Some(other) = replaced.insert(old, &unit.code) {
                entry.error_nth("replaces", at, format!("unit « {other} » replaces « {old} » already; keep one"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_read_and_written_the_same() {
        for text in ["30min", "4h", "90min", "2000h", "1min"] {
            assert_eq!(text.parse::<Delay>().unwrap().to_string(), text);
        }
        for bad in ["", "4", "0h", "2001h", "4 h", "-4h", "h", "min", "1d", "99999999999h", "４h"] {
            assert!(bad.parse::<Delay>().is_err(), "{bad}");
        }
    }
}
