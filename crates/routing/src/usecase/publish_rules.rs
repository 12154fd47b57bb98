//! Puts the draft in force, as one immutable version.

use parvis_kernel::{Caller, Error, FieldViolation, Reason, Refusal, Result, reason::Thing, typed::tidy::many_lines};

use super::access;
use crate::{
    domain::rules::{Finding, Severity, check, read},
    repo::{
        catalogue,
        directory::{self, Version},
        rule_set::{self, Published},
    },
    router::Router,
};

/// A note is at most this long, in characters.
const MAX_NOTE: usize = 500;

/// A draft to put in force.
#[derive(Clone, Debug)]
pub struct PublishRules {
    /// The revision that was read and tried.
    pub expected_revision: u64,
    /// Why, for the history.
    pub note: String,
}

/// Publishes; every case that opens afterwards is decided by it. Administrators.
///
/// # Errors
/// "Conflict" where the draft or the version in force is no longer the one seen; "invalid", by rule number and field,
/// where something is wrong with it.
pub async fn publish_rules(router: &Router, caller: &Caller, command: &PublishRules) -> Result<Published> {
    access::administers(caller)?;
    let note = many_lines(&command.note);
    let note = note.trim();
    if note.chars().count() > MAX_NOTE {
        return Err(FieldViolation::too_long("note", MAX_NOTE).into());
    }
    let tenant = &caller.tenant;
    let tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let held = directory::find(tx.conn(), tenant, version).await?;
    let held = held.ok_or_else(|| {
        Error::precondition("no directory was imported: parvis import directory FILE").refused(Refusal::NoDirectory)
    })?;
    let draft = rule_set::find_draft(tx.conn(), tenant).await?;
    let draft =
        draft.ok_or_else(|| Error::precondition("there is no draft: save one first").refused(Refusal::NoDraft))?;
    if draft.revision != command.expected_revision {
        return Err(Error::changed_meanwhile(
            Thing::Draft,
            "the draft was saved by somebody else meanwhile: read it again",
        ));
    }
    if draft.based_on != held.rule_set {
        return Err(Error::conflict(
            "other rules were put in force since this draft was begun: compare, then save it on the version in force",
        )
        .refused(Refusal::RulesChanged));
    }
    let known = catalogue::find(tx.conn(), tenant).await?;
    let (set, findings) = read(&draft.text);
    let findings = check(&set, &held.directory, known.as_ref(), findings);
    if Finding::forbid(&findings) {
        return Err(Error::invalid_fields(violations(findings)).refused(Refusal::RulesHaveMistakes));
    }
    let published = Published {
        version: held.rule_set + 1,
        author: caller.actor_key(),
        note: note.to_owned(),
        at: tx.now(),
        rules: draft.text.rules.len(),
        text: draft.text,
    };
    rule_set::put(&tx, tenant, &published).await?;
    // A directory and its rules are in force together: the same directory once more, with other rules.
    directory::put(&tx, tenant, &Version { version: version + 1, rule_set: published.version, ..held }).await?;
    rule_set::drop_draft(&tx, tenant).await?;
    tx.commit().await?;
    tracing::info!(%tenant, rule_set = published.version, rules = published.rules, "a rule set was published");
    router.wake();
    Ok(published)
}

fn violations(findings: Vec<Finding>) -> Vec<FieldViolation> {
    let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    let violation = |finding: Finding| FieldViolation {
        field: match finding.rule {
            0 => finding.field,
            number => format!("rules[{number}].{}", finding.field),
        },
        message: finding.message,
        reason: Some(Reason::RuleMistake),
    };
    errors.map(violation).collect()
}
