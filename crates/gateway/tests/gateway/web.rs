//! The browser's side: headers, forms, sessions, limits.

use std::sync::atomic::Ordering;

use axum::{Router, middleware::from_fn_with_state, routing::get as on_get};
use parvis_gateway::{
    AppState,
    csrf::{self, CsrfForm, CsrfMultipart, CsrfToken},
    headers, session,
    session::Session,
    tenant::CurrentTenant,
};

use crate::{Answer, fakes::*, get, post_json, send};

#[derive(Debug, serde::Deserialize)]
struct Fields {
    name: String,
}

/// Some pages inside the real layers.
fn pages(state: &AppState) -> Router {
    let form = async |csrf: CsrfToken| csrf.to_string();
    let post = async |CsrfForm(fields): CsrfForm<Fields>| fields.name;
    let files = async |CsrfMultipart(mut form): CsrfMultipart| {
        form.next_field().await.unwrap().unwrap().name().unwrap().to_owned()
    };
    let agent = async |session: Session| session.caller().actor_key();
    let maybe =
        async |session: Option<Session>| session.map(|session| session.claims().sub.clone()).unwrap_or_default();
    let town = async |tenant: CurrentTenant| tenant.name.clone();
    async fn broken() -> &'static str {
        panic!("a page may be broken")
    }
    let router = Router::new()
        .route("/form", on_get(form).post(post))
        .route("/files", axum::routing::post(files))
        .route("/agent", on_get(agent))
        .route("/maybe", on_get(maybe))
        .route("/town", on_get(town))
        .route("/broken", on_get(broken))
        .layer(from_fn_with_state(state.clone(), session::layer))
        .layer(from_fn_with_state(state.clone(), csrf::layer))
        .with_state(state.clone());
    headers::around(router, state)
}

/// The cookies set, as sent back.
fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").into_iter();
    all.map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_answer_carries_what_protects_the_browser() {
    let world = World::with(&[("server.secure_cookies", "true")]);
    for path in ["/api/v1/procedures", "/api/v1/nope", "/api/docs", "/api/openapi.json"] {
        let answer = get(&world.router, path, &[]).await;
        for (name, expected) in [
            ("content-security-policy", "default-src 'self'"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("strict-transport-security", "max-age="),
            ("cache-control", ""),
            ("x-request-id", ""),
        ] {
            let value = answer.headers.get(name).unwrap_or_else(|| panic!("{name} on {path}"));
            assert!(value.to_str().unwrap().contains(expected), "{name} on {path}");
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    let pages = pages(&world.state);
    let broken = get(&pages, "/broken", &[]).await;
    assert_eq!(broken.status, 500);
    assert!(broken.text().contains("<h1>") && !broken.text().contains("may be broken"), "{}", broken.text());
    let unknown = get(&pages, "/town", &[("host", "unknown.test")]).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("lang=\"fr\"") && !unknown.text().contains("clairval"));
    assert_eq!(get(&pages, "/town", &[]).await.text(), "clairval");
    assert_eq!(get(&pages, "/town", &[("x-parvis-tenant", "bourg")]).await.text(), "clairval", "pages have one host");
    let packed = get(&world.router, "/api/docs", &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
}

#[tokio::test]
async fn only_our_own_forms_are_taken() {
    let world = World::new();
    let pages = pages(&world.state);
    let first = get(&pages, "/form", &[]).await;
    let cookie = cookies(&first).remove(0);
    assert!(first.headers["set-cookie"].to_str().unwrap().contains("HttpOnly; SameSite=Lax; Path=/"));
    let second = get(&pages, "/form", &[("cookie", &cookie)]).await;
    assert!(!second.headers.contains_key("set-cookie"));
    assert_ne!(first.text(), second.text(), "each form has its own token");

    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = |token: &str| format!("csrf={token}&name=%C3%A9l%C3%A8ve");
    let post = async |headers: &[(&str, &str)], body: String| send(&pages, "POST", "/form", headers, body).await;
    for token in [first.text(), second.text()] {
        let answer = post(&[form, ("cookie", &cookie), ("sec-fetch-site", "same-origin")], body(&token)).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "élève"));
    }
    let ours = body(&first.text());
    let other = cookies(&get(&pages, "/form", &[]).await).remove(0);
    let tampered = format!("{cookie}x");
    for headers in [
        vec![form],
        vec![form, ("cookie", other.as_str())],
        vec![form, ("cookie", tampered.as_str())],
        vec![form, ("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")],
        vec![form, ("cookie", cookie.as_str()), ("origin", "https://evil.example")],
        vec![form, ("cookie", cookie.as_str()), ("origin", "null")],
    ] {
        let answer = post(&headers, ours.clone()).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(answer.text().contains("<h1>Le formulaire a expiré</h1>"));
    }
    let with = [form, ("cookie", cookie.as_str())];
    for body in ["name=a".to_owned(), body(""), body("AAAA"), "csrf=%FF&name=a".to_owned()] {
        assert_eq!(post(&with, body).await.status, 403);
    }
    assert_eq!(post(&with, format!("csrf={}", first.text())).await.status, 400, "a field is missing");
    assert_eq!(post(&with, "a".repeat(2_000_000)).await.status, 413);
    assert_eq!(post(&[("cookie", &cookie)], ours).await.status, 415);

    let multipart = ("content-type", "multipart/form-data; boundary=x");
    let part =
        |name: &str, value: &str| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let files = async |body: String| send(&pages, "POST", "/files", &[multipart, ("cookie", &cookie)], body).await;
    let good = part("csrf", &first.text()) + &part("file", "a") + "--x--\r\n";
    let answer = files(good).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "file"));
    assert_eq!(files(part("file", "a") + &part("csrf", &first.text()) + "--x--\r\n").await.status, 403);
    assert_eq!(files(part("csrf", &"a".repeat(1_000)) + "--x--\r\n").await.status, 403);
}

#[tokio::test]
async fn a_session_is_renewed_once_for_all_that_a_page_asks() {
    let world = World::new();
    let pages = pages(&world.state);
    let old = world.token(&claims("clairval", -600, 5));
    let cookie = format!("parvis_session={old}; parvis_refresh=refresh-1");
    let headers = [("cookie", cookie.as_str())];
    let (one, two, three) =
        tokio::join!(get(&pages, "/agent", &headers), get(&pages, "/agent", &headers), get(&pages, "/maybe", &headers));
    for answer in [one, two, three] {
        assert!(answer.text().contains("claire-martin"), "{}", answer.text());
        let set = cookies(&answer);
        assert!(set[0].starts_with("parvis_session=ey") && set[1] == "parvis_refresh=refresh-2", "{set:?}");
        let all: Vec<_> = answer.headers.get_all("set-cookie").into_iter().collect();
        assert!(all.iter().all(|value| {
            let value = value.to_str().unwrap();
            value.contains("HttpOnly; SameSite=Lax; Path=/; Max-Age=43200")
        }));
    }
    assert_eq!(world.seen.refreshed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_the_door_and_back() {
    let world = World::new();
    let pages = pages(&world.state);
    let led = |answer: Answer| answer.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
    let to_door = Some("/connexion?retour=%2Fagent%3Fvue%3Dunit".to_owned());
    let valid = world.token(&claims("clairval", 0, 600));
    let foreign = world.token(&claims("bourg", 0, 600));
    let expired = world.token(&claims("clairval", -1200, -600));
    for cookie in [
        "".to_owned(),
        "parvis_session=x".into(),
        format!("parvis_session={foreign}"),
        format!("parvis_session={expired}"),
    ] {
        assert_eq!(led(get(&pages, "/agent?vue=unit", &[("cookie", &cookie)]).await), to_door, "{cookie}");
    }
    let cookie = format!("parvis_session={valid}");
    assert_eq!(get(&pages, "/agent", &[("cookie", &cookie)]).await.text(), "agent:claire-martin");
    assert_eq!(led(get(&pages, "/agent?vue=unit", &[("cookie", &cookie), ("host", "bourg.test")]).await), to_door);

    // A refresh token that is spent ends the session here too.
    let cookie = format!("parvis_session={expired}; parvis_refresh=stolen");
    let over = get(&pages, "/agent?vue=unit", &[("cookie", &cookie)]).await;
    assert_eq!(cookies(&over), ["parvis_session=", "parvis_refresh="]);
    assert_eq!(led(over), to_door);

    // Identity down: a token that still stands is enough; else one is told, and stays signed in.
    world.seen.down.lock().unwrap().push("identity");
    let near = world.token(&claims("clairval", -600, 5));
    let cookie = format!("parvis_session={near}; parvis_refresh=refresh-9");
    assert_eq!(get(&pages, "/agent", &[("cookie", &cookie)]).await.status, 200);
    let cookie = format!("parvis_session={expired}; parvis_refresh=refresh-9");
    let answer = get(&pages, "/agent", &[("cookie", &cookie)]).await;
    assert_eq!(answer.status, 503);
    assert!(cookies(&answer).is_empty());
    assert_eq!(get(&pages, "/maybe", &[("cookie", &cookie)]).await.status, 200);
}

#[tokio::test]
async fn over_https_cookies_have_the_host_prefix() {
    let world = World::with(&[("server.secure_cookies", "true")]);
    let pages = pages(&world.state);
    let answer = get(&pages, "/form", &[]).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-parvis_form=") && cookie.contains("; Secure"), "{cookie}");
    let valid = world.token(&claims("clairval", 0, 600));
    let plain = format!("parvis_session={valid}");
    assert_eq!(get(&pages, "/maybe", &[("cookie", &plain)]).await.text(), "", "a name without the prefix is not ours");
    let prefixed = format!("__Host-parvis_session={valid}");
    assert_eq!(get(&pages, "/maybe", &[("cookie", &prefixed)]).await.text(), "claire-martin");
}

#[tokio::test]
async fn one_address_only_changes_so_much() {
    let world = World::with(&[("gateway.rate_per_minute", "5"), ("server.trusted_proxies", "1")]);
    let submit = async |address: &str| {
        let headers = [("idempotency-key", "k"), ("x-forwarded-for", address)];
        post_json(&world.router, "/api/v1/requests", &headers, r#"{"text":"a"}"#).await
    };
    for _ in 0..5 {
        assert_eq!(submit("198.51.100.1").await.status, 201);
    }
    let answer = submit("10.9.9.9, 198.51.100.1").await;
    answer.problem(429);
    assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(submit("198.51.100.2").await.status, 201, "another address is free");
    let reads = get(&world.router, "/api/v1/procedures", &[("x-forwarded-for", "198.51.100.1")]).await;
    assert_eq!(reads.status, 200, "reading is free");
}

#[tokio::test]
async fn a_request_names_one_host() {
    let world = World::new();
    let answer = get(&world.router, "/api/v1/procedures", &[("host", "clairval.test")]).await;
    assert_eq!(answer.status, 200);
    for hosts in
        [&["clairval.test", "bourg.test"][..], &["clairval.test", "clairval.test"], &["clairval.test, b"], &[""]]
    {
        let mut request = http::Request::get("/api/v1/procedures");
        for host in hosts {
            request = request.header("host", *host);
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
        assert_eq!(answer.status(), 400, "{hosts:?}");
    }
}
