//! Keeps each authority's classifier in step with its rules, its procedures and its agents' corrections.

use std::sync::Arc;

use parvis_kernel::{Result, TenantId};
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
    let Matter { snapshot, known, corrections, models, basis, enough } = matter;
    let learnt_from = at_start(&models, enough).min(corrections.len());
    let job = Job { snapshot: snapshot.clone(), known, corrections, learnt_from, compared: None };
    let trained = tokio::task::spawn_blocking(move || job.run()).await.map_err(parvis_kernel::Error::internal)?;
    let number = same_model(&models, &trained, learnt_from as u64);
    let number = number.unwrap_or_else(|| models.first().map_or(0, |model| model.version) + 1);
    serve(router, tenant, &snapshot, trained.model, number, basis);
    Ok(number)
}

/// What there is to learn from, and what was learnt.
struct Matter {
    snapshot: Arc<Snapshot>,
    known: Catalogue,
    corrections: Vec<Correction>,
    models: Vec<TrainedModel>,
    basis: String,
    /// How many of the corrections a new model learns from.
    enough: usize,
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
        let corrections = learning::corrections(conn, tenant, MOST_CORRECTIONS).await?;
        let enough = corrections.len() - corrections.len() % router.corrections_to_retrain.max(1);
        let models = learning::models(conn, tenant, RECENT).await?;
        let basis = basis(&snapshot, &known)?;
        Ok(Some(Self { snapshot, known, corrections, models, basis, enough }))
    }
}

/// The corrections of the model promoted last, so that one refused stays refused.
fn at_start(models: &[TrainedModel], enough: usize) -> usize {
    let promoted = models.iter().find(|model| model.is_promoted);
    promoted.map_or(enough, |promoted| usize::try_from(promoted.corrections).unwrap_or(0))
}

fn serve(router: &Router, tenant: &TenantId, snapshot: &Snapshot, model: Arc<Model>, number: u64, basis: String) {
    let units = snapshot.directory.units.iter().map(|unit| unit.code.clone()).collect();
    router.snapshots.guesser(tenant).put(Box::new(LearntGuesser { model: model.clone(), number, units }));
    router.put_in_service(tenant, InService { model, basis });
}

async fn train(router: &Router, tenant: &TenantId) -> Result<()> {
    let Some(matter) = Matter::read(router, tenant).await? else { return Ok(()) };
    let Matter { snapshot, known, corrections, models, basis, enough } = matter;
    let held = router.in_service(tenant);
    let tried = models.iter().map(|model| model.corrections).max();
    let same_basis = held.as_ref().is_some_and(|held| held.basis == basis);
    let more = tried.is_none_or(|tried| (enough as u64) > tried);
    if same_basis && !more {
        return Ok(());
    }
    // Otherwise a start, or another basis.
    let learnt_from = if same_basis && more { enough } else { at_start(&models, enough) };
    let learnt_from = learnt_from.min(corrections.len());
    let compared = held.filter(|_| same_basis).map(|held| held.model);
    let job = Job { snapshot: snapshot.clone(), known, corrections, learnt_from, compared };
    // Some seconds: not on a thread that answers others.
    let trained = tokio::task::spawn_blocking(move || job.run()).await.map_err(parvis_kernel::Error::internal)?;
    let number = keep(router, tenant, &trained, learnt_from as u64).await?;
    if trained.promoted {
        serve(router, tenant, &snapshot, trained.model, number, basis);
    }
    Ok(())
}

struct Job {
    snapshot: Arc<Snapshot>,
    known: Catalogue,
    corrections: Vec<Correction>,
    learnt_from: usize,
    compared: Option<Arc<Model>>,
}

struct Trained {
    model: Arc<Model>,
    examples: usize,
    measured: Measured,
    promoted: bool,
}

impl Job {
    fn run(self) -> Trained {
        let learnt = self.corrections.get(..self.learnt_from).unwrap_or_default();
        let examples = examples(&self.snapshot, &self.known, learnt);
        let model = Arc::new(Model::train(&examples));
        let (promoted, measured) = match &self.compared {
            Some(held) => at_least_as_good(held, &model, &self.corrections),
            None => (true, Measured::default()),
        };
        Trained { model, examples: examples.len(), measured, promoted }
    }
}

/// The number of the same model among those kept.
fn same_model(models: &[TrainedModel], trained: &Trained, corrections: u64) -> Option<u64> {
    let content_hash = trained.model.version();
    let same = |known: &&TrainedModel| {
        known.content_hash == content_hash && known.is_promoted == trained.promoted && known.corrections == corrections
    };
    models.iter().find(same).map(|same| same.version)
}

/// The number of the model: that of the same one, were it trained before or elsewhere.
async fn keep(router: &Router, tenant: &TenantId, trained: &Trained, corrections: u64) -> Result<u64> {
    let content_hash = trained.model.version();
    loop {
        let models = learning::models(router.store.read(), tenant, RECENT).await?;
        if let Some(version) = same_model(&models, trained, corrections) {
            return Ok(version);
        }
        let version = models.first().map_or(0, |model| model.version) + 1;
        let tx = router.store.begin().await?;
        let row = TrainedModel {
            version,
            at: tx.now(),
            examples: trained.examples as u64,
            corrections,
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
    let known = serde_json::to_vec(known).map_err(parvis_kernel::Error::internal)?;
    let mut hash = Sha256::new();
    hash.update(known);
    hash.update(snapshot.version.to_be_bytes());
    Ok(hex::encode(hash.finalize()))
}
