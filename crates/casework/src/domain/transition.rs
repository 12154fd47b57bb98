//! The transition table: what may happen in each state, and which state follows. Whatever is not in it cannot happen.

use parvis_kernel::{Error, Refusal, Result};

use super::words::State;

/// Something that happens to a case. Each makes one version and one line of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Routing gave it to another agent.
    Assign,
    /// Routing decided again for the agent who has it.
    Confirm,
    /// Routing put it in a unit's queue.
    Queue,
    /// An agent begins, or goes on without the citizen's answer.
    Start,
    /// An agent writes to the citizen.
    Message,
    /// The citizen is asked for something.
    Wait,
    /// The citizen answered.
    Resume,
    /// An agent writes for colleagues.
    Note,
    /// The citizen writes.
    Receive,
    /// The outcome is decided.
    Decide,
    /// It is over.
    Close,
    /// It is taken up again.
    Reopen,
    /// A date came.
    Timer,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 13] = [
        Self::Assign,
        Self::Confirm,
        Self::Queue,
        Self::Start,
        Self::Message,
        Self::Wait,
        Self::Resume,
        Self::Note,
        Self::Receive,
        Self::Decide,
        Self::Close,
        Self::Reopen,
        Self::Timer,
    ];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Confirm => "confirm",
            Self::Queue => "queue",
            Self::Start => "start",
            Self::Message => "message",
            Self::Wait => "wait",
            Self::Resume => "resume",
            Self::Note => "note",
            Self::Receive => "receive",
            Self::Decide => "decide",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Timer => "timer",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Assign | Self::Confirm => "be assigned",
            Self::Queue => "be queued",
            Self::Start => "be started",
            Self::Message => "be written about",
            Self::Wait => "wait for the citizen",
            Self::Resume => "be resumed",
            Self::Note => "be noted on",
            Self::Receive => "receive a message",
            Self::Decide => "be decided",
            Self::Close => "be closed",
            Self::Reopen => "be reopened",
            Self::Timer => "be late",
        }
    }
}

/// The state that follows; `None`: this cannot happen in that state.
///
/// A state that routing's decision leaves alone is one that does not say who has the case: who waits for a citizen
/// still does whoever takes over.
#[rustfmt::skip]
pub fn next(state: State, step: Step) -> Option<State> {
    use State::{Assigned, Closed, Decided, InProgress, New, Reopened, WaitingCitizen};
    use Step::{Assign, Close, Confirm, Decide, Message, Note, Queue, Receive, Reopen, Resume, Start, Timer, Wait};
    let following = match (state, step) {
        (New, Assign | Confirm)                                   => Assigned,
        (New, Queue | Message | Note | Receive | Timer)           => New,
        (New, Start | Wait | Resume | Reopen)                     => return None,

        (Assigned, Queue)                                         => New,
        (Assigned, Start)                                         => InProgress,
        (Assigned, Assign | Confirm | Message | Note | Receive | Timer) => Assigned,
        (Assigned, Resume | Reopen)                               => return None,

        (InProgress, Assign)                                      => Assigned,
        (InProgress, Queue)                                       => New,
        (InProgress, Confirm | Message | Note | Receive | Timer)  => InProgress,
        (InProgress, Start | Resume | Reopen)                     => return None,

        (WaitingCitizen, Start | Resume)                          => InProgress,
        (WaitingCitizen, Assign | Confirm | Queue | Message | Note | Receive | Timer) => WaitingCitizen,
        (WaitingCitizen, Reopen)                                  => return None,

        (Reopened, Assign | Confirm)                              => Assigned,
        (Reopened, Start)                                         => InProgress,
        (Reopened, Queue | Message | Note | Receive | Timer)      => Reopened,
        (Reopened, Resume | Reopen)                               => return None,

        (Assigned | InProgress | WaitingCitizen | Reopened, Wait) => WaitingCitizen,
        (New | Assigned | InProgress | WaitingCitizen | Reopened, Decide) => Decided,
        (New | Assigned | InProgress | WaitingCitizen | Reopened | Decided, Close) => Closed,

        (Decided, Assign | Confirm | Queue | Message | Note | Receive | Timer) => Decided,
        (Decided, Start | Wait | Resume | Decide | Reopen)        => return None,

        (Closed, Reopen)                                          => Reopened,
        (Closed, Assign | Confirm | Queue | Note | Receive)       => Closed,
        (Closed, Start | Message | Wait | Resume | Decide | Close | Timer) => return None,
    };
    Some(following)
}

/// The state that follows.
///
/// # Errors
/// "Failed precondition" where this cannot happen.
pub fn require(state: State, step: Step) -> Result<State> {
    next(state, step).ok_or_else(|| {
        let refusal = Refusal::StateForbids { state: state.as_str().into(), step: step.as_str().into() };
        Error::precondition(format!("a case in state « {state} » cannot {}: read it again", step.verb()))
            .refused(refusal)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_is_reached_and_closing_is_always_possible() {
        let mut reached = BTreeSet::from([State::New]);
        loop {
            let more: BTreeSet<State> = reached
                .iter()
                .flat_map(|state| Step::ALL.iter().filter_map(|step| next(*state, *step)))
                .chain(reached.iter().copied())
                .collect();
            if more == reached {
                break;
            }
            reached = more;
        }
        assert_eq!(reached.len(), State::ALL.len());
        for state in State::ALL.iter().filter(|state| state.is_open()) {
            assert_eq!(next(*state, Step::Close), Some(State::Closed), "{state}");
        }
    }

    #[test]
    fn only_reopening_leaves_closed_and_only_closing_ends() {
        for step in Step::ALL {
            let after = next(State::Closed, step);
            if step == Step::Reopen {
                assert_eq!(after, Some(State::Reopened));
            } else {
                assert!(after.is_none_or(|state| state == State::Closed), "{step:?}");
            }
            for state in State::ALL.iter().filter(|state| state.is_open()) {
                assert_eq!(next(*state, step) == Some(State::Closed), step == Step::Close, "{state} {step:?}");
            }
        }
    }

    #[test]
    fn what_others_do_is_never_refused() {
        // Routing and the citizen do not ask first: their steps have a place in every state.
        for state in State::ALL {
            for step in [Step::Assign, Step::Confirm, Step::Queue, Step::Receive] {
                assert!(next(*state, step).is_some(), "{state} {step:?}");
            }
            assert_eq!(next(*state, Step::Timer).is_some(), state.is_open());
        }
    }

    #[test]
    fn the_usual_life() {
        let life = [
            (Step::Queue, State::New),
            (Step::Assign, State::Assigned),
            (Step::Start, State::InProgress),
            (Step::Wait, State::WaitingCitizen),
            (Step::Resume, State::InProgress),
            (Step::Decide, State::Decided),
            (Step::Close, State::Closed),
            (Step::Reopen, State::Reopened),
            (Step::Assign, State::Assigned),
        ];
        let mut state = State::New;
        for (step, expected) in life {
            state = require(state, step).unwrap();
            assert_eq!(state, expected, "{step:?}");
        }
        assert!(require(State::New, Step::Start).unwrap_err().message().contains("new"));
    }
}
