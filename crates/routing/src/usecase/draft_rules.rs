//! The next version of the rules, being written. One an authority; it may be wrong in any way until it is published.

use parvis_kernel::{Caller, Error, Reason, Result, TenantId, reason::Thing};
use sea_orm::ConnectionTrait;

use super::{access, rule_sets::rule_text};
use crate::{
    domain::{
        Snapshot,
        rules::{Finding, RuleSetText, check, read},
    },
    repo::{
        catalogue, directory,
        rule_set::{self, Draft},
    },
    router::Router,
};

/// A draft is at most this long, in bytes.
const MAX_DRAFT: usize = 2_000_000;

/// A draft and what is wrong with it.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// The draft; revision 0: none was saved, this is the version in force.
    pub draft: Draft,
    /// The version in force now.
    pub in_force: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// A draft to keep.
#[derive(Clone, Debug)]
pub struct SaveRuleDraft {
    /// What it says.
    pub text: RuleSetText,
    /// The revision that was read; 0: none.
    pub expected_revision: u64,
    /// The version that its author looked at; 0: that of the draft, else the one in force.
    pub based_on: u64,
}

/// The draft, else what is in force, to begin one. Supervisors and administrators.
pub async fn get_rule_draft(router: &Router, caller: &Caller) -> Result<DraftView> {
    access::supervises(caller)?;
    let (tenant, conn) = (&caller.tenant, router.store.read());
    let snapshot = router.snapshots.latest(&router.store, tenant).await?;
    let draft = match rule_set::find_draft(conn, tenant).await? {
        Some(draft) => draft,
        None => {
            let held = rule_text(conn, tenant, snapshot.rule_set).await?;
            let held = held.ok_or_else(|| Error::internal("the rule set in force is not kept"))?;
            Draft { revision: 0, based_on: held.version, text: held.text, author: held.author, at: held.at }
        }
    };
    view(conn, tenant, &snapshot, draft).await
}

/// Keeps a draft, whatever is wrong with it, and says what is. Administrators.
///
/// # Errors
/// "Conflict" where somebody else saved it meanwhile.
pub async fn save_rule_draft(router: &Router, caller: &Caller, command: SaveRuleDraft) -> Result<DraftView> {
    access::administers(caller)?;
    let size = serde_json::to_string(&command.text).map_err(Error::internal)?.len();
    if size > MAX_DRAFT {
        let reason = Reason::TooLong { most: MAX_DRAFT as u64 };
        return Err(Error::wrong("rules", reason, format!("are longer than {MAX_DRAFT} bytes: shorten them")));
    }
    let tenant = &caller.tenant;
    let tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let held = rule_set::find_draft(tx.conn(), tenant).await?;
    let revision = held.as_ref().map_or(0, |held| held.revision);
    if revision != command.expected_revision {
        return Err(Error::changed_meanwhile(
            Thing::Draft,
            "the draft was saved by somebody else meanwhile: read it again",
        ));
    }
    let based_on = match (command.based_on, &held) {
        (0, Some(held)) => held.based_on,
        (0, None) => snapshot.rule_set,
        (given, _) => given,
    };
    // Never a revision twice, so that a page left open since an earlier draft is told.
    let revision = revision.max(u64::try_from(tx.now().as_microsecond()).unwrap_or(0) / 1000) + 1;
    let draft = Draft { revision, based_on, text: command.text, author: caller.actor_key(), at: tx.now() };
    rule_set::put_draft(&tx, tenant, &draft).await?;
    let view = view(tx.conn(), tenant, &snapshot, draft).await?;
    tx.commit().await?;
    Ok(view)
}

/// Forgets the draft; gives what is in force. Administrators.
pub async fn discard_rule_draft(router: &Router, caller: &Caller) -> Result<DraftView> {
    access::administers(caller)?;
    let tx = router.store.begin().await?;
    directory::lock(&tx, std::slice::from_ref(&caller.tenant)).await?;
    rule_set::drop_draft(&tx, &caller.tenant).await?;
    tx.commit().await?;
    get_rule_draft(router, caller).await
}

async fn view(conn: &impl ConnectionTrait, tenant: &TenantId, snapshot: &Snapshot, draft: Draft) -> Result<DraftView> {
    let known = catalogue::find(conn, tenant).await?;
    let (set, findings) = read(&draft.text);
    let findings = check(&set, &snapshot.directory, known.as_ref(), findings);
    Ok(DraftView { draft, in_force: snapshot.rule_set, findings })
}
