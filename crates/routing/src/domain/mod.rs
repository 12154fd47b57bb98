//! Who handles what: pure, the same answer for the same question.
//!
//! [`place`] finds the unit, [`choose`] the agent, [`decide`] both. A [`Desk`] makes many decisions one after the other
//! over the same directory and loads, and keeps what changed.

mod account;
mod case;
mod choose;
mod decide;
mod desk;
mod explain;
mod guess;
mod learn;
mod place;
pub mod rules;
mod service;
mod snapshot;
mod trace;
mod words;
mod workload;

pub use account::Account;
pub use case::{CaseFacts, Lane, Need, Offer, Reach, RoutedCase, USUAL_WEIGHT};
pub use choose::{Choice, Preference, choose, obstacle, someone_free};
pub use decide::{Known, Verdict, decide};
pub use desk::{Cause, Changes, Decided, Desk, Escalated, EscalationStep, Moving, Order, Target};
pub use explain::{Step, body_name, sentence, steps, summary};
pub use guess::{Guess, Guesser, GuesserSlot, NoGuesser};
pub use learn::{Correction, LearntGuesser, Measured, at_least_as_good, examples};
pub use place::{Placement, Proposal, place, place_by, placed_by_rules};
pub use service::Service;
pub use snapshot::{Snapshot, Standing};
pub use trace::{Candidate, Pick, Placed, RuleOutcome, Trace, Why};
pub use workload::{AgentState, Working, Workload};

#[cfg(test)]
mod fairness;
#[cfg(test)]
mod life;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod town;
