//! Who may.

use parvis_directory::Agent;
use parvis_kernel::{
    AgentId, Caller, Error, Refusal, RequestId, Result, Role, TenantId, UnitId,
    policy::{self, CaseFacts, Verb},
    reason::Thing,
};

use crate::domain::RoutedCase;

/// Refuses whoever is not an agent of the authority, be they elected or administrator.
pub fn signed_in(caller: &Caller) -> Result<()> {
    caller.require(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::ElectedOfficial, Role::Administrator])
}

/// Refuses whoever neither supervises nor administers.
pub fn supervises(caller: &Caller) -> Result<()> {
    caller.require(&[Role::Supervisor, Role::Administrator])
}

/// Refuses whoever does not administer.
pub fn administers(caller: &Caller) -> Result<()> {
    caller.require(&[Role::Administrator])
}

/// Whether the caller handles the cases of `unit`, by themselves or as a supervisor: the policy's answer.
pub(crate) fn works_in(caller: &Caller, unit: &UnitId) -> bool {
    policy::may(caller, &facts(&caller.tenant, unit.as_str()), Verb::HandOn, None).is_yes()
}

/// What the policy looks at: this role takes every unit for sensitive, and opens nothing by a reason.
pub(crate) fn facts<'a>(tenant: &'a TenantId, unit: &'a str) -> CaseFacts<'a> {
    CaseFacts {
        tenant,
        request: RequestId(uuid::Uuid::nil()),
        open: true,
        unit,
        sensitive: true,
        handler: "",
        filed_by: "",
        had: &[],
    }
}

/// Whether the caller supervises one of the units of `agent`.
pub(crate) fn supervises_agent(caller: &Caller, agent: &Agent) -> bool {
    let supervises = caller.has(Role::Supervisor) && policy::handles_requests(caller);
    caller.is_system() || (supervises && agent.units.iter().any(|unit| caller.units.contains(unit)))
}

/// Refuses whoever may not hand the case on: its agent may, a supervisor of its unit too, and an agent of the unit may
/// take a waiting case for themselves. Whoever may not even see the case is told that there is none.
pub(crate) fn hand_on(caller: &Caller, case: &RoutedCase, to: Option<&AgentId>) -> Result<()> {
    let me = caller.agent();
    if caller.is_system() || (policy::handles_requests(caller) && me.is_some() && case.live_agent() == me) {
        return Ok(());
    }
    let unit = case.need.as_ref().map(|need| &need.unit);
    let to_sort = case.live_agent().is_none() && case.need.as_ref().is_some_and(|need| need.rule == "triage");
    if !unit.is_some_and(|unit| works_in(caller, unit)) {
        return Err(Error::no_such(Thing::Case, "no such case"));
    }
    // A case that nobody could place is for the whole unit to send where it belongs.
    if caller.has(Role::Supervisor) || (to_sort && to.is_none()) {
        return Ok(());
    }
    if case.live_agent().is_some() {
        let message = "the case is in charge of somebody else: they or a supervisor may hand it on";
        return Err(Error::denied(message).refused(Refusal::HandlerOnly));
    }
    if to.is_none() || to != me {
        return Err(Error::denied(
            "from the queue, a case may be taken for oneself; a supervisor may give it to others",
        )
        .refused(Refusal::SelfOnly));
    }
    Ok(())
}
