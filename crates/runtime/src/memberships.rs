//! Which units an agent sees. A token does not say: with a few hundred units it would be too long for a cookie.
//!
//! A token carries a digest of the units that its agent had when it was signed. Each process asks identity, with the
//! agent's own token, for what it does not know; asks again after [`FRESH`], and at once where a token signed since then
//! has another digest. So a unit that an import takes away is lost within a minute, and one that is given is there at the
//! next renewal. While identity does not answer, what was last known goes on, after a restart too: for no longer than
//! tokens, which identity alone renews.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::SignedDuration;
use parvis_kernel::{AgentId, Clock, Error, ErrorKind, Result, TenantId, Timestamp, UnitId};
use parvis_proto::identity::{GetMembershipRequest, identity_service_client::IdentityServiceClient};
use parvis_store::{Store, membership_cache};
use sha2::{Digest as _, Sha256};

use crate::{auth::Claims, rpc::call_as, transport::Transport};

/// How long what identity said is not asked again.
pub const FRESH: SignedDuration = SignedDuration::from_secs(45);
/// How long identity may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Agents remembered by one process.
const MOST: u64 = 20_000;

/// What a token carries of units.
pub fn digest_of<'a>(units: impl IntoIterator<Item = &'a UnitId>) -> String {
    let mut digest = Sha256::new();
    for unit in units {
        digest.update(unit.as_str());
        digest.update(b" ");
    }
    hex::encode(&digest.finalize()[..8])
}

#[derive(Clone)]
struct Known {
    units: Arc<[UnitId]>,
    digest: Arc<str>,
    at: Timestamp,
}

/// The units of agents, as this process knows them. Cheap to clone.
#[derive(Clone)]
pub struct Memberships(Arc<Inner>);

struct Inner {
    identity: OnceLock<Transport>,
    stores: Vec<Store>,
    clock: Arc<dyn Clock>,
    known: moka::future::Cache<(TenantId, AgentId), Known>,
}

impl Memberships {
    /// Kept in `stores` for a restart.
    pub fn new(stores: Vec<Store>, clock: Arc<dyn Clock>) -> Self {
        let known = moka::future::Cache::builder().max_capacity(MOST).build();
        Self(Arc::new(Inner { identity: OnceLock::new(), stores, clock, known }))
    }

    /// Where identity is; said once, when every role of the process is there.
    pub fn ask_at(&self, identity: Transport) {
        // A second place changes nothing.
        drop(self.0.identity.set(identity));
    }

    /// The units of the agent of a verified token.
    ///
    /// # Errors
    /// "Unavailable" where identity does not answer and nothing is known.
    pub async fn of(&self, claims: &Claims, token: &str) -> Result<Arc<[UnitId]>> {
        if claims.membership.is_empty() {
            // Of an earlier version, or a partner's.
            return Ok(claims.units.clone().into());
        }
        let key = (claims.tenant.clone(), AgentId::parse(&claims.sub)?);
        let now = self.0.clock.now();
        let known = self.0.known.get(&key).await;
        if let Some(known) = &known
            && now < known.at + FRESH
            && (*known.digest == claims.membership || claims.iat <= known.at.as_second())
        {
            return Ok(known.units.clone());
        }
        match self.ask(&key.0, token).await {
            Ok(units) => self.keep(key, units, known, now).await,
            // The agent is refused, not unknown.
            Err(error) if matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::Denied) => Err(error),
            Err(error) => match known {
                Some(known) => Ok(known.units),
                None => self.last_kept(&key).await?.ok_or(error),
            },
        }
    }

    async fn ask(&self, tenant: &TenantId, token: &str) -> Result<Vec<UnitId>> {
        let identity = self.0.identity.get().ok_or_else(|| Error::unavailable("identity is not known here"))?;
        let mut request = call_as(GetMembershipRequest {}, Some(token), tenant);
        request.set_timeout(PATIENCE);
        let asked = IdentityServiceClient::new(identity.clone()).get_membership(request).await;
        let units = asked.map_err(|status| parvis_proto::error_from_status(&status))?.into_inner().units;
        units.iter().map(|unit| UnitId::parse(unit)).collect()
    }

    async fn keep(
        &self,
        key: (TenantId, AgentId),
        units: Vec<UnitId>,
        before: Option<Known>,
        at: Timestamp,
    ) -> Result<Arc<[UnitId]>> {
        let digest: Arc<str> = digest_of(&units).into();
        if before.is_none_or(|before| before.digest != digest) {
            for store in &self.0.stores {
                if let Err(error) = membership_cache::save(store, &key.0, &key.1, &digest, &units).await {
                    tracing::warn!(%error, "an agent's units are not kept for a restart");
                }
            }
        }
        let units: Arc<[UnitId]> = units.into();
        self.0.known.insert(key, Known { units: units.clone(), digest, at }).await;
        Ok(units)
    }

    async fn last_kept(&self, (tenant, agent): &(TenantId, AgentId)) -> Result<Option<Arc<[UnitId]>>> {
        for store in &self.0.stores {
            if let Some(units) = membership_cache::load(store, tenant, agent).await? {
                return Ok(Some(units.into()));
            }
        }
        Ok(None)
    }
}
