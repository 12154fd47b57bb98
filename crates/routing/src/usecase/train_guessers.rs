//! Keeps each authority's classifier in step with its rules, its procedures and its agents' corrections.

use std::sync::Arc;

use parvis_kernel::{Error, Result, TenantId, Timestamp};
use parvis_search::classify::Model;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Correction, LearntGuesser, Measured, Snapshot, at_least_as_good, examples, rules::Catalogue},
    repo::{
        catalogue, directory,
        learning::{self, TrainedModel},
    },
    router::{InService, Router},
};

/// Corrections that are learnt from at most: the oldest are forgotten first.
const MOST_CORRECTIONS: u64 = 20_000;
/// Models looked at to know which was promoted last.
const RECENT: u64 = 50;

/// Trains where something to learn from changed: at start, after an import or a publication, and once enough new
/// corrections came. A model trained on other corrections takes service only if it is at least as often right on those
/// that neither learnt from; other rules or procedures always do, being what agents said of their own services.
pub async fn train_guessers(router: &Router, shutdown: &CancellationToken) -> Result<()> {
    for tenant in router.tenants.all() {
        if shutdown.is_cancelled() {
            return Ok(());
        }
        train(router, &tenant.slug).await?;
    }
    Ok(())
}

/// Puts in service in this process the classifier of `tenant` that the role has, or will have a minute after a change,
/// and returns its number; 0: no directory was imported. Nothing is kept: for commands that only look.
pub async fn load_guesser(router: &Router, tenant: &TenantId) -> Result<u64> {
    let Some(matter) = Matter::read(router, tenant).await? else { return Ok(0) };
    let corrections = learning::corrections(router.store.read(), tenant, MOST_CORRECTIONS).await?;
    let until = at_start(&matter.models, &corrections, router.corrections_to_retrain);
    let trained = matter.train(corrections, until, None).await?;
    let number = same_model(&matter.models, &trained);
    let number = number.unwrap_or_else(|| matter.models.first().map_or(0, |model| model.version) + 1);
    serve(router, tenant, &matter, trained, number);
    Ok(number)
}

/// What there is to learn from besides corrections, and what was learnt.
struct Matter {
    snapshot: Arc<Snapshot>,
    known: Catalogue,
    models: Vec<TrainedModel>,
    basis: String,
}

impl Matter {
    /// `None` before a directory is imported.
    async fn read(router: &Router, tenant: &TenantId) -> Result<Option<Self>> {
        let conn = router.store.read();
        let version = directory::current(conn, tenant).await?;
        if version == 0 {
            return Ok(None);
        }
        let snapshot = router.snapshots.at(conn, tenant, version).await?;
        let known = catalogue::find(conn, tenant).await?.unwrap_or_default();
        let models = learning::models(conn, tenant, RECENT).await?;
        let basis = basis(&snapshot, &known)?;
        Ok(Some(Self { snapshot, known, models, basis }))
    }

    async fn train(
        &self,
        corrections: Vec<Correction>,
        learnt_until: Timestamp,
        compared: Option<Arc<Model>>,
    ) -> Result<Trained> {
        let (snapshot, known) = (self.snapshot.clone(), self.known.clone());
        let job = Job { snapshot, known, corrections, learnt_until, compared };
        // Some seconds: not on a thread that answers others.
        tokio::task::spawn_blocking(move || job.run()).await.map_err(Error::internal)
    }
}

/// Until when the model promoted last learnt.
fn promoted_until(models: &[TrainedModel]) -> Option<Timestamp> {
    models.iter().find(|model| model.is_promoted).map(|model| model.learnt_until)
}

/// The corrections of the model promoted last, so that one refused stays refused.
fn at_start(models: &[TrainedModel], corrections: &[Correction], every: usize) -> Timestamp {
    let none = Timestamp::UNIX_EPOCH;
    promoted_until(models).or_else(|| next(corrections, none, every)).unwrap_or(none)
}

/// Until when to learn once there are `every` corrections since `tried`: a whole number of times as many, so that
/// processes that look at different moments learn from the same ones.
fn next(corrections: &[Correction], tried: Timestamp, every: usize) -> Option<Timestamp> {
    let fresh = corrections.get(made_until(corrections, tried)..)?;
    let whole = fresh.len() - fresh.len() % every.max(1);
    fresh.get(..whole)?.last().map(|last| last.at)
}

/// How many of the corrections, oldest first, were made until then.
fn made_until(corrections: &[Correction], until: Timestamp) -> usize {
    corrections.partition_point(|correction| correction.at <= until)
}

fn serve(router: &Router, tenant: &TenantId, matter: &Matter, trained: Trained, number: u64) {
    let Trained { model, learnt_until, .. } = trained;
    let units = matter.snapshot.directory.units.iter().map(|unit| unit.code.clone()).collect();
    router.snapshots.guesser(tenant).put(Box::new(LearntGuesser { model: model.clone(), number, units }));
    router.put_in_service(tenant, InService { model, basis: matter.basis.clone(), learnt_until });
}

async fn train(router: &Router, tenant: &TenantId) -> Result<()> {
    let Some(matter) = Matter::read(router, tenant).await? else { return Ok(()) };
    let (conn, every) = (router.store.read(), router.corrections_to_retrain.max(1));
    let (promoted, tried) = (promoted_until(&matter.models), learning::tried_until(&matter.models));
    let held = router.in_service(tenant).filter(|held| held.basis == matter.basis);
    // Otherwise a start, another basis, or a model that another process put in service.
    let held = held.filter(|held| promoted == Some(held.learnt_until));
    if held.is_some() && learning::count_corrections_after(conn, tenant, tried).await? < every as u64 {
        return Ok(());
    }
    let corrections = learning::corrections(conn, tenant, MOST_CORRECTIONS).await?;
    let until = match &held {
        None => at_start(&matter.models, &corrections, every),
        Some(_) => match next(&corrections, tried, every) {
            Some(until) => until,
            // Some were forgotten since they were counted.
            None => return Ok(()),
        },
    };
    let trained = matter.train(corrections, until, held.map(|held| held.model)).await?;
    let number = keep(router, tenant, &trained).await?;
    if trained.promoted {
        serve(router, tenant, &matter, trained, number);
    }
    Ok(())
}

struct Job {
    snapshot: Arc<Snapshot>,
    known: Catalogue,
    corrections: Vec<Correction>,
    learnt_until: Timestamp,
    compared: Option<Arc<Model>>,
}

struct Trained {
    model: Arc<Model>,
    examples: usize,
    corrections: usize,
    learnt_until: Timestamp,
    measured: Measured,
    promoted: bool,
}

impl Job {
    fn run(self) -> Trained {
        let learnt = self.corrections.get(..made_until(&self.corrections, self.learnt_until)).unwrap_or_default();
        let examples = examples(&self.snapshot, &self.known, learnt);
        let model = Arc::new(Model::train(&examples));
        let (promoted, measured) = match &self.compared {
            Some(held) => at_least_as_good(held, &model, &self.corrections),
            None => (true, Measured::default()),
        };
        let (corrections, learnt_until) = (learnt.len(), self.learnt_until);
        Trained { model, examples: examples.len(), corrections, learnt_until, measured, promoted }
    }
}

/// The number of the same model among those kept.
fn same_model(models: &[TrainedModel], trained: &Trained) -> Option<u64> {
    let content_hash = trained.model.version();
    let same = |known: &&TrainedModel| {
        known.content_hash == content_hash
            && known.is_promoted == trained.promoted
            && known.learnt_until == trained.learnt_until
    };
    models.iter().find(same).map(|same| same.version)
}

/// The number of the model: that of the same one, were it trained before or elsewhere.
async fn keep(router: &Router, tenant: &TenantId, trained: &Trained) -> Result<u64> {
    let content_hash = trained.model.version();
    let corrections = trained.corrections as u64;
    loop {
        let models = learning::models(router.store.read(), tenant, RECENT).await?;
        if let Some(version) = same_model(&models, trained) {
            return Ok(version);
        }
        let version = models.first().map_or(0, |model| model.version) + 1;
        let tx = router.store.begin().await?;
        let row = TrainedModel {
            version,
            at: tx.now(),
            examples: trained.examples as u64,
            corrections,
            learnt_until: trained.learnt_until,
            measured: trained.measured,
            is_promoted: trained.promoted,
            content_hash: content_hash.clone(),
        };
        let mine = learning::put(&tx, tenant, &row).await?;
        tx.commit().await?;
        if mine {
            let Measured { corrections: measured, candidate, in_service } = trained.measured;
            tracing::info!(
                %tenant, version, examples = trained.examples, corrections, promoted = trained.promoted, measured,
                candidate, in_service, "a classifier was trained"
            );
            return Ok(version);
        }
    }
}

/// What identifies everything but the corrections.
fn basis(snapshot: &Snapshot, known: &Catalogue) -> Result<String> {
    use sha2::{Digest as _, Sha256};
    let known = serde_json::to_vec(known).map_err(Error::internal)?;
    let mut hash = Sha256::new();
    hash.update(known);
    hash.update(snapshot.version.to_be_bytes());
    Ok(hex::encode(hash.finalize()))
}
