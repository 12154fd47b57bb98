//! Which classifier decides now, and those trained before it.

use parvis_kernel::{Caller, Result};

use super::access;
use crate::{
    repo::learning::{self, TrainedModel},
    router::Router,
};

/// Models listed at most: the latest.
const LISTED: u64 = 50;

/// The models, and what decides of the next one.
#[derive(Clone, Debug)]
pub struct ClassifierModels {
    /// Latest first.
    pub models: Vec<TrainedModel>,
    /// The version in service; 0: none yet.
    pub in_service: u64,
    /// From which probability a guess is followed, in percent; 0: never.
    pub guess_percent: u8,
    /// The rule set that says so.
    pub rule_set: u64,
    /// Corrections kept to learn from.
    pub corrections: u64,
    /// Of these, those made since a model was last trained on new ones.
    pub new_corrections: u64,
    /// After how many new ones another is trained.
    pub corrections_to_retrain: u64,
}

/// Supervisors and administrators.
pub async fn list_classifier_models(router: &Router, caller: &Caller) -> Result<ClassifierModels> {
    access::supervises(caller)?;
    let (tenant, conn) = (&caller.tenant, router.store.read());
    let snapshot = router.snapshots.latest(&router.store, tenant).await?;
    let models = learning::models(conn, tenant, LISTED).await?;
    let in_service = match router.snapshots.guesser(tenant).version() {
        // Another process trains; this one has nothing in service yet.
        0 => models.iter().find(|model| model.is_promoted).map_or(0, |model| model.version),
        version => version,
    };
    let tried = learning::tried_until(&models);
    Ok(ClassifierModels {
        models,
        in_service,
        guess_percent: snapshot.rules().guess_percent,
        rule_set: snapshot.rule_set,
        corrections: learning::count_corrections(conn, tenant).await?,
        new_corrections: learning::count_corrections_after(conn, tenant, tried).await?,
        corrections_to_retrain: router.corrections_to_retrain as u64,
    })
}
