//! Bad input: named, never a 500, never half an effect.

use anyhow::{Result, ensure};
use parvis_tests::{Api, api::free_text};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Sends what nobody should, and reads what is said of it.
pub async fn bad_input_is_named_and_never_a_500(api: &Api) -> Result<()> {
    let raw = |body: Vec<u8>, content_type: &'static str| async move {
        let request = api.http().post(api.url("/api/v1/requests")).header("Idempotency-Key", "mauvaise");
        let answer = request.header("Content-Type", content_type).body(body).send().await?;
        let (status, kind) = (answer.status(), answer.headers().get("content-type").cloned());
        let body: Value = serde_json::from_str(&answer.text().await?).unwrap_or_default();
        ensure!(kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json")), "{status} {body}");
        ensure!(status.is_client_error(), "{status} {body}");
        anyhow::Ok((status, body))
    };
    raw(b"{".to_vec(), "application/json").await?;
    raw(b"{\"text\": \"\xff\xfe\"}".to_vec(), "application/json").await?;
    raw(b"text=bonjour".to_vec(), "application/x-www-form-urlencoded").await?;
    raw(format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes(), "application/json").await?;
    let (status, _) =
        raw(format!("{{\"text\": \"{}\"}}", "a".repeat(3_000_000)).into_bytes(), "application/json").await?;
    ensure!(status == StatusCode::PAYLOAD_TOO_LARGE, "{status}");
    let many: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("champ-{n}"), json!("x"))).collect();
    raw(serde_json::to_vec(&json!({ "text": "x", "answers": many }))?, "application/json").await?;
    raw(serde_json::to_vec(&json!({ "text": 12 }))?, "application/json").await?;
    raw(serde_json::to_vec(&json!({ "text": "x", "inconnu": 1 }))?, "application/json").await?;

    for (change, field) in [
        (json!({ "procedure": "n-existe-pas" }), "procedure"),
        (json!({ "text": "" }), "text"),
        (json!({ "channel": "pigeon" }), "channel"),
        (
            json!({ "requester": { "kind": "person", "email": "sans-arobase", "contact_mode": "email" } }),
            "requester.email",
        ),
        (json!({ "attachments": [{ "id": "00000000-0000-0000-0000-000000000000" }] }), "attachments"),
        (json!({ "attachments": [{ "id": "pas-un-uuid" }] }), "attachments"),
    ] {
        let mut body = free_text("Bonjour.", 0);
        for (key, value) in change.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let (status, problem) = api.submit(&body, "mauvaise-2", None).await?;
        ensure!(status.is_client_error(), "{change}: {status} {problem}");
        let named = problem["errors"].as_array().is_some_and(|errors| {
            errors.iter().any(|error| error["field"].as_str().is_some_and(|name| name.starts_with(field)))
        });
        ensure!(named, "{change}: {field} is not named in {problem:#}");
    }
    let (status, problem) = api.submit(&free_text("Bonjour.", 0), "", None).await?;
    ensure!(status.is_client_error(), "an empty key: {status} {problem}");

    // A page that says it is a picture, and a text that says it is a document.
    for (name, kind, bytes) in [
        ("photo.png", "image/png", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("lettre.pdf", "application/pdf", b"MZ\x90\x00 not a document".to_vec()),
        ("vide.pdf", "application/pdf", Vec::new()),
    ] {
        let request = api.http().post(api.url("/api/v1/attachments")).header("Content-Type", kind);
        let answer = request.header("X-File-Name", name).body(bytes).send().await?;
        let status = answer.status();
        ensure!(status.is_client_error(), "{name}: {status} {}", answer.text().await?);
    }
    for path in ["/api/v1/inconnu", "/api/v1/requests/pas-une-reference", "/api/v1/requests/000-000-000-A/timeline"] {
        let status = api.http().get(api.url(path)).send().await?.status();
        ensure!(status.is_client_error(), "{path}: {status}");
    }
    Ok(())
}

/// What real roles refuse, as a citizen's portal and an agent's software read it.
pub async fn each_refusal_has_its_code_and_its_french_sentence(api: &Api) -> Result<()> {
    let long = "a".repeat(151);
    let birth = json!({ "answers": { "nom-naissance": "Essai", "prenoms": "Camille" }, "procedure": "acte-naissance" });
    for (change, field, code, says) in [
        (birth.clone(), "answers.type-acte", "required", "Répondez à cette question."),
        (
            json!({ "answers": { "prenoms": long }, "procedure": "acte-naissance" }),
            "answers.prenoms",
            "too_long",
            "150\u{a0}caractères",
        ),
        (
            json!({ "answers": { "type-acte": "parchemin" }, "procedure": "acte-naissance" }),
            "answers.type-acte",
            "not_one_of",
            "Choisissez l’une des réponses proposées.",
        ),
        (
            json!({ "answers": { "date-naissance": "1985-02-30" }, "procedure": "acte-naissance" }),
            "answers.date-naissance",
            "bad_format",
            "Cette date n’existe pas.",
        ),
        (
            json!({ "requester": { "kind": "person", "email": "sans-arobase", "contact_mode": "email" } }),
            "requester.email",
            "bad_format",
            "prenom.nom@exemple.fr",
        ),
        (
            json!({ "requester": { "kind": "anonymous", "contact_mode": "letter" } }),
            "requester.postal_address",
            "required_for_contact_mode",
            "adresse postale",
        ),
        (json!({ "procedure": "n-existe-pas" }), "procedure", "unknown", "Cette démarche n’existe pas"),
        (json!({ "text": "" }), "text", "required", "Écrivez votre message."),
    ] {
        let mut body = free_text("Bonjour.", 0);
        for (key, value) in change.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let (status, problem) = api.submit(&body, "refus", None).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{change}: {status} {problem}");
        let said = problem["errors"].as_array().is_some_and(|errors| {
            errors.iter().any(|error| {
                error["field"] == field
                    && error["code"] == code
                    && error["message"].as_str().is_some_and(|message| message.contains(says))
            })
        });
        ensure!(said, "{change}: {field} {code} « {says} » is not in {problem:#}");
    }
    // A flood of refusals is told too: it fits in what the roles' clients accept.
    let many: serde_json::Map<String, Value> = (0..150).map(|n| (format!("champ-{n}"), json!("x"))).collect();
    let (status, problem) =
        api.submit(&json!({ "procedure": "acte-naissance", "answers": many }), "flot", None).await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status} {problem}");
    let told = problem["errors"].as_array().map_or(0, Vec::len);
    ensure!(told == 100, "{told} of 100 are told: {problem:#}");
    ensure!(problem["errors"][0]["code"] == "unknown_field", "{problem:#}");

    let (status, problem) = api.submit(&free_text("Bonjour.", 1), "une-seule-fois", None).await?;
    ensure!(status == StatusCode::CREATED, "{status} {problem}");
    let (status, problem) = api.submit(&free_text("Autre chose.", 1), "une-seule-fois", None).await?;
    ensure!(status == StatusCode::CONFLICT && problem["code"] == "key_reused", "{status} {problem}");
    let token = api.sign_in("agent").await?;
    for (path, code, says) in [
        ("/api/v1/cases/0190a0b0-0000-7000-8000-000000000000", "not_found", "Aucun dossier"),
        ("/api/v1/procedures/n-existe-pas", "not_found", "Cette démarche"),
    ] {
        let answer = api.http().get(api.url(path)).bearer_auth(&token).send().await?;
        let (status, problem): (_, Value) = (answer.status(), answer.json().await?);
        ensure!(status == StatusCode::NOT_FOUND && problem["code"] == code, "{path}: {status} {problem}");
        ensure!(problem["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{path}: {problem}");
    }
    Ok(())
}

/// Tokens that nobody signed.
pub async fn forged_tokens_are_refused(api: &Api) -> Result<()> {
    let real = api.sign_in("agent").await?;
    let parts: Vec<&str> = real.split('.').collect();
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    // {"alg":"HS256","typ":"JWT"}
    let hmac = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}.{}", parts[1], parts[2]);
    let tampered = format!("{}.{}A.{}", parts[0], parts[1], parts[2]);
    for token in [none.as_str(), hmac.as_str(), tampered.as_str(), "x", "", "a.b.c"] {
        let (status, body) = api.get("/api/v1/cases?view=mine", token).await?;
        ensure!(status == StatusCode::UNAUTHORIZED, "« {token} »: {status} {body}");
    }
    let (status, body) = api.get("/api/v1/cases?view=mine", &real).await?;
    ensure!(status == StatusCode::OK, "{status} {body}");
    Ok(())
}
