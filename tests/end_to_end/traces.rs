//! One trace from the HTTP call through the outbox and the broker to the last consumer; and no personal data in it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Result;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::Span,
};
use parvis_tests::{
    Town,
    api::{free_text, is_routed_and_acknowledged},
};
use tokio_stream::wrappers::TcpListenerStream;

const PATIENCE: Duration = Duration::from_secs(60);

/// A collector that keeps what it is sent, each span with its service's name.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let mut spans = self.0.lock().expect("no panic while collecting");
        for resource in request.into_inner().resource_spans {
            let attributes = resource.resource.map(|resource| resource.attributes).unwrap_or_default();
            let service = attributes.iter().find(|attribute| attribute.key == "service.name");
            let service = service.map(|attribute| format!("{:?}", attribute.value)).unwrap_or_default();
            for scope in resource.scope_spans {
                spans.extend(scope.spans.into_iter().map(|span| (service.clone(), span)));
            }
        }
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_reaches_the_last_consumer() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let collector = Collector::default();
    let server = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(collector.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(server);

    let town = Town::distributed_with(&[("PARVIS__TELEMETRY__OTLP_ENDPOINT", endpoint)]).await?;
    let api = town.api();
    let body = free_text("Un lampadaire éteint rue du Port.", 4242);
    let receipt = api.submit_until_accepted(&body, "trace", None, PATIENCE).await?;
    api.follow(&receipt, PATIENCE, is_routed_and_acknowledged).await?;

    let wanted = ["gateway", "intake", "casework", "routing", "notification", "tracking"];
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let spans = collector.0.lock().expect("no panic while collecting").clone();
        let submitted = spans.iter().find(|(_, span)| format!("{:?}", span.attributes).contains("SubmitRequest"));
        if let Some((_, submitted)) = submitted {
            let of_trace: Vec<_> = spans.iter().filter(|(_, span)| span.trace_id == submitted.trace_id).collect();
            let services: BTreeSet<&str> = wanted
                .iter()
                .copied()
                .filter(|role| of_trace.iter().any(|(service, _)| service.contains(role)))
                .collect();
            if services.len() == wanted.len() {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "the trace only reached {services:?}");
        }
        assert!(tokio::time::Instant::now() < deadline, "no span of the submission came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let everything = format!("{:?}", collector.0.lock().expect("no panic while collecting"));
    for personal in ["Essai4242", "camille.essai", "lampadaire", &receipt.tracking_code] {
        assert!(!everything.contains(personal), "« {personal} » is in the traces");
    }
    let logs: String = town.processes.iter().map(|p| std::fs::read_to_string(p.log()).unwrap_or_default()).collect();
    for personal in ["Essai4242", "camille.essai", "lampadaire", &receipt.tracking_code] {
        assert!(!logs.contains(personal), "« {personal} » is in the logs");
    }
    Ok(())
}
