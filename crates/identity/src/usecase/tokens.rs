//! The pair that a sign-in or a refresh gives.

use jiff::SignedDuration;
use parvis_kernel::{AgentId, Result, RoleSet, TenantId, Timestamp};
use parvis_runtime::{Claims, auth::ISSUER, memberships::digest_of};
use parvis_store::Tx;
use secrecy::SecretString;
use uuid::Uuid;

use super::{sessions_of::idle_end, sign_in::refused};
use crate::{
    crypto::opaque,
    domain::{
        account::Account,
        origin::{Origin, device_key},
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts,
        attempts::{self, Who},
        second_factors,
        security_events::security_event,
        sessions::{self, Session},
    },
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
    /// When its session ends, if nobody uses it any more.
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
    /// The mark of a browser that has none yet, to be kept there.
    pub device: Option<SecretString>,
}

/// The session that an access token belongs to, from its `jti`.
pub fn session_of(jti: &str) -> Option<Uuid> {
    Uuid::try_parse(jti.split_once('.')?.0).ok()
}

/// Opens a session of `code`, who proved to be the one: failures are forgotten, and the origin is known.
pub(super) async fn open_session(
    identity: &Identity,
    tenant: &TenantId,
    code: &AgentId,
    origin: &Origin,
) -> Result<Tokens> {
    let tx = identity.store.begin().await?;
    let now = tx.now();
    // A program keeps nothing: each of its sign-ins would leave a mark.
    let drawn = (origin.device().is_none() && !origin.browser().is_empty()).then(opaque::draw);
    let origins: Vec<String> =
        [origin.device(), drawn.as_ref()].into_iter().flatten().map(device_key).chain([origin.network_key()]).collect();
    attempts::succeed(tx.conn(), tenant, &Who::account(code), &origins, now).await?;
    // It may have been closed since.
    let account = accounts::find(tx.conn(), tenant, code).await?.filter(Account::is_open).ok_or_else(refused)?;
    let session = Session {
        id: opaque::draw_id(),
        account: code.clone(),
        created_at: now,
        expires_at: now + identity.config.session_life(),
        last_used_at: now,
        network: origin.network().to_owned(),
        browser: origin.browser().to_owned(),
    };
    sessions::start(tx.conn(), tenant, &session).await?;
    let event = SecurityEvent::new(SecurityCode::SignedIn, code).by(format!("agent:{code}"));
    security_event(tx.conn(), tenant, event.from_network(origin.network()), now).await?;
    let tokens = issue(identity, &tx, account, &session).await?;
    tx.commit().await?;
    Ok(Tokens { device: drawn, ..tokens })
}

/// Adds a refresh token to `session` in `tx`, and signs an access token.
pub(super) async fn issue(identity: &Identity, tx: &Tx, account: Account, session: &Session) -> Result<Tokens> {
    let now = tx.now();
    let refresh = opaque::draw();
    sessions::add_token(tx.conn(), &account.tenant, session.id, opaque::digest(&refresh), now).await?;
    let profile = &account.profile;
    let enrol = must_enrol(identity, tx, &account).await?;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: profile.code.to_string(),
        kind: "agent".to_owned(),
        tenant: account.tenant.clone(),
        name: profile.name.clone(),
        roles: if enrol { RoleSet::new() } else { profile.roles.clone() },
        units: Vec::new(),
        membership: if enrol { String::new() } else { digest_of(&profile.seen_units) },
        enrol,
        site: profile.site.clone(),
        iat: 0,
        exp: 0,
        jti: format!("{}.{}", session.id, hex::encode(rand::random::<[u8; 8]>())),
    };
    // An access token never outlives its session.
    let life = identity.config.access_life().min(session.expires_at.duration_since(now));
    let access = sign(identity, claims, now, life)?;
    let refresh = RefreshToken { token: refresh, expires_at: idle_end(identity, session) };
    Ok(Tokens { access, refresh, account, device: None })
}

/// Whether the town demands a second factor of whoever has one of the account's roles, and it has none.
async fn must_enrol(identity: &Identity, tx: &Tx, account: &Account) -> Result<bool> {
    let demanded = identity.tenants.get(&account.tenant).map(|town| town.second_factor.as_slice()).unwrap_or_default();
    if !demanded.iter().any(|role| account.profile.roles.contains(role)) {
        return Ok(false);
    }
    let factor = second_factors::find(tx.conn(), &account.tenant, &account.profile.code).await?;
    Ok(factor.is_none_or(|factor| !factor.confirmed))
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
