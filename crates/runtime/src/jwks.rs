//! Keeps the public keys fresh: from identity, else from what this role last knew.

use std::time::Duration;

use parvis_kernel::{Clock, Result};
use parvis_proto::identity::{GetJwksRequest, identity_service_client::IdentityServiceClient};
use parvis_store::{
    Store,
    jwks_cache::{self, Signer},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use crate::{auth::KeySet, transport::Transport};

const FRESH: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_secs(1);

/// Reads what was last known.
pub async fn load_cached(keys: &KeySet, stores: &[Store]) {
    for store in stores {
        if let Ok(Some(jwks)) = jwks_cache::load(store, Signer::Identity).await
            && keys.replace(&jwks).is_ok()
            && !keys.is_empty()
        {
            return;
        }
    }
}

/// Asks identity again and again until `shutdown`.
pub async fn keep_fresh(
    keys: KeySet,
    identity: Transport,
    stores: Vec<Store>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let mut last = String::new();
    loop {
        let wait = match fetch(&identity).await {
            Ok(jwks) => {
                if jwks != last {
                    if let Err(error) = keys.replace(&jwks) {
                        tracing::error!(%error, "identity's keys cannot be read");
                    }
                    for store in &stores {
                        if let Err(error) = jwks_cache::save(store, Signer::Identity, &jwks, clock.now()).await {
                            tracing::warn!(%error, "the keys are not kept for a restart");
                        }
                    }
                    last = jwks;
                }
                FRESH
            }
            Err(error) => {
                tracing::debug!(%error, "identity does not answer; the keys stay as they were");
                RETRY
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn fetch(identity: &Transport) -> Result<String> {
    let mut client = IdentityServiceClient::new(identity.clone());
    let response =
        client.get_jwks(GetJwksRequest {}).await.map_err(|status| parvis_proto::error_from_status(&status))?;
    Ok(response.into_inner().jwks_json)
}
