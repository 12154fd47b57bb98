//! Serves another distribution of the national fiches. Called by the command line, on an opened store.

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::{Error, Result};
use parvis_store::{Store, db_error};
use sea_orm::TransactionTrait as _;
use sha2::{Digest as _, Sha256};

use super::read_fiches::ReadFiches;
use crate::repo::fiche::{self, Key};

/// Contents that one statement inserts.
const CHUNK: usize = 100;
/// A distribution with fewer than this share of a public's fiches is taken for a broken one.
const LEAST_SHARE: f64 = 0.5;
/// Below this number of fiches no share is looked at.
const SMALL: usize = 100;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FichesSummary {
    /// Fiches that were not there.
    pub added: usize,
    /// Fiches with another content.
    pub changed: usize,
    /// Fiches as they were.
    pub unchanged: usize,
    /// Fiches no longer distributed.
    pub removed: usize,
    /// Fiches that could not be read; where an earlier content is served, it stays.
    pub refused: usize,
    /// Fiches served from now on.
    pub served: usize,
}

impl FichesSummary {
    fn is_empty(&self) -> bool {
        self.added + self.changed + self.removed == 0
    }
}

/// Serves `read`, which was read from `source`, in the place of what was served for the same publics. Only the
/// contents that changed are written; everything is one transaction, so that whatever stops it, the old ones stay.
///
/// # Errors
/// "Failed precondition" where so much is missing that the distribution must be broken, unless `force`d.
pub async fn import_fiches(store: &Store, source: &str, read: &ReadFiches, force: bool) -> Result<FichesSummary> {
    let mut contents: BTreeMap<Key, (String, String, usize)> = BTreeMap::new();
    for (at, fiche) in read.fiches.iter().enumerate() {
        let json = serde_json::to_string(fiche).map_err(Error::internal)?;
        let hash = hex::encode(Sha256::digest(&json));
        contents.insert((fiche.public, fiche.id.clone()), (hash, json, at));
    }
    // No event is said: a plain transaction.
    let tx = store.write().begin().await.map_err(db_error)?;
    let served = fiche::served_generation(&tx).await?;
    let before = match &served {
        Some(generation) => fiche::members(&tx, generation.number).await?,
        None => BTreeMap::new(),
    };
    let plan = plan(&before, &contents, read);
    if !force {
        plan.require_enough(&before)?;
    }
    if plan.summary.is_empty() && served.is_some() {
        return Ok(plan.summary);
    }
    for chunk in plan.write.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .filter_map(|key| contents.get(key))
            .filter_map(|(hash, json, at)| read.fiches.get(*at).map(|fiche| (hash.clone(), json.clone(), fiche)))
            .collect();
        fiche::keep(&tx, &rows).await?;
    }
    let now = store.clock().now();
    let number = fiche::switch(&tx, source, &plan.members, now).await?;
    // The generation before stays: processes that have not looked yet still read from it.
    fiche::forget_before(&tx, served.map_or(number, |generation| generation.number)).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(plan.summary)
}

/// What will be written.
struct Plan {
    summary: FichesSummary,
    members: BTreeMap<Key, String>,
    write: Vec<Key>,
    publics: BTreeSet<crate::domain::fiche::Public>,
}

fn plan(before: &BTreeMap<Key, String>, contents: &BTreeMap<Key, (String, String, usize)>, read: &ReadFiches) -> Plan {
    let publics: BTreeSet<_> = contents.keys().map(|(public, _)| *public).collect();
    let mut summary = FichesSummary { refused: read.refused.len(), ..FichesSummary::default() };
    let mut members = BTreeMap::new();
    let mut write = Vec::new();
    for (key, (hash, ..)) in contents {
        match before.get(key) {
            Some(known) if known == hash => summary.unchanged += 1,
            Some(_) => {
                summary.changed += 1;
                write.push(key.clone());
            }
            None => {
                summary.added += 1;
                write.push(key.clone());
            }
        }
        members.insert(key.clone(), hash.clone());
    }
    // A refused one is named `F12.xml`, `particuliers/F12.json` or `F12 (line 3)`.
    let refused: BTreeSet<&str> = read
        .refused
        .iter()
        .filter_map(|(name, _)| name.rsplit('/').next())
        .filter_map(|name| name.split(['.', ' ']).next())
        .collect();
    for (key, hash) in before.iter().filter(|(key, _)| !contents.contains_key(*key)) {
        if publics.contains(&key.0) && !refused.contains(key.1.as_str()) {
            summary.removed += 1;
        } else {
            members.insert(key.clone(), hash.clone());
        }
    }
    summary.served = members.len();
    Plan { summary, members, write, publics }
}

impl Plan {
    fn require_enough(&self, before: &BTreeMap<Key, String>) -> Result<()> {
        for public in &self.publics {
            let count = |all: &BTreeMap<Key, String>| all.keys().filter(|(it, _)| it == public).count();
            let (had, has) = (count(before), count(&self.members));
            if had > SMALL && (has as f64) < had as f64 * LEAST_SHARE {
                return Err(Error::precondition(format!(
                    "{has} fiches for « {} » in place of {had}: nothing was changed. If it is right, import with --force",
                    public.as_str()
                )));
            }
        }
        Ok(())
    }
}
