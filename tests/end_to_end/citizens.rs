//! What citizens do.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use parvis_tests::{
    Api, Town,
    api::{free_text, is_routed_and_acknowledged},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// From a web form with an attachment to the agent's answer and the citizen's reply.
pub async fn a_citizen_files_follows_and_is_answered(town: &Town, api: &Api) -> Result<()> {
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 600]].concat();
    let sent = api
        .http()
        .post(api.url("/api/v1/attachments"))
        .header("Content-Type", "image/png")
        .header("X-File-Name", "trou.png")
        .body(picture.clone())
        .send()
        .await?;
    ensure!(sent.status() == StatusCode::CREATED, "{} {}", sent.status(), sent.text().await?);
    let attachment: serde_json::Value = sent.json().await?;

    let mut body = free_text("Un énorme nid-de-poule rue du Port, ma roue est abîmée.", 1);
    body["attachments"] = json!([{ "id": attachment["id"] }]);
    let receipt = api.submit_until_accepted(&body, "histoire-citoyenne-1", None, PATIENCE).await?;
    let again = api.submit_until_accepted(&body, "histoire-citoyenne-1", None, PATIENCE).await?;
    ensure!(receipt == again, "the same key and body gave {again:?} after {receipt:?}");
    body["text"] = json!("Autre chose.");
    let (status, problem) = api.submit(&body, "histoire-citoyenne-1", None).await?;
    ensure!(status == StatusCode::CONFLICT, "the same key with another body: {status} {problem}");

    let timeline = api.follow(&receipt, PATIENCE, is_routed_and_acknowledged).await?;
    ensure!(timeline["lines"].as_array().is_some_and(|lines| lines.len() >= 3), "{timeline:#}");
    let mail = town
        .mails()
        .into_iter()
        .find(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(&receipt.reference)))
        .context("no acknowledgment was written")?;
    let mail = std::fs::read_to_string(mail)?;
    ensure!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");

    let (status, _) = api.get(&format!("/api/v1/cases/{}", receipt.reference), "not-a-token").await?;
    ensure!(status == StatusCode::UNAUTHORIZED, "{status}");
    let handler = super::agents::handler_of(api, &receipt).await?;
    let token = api.sign_in(&handler).await?;
    let downloaded = api
        .http()
        .get(api.url(&format!("/api/v1/attachments/{}", attachment["id"].as_str().unwrap_or_default())))
        .query(&[("case", &receipt.reference)])
        .bearer_auth(&token)
        .send()
        .await?;
    ensure!(downloaded.bytes().await? == picture, "the attachment came back changed");

    let case = super::agents::case(api, &receipt, &token).await?;
    let path = format!("/api/v1/cases/{}", receipt.reference);
    let version = &case["case"]["version"];
    let (status, case) = api.post(&format!("{path}/start"), &token, &json!({ "version": version })).await?;
    ensure!(status == StatusCode::OK, "{status} {case}");
    let question = json!({
        "version": case["version"], "text": "À quelle hauteur de la rue ?", "wait_for_citizen": true,
    });
    let (status, case) = api.post(&format!("{path}/messages"), &token, &question).await?;
    ensure!(status.is_success(), "{status} {case}");
    ensure!(case["state"] == "waiting_citizen", "{case:#}");

    let reply = api
        .http()
        .post(api.url(&format!("/api/v1/requests/{}/messages", receipt.reference)))
        .header("Tracking-Code", &receipt.tracking_code)
        .header("Idempotency-Key", "reponse-1")
        .json(&json!({ "text": "Devant le numéro 12." }))
        .send()
        .await?;
    ensure!(reply.status().is_success(), "{} {}", reply.status(), reply.text().await?);
    let case = super::agents::case(api, &receipt, &token).await?;
    ensure!(case["case"]["state"] == "in_progress", "{case:#}");
    let close = json!({
        "version": case["case"]["version"], "outcome": "answered", "message": "Le trou sera rebouché jeudi.",
    });
    let (status, closed) = api.post(&format!("{path}/close"), &token, &close).await?;
    ensure!(status.is_success(), "{status} {closed}");
    api.follow(&receipt, PATIENCE, |timeline| timeline["status"] == "closed").await?;
    Ok(())
}

/// The right not to use digital means: the acknowledgment waits to be posted, and somebody posts it.
pub async fn somebody_without_email_is_told_by_letter(api: &Api) -> Result<()> {
    let front_desk = api.sign_in("accueil").await?;
    let body = json!({
        "channel": "counter",
        "acted_by_basis": "in_person",
        "text": "Madame souhaite savoir quand son arbre mitoyen sera élagué par la ville.",
        "requester": {
            "kind": "person", "first_name": "Odette", "last_name": "Lemoine", "contact_mode": "letter",
            "postal_address": "3 rue du Port\n49999 Clairval-sur-Loire",
        },
    });
    let receipt = api.submit_until_accepted(&body, "guichet-odette", Some(&front_desk), PATIENCE).await?;
    let notice = letter_for(api, &front_desk, &receipt.reference).await?;
    ensure!(notice["mode"] == "letter", "{notice:#}");
    let path = format!("/api/v1/handovers/{}/done", notice["id"].as_str().unwrap_or_default());
    let (status, done) = api.post(&path, &front_desk, &json!({})).await?;
    ensure!(status.is_success(), "{status} {done}");
    let (status, twice) = api.post(&path, &front_desk, &json!({})).await?;
    ensure!(status == StatusCode::CONFLICT, "posted twice: {status} {twice}");
    Ok(())
}

/// The letter that waits to be posted for a request.
async fn letter_for(api: &Api, front_desk: &str, reference: &str) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (status, waiting) = api.get("/api/v1/handovers", front_desk).await?;
        ensure!(status == StatusCode::OK, "{status} {waiting}");
        let notices = waiting["notices"].as_array().context("a list")?;
        if let Some(notice) = notices.iter().find(|notice| notice["reference"] == reference) {
            return Ok(notice.clone());
        }
        ensure!(tokio::time::Instant::now() < deadline, "no letter for {reference} among {waiting:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
