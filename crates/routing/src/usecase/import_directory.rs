//! Puts a directory in force.

use std::collections::BTreeSet;

use parvis_directory::DirectoryFile;
use parvis_kernel::{AgentId, Error, Result, UnitId};
use parvis_runtime::Tenants;
use parvis_store::Store;
use sha2::{Digest as _, Sha256};

use crate::repo::{
    case,
    directory::{self, Version},
};

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSummary {
    /// The version in force now.
    pub version: u64,
    /// `false`: the same directory was in force already.
    pub changed: bool,
    /// Which rules are in force now.
    pub rule_set: u64,
    /// How many units.
    pub units: usize,
    /// How many agents.
    pub agents: usize,
    /// How many rules.
    pub rules: usize,
    /// Units that are no longer there.
    pub retired_units: Vec<UnitId>,
    /// Agents who are no longer there.
    pub retired_agents: Vec<AgentId>,
    /// Open cases of those, to be decided again by the sweep.
    pub to_reroute: u64,
}

/// Puts `file` in force, in one transaction; running processes see it within a sweep, and decide by it at once. The
/// same directory again changes nothing, whatever its comments and layout. The caller is the command line: whoever
/// may run it on the server's data.
///
/// # Errors
/// "Invalid" where the authority is not one of `tenants`.
pub async fn import_directory(store: &Store, tenants: &Tenants, file: &DirectoryFile) -> Result<ImportSummary> {
    let tenant = &file.tenant;
    if tenants.get(tenant).is_none() {
        return Err(Error::invalid("tenant", format!("« {tenant} » is not in the tenants' file; add it there first")));
    }
    let document = serde_json::to_string(file).map_err(Error::internal)?;
    let content_hash = hex::encode(Sha256::digest(document.as_bytes()));
    let tx = store.begin().await?;
    let held = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let before = directory::find(tx.conn(), tenant, held).await?;
    let summary = |version, changed, rule_set| ImportSummary {
        version,
        changed,
        rule_set,
        units: file.units.len(),
        agents: file.agents.len(),
        rules: file.rules.len(),
        retired_units: Vec::new(),
        retired_agents: Vec::new(),
        to_reroute: 0,
    };
    if let Some(before) = before.as_ref().filter(|before| before.content_hash == content_hash) {
        tx.rollback().await?;
        return Ok(summary(before.version, false, before.rule_set));
    }
    let rule_set = match &before {
        Some(before) if before.directory.rules == file.rules => before.rule_set,
        Some(before) => before.rule_set + 1,
        None => 1,
    };
    let version = Version { version: held + 1, rule_set, content_hash, directory: file.clone() };
    directory::put(&tx, tenant, &version).await?;
    let mut summary = summary(version.version, true, rule_set);
    if let Some(before) = &before {
        let units: BTreeSet<_> = file.units.iter().map(|unit| &unit.code).collect();
        let agents: BTreeSet<_> = file.agents.iter().map(|agent| &agent.code).collect();
        let gone_units = before.directory.units.iter().map(|unit| &unit.code).filter(|code| !units.contains(code));
        let gone_agents = before.directory.agents.iter().map(|agent| &agent.code).filter(|code| !agents.contains(code));
        summary.retired_units = gone_units.cloned().collect();
        summary.retired_agents = gone_agents.cloned().collect();
        summary.to_reroute = case::strand(&tx, tenant, &summary.retired_units, &summary.retired_agents).await?;
    }
    tx.commit().await?;
    Ok(summary)
}
