//! OAuth 2 client credentials of a partner → an access token.

use jiff::SignedDuration;
use parvis_kernel::{Caller, Error, Refusal, Result, Role, RoleSet, ids::is_code};
use parvis_runtime::{Claims, auth::ISSUER};
use secrecy::{ExposeSecret as _, SecretString};

use super::tokens::{AccessToken, sign};
use crate::{crypto::opaque, repo::partners, service::Identity};

/// How long a partner's token is good for; [`crate::domain::key_schedule::LINGER`] is longer.
const LIFE: SignedDuration = SignedDuration::from_mins(60);

/// Which partner.
#[derive(Clone, Debug)]
pub struct IssuePartnerToken {
    /// Its client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

/// Signs a token for a partner. The secret has 256 random bits: guessing needs no slowing.
pub async fn issue_partner_token(
    identity: &Identity,
    caller: &Caller,
    command: IssuePartnerToken,
) -> Result<AccessToken> {
    let refused =
        || Error::unauthenticated("the client id or the client secret is not right").refused(Refusal::WrongCredentials);
    if !is_code(&command.client_id) || command.client_secret.expose_secret().len() != opaque::LENGTH {
        return Err(refused());
    }
    let tenant = &caller.tenant;
    let partner = partners::find(identity.store.read(), tenant, &command.client_id).await?;
    let kept = partner.as_ref().map_or(&[][..], |partner| &partner.secret_hash);
    let right = opaque::matches(&command.client_secret, kept);
    let partner = partner.filter(|partner| right && partner.revoked_at.is_none()).ok_or_else(refused)?;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: partner.client_id,
        kind: "partner".to_owned(),
        tenant: tenant.clone(),
        name: partner.name,
        roles: RoleSet::from([Role::Partner]),
        units: Vec::new(),
        membership: String::new(),
        enrol: false,
        site: String::new(),
        iat: 0,
        exp: 0,
        jti: opaque::draw_id().to_string(),
    };
    sign(identity, claims, identity.store.clock().now(), LIFE)
}
