//! One's sessions and second factor; accounts and partners in an administrator's hands.

use parvis_kernel::{Error, ErrorKind, Refusal};
use parvis_proto::{identity::*, status_from_error};
use serde_json::json;

use crate::{
    browser::{Browser, hidden, page},
    fakes::*,
    get, post_json, send,
};

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn challenge() -> TokenPair {
    TokenPair { challenge: "c".repeat(43), ..TokenPair::default() }
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_the_password_is_on_no_page() {
    let world = World::new();
    let mut browser = Browser::new(&world);
    let form = browser.get("/connexion?retour=/agent/dossiers").await;
    world.seen.tell("sign_in", &challenge());
    let fields = [("identifiant", "claire-martin"), ("mot_de_passe", "un bon mot de passe"), ("retour", "/elus")];
    let asked = browser.send(&form, "/connexion", &fields).await;
    let html = page("code", &asked, 200);
    assert!(html.contains("one-time-code") && !html.contains("un bon mot de passe"), "{html}");
    assert_eq!(hidden(&html, "retour"), "/elus");
    let token = hidden(&html, "verification").to_owned();
    assert_eq!(token, "c".repeat(43));

    let wrong = Error::unauthenticated("wrong").refused(Refusal::WrongCode);
    world.seen.refusals.lock().unwrap().insert("sign_in", status_from_error(&wrong));
    let fields = [("verification", token.as_str()), ("code", "123456"), ("retour", "/elus")];
    let html = page("code", &browser.send(&asked, "/connexion", &fields).await, 401);
    assert!(html.contains("Attendez le suivant") && hidden(&html, "verification") == token, "{html}");
    world.seen.refusals.lock().unwrap().clear();
    world.seen.told.lock().unwrap().clear();
    let done = browser.send(&asked, "/connexion", &fields).await;
    assert_eq!((done.status.as_u16(), &done.headers["location"]), (303, &"/elus".parse().unwrap()));
    let asked: Vec<SignInRequest> = world.seen.asked("sign_in");
    let last = asked.last().unwrap();
    assert_eq!((last.challenge.as_str(), last.code.as_str(), last.password.as_str()), (token.as_str(), "123456", ""));
    assert_eq!(last.origin.as_ref().unwrap().network, "0.0.0.0/24");
    assert!(browser.has("parvis_device"), "the browser is known from now on");
}

#[tokio::test]
async fn a_program_gives_the_code_with_the_password() {
    let world = World::new();
    world.seen.tell("sign_in", &challenge());
    let body = json!({"login": "claire-martin", "password": "un bon mot de passe"}).to_string();
    let answer = post_json(&world.router, "/api/v1/session", &[], body).await;
    assert_eq!(answer.problem(401)["code"], "code_needed", "{}", answer.text());
    world.seen.told.lock().unwrap().clear();
    let body = json!({"login": "claire-martin", "password": "un bon mot de passe", "code": "123456"}).to_string();
    assert_eq!(post_json(&world.router, "/api/v1/session", &[], body).await.status, 200);
}

#[tokio::test]
async fn whoever_must_set_up_a_second_factor_does_nothing_else_first() {
    let world = World::new();
    let mut claims = serde_json::to_value(claims("clairval", 0, 600)).unwrap();
    (claims["roles"], claims["units"], claims["enrol"]) = (json!([]), json!([]), json!(true));
    let token = world.token(&serde_json::from_value(claims).unwrap());
    let mut browser = Browser::with(&world, &token);
    for path in ["/agent", "/agent/dossiers", "/admin", "/agent/mot-de-passe"] {
        let led = browser.get(path).await;
        assert_eq!(
            (led.status.as_u16(), &led.headers["location"]),
            (303, &"/agent/seconde-verification".parse().unwrap())
        );
    }
    let bearer = format!("Bearer {token}");
    let refused = get(&world.router, "/api/v1/cases", &[("authorization", &bearer)]).await;
    refused.problem(403);

    let form = browser.get("/agent/seconde-verification").await;
    assert!(page("begin", &form, 200).contains("demande"));
    world.seen.tell("begin_second_factor", &BeginSecondFactorResponse { secret: KEY.into() });
    let shown = browser.send(&form, "/agent/seconde-verification", &[("mot_de_passe", "un bon mot de passe")]).await;
    let html = page("secret", &shown, 200);
    assert!(html.contains("GEZD GNBV") && html.contains("<svg class=\"qr\"") && !html.contains("style="), "{html}");
    let wrong = Error::wrong("code", parvis_kernel::Reason::WrongCode, "wrong");
    world.seen.refusals.lock().unwrap().insert("confirm_second_factor", status_from_error(&wrong));
    let fields = [("cle", KEY), ("code", "000000")];
    let html = page("wrong", &browser.send(&shown, "/agent/seconde-verification", &fields).await, 422);
    assert!(html.contains("GEZD GNBV") && html.contains("Attendez le suivant"), "{html}");
    world.seen.refusals.lock().unwrap().clear();
    let codes = ConfirmSecondFactorResponse { recovery_codes: vec!["AAAA-BBBB-CCCC-DDDD".into()] };
    world.seen.tell("confirm_second_factor", &codes);
    let html = page("codes", &browser.send(&shown, "/agent/seconde-verification", &fields).await, 200);
    assert!(html.contains("AAAA-BBBB-CCCC-DDDD"), "{html}");
}

#[tokio::test]
async fn one_sees_and_ends_ones_sessions() {
    let world = World::new();
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let session = |id: &str, current| Session {
        id: id.into(),
        network: "192.0.2.0/24".into(),
        browser: "Firefox, Linux".into(),
        current,
        ..Session::default()
    };
    let (here, there) = ("01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11", "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b12");
    let listed = ListSessionsResponse { sessions: vec![session(here, true), session(there, false)] };
    world.seen.tell("list_sessions", &listed);
    let list = browser.get("/agent/sessions").await;
    let html = page("sessions", &list, 200);
    assert!(html.contains("Cet appareil") && html.contains("192.0.2.0/24") && !html.contains(here), "{html}");
    let done = browser.send(&list, "/agent/sessions", &[("session", there)]).await;
    page("sessions", &browser.follow(&done).await, 200);
    browser.send(&list, "/agent/sessions", &[("autres", "oui")]).await;
    let asked: Vec<EndSessionsRequest> = world.seen.asked("end_sessions");
    assert_eq!(
        asked.iter().map(|it| (it.session_id.as_str(), it.others)).collect::<Vec<_>>(),
        [(there, false), ("", true)]
    );
}

#[tokio::test]
async fn administrators_close_open_and_unlock() {
    let world = World::new();
    let account = |code: &str, active, suspended| Account {
        code: code.into(),
        name: code.into(),
        active,
        suspended,
        second_factor: true,
        locked_until: Some(parvis_proto::to_proto_time("2026-11-23T09:00:00Z".parse().unwrap())),
        ..Account::default()
    };
    let accounts =
        vec![account("claire-martin", true, false), account("karim-benali", true, false), account("lea", false, true)];
    world.seen.tell("list_accounts", &ListAccountsResponse { accounts });
    let mut browser = Browser::agent(&world, &["administrator"]);
    let list = browser.get("/admin/comptes").await;
    let html = page("accounts", &list, 200);
    assert_eq!(html.matches("value=\"fermer\"").count(), 1, "neither one's own nor a closed one: {html}");
    assert_eq!((html.matches("value=\"debloquer\"").count(), html.matches("value=\"rouvrir\"").count()), (3, 1));
    for (action, change) in [
        ("fermer", AccountChange::Close),
        ("rouvrir", AccountChange::Reopen),
        ("debloquer", AccountChange::Unlock),
        ("verification", AccountChange::ResetSecondFactor),
    ] {
        let done = browser.send(&list, "/admin/comptes/karim-benali", &[("action", action)]).await;
        page(action, &browser.follow(&done).await, 200);
        let asked: Vec<ChangeAccountRequest> = world.seen.asked("change_account");
        assert_eq!(asked.last().unwrap().change(), change);
    }
    let done = browser.send(&list, "/admin/comptes/karim-benali", &[("action", "deconnecter")]).await;
    page("deconnecter", &browser.follow(&done).await, 200);
    page("unknown", &browser.send(&list, "/admin/comptes/karim-benali", &[("action", "x")]).await, 404);
    let last = Error::new(ErrorKind::FailedPrecondition, "no").refused(Refusal::LastAdministrator);
    world.seen.refusals.lock().unwrap().insert("change_account", status_from_error(&last));
    let html = page("last", &browser.send(&list, "/admin/comptes/x", &[("action", "fermer")]).await, 409);
    assert!(html.contains("dernier administrateur"), "{html}");
    let mut supervisor = Browser::agent(&world, &["supervisor"]);
    page("denied", &supervisor.send(&list, "/admin/comptes/x", &[("action", "fermer")]).await, 403);
}

#[tokio::test]
async fn the_api_does_the_same() {
    let world = World::new();
    let agent = world.agent("clairval");
    let headers = [("authorization", agent.as_str())];
    let partner = Partner { client_id: "app-ville".into(), ..Partner::default() };
    world.seen.tell("list_partners", &ListPartnersResponse { partners: vec![partner] });
    let listed = get(&world.router, "/api/v1/partners", &headers).await.json();
    assert_eq!(listed["partners"][0]["client_id"], "app-ville");
    for path in ["/api/v1/sessions", "/api/v1/accounts"] {
        assert_eq!(get(&world.router, path, &headers).await.status, 200);
        get(&world.router, path, &[]).await.problem(401);
    }
    let act = "/api/v1/accounts/karim-benali/actions";
    for action in ["close", "reopen", "unlock", "reset_second_factor", "sign_out"] {
        let body = json!({"action": action}).to_string();
        assert_eq!(post_json(&world.router, act, &headers, body).await.status, 200, "{action}");
    }
    post_json(&world.router, act, &headers, r#"{"action":"destroy"}"#).await.problem(422);
    for path in ["/api/v1/partners/app-ville", "/api/v1/sessions/01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11"] {
        assert_eq!(send(&world.router, "DELETE", path, &headers, "").await.status, 200);
    }
    assert_eq!(world.seen.asked::<RevokePartnerRequest>("revoke_partner")[0].client_id, "app-ville");
}
