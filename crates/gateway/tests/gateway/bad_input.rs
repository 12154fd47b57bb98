//! Whatever comes in, the answer is a problem that says what and where: never a 500, never half an effect.

use std::sync::atomic::Ordering;

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::stream;
use serde_json::{Value, json};

use crate::{fakes::*, get, post_json, send};

const KEY: (&str, &str) = ("idempotency-key", "k-1");

fn field(problem: &Value) -> &str {
    problem["errors"][0]["field"].as_str().unwrap_or_else(|| panic!("no field: {problem}"))
}

#[tokio::test]
async fn json_that_is_wrong_is_explained() {
    let world = World::new();
    let deep = [b"{\"answers\":{\"a\":".to_vec(), b"[".repeat(100_000)].concat();
    let syntax: [&[u8]; 8] = [
        b"",
        b"{",
        b"{\"text\":\"a\"} x",
        b"{\"text\":\"\xff\xfe\"}",
        b"\xff",
        b"{'text':1}",
        b"{\"text\":\"a\\ud800\"}",
        b"nul",
    ];
    for body in syntax {
        let answer = post_json(&world.router, "/api/v1/requests", &[KEY], body.to_vec()).await;
        answer.problem(400);
    }
    let answer = post_json(&world.router, "/api/v1/requests", &[KEY], deep).await;
    assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text());

    for (body, expected) in [
        (json!({"text": 12}), "text"),
        (json!({"nope": 1}), "nope"),
        (json!({"requester": {"mail": "a"}}), "requester.mail"),
        (json!({"requester": []}), "requester"),
        (json!({"attachments": [["a"]]}), "attachments[0]"),
        (json!({"attachments": [{"id": "a"}, {"document": "b"}]}), "attachments[1].id"),
        (json!({"answers": {"a": {"b": 1}}}), "answers.a"),
        (json!({"answers": {"a": [["b"]]}}), "answers.a[0]"),
        (json!({"procedure_version": -1}), "procedure_version"),
        (json!({"received_at": "yesterday"}), "received_at"),
        (json!({"channel": "fax", "text": "a"}), "channel"),
        (json!([]), "body"),
        (json!("x"), "body"),
    ] {
        let answer = post_json(&world.router, "/api/v1/requests", &[KEY], body.to_string()).await;
        assert_eq!(field(&answer.problem(422)), expected, "{body}");
    }
    let twice = r#"{"answers":{"a":1,"a":2}}"#;
    let answer = post_json(&world.router, "/api/v1/requests", &[KEY], twice).await;
    assert!(field(&answer.problem(422)).starts_with("answers"), "{}", answer.text());
    assert!(world.seen.submitted.lock().unwrap().is_empty(), "nothing came to intake");
}

#[tokio::test]
async fn ten_thousand_attributes_and_too_large_bodies_are_refused() {
    let world = World::new();
    let many: serde_json::Map<_, _> = (0..10_000).map(|at| (format!("champ-{at}"), json!("x"))).collect();
    let answer = post_json(&world.router, "/api/v1/requests", &[KEY], json!({"answers": many}).to_string()).await;
    assert!(field(&answer.problem(422)).starts_with("answers"), "{}", answer.text());
    let answer = post_json(&world.router, "/api/v1/requests", &[KEY], Value::Object(many).to_string()).await;
    assert_eq!(field(&answer.problem(422)), "champ-0");
    let big = json!({"text": "a".repeat(2_000_000)}).to_string();
    post_json(&world.router, "/api/v1/requests", &[KEY], big).await.problem(413);
    // The same without a length, as a stream.
    let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 65_536])));
    post_json(&world.router, "/api/v1/requests", &[KEY], endless).await.problem(413);
    let broken = Body::from_stream(stream::iter([Ok(b"{".to_vec()), Err(std::io::Error::other("cut"))]));
    post_json(&world.router, "/api/v1/requests", &[KEY], broken).await.problem(400);
}

#[tokio::test]
async fn headers_paths_and_queries_are_explained_too() {
    let world = World::new();
    let body = r#"{"text":"a"}"#;
    for content_type in ["text/plain", "application/xml", "", "application/jsonx"] {
        let headers = [KEY, ("content-type", content_type)];
        send(&world.router, "POST", "/api/v1/requests", &headers, body).await.problem(415);
    }
    let long = "k".repeat(201);
    for key in [
        vec![],
        vec![("idempotency-key", "")],
        vec![("idempotency-key", long.as_str())],
        vec![("idempotency-key", "clé")],
    ] {
        post_json(&world.router, "/api/v1/requests", &key, body).await.problem(400);
    }
    let agent = world.agent("clairval");
    let auth = ("authorization", agent.as_str());
    for path in [
        "/api/v1/cases?size=1",
        "/api/v1/figures?from=hier",
        "/api/v1/handovers?page_size=-1",
        "/api/v1/procedures?x=1",
    ] {
        let problem = get(&world.router, path, &[auth]).await.problem(422);
        assert!(!field(&problem).is_empty(), "{problem}");
    }
    for path in [
        "/api/v1/cases/412-873-956-A",
        "/api/v1/cases/%F0%9F%A6%80",
        "/api/v1/attachments/zip",
        "/api/v1/nope",
        "/api",
        "/api/v2/requests",
    ] {
        get(&world.router, path, &[auth]).await.problem(404);
    }
    get(&world.router, "/api/v1/cases/%FF", &[auth]).await.problem(400);
    let answer = send(&world.router, "DELETE", "/api/v1/requests", &[], Body::empty()).await;
    answer.problem(405);
    let start = format!("/api/v1/cases/{KNOWN}/start");
    assert_eq!(field(&post_json(&world.router, &start, &[auth], "{}").await.problem(422)), "version");
    assert_eq!(
        field(&post_json(&world.router, &start, &[auth, ("if-match", "*")], "{}").await.problem(422)),
        "If-Match"
    );
    let publish = "/api/v1/articles/encombrants/publish";
    assert_eq!(field(&post_json(&world.router, publish, &[auth], "{}").await.problem(422)), "revision");
    post_json(&world.router, &start, &[auth, ("if-match", "\"2\"")], "{}").await.problem(412);
    post_json(&world.router, &start, &[auth], r#"{"version":2}"#).await.problem(409);
    let follow = [("tracking-code", TRACKING_CODE), ("last-event-id", "x")];
    assert_eq!(
        field(&get(&world.router, &format!("/api/v1/requests/{KNOWN}/events"), &follow).await.problem(422)),
        "Last-Event-ID"
    );
}

#[tokio::test]
async fn what_a_role_says_becomes_a_problem_and_nothing_internal_is_told() {
    let world = World::new();
    let submit = async |key: &str, body: Value| {
        post_json(&world.router, "/api/v1/requests", &[("idempotency-key", key)], body.to_string()).await
    };
    let text = json!({"text": "a"});
    submit("taken", text.clone()).await.problem(409);
    assert_eq!(field(&submit("k", json!({"procedure": "inconnue"})).await.problem(422)), "procedure");
    submit("k", json!({"procedure": "acte", "procedure_version": 99})).await.problem(409);
    for key in ["late", "lost"] {
        let answer = submit(key, text.clone()).await;
        answer.problem(503);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert!(submit("much", text.clone()).await.headers.contains_key("retry-after"));
    for key in ["crash", "panic"] {
        let answer = submit(key, text.clone()).await;
        answer.problem(500);
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
    world.seen.down.lock().unwrap().push("intake");
    submit("k", text).await.problem(503);
}

#[tokio::test]
async fn tokens_that_are_not_ours_open_nothing() {
    let world = World::new();
    let now = claims("clairval", 0, 600);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&now).unwrap());
    let header = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let signed = world.token(&now);
    let (body, signature) = signed.rsplit_once('.').unwrap();
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let other = jsonwebtoken::EncodingKey::from_ed_der(
        ed25519_dalek::pkcs8::EncodePrivateKey::to_pkcs8_der(&other).unwrap().as_bytes(),
    );
    let mut by_k1 = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    by_k1.kid = Some("k1".into());
    let hmac = jsonwebtoken::encode(
        &jsonwebtoken::Header { kid: Some("k1".into()), ..Default::default() },
        &now,
        &jsonwebtoken::EncodingKey::from_secret(&[7; 32]),
    );
    let forged = [
        format!("{}.{payload}.", header(r#"{"alg":"none","kid":"k1"}"#)),
        format!("{}.{payload}.{signature}", header(r#"{"alg":"none","kid":"k1"}"#)),
        jsonwebtoken::encode(&by_k1, &now, &other).unwrap(),
        hmac.unwrap(),
        format!("{body}.AAAA"),
        world.token(&claims("clairval", -1200, -600)),
        world.token(&claims("bourg", 0, 600)),
        "x".into(),
        String::new(),
    ];
    for token in forged {
        let value = format!("Bearer {token}");
        for path in ["/api/v1/cases", "/api/v1/procedures"] {
            let answer = get(&world.router, path, &[("authorization", &value)]).await;
            answer.problem(401);
            assert!(answer.headers.contains_key("www-authenticate"));
        }
    }
    get(&world.router, "/api/v1/cases", &[("authorization", "Basic eDp5")]).await.problem(401);
    get(&world.router, "/api/v1/cases", &[]).await.problem(401);
    let agent = world.agent("clairval");
    let auth = ("authorization", agent.as_str());
    assert_eq!(get(&world.router, "/api/v1/cases", &[auth]).await.status, 200);
    get(&world.router, "/api/v1/cases", &[auth, ("host", "bourg.test")]).await.problem(401);
    get(&world.router, "/api/v1/cases", &[auth, ("x-parvis-tenant", "bourg")]).await.problem(401);
    get(&world.router, "/api/v1/procedures", &[("host", "")]).await.problem(400);
    for host in ["unknown.test", "clairval.test.evil.example"] {
        let problem = get(&world.router, "/api/v1/procedures", &[("host", host)]).await.problem(404);
        assert!(!problem.to_string().contains("clairval"), "{problem}");
    }
    get(&world.router, "/api/v1/procedures", &[("x-parvis-tenant", "../etc")]).await.problem(404);
    let by_header = [("host", "unknown.test"), ("x-parvis-tenant", "clairval")];
    assert_eq!(get(&world.router, "/api/v1/procedures", &by_header).await.status, 200);
}

#[tokio::test]
async fn a_file_too_large_or_cut_short_is_given_up_whole() {
    let world = World::with(&[("gateway.max_upload_bytes", "100000")]);
    let upload = async |body: Body, content_type: &str| {
        let headers = [("content-type", content_type), ("x-file-name", "a%20b.pdf")];
        send(&world.router, "POST", "/api/v1/attachments", &headers, body).await
    };
    upload(Body::from(vec![0; 200_000]), "application/pdf").await.problem(413);
    let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(vec![1; 10_000])));
    upload(endless, "application/pdf").await.problem(413);
    let cut = Body::from_stream(stream::iter([Ok(vec![1; 10]), Err(std::io::Error::other("cut"))]));
    upload(cut, "application/pdf").await.problem(400);
    upload(Body::from("--x"), "multipart/form-data").await.problem(415);
    upload(Body::from("nonsense"), "multipart/form-data; boundary=x").await.problem(400);
    let without = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n";
    upload(Body::from(without), "multipart/form-data; boundary=x").await.problem(422);
    let part = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
    upload(Body::from(format!("{part}half")), "multipart/form-data; boundary=x").await.problem(400);
    let large = format!("{part}{}\r\n--x--\r\n", "a".repeat(120_000));
    upload(Body::from(large), "multipart/form-data; boundary=x").await.problem(413);
    assert_eq!(world.seen.uploads_finished.load(Ordering::SeqCst), 0, "intake never saw the end of one");

    let answer = upload(Body::from(vec![0; 100_000]), "application/pdf").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["size"]), (201, &json!(100_000)));
    assert_eq!(answer.json()["file_name"], "a b.pdf");
    let whole = format!("{part}content\r\n--x--\r\n");
    let answer = upload(Body::from(whole), "multipart/form-data; boundary=x").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["size"]), (201, &json!(7)));
}
