//! Who calls the API: anybody, or whoever holds a bearer token of the same authority: a session's, a partner's, or a
//! follow grant.

use std::{collections::BTreeSet, sync::Arc};

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use parvis_kernel::{Actor, Caller, TenantId};
use parvis_runtime::{Tenant, grants};
use tonic::Request;

use crate::{problem::Problem, state::AppState, tenant};

/// A call of the API, its token verified.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    /// The authority.
    pub tenant: Arc<Tenant>,
    /// Who acts.
    pub caller: Caller,
    token: Option<String>,
}

impl ApiCaller {
    /// Anybody, at a town's pages.
    pub fn anybody(tenant: Arc<Tenant>) -> Self {
        let caller = Caller::anonymous(tenant.slug.clone());
        Self { tenant, caller, token: None }
    }

    /// Whoever holds this follow grant, which intake signed; what it opens, the roles read in it.
    pub fn holding(tenant: Arc<Tenant>, grant: String) -> Self {
        let actor = Actor::Citizen(BTreeSet::new());
        let caller = Caller { actor, ..Caller::anonymous(tenant.slug.clone()) };
        Self { tenant, caller, token: Some(grant) }
    }

    /// Whether this is whoever follows a request.
    pub fn is_citizen(&self) -> bool {
        matches!(self.caller.actor, Actor::Citizen(_))
    }

    /// Its token, if it has one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The authority's slug.
    pub fn slug(&self) -> &TenantId {
        &self.tenant.slug
    }

    /// Whether nobody has signed in.
    pub fn is_anonymous(&self) -> bool {
        self.caller.actor == Actor::Anonymous
    }

    /// A call to a role on behalf of this caller.
    pub fn call<T>(&self, message: T) -> Request<T> {
        crate::state::call(message, self.token(), self.slug())
    }
}

impl FromRequestParts<AppState> for ApiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let tenant = tenant::of_api_call(state, parts)?;
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Self::anybody(tenant));
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(|| Problem::unauthenticated("L’en-tête attendu est : Authorization: Bearer JETON."))?;
        let caller = if grants::is_follow(&token) {
            state.grants().verify(grants::Kind::Follow, &token).await?.into_caller()
        } else {
            state.keys().verify(&token, state.now())?.into_caller()?
        };
        if caller.tenant != tenant.slug {
            return Err(Problem::unauthenticated("Ce jeton n’est pas de cette collectivité."));
        }
        Ok(Self { tenant, caller, token: Some(token) })
    }
}

/// A call of somebody who signed in, or of a partner.
#[derive(Clone, Debug)]
pub struct SignedIn(pub ApiCaller);

impl std::ops::Deref for SignedIn {
    type Target = ApiCaller;
    fn deref(&self) -> &ApiCaller {
        &self.0
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = ApiCaller::from_request_parts(parts, state).await?;
        if caller.is_anonymous() || caller.is_citizen() {
            return Err(Problem::unauthenticated("Un jeton est nécessaire : Authorization: Bearer JETON."));
        }
        Ok(Self(caller))
    }
}
