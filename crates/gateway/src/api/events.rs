//! A request's timeline, live: server-sent events that a client takes up again where it was.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue};
use parvis_kernel::{Error, ErrorKind, Result, reason::Expected};
use parvis_proto::tracking::{GetTimelineRequest, TimelineLine as LineMessage};
use parvis_runtime::client::Client;
use tonic::Streaming;

use super::{
    dto::{Shown as _, TimelineLine},
    follow::{Followed, request_of},
    input::{ApiPath, header_text},
};
use crate::{
    auth::ApiCaller,
    problem::Problem,
    state::{AppState, answer},
    streams::StreamPlace,
};

/// A stream ends after this, and the client comes again.
const LONGEST: Duration = Duration::from_secs(3_600);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a client whose stream ended comes again.
const COME_AGAIN: Duration = Duration::from_secs(2);
/// A request filed a moment ago may not be known to tracking yet: how often and how long to ask again.
const NOT_YET: Duration = Duration::from_millis(200);
const NOT_YET_TIMES: usize = 150;

/// Suivre une demande en direct
///
/// Flux d’événements (`text/event-stream`) : les lignes déjà là, puis chaque nouvelle ligne. Chaque événement `line`
/// porte en `id` sa position ; reconnecté avec `Last-Event-ID`, le flux reprend après elle.
#[utoipa::path(get, path = "/api/v1/requests/{reference}/events", tag = "Suivre une demande",
    security(("tracking_code" = []), ("bearer" = [])),
    params(("reference" = String, Path, description = "Référence", example = "412-873-952-K"),
           ("Last-Event-ID" = Option<u64>, Header, description = "Dernière position reçue", example = 3)),
    responses((status = 200, description = "Les événements, chacun une ligne du suivi en JSON", body = TimelineLine,
        content_type = "text/event-stream")))]
pub async fn events(
    State(state): State<AppState>,
    caller: ApiCaller,
    reference: ApiPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let followed = Followed::new(&state, caller, &reference, &headers).await?;
    let after = match header_text(&headers, "last-event-id") {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_| Problem::field("Last-Event-ID", Expected::WholeNumber))?,
    };
    live(&state, followed, after).await
}

/// The live timeline after a position, for a page too.
pub async fn live(state: &AppState, followed: Followed, after: u64) -> Result<Response, Problem> {
    let address = Client::current().and_then(|client| client.address);
    let place = state
        .streams()
        .enter(address, followed.caller.slug(), &followed.reference)
        .ok_or_else(|| Problem::unavailable("Trop de suivis en direct en ce moment ; réessayez plus tard."))?;
    let first = match watch(state, &followed, after).await {
        Ok(lines) => Some(lines),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Whoever has no right to the request is told so now, not by a stream that stays empty.
            request_of(state, &followed).await?;
            None
        }
        Err(error) => return Err(error.into()),
    };
    let follow = Follow { state: state.clone(), followed, after, tries: 0, lines: first, _place: place };
    let deadline = tokio::time::sleep(LONGEST);
    let shutdown = state.shutdown().clone().cancelled_owned();
    let lines = stream::unfold(follow, Follow::next)
        .take_until(deadline)
        .take_until(shutdown)
        .filter_map(async |line| event(line).ok());
    let opening = stream::once(async { Ok(Event::default().retry(COME_AGAIN).comment("bonjour")) });
    let mut response = sse(opening.chain(lines)).into_response();
    // A proxy must pass each line on at once.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn sse(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> impl axum::response::IntoResponse {
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn event(line: LineMessage) -> Result<Result<Event, Infallible>, axum::Error> {
    let id = line.position.to_string();
    let line: TimelineLine = line.shown();
    Event::default().id(id).event("line").json_data(&line).map(Ok)
}

async fn watch(state: &AppState, followed: &Followed, after: u64) -> Result<Streaming<LineMessage>, Error> {
    let request = GetTimelineRequest { reference: followed.reference.clone(), after, ..GetTimelineRequest::default() };
    answer(state.tracking()?.watch_timeline(followed.caller.call(request)).await)
}

struct Follow {
    state: AppState,
    followed: Followed,
    after: u64,
    tries: usize,
    lines: Option<Streaming<LineMessage>>,
    /// Its place among the streams of this process.
    _place: StreamPlace,
}

impl Follow {
    /// The next line; `None` when the stream is over, which the client takes as a reason to come again.
    async fn next(mut self) -> Option<(LineMessage, Self)> {
        loop {
            if let Some(lines) = &mut self.lines {
                let line = lines.message().await.ok().flatten()?;
                // A line that was sent already is not sent again.
                if line.position <= self.after {
                    continue;
                }
                self.after = line.position;
                return Some((line, self));
            }
            self.tries += 1;
            if self.tries > NOT_YET_TIMES {
                return None;
            }
            tokio::time::sleep(NOT_YET).await;
            match watch(&self.state, &self.followed, self.after).await {
                Ok(lines) => self.lines = Some(lines),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => return None,
            }
        }
    }
}
