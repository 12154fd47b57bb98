//! Short grants that one role signs and another believes (ADR 22): what a tracking code opens (intake), which files of a
//! case an agent may read (casework).
//!
//! They are tokens of their own sort, signed by keys that sign nothing else: a grant is never taken for a session, nor
//! one sort for the other. Whoever verifies asks the signer for its public keys when it meets a key that it does not
//! know, and keeps them in its own database for the time when the signer is down.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use parvis_kernel::{
    Actor, AttachmentId, Caller, Clock, Error, Refusal, RequestId, Result, RoleSet, TenantId, Timestamp,
};
use parvis_proto::{
    casework::casework_service_client::CaseworkServiceClient, common::GetGrantKeysRequest,
    intake::intake_service_client::IntakeServiceClient,
};
use parvis_store::{
    Store,
    grant_key::{self, GrantKey},
    jwks_cache::{self, Signer},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{auth, key_pair::KeyPair, transport::Transport};

/// How long a key signs.
const ROTATION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long it is published: longer than what it signed last.
const PUBLISHED: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How long a signer is not asked again for a key that it may not have.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Whoever holds it follows the requests that it names. Signed by intake, believed by every role.
    Follow,
    /// The agent that it names reads the files that it names. Signed by casework, believed by intake.
    Files,
}

impl Kind {
    /// The sort of token (`typ`), and its audience.
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Follow => "follow+jwt",
            Self::Files => "files+jwt",
        }
    }

    const fn issuer(self) -> &'static str {
        match self {
            Self::Follow => "parvis-intake",
            Self::Files => "parvis-casework",
        }
    }

    const fn signer(self) -> Signer {
        match self {
            Self::Follow => Signer::Intake,
            Self::Files => Signer::Casework,
        }
    }

    /// How long a grant is good for.
    pub const fn life(self) -> SignedDuration {
        match self {
            // As long as a browser that may be others' remembers.
            Self::Follow => SignedDuration::from_hours(2),
            Self::Files => SignedDuration::from_mins(10),
        }
    }
}

/// What a grant says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    iss: String,
    aud: String,
    /// The authority.
    pub tenant: TenantId,
    /// The agent who may use it; empty: whoever holds it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestId>,
    /// The same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<AttachmentId>,
    /// Seconds since 1970.
    pub exp: i64,
}

impl Grant {
    fn new(kind: Kind, tenant: TenantId, now: Timestamp) -> Self {
        Self {
            iss: kind.issuer().to_owned(),
            aud: kind.typ().to_owned(),
            tenant,
            agent: String::new(),
            requests: Vec::new(),
            files: Vec::new(),
            exp: (now + kind.life()).as_second(),
        }
    }

    /// Opens `requests` to whoever holds it.
    pub fn follow(tenant: TenantId, requests: Vec<RequestId>, now: Timestamp) -> Self {
        Self { requests, ..Self::new(Kind::Follow, tenant, now) }
    }

    /// Opens `files` to `agent`.
    pub fn files(tenant: TenantId, agent: String, files: Vec<AttachmentId>, now: Timestamp) -> Self {
        Self { agent, files, ..Self::new(Kind::Files, tenant, now) }
    }

    /// The person who holds this follow grant.
    pub fn into_caller(self) -> Caller {
        Caller {
            tenant: self.tenant,
            actor: Actor::Citizen(self.requests.into_iter().collect()),
            name: String::new(),
            roles: RoleSet::new(),
            units: std::collections::BTreeSet::new(),
        }
    }
}

/// Whether a token says that it is a follow grant; whether it is one, its signature tells.
pub fn is_follow(token: &str) -> bool {
    jsonwebtoken::decode_header(token).is_ok_and(|header| header.typ.as_deref() == Some(Kind::Follow.typ()))
}

/// Signs the grants of one role. Cheap to clone.
#[derive(Clone)]
pub struct GrantSigner {
    kind: Kind,
    store: Store,
    current: Arc<ArcSwap<Option<(KeyPair, Timestamp)>>>,
}

impl GrantSigner {
    /// With keys of `store`, drawn when they are needed.
    pub fn new(kind: Kind, store: Store) -> Self {
        Self { kind, store, current: Arc::default() }
    }

    /// A signed grant.
    pub async fn sign(&self, grant: &Grant) -> Result<String> {
        let known = self.current.load_full();
        if let Some((pair, made_at)) = known.as_ref()
            && self.signs(*made_at)
        {
            return pair.sign(self.kind.typ(), grant);
        }
        let (pair, made_at) = self.newest().await?;
        let signed = pair.sign(self.kind.typ(), grant);
        self.current.store(Arc::new(Some((pair, made_at))));
        signed
    }

    /// The public keys in force (RFC 7517, JSON): one at least, so that whoever verifies knows it before it signs.
    pub async fn jwks(&self) -> Result<String> {
        self.newest().await?;
        let since = self.store.clock().now() - PUBLISHED;
        let kept = grant_key::all(&self.store).await?.into_iter().filter(|key| key.made_at > since);
        let keys: Vec<_> = kept.filter_map(|key| KeyPair::of(key.private_key)).map(|pair| pair.jwk()).collect();
        Ok(serde_json::json!({ "keys": keys }).to_string())
    }

    fn signs(&self, made_at: Timestamp) -> bool {
        self.store.clock().now() < made_at + ROTATION
    }

    /// The key that signs now. Of processes that draw one at the same time, each may sign with its own: all are
    /// published.
    async fn newest(&self) -> Result<(KeyPair, Timestamp)> {
        let kept = grant_key::all(&self.store).await?.into_iter().next().filter(|key| self.signs(key.made_at));
        if let Some(key) = kept {
            let pair = KeyPair::of(key.private_key).ok_or_else(|| Error::internal("a key of grants is damaged"))?;
            return Ok((pair, key.made_at));
        }
        let (pair, now) = (KeyPair::draw()?, self.store.clock().now());
        let key = GrantKey { kid: pair.kid.clone(), private_key: pair.private_key.clone(), made_at: now };
        grant_key::keep(&self.store, &key, now - PUBLISHED).await?;
        Ok((pair, now))
    }
}

type Known = HashMap<(Kind, String), DecodingKey>;

/// Verifies grants. Cheap to clone.
#[derive(Clone)]
pub struct GrantKeys(Arc<Inner>);

struct Inner {
    known: ArcSwap<Known>,
    signers: OnceLock<HashMap<Kind, Transport>>,
    asked: Mutex<HashMap<Kind, Timestamp>>,
    stores: Vec<Store>,
    clock: Arc<dyn Clock>,
}

impl GrantKeys {
    /// None yet; what is learnt is kept in `stores`.
    pub fn new(stores: Vec<Store>, clock: Arc<dyn Clock>) -> Self {
        let (known, signers, asked) = (ArcSwap::default(), OnceLock::new(), Mutex::default());
        Self(Arc::new(Inner { known, signers, asked, stores, clock }))
    }

    /// Reads what was last known.
    pub async fn load_cached(&self) {
        for kind in [Kind::Follow, Kind::Files] {
            for store in &self.0.stores {
                if let Ok(Some(jwks)) = jwks_cache::load(store, kind.signer()).await
                    && self.replace(kind, &jwks).is_ok()
                {
                    break;
                }
            }
        }
    }

    /// Where the signers are; said once, when every role of the process is there.
    pub fn ask_at(&self, signers: HashMap<Kind, Transport>) {
        // A second place changes nothing.
        drop(self.0.signers.set(signers));
    }

    /// What a grant says: signed by who signs this sort and by nobody else, and still good.
    ///
    /// # Errors
    /// "Unauthenticated" where it is none or has ended, "unavailable" where its key is not known and the signer does not
    /// answer.
    pub async fn verify(&self, kind: Kind, token: &str) -> Result<Grant> {
        let refused = || Error::unauthenticated("this grant is not valid").refused(Refusal::TokenRefused);
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(kind.typ()) {
            return Err(refused());
        }
        let key = (kind, header.kid.ok_or_else(refused)?);
        if !self.0.known.load().contains_key(&key) {
            self.ask(kind, &key.1).await?;
        }
        let key = self.0.known.load().get(&key).cloned().ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[kind.issuer()]);
        validation.set_audience(&[kind.typ()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The end is checked against our own clock, which a test can set.
        validation.validate_exp = false;
        let grant = jsonwebtoken::decode::<Grant>(token, &key, &validation).map_err(|_| refused())?.claims;
        if grant.exp <= self.0.clock.now().as_second() {
            return Err(Error::unauthenticated("this grant has ended").refused(Refusal::SessionEnded));
        }
        Ok(grant)
    }

    /// Asks the signer for its keys, unless it was asked a moment ago or has said meanwhile.
    async fn ask(&self, kind: Kind, kid: &str) -> Result<()> {
        let mut asked = self.0.asked.lock().await;
        let now = self.0.clock.now();
        let lately = asked.get(&kind).is_some_and(|at| now < *at + ASK_AGAIN);
        if lately || self.0.known.load().contains_key(&(kind, kid.to_owned())) {
            return Ok(());
        }
        let jwks = self.fetch(kind).await?;
        asked.insert(kind, now);
        self.replace(kind, &jwks)?;
        for store in &self.0.stores {
            if let Err(error) = jwks_cache::save(store, kind.signer(), &jwks, now).await {
                tracing::warn!(%error, "the keys of grants are not kept for a restart");
            }
        }
        Ok(())
    }

    async fn fetch(&self, kind: Kind) -> Result<String> {
        let unknown = || Error::unavailable("whoever signs grants is not known here");
        let signer = self.0.signers.get().and_then(|signers| signers.get(&kind)).ok_or_else(unknown)?.clone();
        let mut request = tonic::Request::new(GetGrantKeysRequest {});
        request.set_timeout(PATIENCE);
        let answered = match kind {
            Kind::Follow => IntakeServiceClient::new(signer).get_grant_keys(request).await,
            Kind::Files => CaseworkServiceClient::new(signer).get_grant_keys(request).await,
        };
        Ok(answered.map_err(|status| parvis_proto::error_from_status(&status))?.into_inner().jwks_json)
    }

    /// Replaces the keys of one sort of grant by those of a JWK set.
    pub fn replace(&self, kind: Kind, jwks: &str) -> Result<()> {
        let keys = auth::keys_of(jwks)?;
        let others = self.0.known.load_full();
        let mut known: Known =
            others.iter().filter(|((of, _), _)| *of != kind).map(|(k, v)| (k.clone(), v.clone())).collect();
        known.extend(keys.into_iter().map(|(kid, key)| ((kind, kid), key)));
        self.0.known.store(Arc::new(known));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use parvis_kernel::{ErrorKind, SettableClock};

    use super::*;
    use crate::auth::KeySet;

    fn published(pair: &KeyPair) -> String {
        serde_json::json!({ "keys": [pair.jwk()] }).to_string()
    }

    #[tokio::test]
    async fn a_grant_is_no_session_and_of_its_sort_alone() {
        let (intake, casework) = (KeyPair::draw().unwrap(), KeyPair::draw().unwrap());
        let clock = SettableClock::at("2026-12-01T08:00:00Z".parse().unwrap());
        let grants = GrantKeys::new(Vec::new(), Arc::new(clock.clone()));
        grants.replace(Kind::Follow, &published(&intake)).unwrap();
        grants.replace(Kind::Files, &published(&casework)).unwrap();
        let now = Clock::now(&clock);
        let tenant = TenantId::parse("clairval").unwrap();
        let follow = Grant::follow(tenant.clone(), vec![RequestId::new()], now);
        let token = intake.sign(Kind::Follow.typ(), &follow).unwrap();
        assert!(is_follow(&token));
        assert_eq!(grants.verify(Kind::Follow, &token).await.unwrap(), follow);

        let files = Grant::files(tenant, "claire-martin".to_owned(), vec![AttachmentId::new()], now);
        let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let unsigned = format!(
            "{}.{}.",
            encoded(&serde_json::json!({ "alg": "none", "typ": Kind::Follow.typ(), "kid": intake.kid })),
            encoded(&serde_json::to_value(&follow).unwrap())
        );
        for (what, kind, token) in [
            ("as another sort", Kind::Files, token.clone()),
            ("under another header", Kind::Follow, intake.sign("JWT", &follow).unwrap()),
            ("what the other signer says", Kind::Follow, intake.sign(Kind::Follow.typ(), &files).unwrap()),
            ("not signed", Kind::Follow, unsigned),
            ("cut short", Kind::Follow, token[..token.len() - 4].to_owned()),
        ] {
            let error = grants.verify(kind, &token).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{what}");
        }
        // By a key that this signer does not have: it is asked, and is not there to answer.
        let foreign = casework.sign(Kind::Follow.typ(), &follow).unwrap();
        assert_eq!(grants.verify(Kind::Follow, &foreign).await.unwrap_err().kind(), ErrorKind::Unavailable);

        // Were their keys the same, a session would still be none of these, and the reverse.
        let sessions = KeySet::default();
        sessions.replace(&published(&intake)).unwrap();
        assert_eq!(sessions.verify(&token, now).unwrap_err().kind(), ErrorKind::Unauthenticated);
        clock.advance(Kind::Follow.life());
        assert_eq!(grants.verify(Kind::Follow, &token).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    }
}
