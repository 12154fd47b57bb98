//! Puts a directory in force.

use std::collections::BTreeSet;

use parvis_directory::DirectoryFile;
use parvis_kernel::{AgentId, Error, Result, TenantId, UnitId};
use parvis_runtime::Tenants;
use parvis_store::{Store, Tx};
use sha2::{Digest as _, Sha256};

use super::rule_sets::rule_text;
use crate::{
    domain::rules::{Finding, RuleSetText, check, read},
    repo::{
        case, catalogue,
        directory::{self, Version},
        rule_set::{self, Published},
    },
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
    /// What is wrong between the rules in force and the directory: rules published from the pages may name what the
    /// file no longer has. They do not apply, and say so, until they are mended.
    pub findings: Vec<Finding>,
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
        findings: Vec::new(),
    };
    if let Some(before) = before.as_ref().filter(|before| before.content_hash == content_hash) {
        tx.rollback().await?;
        return Ok(summary(before.version, false, before.rule_set));
    }
    let ruled = rules_after(&tx, tenant, before.as_ref(), file).await?;
    let rule_set = match (&before, &ruled) {
        (Some(before), None) => before.rule_set,
        (Some(before), Some(_)) => before.rule_set + 1,
        (None, _) => 1,
    };
    if let Some(text) = ruled {
        let (author, note) = ("import".to_owned(), "Règles du fichier de l’annuaire".to_owned());
        let rules = text.rules.len();
        rule_set::put(&tx, tenant, &Published { version: rule_set, author, note, at: tx.now(), rules, text }).await?;
    }
    let version = Version { version: held + 1, rule_set, content_hash, directory: file.clone(), imported_at: tx.now() };
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
    if let Some(published) = rule_text(tx.conn(), tenant, rule_set).await? {
        let known = catalogue::find(tx.conn(), tenant).await?;
        let (set, findings) = read(&published.text);
        summary.findings = check(&set, file, known.as_ref(), findings);
    }
    tx.commit().await?;
    Ok(summary)
}

/// The rules that an import puts in force; `None`: those in force stay. They change only when the file's rules do, so
/// that importing agents again does not undo what was published from the pages.
async fn rules_after(
    tx: &Tx,
    tenant: &TenantId,
    before: Option<&Version>,
    file: &DirectoryFile,
) -> Result<Option<RuleSetText>> {
    let Some(before) = before else { return Ok(Some(RuleSetText::from_directory(file, Vec::new()))) };
    let (old, new) = (&before.directory, file);
    if old.rules == new.rules && old.default_unit == new.default_unit {
        return Ok(None);
    }
    let held = rule_text(tx.conn(), tenant, before.rule_set).await?.map(|held| held.text).unwrap_or_default();
    if old.rules != new.rules {
        let text = RuleSetText::from_directory(file, held.bodies);
        return Ok(Some(RuleSetText { guess_percent: held.guess_percent, ..text }));
    }
    // Only the default unit: the default rule follows, where it still named the old one.
    let mut text = held;
    let actions = text.rules.last_mut().map(|rule| rule.actions.as_mut_slice()).unwrap_or_default();
    let named = actions.iter_mut().find(|action| action.kind == "unit" && action.value == old.default_unit.as_str());
    Ok(named.map(|action| new.default_unit.as_str().clone_into(&mut action.value)).map(|()| text))
}
