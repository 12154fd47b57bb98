//! Server-sent events: nothing twice, nothing missed, an end at shutdown.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::fakes::*;

async fn open(world: &World, reference: &str, last: &str) -> (http::StatusCode, Body) {
    let request = Request::get(format!("/api/v1/requests/{reference}/events"))
        .header("host", "clairval.test")
        .header("tracking-code", TRACKING_CODE)
        .header("last-event-id", last)
        .header("accept-encoding", "gzip");
    let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    if response.status() == 200 {
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"), "a compressed stream would be held back");
    }
    (response.status(), response.into_body())
}

/// Reads until the text holds `until`.
async fn read_until(body: &mut Body, until: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(until) {
            let frame = body.frame().await.expect("the stream ended").unwrap();
            text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("nothing more came");
    text
}

#[tokio::test]
async fn a_client_takes_up_where_it_was() {
    let world = World::new();
    let (status, mut body) = open(&world, KNOWN, "").await;
    assert_eq!(status, 200);
    let text = read_until(&mut body, "id: 3\n").await;
    assert!(text.starts_with("retry: 2000") || text.contains("retry: 2000"), "{text}");
    for id in ["id: 1\n", "id: 2\n", "event: line\n", "\"position\":2"] {
        assert!(text.contains(id), "{id} {text}");
    }
    let (_, mut body) = open(&world, KNOWN, "2").await;
    let text = read_until(&mut body, "id: 3\n").await;
    assert!(!text.contains("id: 2\n"), "what was received does not come again: {text}");
}

#[tokio::test]
async fn a_request_that_tracking_does_not_know_yet_is_waited_for() {
    let world = World::new();
    let (status, mut body) = open(&world, FRESH, "").await;
    assert_eq!(status, 200);
    read_until(&mut body, "retry").await;
    let (status, _) = open(&world, "000-000-002-A", "").await;
    assert_eq!(status, 404, "a mistyped one is not");
}

#[tokio::test]
async fn streams_end_at_shutdown() {
    let world = World::new();
    let (_, mut body) = open(&world, KNOWN, "").await;
    read_until(&mut body, "id: 3\n").await;
    let (_, mut waiting) = open(&world, FRESH, "").await;
    world.shutdown.cancel();
    let end = async {
        while body.frame().await.is_some() {}
        while waiting.frame().await.is_some() {}
    };
    tokio::time::timeout(Duration::from_secs(5), end).await.expect("a stream kept the process from leaving");
}
