//! Published rule sets, and what goes wrong with them.

use parvis_kernel::{Caller, Error, Result, TenantId, reason::Thing};
use sea_orm::ConnectionTrait;

use super::access;
use crate::{
    domain::rules::{Finding, RuleSetText, check, read},
    repo::{
        catalogue, directory,
        rule_fault::{self, RuleFault},
        rule_set::{self, Published},
    },
    router::Router,
};

/// Versions listed at most: the latest.
const LISTED: u64 = 100;

/// A version with what is wrong with it now.
#[derive(Clone, Debug)]
pub struct RuleSetView {
    /// The version.
    pub published: Published,
    /// Whether it is in force.
    pub in_force: bool,
    /// What is wrong, against today's directory.
    pub findings: Vec<Finding>,
}

/// One version, also of those that only a directory holds.
pub(crate) async fn rule_text(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    version: u64,
) -> Result<Option<Published>> {
    if let Some(published) = rule_set::find(conn, tenant, version).await? {
        return Ok(Some(published));
    }
    let Some(held) = directory::find_rule_set(conn, tenant, version).await? else { return Ok(None) };
    let text = RuleSetText::from_directory(&held.directory, Vec::new());
    let (author, note) = ("import".to_owned(), String::new());
    Ok(Some(Published { version, author, note, at: held.imported_at, rules: text.rules.len(), text }))
}

/// The versions, latest first, and which is in force. Supervisors and administrators.
pub async fn list_rule_sets(router: &Router, caller: &Caller) -> Result<(Vec<Published>, u64)> {
    access::supervises(caller)?;
    let snapshot = router.snapshots.latest(&router.store, &caller.tenant).await?;
    let mut listed = rule_set::list(router.store.read(), &caller.tenant, LISTED).await?;
    if !listed.iter().any(|published| published.version == snapshot.rule_set) {
        listed.extend(rule_text(router.store.read(), &caller.tenant, snapshot.rule_set).await?);
        listed.sort_by_key(|published| std::cmp::Reverse(published.version));
    }
    Ok((listed, snapshot.rule_set))
}

/// One version; 0: the one in force. Supervisors and administrators.
pub async fn get_rule_set(router: &Router, caller: &Caller, version: u64) -> Result<RuleSetView> {
    access::supervises(caller)?;
    let (tenant, conn) = (&caller.tenant, router.store.read());
    let snapshot = router.snapshots.latest(&router.store, tenant).await?;
    let version = if version == 0 { snapshot.rule_set } else { version };
    let published =
        rule_text(conn, tenant, version).await?.ok_or_else(|| Error::no_such(Thing::RuleSet, "no such rule set"))?;
    let known = catalogue::find(conn, tenant).await?;
    let (set, findings) = read(&published.text);
    let findings = check(&set, &snapshot.directory, known.as_ref(), findings);
    Ok(RuleSetView { in_force: version == snapshot.rule_set, published, findings })
}

/// Rules that could not be told, the latest first. Supervisors and administrators.
pub async fn list_rule_faults(router: &Router, caller: &Caller) -> Result<Vec<RuleFault>> {
    access::supervises(caller)?;
    rule_fault::list(router.store.read(), &caller.tenant).await
}
