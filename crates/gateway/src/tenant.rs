//! Which authority a request is about: by its host name; on the API, a header may name it too.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, request::Parts};
use parvis_kernel::TenantId;
use parvis_runtime::{Tenant, rpc::TENANT_HEADER};

use crate::{problem::Problem, state::AppState};

/// The authority of a page.
#[derive(Clone, Debug)]
pub struct CurrentTenant(pub Arc<Tenant>);

impl Deref for CurrentTenant {
    type Target = Tenant;
    fn deref(&self) -> &Tenant {
        &self.0
    }
}

/// The host that the client asked for, with its port if it gave one.
pub fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> &'a str {
    let header = headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default()
}

/// The authority that the host name shows.
pub fn by_host(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Option<Arc<Tenant>> {
    state.tenants().by_host(host(headers, uri)).and_then(|tenant| state.tenant(&tenant.slug))
}

/// The authority of an API call: by the header `X-Parvis-Tenant`, else by the host name.
pub fn of_api_call(state: &AppState, parts: &Parts) -> Result<Arc<Tenant>, Problem> {
    let Some(value) = parts.headers.get(TENANT_HEADER) else {
        return by_host(state, &parts.headers, &parts.uri).ok_or_else(Problem::unknown_authority);
    };
    let slug = value.to_str().ok().and_then(|text| TenantId::parse(text).ok());
    slug.and_then(|slug| state.tenant(&slug)).ok_or_else(Problem::unknown_authority)
}

impl FromRequestParts<AppState> for CurrentTenant {
    type Rejection = UnknownAuthority;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        by_host(state, &parts.headers, &parts.uri).map(Self).ok_or(UnknownAuthority)
    }
}

/// The page for a host name that shows no authority. It says nothing of those that are served.
#[derive(Debug)]
pub struct UnknownAuthority;

impl IntoResponse for UnknownAuthority {
    fn into_response(self) -> Response {
        let page = "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Page introuvable</title>\
                    </head>\n<body><h1>Page introuvable</h1>\n<p>Aucune collectivité ne répond à cette adresse. \
                    Vérifiez l’adresse saisie.</p></body></html>\n";
        (StatusCode::NOT_FOUND, axum::response::Html(page)).into_response()
    }
}
