//! What handlers take: paths, queries, versions, keys and codes, each with a problem of its own.

use axum::extract::{FromRequestParts, Path, Query};
use http::{HeaderMap, request::Parts};
use parvis_kernel::{Reference, RequestId, tracking_code};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::{auth::ApiCaller, problem::Problem, sentences::of_query, state::AppState};

/// The longest credential or name that is looked at.
const LONGEST_HEADER: usize = 300;

/// The query of the address.
#[derive(Clone, Copy, Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Problem> {
        Query::<T>::try_from_uri(&parts.uri).map(|Query(query)| Self(query)).map_err(|rejection| {
            let text = rejection.body_text();
            let message = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            // `name: what is wrong`, or the name between quotes in what is wrong.
            let quoted = || message.split('`').nth(1);
            let field = message.split_once(": ").map(|(field, _)| field).filter(|field| !field.contains(' '));
            Problem::from(of_query(field.or_else(quoted).unwrap_or("?"), message))
        })
    }
}

/// What the path names.
#[derive(Clone, Debug)]
pub struct ApiPath(pub String);

impl FromRequestParts<AppState> for ApiPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::syntax("Le chemin n’est pas de l’UTF-8 valide."))?;
        if text.len() > LONGEST_HEADER {
            return Err(Problem::unknown_route());
        }
        Ok(Self(text))
    }
}

impl ApiPath {
    /// A request's reference, as people type it.
    pub fn reference(&self) -> Result<String, Problem> {
        let reference: Reference = self.0.parse().map_err(|_| {
            Problem::not_found("Cette référence n’est pas juste : vérifiez-la. Exemple : 412-873-952-K.")
        })?;
        Ok(reference.to_string())
    }

    /// A request's id, or its reference.
    pub fn case(&self) -> Result<CaseName, Problem> {
        if let Ok(id) = self.0.parse::<RequestId>() {
            return Ok(CaseName::Id(id.to_string()));
        }
        self.reference().map(CaseName::Reference)
    }
}

/// How the path names a case.
#[derive(Clone, Debug)]
pub enum CaseName {
    /// By its id.
    Id(String),
    /// By its reference.
    Reference(String),
}

/// A page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Lignes par page, 200 au plus ; 50 par défaut.
    pub page_size: u32,
    /// `next_page_token` de la page d’avant.
    pub page_token: String,
}

impl From<PageQuery> for parvis_proto::common::PageRequest {
    fn from(query: PageQuery) -> Self {
        Self { size: query.page_size, token: query.page_token }
    }
}

/// A header's text; `None` where it is absent, not text, or too long.
pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| text.len() <= LONGEST_HEADER)
}

/// The key that makes a submission happen once.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = header_text(headers, "idempotency-key").unwrap_or_default();
    let printable = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if key.is_empty() || key.len() > 200 || !printable {
        return Err(Problem::syntax(
            "L’en-tête Idempotency-Key est nécessaire : 1 à 200 caractères ASCII, un nouveau par demande (un UUID), le \
             même si vous renvoyez la même demande.",
        ));
    }
    Ok(key.to_owned())
}

/// The tracking code of whoever has no account; empty for one who may have been told none: an agent, a partner.
pub fn tracking_code(caller: &ApiCaller, headers: &HeaderMap) -> Result<String, Problem> {
    let code = header_text(headers, "tracking-code").map(tracking_code::normalize).unwrap_or_default();
    if code.is_empty() && caller.is_anonymous() {
        return Err(Problem::unauthenticated(
            "Donnez le code de suivi dans l’en-tête Tracking-Code, ou un jeton d’agent.",
        ));
    }
    Ok(code)
}
