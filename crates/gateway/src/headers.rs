//! What goes around every page and resource: who asks and how often, how long it may take, what a browser may do with
//! the answer, and a line in the log without a personal datum (the route's template, never the path or the query).

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use parvis_runtime::{Tenant, client::Client};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{Predicate as _, SizeAbove},
    },
};
use tracing::Instrument as _;

use crate::{
    limits::{Limit, client_address},
    problem::{MEDIA_TYPE, Problem},
    state::{AppState, UPLOAD_TIMEOUT},
    tenant,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer than any call behind it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(UPLOAD_TIMEOUT.as_secs() + 10);
/// Below this, compressing costs more than it spares.
const COMPRESS_ABOVE: u64 = 1_024;
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// Puts the layers around `router`.
pub fn around(router: Router, state: &AppState) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), door))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE).and(is_text)));
    router.layer(layers).layer(DefaultBodyLimit::max(state.config().max_json_bytes))
}

fn after_panic(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    metrics::counter!("parvis_http_panics_total").increment(1);
    Problem::internal().into_response()
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = media_type.starts_with("text/")
        || ["json", "javascript", "svg", "xml"].iter().any(|word| media_type.contains(word));
    text && !media_type.starts_with("text/event-stream")
}

async fn door(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let address = client_address(request.headers(), peer, state.server().trusted_proxies);
    if state.server().trusted_proxies == 0
        && ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name))
    {
        state.note_forwarded_unasked();
    }
    // What handlers call is called for whoever is there.
    let client = Client { address: peer.map(|_| address), browser: String::new() };
    client.scope(answer_at_door(state, address, request, next)).await
}

async fn answer_at_door(state: AppState, address: IpAddr, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = format!("{:016x}", rand::random::<u64>());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let template = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let span = tracing::info_span!("http", %method, route = template, id = %id, otel.kind = "server");
    if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
        parvis_runtime::telemetry::link(&span, parent);
    }
    let town = if is_api(&path) { None } else { crate::tenant::by_host(&state, request.headers(), request.uri()) };
    let refused = if tenant::is_host_clear(request.headers(), request.uri()) {
        too_many(&state, &request, address)
    } else {
        Some(Problem::syntax("L’en-tête Host doit nommer un hôte, et un seul."))
    };
    let response = match refused {
        Some(problem) => problem.into_response(),
        None => match tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).instrument(span).await {
            Ok(response) => response,
            Err(_) => Problem::unavailable("La réponse a pris trop de temps.").into_response(),
        },
    };
    let mut response = shown(response, town, &path);
    secure(&state, &path, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    record(&method, template, &id, response.status(), start.elapsed());
    response
}

fn too_many(state: &AppState, request: &Request, address: IpAddr) -> Option<Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let path = request.uri().path();
    let limit = match path {
        "/api/v1/session" | "/api/v1/tokens" | crate::session::SIGN_IN_PATH => Limit::SignIn,
        _ => Limit::Change,
    };
    state.limiter().check(limit, address).err().map(|wait| {
        metrics::counter!("parvis_http_limited_total").increment(1);
        Problem::too_many(wait)
    })
}

/// Whether an address is for programs.
fn is_api(path: &str) -> bool {
    ["/api", "/open311", "/.well-known"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A problem gets its path; outside the API it becomes a page of the town.
fn shown(mut response: Response, town: Option<Arc<Tenant>>, path: &str) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if !is_api(path) {
        return crate::pages::errors::render(town, path, problem);
    }
    problem.instance = parvis_kernel::text::excerpt(path, 200);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    Response::from_parts(parts, body.into())
}

fn secure(state: &AppState, path: &str, headers: &mut HeaderMap) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(self)"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.secure_cookies() {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    // What is about somebody is kept nowhere on its way, unless a handler says that it may be.
    let default = if is_api(path) { "no-store" } else { "private, no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(default));
}

fn record(method: &Method, route: &str, id: &str, status: StatusCode, took: Duration) {
    // Clients may invent methods; labels must stay few.
    let known = match method.as_str() {
        name @ ("GET" | "POST" | "HEAD" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => name.to_owned(),
        _ => "OTHER".to_owned(),
    };
    let labels = [("method", known), ("route", route.to_owned()), ("status", status.as_u16().to_string())];
    metrics::counter!("parvis_http_total", &labels).increment(1);
    metrics::histogram!("parvis_http_seconds", &labels[..2]).record(took.as_secs_f64());
    let (status, micros) = (status.as_u16(), took.as_micros() as u64);
    match status {
        500.. => tracing::warn!(id, %method, route, status, micros, "answered"),
        400.. => tracing::info!(id, %method, route, status, micros, "answered"),
        _ => tracing::debug!(id, %method, route, status, micros, "answered"),
    }
}
