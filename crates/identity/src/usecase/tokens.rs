//! The pair that a sign-in or a refresh gives.

use jiff::SignedDuration;
use parvis_kernel::{Result, Timestamp};
use parvis_runtime::{Claims, auth::ISSUER};
use parvis_store::Tx;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    crypto::opaque,
    domain::account::Account,
    repo::sessions::{self, Session},
    service::Identity,
};

/// A signed token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// JWT, EdDSA.
    pub token: SecretString,
    /// Refused from then on.
    pub expires_at: Timestamp,
}

/// An opaque token, good once.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// 256 random bits, base64url.
    pub token: SecretString,
    /// When its session ends.
    pub expires_at: Timestamp,
}

/// What somebody signed in holds.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For every call.
    pub access: AccessToken,
    /// For the next pair.
    pub refresh: RefreshToken,
    /// Who.
    pub account: Account,
}

/// The session that an access token belongs to, from its `jti`.
pub fn session_of(jti: &str) -> Option<Uuid> {
    Uuid::try_parse(jti.split_once('.')?.0).ok()
}

/// Adds a refresh token to `session` in `tx`, and signs an access token.
pub(super) async fn issue(identity: &Identity, tx: &Tx, account: Account, session: &Session) -> Result<Tokens> {
    let now = tx.now();
    let refresh = opaque::draw();
    sessions::add_token(tx.conn(), &account.tenant, session.id, opaque::digest(&refresh), now).await?;
    let profile = &account.profile;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: profile.code.to_string(),
        kind: "agent".to_owned(),
        tenant: account.tenant.clone(),
        name: profile.name.clone(),
        roles: profile.roles.clone(),
        units: profile.seen_units.iter().cloned().collect(),
        site: profile.site.clone(),
        iat: 0,
        exp: 0,
        jti: format!("{}.{}", session.id, hex::encode(rand::random::<[u8; 8]>())),
    };
    // An access token never outlives its session.
    let life = identity.config.access_life().min(session.expires_at.duration_since(now));
    let access = sign(identity, claims, now, life)?;
    Ok(Tokens { access, refresh: RefreshToken { token: refresh, expires_at: session.expires_at }, account })
}

/// Signs `claims` for `life` from `now`.
pub(super) fn sign(
    identity: &Identity,
    mut claims: Claims,
    now: Timestamp,
    life: SignedDuration,
) -> Result<AccessToken> {
    claims.iat = now.as_second();
    claims.exp = (now + life).as_second();
    let expires_at = Timestamp::from_second(claims.exp).unwrap_or(now);
    let token = SecretString::from(identity.keys.sign(&claims, now)?);
    Ok(AccessToken { token, expires_at })
}
