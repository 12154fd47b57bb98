//! What can be asked of this role, one verb a file.

pub mod delete_unclaimed_attachments;
pub mod download_attachment;
pub mod get_procedure;
pub mod get_request;
pub mod import_procedures;
pub mod list_procedures;
pub mod open_follow_grant;
pub mod purge_keys;
pub mod record_instant_answer;
pub mod submit_request;
pub mod upload_attachment;

use std::sync::Arc;

use object_store::ObjectStore;
use parvis_kernel::{Clock, Result, Role};
use parvis_runtime::{
    Tenants,
    grants::{GrantKeys, GrantSigner, Kind},
};
use parvis_store::Store;

use crate::{
    batch::Batcher, config::IntakeConfig, procedures::Procedures, repo, tracking_codes::TrackingCodes, uploads::Uploads,
};

/// Agents who file for others.
const CLERKS: [Role; 2] = [Role::FrontDesk, Role::CaseWorker];

/// The role at work: what every use case needs.
pub struct Intake {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tenants: Tenants,
    pub(crate) config: IntakeConfig,
    pub(crate) procedures: Procedures,
    pub(crate) codes: TrackingCodes,
    pub(crate) batcher: Batcher,
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) uploads: Uploads,
    /// Signs what a tracking code opens.
    pub(crate) signer: GrantSigner,
    /// Verifies what casework lets an agent read.
    pub(crate) grants: GrantKeys,
}

impl Intake {
    /// Reads what it keeps in memory, draws the installation's secret the first time, starts the task that writes.
    pub async fn start(
        store: Store,
        tenants: Tenants,
        config: IntakeConfig,
        objects: Arc<dyn ObjectStore>,
        grants: GrantKeys,
    ) -> Result<Self> {
        let secret = repo::secret::load_or_keep(&store, rand::random()).await?;
        Ok(Self {
            clock: store.clock().clone(),
            procedures: Procedures::load(store.clone()).await?,
            codes: TrackingCodes::new(&secret)?,
            batcher: Batcher::start(store.clone(), config.batch_max),
            uploads: Uploads::new(&config),
            signer: GrantSigner::new(Kind::Follow, store.clone()),
            grants,
            store,
            tenants,
            config,
            objects,
        })
    }
}
