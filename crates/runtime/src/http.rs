//! The HTTP ports of every process: the gateway's pages where it is here, open to all; and probes and metrics, which are
//! for those who run it.

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::health::Health;

/// `/livez` beside `pages`: all that anybody may know of the process.
pub fn pages(pages: Option<Router>) -> Router {
    let alive = Router::new().route("/livez", get(livez));
    match pages {
        Some(pages) => pages.merge(alive),
        None => alive,
    }
}

async fn livez() -> &'static str {
    "ok\n"
}

/// `/livez`, `/readyz`, `/metrics`.
pub fn probes(health: Health, metrics: Option<PrometheusHandle>) -> Router {
    Router::new().route("/livez", get(livez)).route("/readyz", get(move || readyz(health.clone()))).route(
        "/metrics",
        get(move || {
            let text = metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
            async move { ([("content-type", "text/plain; version=0.0.4")], text) }
        }),
    )
}

async fn readyz(health: Health) -> impl IntoResponse {
    let problems = health.problems().await;
    if problems.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
}
