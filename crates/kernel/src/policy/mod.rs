//! Who may read a case, and do what to it: one pure answer, which every role and door asks.
//!
//! `docs/reference/who-reads-what.md` says the same for a data-protection officer; a test holds both together. A
//! role gives the facts of the case that it knows, the caller and a verb. What is unknown to it closes, never opens.

mod answer;
mod relation;

pub use answer::{Answer, ReadingReason, Verb};
pub use relation::{CaseFacts, Had, Relation, relations};

use crate::{caller::Caller, role::Role};

/// What `caller` may do to the case of which these are the facts; `reason` is why somebody at the counter opens a text.
pub fn may(caller: &Caller, facts: &CaseFacts<'_>, verb: Verb, reason: Option<ReadingReason>) -> Answer {
    let answers = relations(caller, facts).into_iter().map(|relation| answer(relation, facts, verb, reason));
    answers.max().unwrap_or(Answer::No)
}

/// The first that an agent of these roles would be told of any case at all: whether they handle requests. Elected
/// officials do not, whatever else they are; administrators and data-protection officers do not by that role.
pub fn handles_requests(caller: &Caller) -> bool {
    caller.agent().is_some()
        && !caller.has(Role::ElectedOfficial)
        && [Role::FrontDesk, Role::CaseWorker, Role::Supervisor].iter().any(|role| caller.has(*role))
}

/// The table: one line a relation, one column a verb.
fn answer(relation: Relation, facts: &CaseFacts<'_>, verb: Verb, reason: Option<ReadingReason>) -> Answer {
    use Answer::{AsFiled, No, UpTo, WithReason, Yes};
    let yes = |allowed: bool| if allowed { Yes } else { No };
    match relation {
        Relation::System => Yes,
        Relation::Person => match verb {
            Verb::ReadPublic | Verb::ReadText | Verb::ReadFiles | Verb::ReadNotices | Verb::AddForPerson => Yes,
            Verb::ReadNotes | Verb::ReadRouting | Verb::AddNote | Verb::Handle | Verb::Decide => No,
            Verb::HandOn | Verb::Carry => No,
        },
        Relation::Handler => Yes,
        Relation::Unit { handles } => match verb {
            Verb::Handle | Verb::Decide | Verb::HandOn => yes(handles),
            _ => Yes,
        },
        Relation::HadIt { until } => match verb {
            Verb::ReadPublic => yes(facts.open),
            Verb::ReadText | Verb::ReadFiles | Verb::ReadNotices | Verb::ReadNotes | Verb::ReadRouting => {
                if facts.open { UpTo(until) } else { No }
            }
            Verb::AddForPerson | Verb::AddNote | Verb::Handle | Verb::Decide | Verb::HandOn | Verb::Carry => No,
        },
        Relation::Filed => match verb {
            Verb::ReadPublic | Verb::AddForPerson | Verb::AddNote => Yes,
            Verb::ReadText | Verb::ReadFiles => AsFiled,
            Verb::ReadNotices
            | Verb::ReadNotes
            | Verb::ReadRouting
            | Verb::Handle
            | Verb::Decide
            | Verb::HandOn
            | Verb::Carry => No,
        },
        Relation::Counter => match verb {
            Verb::ReadPublic | Verb::AddForPerson => Yes,
            Verb::ReadText | Verb::ReadFiles | Verb::ReadNotices if facts.sensitive => No,
            Verb::ReadText | Verb::ReadFiles | Verb::ReadNotices => {
                if reason.is_some() {
                    Yes
                } else {
                    WithReason
                }
            }
            // A letter is read by whoever folds it: those of a sensitive unit stay with the unit.
            Verb::Carry => yes(!facts.sensitive),
            Verb::ReadNotes | Verb::ReadRouting | Verb::AddNote => No,
            Verb::Handle | Verb::Decide | Verb::HandOn => No,
        },
    }
}

#[cfg(test)]
mod tests;
