//! The HTTP port of every process: probes, metrics, and the gateway's pages where it is here.

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::health::Health;

/// `/livez`, `/readyz`, `/metrics` beside `pages`.
pub fn router(health: Health, metrics: Option<PrometheusHandle>, pages: Option<Router>) -> Router {
    let probes = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(move || readyz(health.clone())))
        .route(
            "/metrics",
            get(move || {
                let text = metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
                async move { ([("content-type", "text/plain; version=0.0.4")], text) }
            }),
        );
    match pages {
        Some(pages) => pages.merge(probes),
        None => probes,
    }
}

async fn readyz(health: Health) -> impl IntoResponse {
    let problems = health.problems().await;
    if problems.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
}
