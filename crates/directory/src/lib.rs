//! The directory file: a town's sites, calendars, districts, units, teams, agents, absences and rules, as an
//! administrator writes them in TOML (`docs/reference/data-files.md`).
//!
//! [`parse`] checks the whole file and gives either a [`DirectoryFile`] in which every reference holds, or every
//! error with its line. Routing and identity import the same file, each what it owns; neither checks it again.

mod check;
mod deputies;
mod handling;
mod model;
pub mod outline;
mod read;
pub mod reader;
mod sensitive;

pub use handling::{
    DEFAULT_LADDER, DEFAULT_OFFER_SECONDS, DEFAULT_RESPONSE, DEFAULT_REVIEW, Delay, Handling, LadderStep, Rung,
};
pub use model::{
    Absence, Agent, Calendar, DirectoryFile, District, GeoPoint, Priority, RequesterKind, Rule, RuleTime, Site, Team,
    Unit,
};
pub use read::parse;
pub use reader::Located;
