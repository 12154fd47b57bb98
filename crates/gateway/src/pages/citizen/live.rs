//! `/suivi/{reference}/evenements`: the timeline's live lines, for whoever may follow the request.
//!
//! The page only takes them as a sign: it asks for itself again and shows what changed, so that there is one way to
//! say things.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::HeaderMap;
use serde::Deserialize;

use crate::{
    api::{events, follow::Followed},
    auth::ApiCaller,
    pages::page::Page,
    problem::Problem,
};

/// Where to listen from.
#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    apres: u64,
}

/// The address to listen at.
pub fn path(reference: &str, last: u64) -> String {
    format!("/suivi/{reference}/evenements?apres={last}")
}

/// The stream; a browser whose stream was cut says where it was.
pub async fn events(
    page: Page,
    Path(reference): Path<String>,
    Query(After { apres }): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let grant = page.grants.of(&reference).ok_or_else(|| Problem::not_found("Cette demande n'est pas ouverte ici."))?;
    let reference = grant.reference.clone();
    let caller = ApiCaller::holding(page.tenant.0.clone(), page.follower(grant).await?.token);
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    events::live(&page.state, Followed { reference, caller }, last.unwrap_or(apres)).await
}
