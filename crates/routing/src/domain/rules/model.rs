//! A rule set with types. What reads it can no longer meet a word that means nothing.

use std::{collections::BTreeSet, str::FromStr};

use jiff::civil::{Date, Weekday};
use parvis_directory::{Priority, RequesterKind};
use parvis_kernel::{Channel, ProcedureCode, TeamId, UnitId};

/// Ordered rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSet {
    /// In order, without the default one.
    pub rules: Vec<Rule>,
    /// What the default rule says.
    pub default: Then,
    /// To whom a request may be transferred.
    pub bodies: Vec<Body>,
    /// From which probability a guess is followed, in percent; 0: never.
    pub guess_percent: u8,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// As written: from 1, counting those that could not be read.
    pub number: usize,
    /// Unique.
    pub code: String,
    /// For the reader.
    pub name: String,
    /// All must hold; none: always.
    pub when: Vec<Condition>,
    /// What is done.
    pub then: Then,
}

impl Rule {
    /// Whether it names procedures: it is read before the procedure's own unit.
    pub fn names_procedures(&self) -> bool {
        self.when.iter().any(|condition| matches!(condition, Condition::Procedure(_)))
    }
}

/// What a rule does. A rule without a unit adds to what another decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Then {
    /// Where the request goes.
    pub unit: Option<UnitId>,
    /// To a team of the unit.
    pub team: Option<TeamId>,
    /// The agent must have it.
    pub skill: Option<String>,
    /// At this level at least, 1 to 5.
    pub level: Option<u8>,
    /// The agent must speak it.
    pub language: Option<String>,
    /// How pressing.
    pub priority: Option<Priority>,
    /// What agents see of it.
    pub flags: Vec<String>,
    /// Whom it rather belongs to: a body's code. Only ever proposed.
    pub transfer: Option<String>,
    /// Nothing after it is read.
    pub stop: bool,
}

/// A competent body other than the authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct Body {
    pub code: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub website: String,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The request came by one of these.
    Channel(BTreeSet<Channel>),
    /// It is about one of these.
    Procedure(BTreeSet<ProcedureCode>),
    /// An answer of its form.
    Field {
        /// The field's code.
        field: String,
        /// What must be true of it.
        test: FieldTest,
    },
    /// One of these words or phrases is in its text.
    Words(Vec<String>),
    /// It comes from one of these.
    Requester(BTreeSet<RequesterKind>),
    /// It happens in one of these.
    District(BTreeSet<String>),
    /// Its author speaks one of these; primary tags.
    Language(BTreeSet<String>),
    /// It was received inside, or outside, these hours.
    Hours {
        /// A calendar; `None`: that of the default unit.
        calendar: Option<String>,
        /// Inside.
        inside: bool,
    },
    /// It was received on one of these days.
    Day(BTreeSet<Day>),
    /// It was received from one day to another, both included.
    Dates {
        /// First.
        from: Date,
        /// Last.
        until: Date,
    },
    /// What a unit has in hand, in percent of what its agents may have.
    Load {
        /// Whose.
        unit: UnitId,
        /// Percent.
        limit: Limit,
    },
}

/// What must be true of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldTest {
    /// One of its values is one of these.
    OneOf(BTreeSet<String>),
    /// One of its values is a number within this.
    Number(Limit),
    /// It was answered.
    Present,
    /// It was not.
    Absent,
}

/// A bound.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "each says itself")]
pub enum Limit {
    Less(f64),
    AtMost(f64),
    More(f64),
    AtLeast(f64),
}

impl Limit {
    /// Whether `value` is within.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Less(limit) => value < limit,
            Self::AtMost(limit) => value <= limit,
            Self::More(limit) => value > limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }

    /// In French, before the number.
    pub fn tell(self) -> (&'static str, f64) {
        match self {
            Self::Less(limit) => ("moins de", limit),
            Self::AtMost(limit) => ("au plus", limit),
            Self::More(limit) => ("plus de", limit),
            Self::AtLeast(limit) => ("au moins", limit),
        }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u8);

/// Code, French name, day; Monday first.
const DAYS: [(&str, &str, Weekday); 7] = [
    ("monday", "lundi", Weekday::Monday),
    ("tuesday", "mardi", Weekday::Tuesday),
    ("wednesday", "mercredi", Weekday::Wednesday),
    ("thursday", "jeudi", Weekday::Thursday),
    ("friday", "vendredi", Weekday::Friday),
    ("saturday", "samedi", Weekday::Saturday),
    ("sunday", "dimanche", Weekday::Sunday),
];

impl Day {
    /// Of a weekday.
    pub fn of(day: Weekday) -> Self {
        // 0 to 6.
        Self(day.to_monday_zero_offset().unsigned_abs())
    }

    /// As written.
    pub fn code(self) -> &'static str {
        DAYS.get(usize::from(self.0)).map_or("", |day| day.0)
    }

    /// For the reader.
    pub fn name(self) -> &'static str {
        DAYS.get(usize::from(self.0)).map_or("", |day| day.1)
    }
}

impl FromStr for Day {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        DAYS.iter().find(|day| day.0 == text).map(|day| Self::of(day.2)).ok_or(())
    }
}
