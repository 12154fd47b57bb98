//! `/suivi/{reference}/evenements`: tells the follow-up page that something happened (server-sent events).
//!
//! An event only carries a position: the page asks for itself again and shows what changed, so that there is one way
//! to say things and nothing personal travels here.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, Query},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt as _, stream};
use parvis_proto::{error_from_status, tracking::GetTimelineRequest};
use serde::Deserialize;

use crate::{
    pages::page::{Page, refused},
    problem::Problem,
};

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The browser comes back by itself after that; a stream held for ever would outlive the right to read it.
const LONGEST: Duration = Duration::from_secs(15 * 60);

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

/// The stream.
pub async fn events(
    page: Page,
    Path(reference): Path<String>,
    Query(After { apres }): Query<After>,
) -> Result<Response, Problem> {
    let grant = page.grants.of(&reference).ok_or_else(|| Problem::not_found("Cette demande n'est pas ouverte ici."))?;
    let place = page.state.streams().clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("Trop de pages sont suivies en direct."))?;
    let request = GetTimelineRequest {
        reference: grant.reference.clone(),
        tracking_code: grant.code.clone(),
        after: apres,
        request_id: String::new(),
    };
    // No deadline: the stream lasts as long as the page.
    let request = parvis_runtime::call_as(request, None, &page.tenant.slug);
    let watched = page.state.tracking()?.watch_timeline(request).await;
    let lines = watched.map_err(|status| refused(error_from_status(&status)))?.into_inner();
    let events = lines
        .take_while(|line| std::future::ready(line.is_ok()))
        .filter_map(|line| std::future::ready(line.ok().filter(|line| line.public)))
        .map(|line| Ok::<_, Infallible>(Event::default().event("ligne").id(line.position.to_string()).data("1")))
        .take_until(page.state.shutdown().clone().cancelled_owned())
        .take_until(tokio::time::sleep(LONGEST));
    // The place is kept as long as the stream.
    let events = events.chain(stream::once(async move {
        drop(place);
        Ok(Event::default().comment("fin"))
    }));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}
