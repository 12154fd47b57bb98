//! Pure types and rules. No store, no transport; time is a parameter.

pub mod access;
pub mod calendar;
pub mod case;
pub mod history;
pub mod notice;
pub mod person_words;
pub mod referral;
pub mod requester;
pub mod snapshot;
pub mod text;
pub mod transition;
pub mod wording;
pub mod words;

pub use access::{Reading, Standing, Verb, units_that_had_it};
pub use calendar::TownCalendar;
pub use case::{Case, Decision, Shown};
pub use history::{Author, Kind, Line};
pub use requester::CaseRequest;
pub use transition::Step;
pub use words::{Direction, Outcome, Priority, State};
