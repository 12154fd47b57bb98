//! Who reads a case and who may do what to it.

use parvis_kernel::{Caller, Role};

use super::{
    case::Case,
    transition::{Step, next},
    words::words,
};

words! {
    /// What an agent may ask to do.
    Verb, "verb" {
        Start = "start",
        Message = "message",
        Wait = "wait",
        Note = "note",
        Close = "close",
        Reopen = "reopen",
        /// Routing does it; shown here with the others.
        Reassign = "reassign",
    }
}

/// The roles with which one reads cases at all.
pub const READERS: [Role; 3] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor];

/// How a reader stands to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    assigned: bool,
    handles_unit: bool,
    supervises: bool,
    filed: bool,
}

impl Standing {
    /// How `caller` stands to `case`; `None`: for them it does not exist. Administrators do not read cases, and
    /// elected officials never do, whatever else they are.
    pub fn of(caller: &Caller, case: &Case) -> Option<Self> {
        let agent = caller.agent()?;
        if caller.tenant != case.tenant
            || caller.has(Role::ElectedOfficial)
            || !READERS.iter().any(|role| caller.has(*role))
        {
            return None;
        }
        let assigned = agent.as_str() == case.agent;
        let filed = agent.as_str() == case.filed_by;
        let of_unit = caller.units.iter().any(|unit| unit.as_str() == case.unit.code);
        (assigned || filed || of_unit).then_some(Self {
            assigned,
            handles_unit: of_unit && caller.has(Role::CaseWorker),
            supervises: of_unit && caller.has(Role::Supervisor),
            filed,
        })
    }

    /// Whether who stands so handles the case, rather than only reads it.
    pub fn handles(self) -> bool {
        self.assigned || self.handles_unit || self.supervises
    }

    /// Whether who stands so may do `verb`, in some state.
    pub fn may(self, verb: Verb) -> bool {
        match verb {
            Verb::Start => self.assigned || self.supervises,
            Verb::Note => self.handles() || self.filed,
            Verb::Message | Verb::Wait | Verb::Close | Verb::Reopen | Verb::Reassign => self.handles(),
        }
    }

    /// What who stands so may do now.
    pub fn allowed(self, case: &Case) -> Vec<Verb> {
        let possible = |verb: &Verb| match verb {
            Verb::Start => next(case.state, Step::Start).is_some(),
            Verb::Message => next(case.state, Step::Message).is_some(),
            Verb::Wait => next(case.state, Step::Wait).is_some(),
            Verb::Note => next(case.state, Step::Note).is_some(),
            Verb::Close => next(case.state, Step::Close).is_some(),
            Verb::Reopen => next(case.state, Step::Reopen).is_some(),
            Verb::Reassign => case.state.is_open(),
        };
        Verb::ALL.iter().copied().filter(|verb| self.may(*verb) && possible(verb)).collect()
    }
}
