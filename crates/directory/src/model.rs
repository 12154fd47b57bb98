//! What a directory file says. Every reference between these holds: [`crate::parse`] checked it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use parvis_calendar::WorkingHours;
use parvis_kernel::{
    AgentId, Channel, Error, ProcedureCode, RoleSet, SiteId, TeamId, TenantId, UnitId, reason::Expected,
};
use serde::{Deserialize, Serialize};

use crate::{handling::Handling, reader::Located};

/// A place with a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Site {
    pub code: SiteId,
    pub name: String,
    pub address: String,
    pub phone: String,
}

/// Named working hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Calendar {
    pub code: String,
    pub name: String,
    pub hours: WorkingHours,
}

/// A part of the town.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct District {
    pub code: String,
    pub name: String,
    pub streets: Vec<String>,
    /// Its outline, in order; empty: known by its streets only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygon: Vec<GeoPoint>,
}

/// A place on Earth (WGS 84), to a millionth of a degree: a tenth of a metre. Written `47.218371,-1.553621`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// Millionths of a degree, north.
    pub latitude: i32,
    /// Millionths of a degree, east.
    pub longitude: i32,
}

impl GeoPoint {
    /// From degrees; `None` where there is no such place.
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let micro = |degrees: f64, max: f64| {
            // Within ±180 millions: always an i32.
            (degrees.abs() <= max).then(|| (degrees * 1e6).round() as i32)
        };
        Some(Self { latitude: micro(latitude, 90.0)?, longitude: micro(longitude, 180.0)? })
    }
}

impl std::fmt::Display for GeoPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6},{:.6}", f64::from(self.latitude) / 1e6, f64::from(self.longitude) / 1e6)
    }
}

impl std::str::FromStr for GeoPoint {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let degrees = |part: &str| part.trim().parse::<f64>().ok();
        let point = text.split_once(',').and_then(|(north, east)| Self::of_degrees(degrees(north)?, degrees(east)?));
        point.ok_or_else(|| {
            let text = parvis_kernel::text::excerpt(text, 40);
            let message = format!("« {text} » is not latitude,longitude; write it like 47.218371,-1.553621");
            Error::wrong("point", Expected::Point, message)
        })
    }
}

/// A direction or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Unit {
    pub code: UnitId,
    pub name: String,
    pub parent: Option<UnitId>,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub site: Option<SiteId>,
    pub calendar: Option<String>,
    /// Whether its cases are closed to everybody else; see [`DirectoryFile::is_sensitive`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<bool>,
    /// How it handles its cases.
    #[serde(default)]
    pub handling: Handling,
}

/// A group of agents inside a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Team {
    pub code: TeamId,
    pub name: String,
    pub unit: UnitId,
}

/// Someone who works for the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Agent {
    pub code: AgentId,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub job_title: String,
    pub roles: RoleSet,
    /// The first is the main one. Empty only for elected officials and administrators.
    pub units: Vec<UnitId>,
    pub teams: Vec<TeamId>,
    /// Skill to level, 1 to 5.
    pub skills: BTreeMap<String, u8>,
    pub languages: Vec<String>,
    pub site: Option<SiteId>,
    pub calendar: Option<String>,
    /// Cases of weight 100 at the same time; 0: receives none.
    pub capacity: u32,
    /// Who stands in when they are absent, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<AgentId>,
}

impl Agent {
    /// First and last name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// Days on which somebody does not work, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Absence {
    pub agent: AgentId,
    pub from: Date,
    pub until: Date,
    pub reason: String,
}

/// A closed set of words of a file.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
        )]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as in files and stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ::parvis_kernel::Error;
            fn from_str(text: &str) -> Result<Self, ::parvis_kernel::Error> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    ::parvis_kernel::FieldViolation::not_one_of($field, text, &known).into()
                })
            }
        }
    };
}

pub(crate) use word;

word! {
    /// Who asks.
    RequesterKind, "requester" {
        /// Someone for themselves.
        Person = "person",
        /// A company, an association.
        Organization = "organization",
        /// Nobody said.
        Anonymous = "anonymous",
    }
}

word! {
    /// When a rule holds, by the default unit's calendar.
    RuleTime, "time" {
        /// While it is open.
        Inside = "inside_hours",
        /// While it is closed.
        Outside = "outside_hours",
    }
}

word! {
    /// How pressing; later values are more so.
    Priority, "priority" {
        /// Can wait.
        Low = "low",
        /// The usual.
        Normal = "normal",
        /// Before the usual.
        High = "high",
        /// Before everything.
        Urgent = "urgent",
    }
}

/// Where a request goes, and on which conditions. Empty conditions hold always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct Rule {
    pub code: String,
    pub name: String,
    pub channels: Vec<Channel>,
    pub procedures: Vec<ProcedureCode>,
    pub words: Vec<String>,
    pub districts: Vec<String>,
    pub requesters: Vec<RequesterKind>,
    pub time: Option<RuleTime>,
    pub unit: UnitId,
    pub team: Option<TeamId>,
    pub skill: Option<String>,
    /// The level of the skill needed, 1 to 5; 0: any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub level: u8,
    pub language: Option<String>,
    pub priority: Option<Priority>,
}

fn is_zero(level: &u8) -> bool {
    *level == 0
}

/// A whole file, checked. Serialises to JSON for the store; the warnings are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the file")]
pub struct DirectoryFile {
    pub tenant: TenantId,
    pub default_unit: UnitId,
    /// What a case of a channel weighs, in hundredths of a case; 100 where absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<Channel, u32>,
    pub sites: Vec<Site>,
    pub calendars: Vec<Calendar>,
    pub districts: Vec<District>,
    pub units: Vec<Unit>,
    pub teams: Vec<Team>,
    pub agents: Vec<Agent>,
    pub absences: Vec<Absence>,
    /// In the order in which they are tried.
    pub rules: Vec<Rule>,
    /// What is allowed and yet looks like a mistake: a rule that no agent can serve, a rule after one that takes all.
    #[serde(skip)]
    pub warnings: Vec<Located>,
}

impl DirectoryFile {
    /// One unit by its code.
    pub fn unit(&self, code: &UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.code == *code)
    }

    /// One agent by their code.
    pub fn agent(&self, code: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.code == *code)
    }

    /// `top` and every unit below it, whatever the order of the file; empty where there is no such unit.
    pub fn units_below(&self, top: &UnitId) -> BTreeSet<UnitId> {
        let mut below: BTreeSet<UnitId> = self.unit(top).map(|unit| unit.code.clone()).into_iter().collect();
        loop {
            let before = below.len();
            let children = self.units.iter().filter(|unit| unit.parent.as_ref().is_some_and(|p| below.contains(p)));
            let children: Vec<_> = children.map(|unit| unit.code.clone()).collect();
            below.extend(children);
            if below.len() == before {
                return below;
            }
        }
    }
}
