//! Tokens: signed by identity (EdDSA), verified by every role from public keys alone.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use parvis_kernel::{Actor, AgentId, Caller, Error, Refusal, Result, RoleSet, TenantId, Timestamp, UnitId};
use serde::{Deserialize, Serialize};

/// Who issues tokens, and for whom.
pub const ISSUER: &str = "parvis";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// [`ISSUER`].
    pub iss: String,
    /// [`ISSUER`].
    pub aud: String,
    /// The agent's code, or the partner's client id.
    pub sub: String,
    /// `agent` or `partner`.
    pub kind: String,
    /// The authority.
    pub tenant: TenantId,
    /// Name shown.
    pub name: String,
    /// What the account may do.
    pub roles: RoleSet,
    /// Units whose cases are seen, as tokens of earlier versions say; [`crate::Memberships`] knows those of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitId>,
    /// What the units were when it was signed: [`crate::memberships::digest_of`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub membership: String,
    /// Whether a second factor must be set up first: the token opens nothing else, and has no role.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enrol: bool,
    /// Where the agent works.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Unique id of the token.
    pub jti: String,
}

impl Claims {
    /// The caller whom these claims describe.
    pub fn into_caller(self) -> Result<Caller> {
        let actor = match self.kind.as_str() {
            "agent" => Actor::Agent(AgentId::parse(&self.sub)?),
            "partner" => Actor::Partner(self.sub),
            _ => return Err(Error::unauthenticated("the token is of no known kind").refused(Refusal::TokenRefused)),
        };
        Ok(Caller {
            tenant: self.tenant,
            actor,
            name: self.name,
            roles: self.roles,
            units: self.units.into_iter().collect(),
        })
    }
}

/// The keys of a JWK set (RFC 7517, JSON), by their names. Only Ed25519 keys with a `kid` count.
pub(crate) fn keys_of(jwks_json: &str) -> Result<HashMap<String, DecodingKey>> {
    let set: JwkSet = serde_json::from_str(jwks_json).map_err(|error| Error::invalid("jwks", error.to_string()))?;
    let mut keys = HashMap::new();
    for jwk in &set.keys {
        let (Some(kid), jsonwebtoken::jwk::AlgorithmParameters::OctetKeyPair(_)) = (&jwk.common.key_id, &jwk.algorithm)
        else {
            continue;
        };
        let key = DecodingKey::from_jwk(jwk).map_err(|error| Error::invalid("jwks", error.to_string()))?;
        keys.insert(kid.clone(), key);
    }
    Ok(keys)
}

/// The public keys in force.
#[derive(Clone, Default)]
pub struct KeySet(Arc<ArcSwap<HashMap<String, DecodingKey>>>);

impl KeySet {
    /// Replaces the keys by those of a JWK set (RFC 7517, JSON). Only Ed25519 keys with a `kid` count.
    pub fn replace(&self, jwks_json: &str) -> Result<()> {
        self.0.store(Arc::new(keys_of(jwks_json)?));
        Ok(())
    }

    /// Whether no key is known yet.
    pub fn is_empty(&self) -> bool {
        self.0.load().is_empty()
    }

    /// Verifies a token: EdDSA by a known key and nothing else, issuer, audience, not expired at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims> {
        let refused = || Error::unauthenticated("the token is not valid: sign in again").refused(Refusal::TokenRefused);
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref().is_some_and(|typ| typ != "JWT") {
            return Err(refused());
        }
        let keys = self.0.load();
        if keys.is_empty() {
            return Err(Error::unavailable("the keys that verify tokens are not known yet; try again"));
        }
        let key = header.kid.and_then(|kid| keys.get(&kid).cloned()).ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The expiry is checked against our own clock, which a test can set.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| refused())?.claims;
        if claims.exp <= now.as_second() {
            return Err(Error::unauthenticated("the token has expired: sign in again").refused(Refusal::SessionEnded));
        }
        Ok(claims)
    }
}
