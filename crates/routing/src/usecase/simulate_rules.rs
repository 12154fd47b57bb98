//! A draft tried on the latest cases.

use parvis_kernel::{Caller, Error, Reason, Refusal, Result};

use super::access;
use crate::{
    domain::{
        Workload,
        rules::{Compiled, Finding, RuleSetText, Simulation, check, read, simulate},
    },
    repo::{agent, catalogue, past_case, rule_set},
    router::Router,
};

/// Cases read where nothing is said, and at most.
const USUAL: u64 = 500;
const MOST: u64 = 5_000;

/// What to try.
#[derive(Clone, Debug, Default)]
pub struct SimulateRules {
    /// `None`: the draft.
    pub rules: Option<RuleSetText>,
    /// On how many of the latest cases; 0: 500; at most 5,000.
    pub last: u64,
}

/// What it would change.
#[derive(Clone, Debug)]
pub struct SimulationView {
    /// Who would move.
    pub simulation: Simulation,
    /// What is wrong with the rules tried.
    pub findings: Vec<Finding>,
    /// The version in force, to which they are compared.
    pub in_force: u64,
    /// The draft's revision; 0: other rules were given.
    pub revision: u64,
}

/// Tries rules on what is kept of the latest cases; nothing changes. Supervisors and administrators.
///
/// # Errors
/// "Failed precondition" where there is neither a draft nor rules given.
pub async fn simulate_rules(router: &Router, caller: &Caller, command: SimulateRules) -> Result<SimulationView> {
    access::supervises(caller)?;
    if command.last > MOST {
        let reason = Reason::TooLarge { most: MOST.into() };
        return Err(Error::wrong("last", reason, format!("must be at most {MOST}")));
    }
    let (tenant, conn) = (&caller.tenant, router.store.read());
    let snapshot = router.snapshots.latest(&router.store, tenant).await?;
    let (text, revision) = match command.rules {
        Some(text) => (text, 0),
        None => {
            let draft = rule_set::find_draft(conn, tenant).await?;
            let draft = draft.ok_or_else(|| {
                Error::precondition("there is no draft: save one, or give the rules").refused(Refusal::NoDraft)
            })?;
            (draft.text, draft.revision)
        }
    };
    let known = catalogue::find(conn, tenant).await?;
    let (set, findings) = read(&text);
    let findings = check(&set, &snapshot.directory, known.as_ref(), findings);
    let last = if command.last == 0 { USUAL } else { command.last };
    let cases = past_case::latest(conn, tenant, last).await?;
    let workload = Workload::new(&snapshot, agent::all(conn, tenant).await?, router.store.clock().now());
    let in_force = snapshot.rule_set;
    // Some seconds of work for thousands of cases: not on a thread that answers others.
    let simulation = tokio::task::spawn_blocking(move || {
        let draft = Compiled::new(set, &snapshot.directory);
        simulate(&snapshot, &draft, &cases, &|unit| workload.percent(&snapshot, unit))
    });
    let simulation = simulation.await.map_err(Error::internal)?;
    Ok(SimulationView { simulation, findings, in_force, revision })
}
