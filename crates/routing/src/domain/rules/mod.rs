//! Rule sets: immutable versions of ordered, typed rules.
//!
//! [`RuleSetText`] is what an administrator writes and what is kept; [`read`] gives it types, [`check`] compares it with
//! the directory and with itself, [`Compiled`] is ready for decisions, [`simulate`] says who would move.
//!
//! A rule holds when all its conditions do. Every rule that holds applies what it says; what an earlier one said is
//! not changed by a later one; `stop` ends the reading. The last rule, `default`, has no condition and names a unit.

mod check;
mod compiled;
mod cover;
mod from_directory;
mod model;
mod read;
mod simulate;
mod tell;
mod text;
mod together;

pub use check::{Catalogue, FormField, ProcedureForm, check};
pub use compiled::{Compiled, Fault, Hit, Reading};
pub use model::{Body, Condition, Day, FieldTest, Limit, Rule, RuleSet, Then};
pub use read::read;
pub use simulate::{Moved, PastCase, Simulation, simulate};
pub use tell::conditions;
pub use text::{ActionText, BodyText, ConditionText, Finding, RESERVED, RuleSetText, RuleText, Severity};

#[cfg(test)]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
