//! What the resources say when all is well, or nearly.

use parvis_proto::notification::{ListNoticesResponse, Notice};
use serde_json::json;

use crate::{fakes::*, get, post_json, send};

#[tokio::test]
async fn a_request_is_filed_and_its_answers_arrive_in_order() {
    let world = World::new();
    let body = r#"{
        "procedure": "acte", "text": "Bonjour",
        "answers": {"z": "é", "a": [1, "deux", true], "n": 2.5, "b": false, "vide": null},
        "requester": {"kind": "person", "email": "a@example.org"},
        "attachments": [{"id": "x", "document": "identite"}]
    }"#;
    let answer = post_json(&world.router, "/api/v1/requests", &[("idempotency-key", "replayed")], body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.headers["location"], format!("/api/v1/requests/{KNOWN}"));
    assert_eq!(answer.headers["idempotency-replayed"], "true");
    assert_eq!(answer.json()["tracking_code"], "K7R-2MQ-9XB-4TD");
    let submitted = world.seen.submitted.lock().unwrap().remove(0);
    assert_eq!(submitted.channel, "web");
    let answers: Vec<_> = submitted.answers.iter().map(|a| (a.field.as_str(), a.values.join("|"))).collect();
    let expected = [("z", "é"), ("a", "1|deux|true"), ("n", "2.5"), ("b", "false"), ("vide", "")];
    assert_eq!(answers, expected.map(|(field, values)| (field, values.to_owned())));

    let agent = world.agent("clairval");
    let headers = [("idempotency-key", "k"), ("authorization", agent.as_str())];
    let problem = post_json(&world.router, "/api/v1/requests", &headers, r#"{"text":"a"}"#).await.problem(422);
    assert_eq!(problem["errors"][0]["field"], "channel");
    let body = r#"{"text":"a","channel":"counter"}"#;
    let answer = post_json(&world.router, "/api/v1/requests", &headers, body).await;
    assert_eq!(answer.status, 201);
    assert!(!answer.headers.contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn a_request_is_followed_whatever_is_down_or_late() {
    let world = World::new();
    let code = ("tracking-code", "k7r 2mq-9xb 4td");
    let path = format!("/api/v1/requests/{KNOWN}");
    let status = get(&world.router, &path, &[code]).await.json();
    assert_eq!((&status["status"], &status["incomplete"]), (&json!("assigned"), &json!([])));

    world.seen.down.lock().unwrap().extend(["tracking", "notification"]);
    let status = get(&world.router, &path, &[code]).await.json();
    assert_eq!(status["status"], "in_progress", "casework's word");
    assert_eq!(status["incomplete"], json!(["tracking", "notification"]));
    world.seen.down.lock().unwrap().push("casework");
    let status = get(&world.router, &path, &[code]).await.json();
    assert_eq!(status["status"], "received", "intake's word");
    world.seen.down.lock().unwrap().clear();

    // Tracking has not heard of it yet.
    let fresh = format!("/api/v1/requests/{FRESH}");
    let status = get(&world.router, &fresh, &[code]).await.json();
    assert_eq!((&status["status"], &status["incomplete"]), (&json!("received"), &json!([])));
    let timeline = get(&world.router, &format!("{fresh}/timeline"), &[code]).await.json();
    assert_eq!((&timeline["status"], &timeline["lines"]), (&json!("received"), &json!([])));

    let timeline = get(&world.router, &format!("{path}/timeline?after=1"), &[code]).await.json();
    assert_eq!(timeline["lines"].as_array().unwrap().len(), 2);
    for wrong in ["AAA-AAA-AAA-AAA", ""] {
        let expected = if wrong.is_empty() { 401 } else { 404 };
        get(&world.router, &path, &[("tracking-code", wrong)]).await.problem(expected);
    }
}

#[tokio::test]
async fn a_notice_says_when_its_text_went() {
    let world = World::new();
    let notice = |seconds: Option<i64>| Notice {
        text_removed_at: seconds.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
        ..Notice::default()
    };
    let notices = vec![notice(None), notice(Some(1_800_000_000))];
    world.seen.tell("list_notices", &ListNoticesResponse { notices, ..ListNoticesResponse::default() });
    let code = ("tracking-code", TRACKING_CODE);
    let status = get(&world.router, &format!("/api/v1/requests/{KNOWN}"), &[code]).await.json();
    let told: Vec<_> = status["notices"].as_array().unwrap().iter().map(|it| &it["text_removed_at"]).collect();
    assert_eq!(told, [&json!(null), &json!("2027-01-15T08:00:00Z")]);
}

#[tokio::test]
async fn cases_carry_their_version_and_files_are_only_saved() {
    let world = World::new();
    let agent = world.agent("clairval");
    let auth = ("authorization", agent.as_str());
    let answer = get(&world.router, &format!("/api/v1/cases/{KNOWN}"), &[auth]).await;
    assert_eq!(answer.headers["etag"], "\"3\"");
    let start = format!("/api/v1/cases/{KNOWN}/start");
    let answer = post_json(&world.router, &start, &[auth, ("if-match", "\"3\"")], "{}").await;
    assert_eq!((answer.status.as_u16(), answer.headers["etag"].to_str().unwrap()), (200, "\"4\""));

    let file = "/api/v1/attachments/01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11";
    let answer = get(&world.router, file, &[("tracking-code", TRACKING_CODE)]).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "abcdef"));
    assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"pi_ce.html\""));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    get(&world.router, file, &[("tracking-code", "K7R2MQ9XB4TE")]).await.problem(404);
    get(&world.router, file, &[]).await.problem(401);
    // An agent names the case, which says whether they may.
    get(&world.router, file, &[auth]).await.problem(422);
    let of_case = format!("{file}?case={KNOWN}");
    assert_eq!(get(&world.router, &of_case, &[auth]).await.text(), "abcdef");
    // A code is exchanged once for a grant, which does as well.
    let body = format!(r#"{{"reference":"{KNOWN}","tracking_code":"k7r-2mq-9xb-4td"}}"#);
    let given = post_json(&world.router, "/api/v1/follow-grants", &[], body).await;
    assert_eq!(given.status.as_u16(), 201);
    let grant = format!("Bearer {}", given.json()["grant"].as_str().unwrap());
    let follow = ("authorization", grant.as_str());
    assert_eq!(get(&world.router, file, &[follow]).await.text(), "abcdef");
    assert_eq!(get(&world.router, &format!("/api/v1/requests/{KNOWN}"), &[follow]).await.status.as_u16(), 200);
    // It is no session.
    get(&world.router, "/api/v1/cases", &[follow]).await.problem(401);
    let body = format!(r#"{{"reference":"{KNOWN}","tracking_code":"K7R-2MQ-9XB-4TE"}}"#);
    post_json(&world.router, "/api/v1/follow-grants", &[], body).await.problem(404);
}

#[tokio::test]
async fn figures_come_as_a_table_too() {
    let world = World::new();
    let agent = world.agent("clairval");
    let auth = ("authorization", agent.as_str());
    assert_eq!(get(&world.router, "/api/v1/figures", &[auth]).await.json()["received"], 12);
    let answer = get(&world.router, "/api/v1/figures", &[auth, ("accept", "text/csv")]).await;
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(answer.text().contains("total,,,recues,12\r\n"), "{}", answer.text());
}

#[tokio::test]
async fn programs_get_tokens_as_oauth_says() {
    let world = World::new();
    let ask = async |headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        send(&world.router, "POST", "/api/v1/tokens", &all, body.to_owned()).await
    };
    let good = "grant_type=client_credentials&client_id=portail&client_secret=s3%3Acret";
    let answer = ask(&[], good).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let basic = ("authorization", "Basic cG9ydGFpbDpzMyUzQWNyZXQ=");
    assert_eq!(ask(&[basic], "grant_type=client_credentials").await.status, 200);
    for (body, status, error) in [
        ("grant_type=client_credentials&client_id=portail&client_secret=x", 401, "invalid_client"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("", 400, "invalid_request"),
    ] {
        let answer = ask(&[], body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (status, &json!(error)));
    }
    world.seen.down.lock().unwrap().push("identity");
    assert_eq!(ask(&[], good).await.json()["error"], "temporarily_unavailable");
    world.seen.down.lock().unwrap().clear();

    let sign_in = json!({"login": "claire-martin", "password": "un bon mot de passe"}).to_string();
    assert_eq!(
        post_json(&world.router, "/api/v1/session", &[], sign_in).await.json()["account"]["code"],
        "claire-martin"
    );
    let wrong = json!({"login": "claire-martin", "password": "x"}).to_string();
    post_json(&world.router, "/api/v1/session", &[], wrong).await.problem(401);
    let keys = get(&world.router, "/.well-known/jwks.json", &[("host", "unknown.test")]).await;
    assert_eq!(keys.json(), json!({"keys": []}));
}
