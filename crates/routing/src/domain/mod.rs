//! Who handles what: pure, the same answer for the same question.
//!
//! [`place`] finds the unit, [`choose`] the agent, [`decide`] both. A [`Desk`] makes many decisions one after the other
//! over the same directory and loads, and keeps what changed.

mod case;
mod choose;
mod decide;
mod desk;
mod explain;
mod guess;
mod learn;
mod place;
pub mod rules;
mod snapshot;
mod trace;
mod words;

pub use case::{CaseFacts, Lane, Need, RoutedCase};
pub use choose::{Choice, Preference, choose, obstacle, someone_free};
pub use decide::{Known, Verdict, decide};
pub use desk::{Cause, Changes, Decided, Desk, Order, Target};
pub use explain::{Step, body_name, sentence, steps, summary};
pub use guess::{Guess, Guesser, GuesserSlot, NoGuesser};
pub use learn::{Correction, LearntGuesser, Measured, at_least_as_good, examples};
pub use place::{Placement, Proposal, place, place_by};
pub use snapshot::{AgentState, Snapshot, Working, Workload};
pub use trace::{Candidate, Pick, Placed, RuleOutcome, Trace, Why};

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod town;
