//! Logs, traces and metrics. No personal data in any of them.

use std::io::IsTerminal as _;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use parvis_kernel::{Error, Result};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::TelemetryConfig;

/// What was started; keep it until the end.
pub struct Telemetry {
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
    tracer: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what is left.
    pub fn flush(&self) {
        if let Some(tracer) = &self.tracer
            && let Err(error) = tracer.force_flush()
        {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// Starts logs, traces (where an endpoint is set) and metrics for the whole process.
pub fn start(config: &TelemetryConfig, process: &str) -> Result<Telemetry> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| Error::invalid("telemetry.log", format!("not a filter: {error}")))?;
    let tracer = if config.otlp_endpoint.is_empty() { None } else { Some(tracer(config, process)?) };
    let otel = tracer.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("parvis")));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let log = if config.format == "json" { log.json().boxed() } else { log.with_target(false).boxed() };
    tracing_subscriber::registry()
        .with(otel)
        .with(log.with_filter(filter))
        .try_init()
        .map_err(|error| Error::internal(error.to_string()))?;
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(Telemetry { metrics, tracer })
}

fn tracer(config: &TelemetryConfig, process: &str) -> Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&config.otlp_endpoint)
        .build()
        .map_err(|error| Error::invalid("telemetry.otlp_endpoint", error.to_string()))?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.trace_ratio))))
        .with_resource(opentelemetry_sdk::Resource::builder().with_service_name(format!("parvis-{process}")).build())
        .build())
}

/// Links `span`, which begins a trace of its own, to the span that a stranger's `traceparent` names: whoever calls from
/// the Internet neither enters our traces nor decides which are kept.
pub fn link(span: &tracing::Span, traceparent: &str) {
    use opentelemetry::trace::TraceContextExt as _;
    let Some(context) = parvis_bus::remote_context(traceparent) else { return };
    span.add_link(context.span().span_context().clone());
}

/// Makes `span` a child of the span that a W3C `traceparent` names; without one, or without traces, nothing happens.
pub fn set_parent(span: &tracing::Span, traceparent: &str) {
    let Some(context) = parvis_bus::remote_context(traceparent) else { return };
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(%error, "no parent for this span");
    }
}
