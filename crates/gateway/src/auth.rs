//! Who calls the API: anybody, or whoever holds a bearer token of the same authority.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use parvis_kernel::{Actor, Caller, TenantId};
use parvis_runtime::Tenant;
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
        let claims = state.keys().verify(&token, state.now())?;
        if claims.tenant != tenant.slug {
            return Err(Problem::unauthenticated("Ce jeton n’est pas de cette collectivité."));
        }
        Ok(Self { tenant, caller: claims.into_caller()?, token: Some(token) })
    }
}

/// A call with a token.
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
        if caller.is_anonymous() {
            return Err(Problem::unauthenticated("Un jeton est nécessaire : Authorization: Bearer JETON."));
        }
        Ok(Self(caller))
    }
}
