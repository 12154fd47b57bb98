//! Who reads what, and who carries it.

use parvis_kernel::{Caller, Role};

use crate::repo::notice::Whose;

/// The roles with which one reads cases at all.
const CASE_READERS: [Role; 3] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor];

/// Whether the caller reads the cases of `unit`, by casework's rule: those who work there. Administrators do not, and
/// elected officials never do, whatever else they are.
pub(super) fn reads_cases_of(caller: &Caller, unit: &str) -> bool {
    if caller.is_system() {
        return true;
    }
    reads_cases(caller) && caller.units.iter().any(|mine| mine.as_str() == unit)
}

/// What the caller posts, reads out or types: the front desk everybody's notices, the others those of their units. A
/// request that is sent on goes through the hands of those alone who may read it anyway.
pub(super) fn carried(caller: &Caller) -> Whose {
    if caller.is_system() {
        return Whose::default();
    }
    let units: Vec<String> = caller.units.iter().map(ToString::to_string).collect();
    Whose {
        requests_of: Some(if reads_cases(caller) { units.clone() } else { Vec::new() }),
        units: (!caller.has(Role::FrontDesk)).then_some(units),
    }
}

fn reads_cases(caller: &Caller) -> bool {
    !caller.has(Role::ElectedOfficial) && CASE_READERS.iter().any(|role| caller.has(*role))
}
