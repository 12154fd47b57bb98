//! A request that is another body's: proposed, confirmed, sent on, and the citizen told.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use parvis_tests::{Api, Receipt, Town, api::free_text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::agents::{case, handler_of};

const PATIENCE: Duration = Duration::from_secs(30);
const BODY: &str = "demandes@caf-du-val.example";

/// A rule proposes it to agents alone; the agent who confirms sends the request itself by e-mail; the citizen then
/// reads that it went.
pub async fn a_request_of_another_body_is_sent_on(town: &Town, api: &Api) -> Result<()> {
    publish_a_rule(api).await?;
    let text = "Je n'ai rien touché de mon allocation pluriannuelle de rentrée.";
    let receipt = api.submit_until_accepted(&free_text(text, 31), "a-la-caf", None, PATIENCE).await?;
    let token = api.sign_in(&handler_of(api, &receipt).await?).await?;
    let proposed = line_of(api, &receipt, &token, "transfer_proposed").await?;
    ensure!(proposed["label"] == "Transmission proposée à : CAF du Val" && proposed["public"] == false, "{proposed:#}");
    let public = api.timeline(&receipt).await?.context("a timeline")?;
    ensure!(!public.to_string().contains("CAF"), "the citizen is told when an agent confirms: {public:#}");

    let path = format!("/api/v1/cases/{}/close", receipt.reference);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let seen = case(api, &receipt, &token).await?;
        let close = json!({
            "version": seen["case"]["version"], "outcome": "transferred_out", "transfer_to": "caf",
            "message": "Nous transmettons votre demande à la CAF du Val.",
        });
        let (status, answer) = api.post(&path, &token, &close).await?;
        if status == StatusCode::OK {
            break;
        }
        // Casework hears of the proposal beside tracking.
        ensure!(status == StatusCode::CONFLICT && tokio::time::Instant::now() < deadline, "{status} {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sent = api.follow(&receipt, PATIENCE, |timeline| timeline.to_string().contains("referral_sent")).await?;
    ensure!(sent.to_string().contains("Demande transmise à l’organisme compétent par courriel"), "{sent:#}");
    let mails: Vec<String> = town.mails().iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let to_the_body: Vec<&String> = mails.iter().filter(|mail| mail.contains(BODY)).collect();
    ensure!(to_the_body.len() == 1, "{} e-mails to the body", to_the_body.len());
    ensure!(to_the_body[0].contains(&receipt.reference) && !to_the_body[0].contains("suivi?"), "{}", to_the_body[0]);
    ensure!(!to_the_body[0].contains(&receipt.tracking_code), "the code is the citizen's alone");
    Ok(())
}

/// One that an agent refuses stays here: whoever confirms it later, by the API, sends it to nobody.
pub async fn a_refused_transfer_goes_to_nobody(town: &Town, api: &Api) -> Result<()> {
    let text = "Mon allocation pluriannuelle est-elle versée par la mairie ?";
    let receipt = api.submit_until_accepted(&free_text(text, 32), "pas-a-la-caf", None, PATIENCE).await?;
    let token = api.sign_in(&handler_of(api, &receipt).await?).await?;
    line_of(api, &receipt, &token, "transfer_proposed").await?;
    let path = format!("/api/v1/cases/{}", receipt.reference);
    let reason = json!({ "reason": "C'est pour nous." });
    let (status, refused) = api.post(&format!("{path}/refuse-transfer"), &token, &reason).await?;
    ensure!(status == StatusCode::OK && refused["state"] == "refused", "{status} {refused}");
    let line = line_of(api, &receipt, &token, "transfer_refused").await?;
    ensure!(line["public"] == false, "a citizen has nothing to do with it: {line}");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let version = loop {
        let seen = case(api, &receipt, &token).await?;
        let history = seen["history"].as_array().cloned().unwrap_or_default();
        if history.iter().any(|line| line["kind"] == "transfer_refused") {
            break seen["case"]["version"].clone();
        }
        ensure!(tokio::time::Instant::now() < deadline, "casework does not hear of the refusal: {seen:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let close = json!({
        "version": version, "outcome": "transferred_out", "transfer_to": "caf", "message": "Nous la transmettons.",
    });
    let (status, answer) = api.post(&format!("{path}/close"), &token, &close).await?;
    ensure!(status == StatusCode::CONFLICT, "{status} {answer}");
    let mails: Vec<String> = town.mails().iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    ensure!(!mails.iter().any(|mail| mail.contains(BODY) && mail.contains(&receipt.reference)), "it was sent");
    Ok(())
}

async fn line_of(api: &Api, receipt: &Receipt, token: &str, kind: &str) -> Result<Value> {
    let path = format!("/api/v1/requests/{}/timeline", receipt.reference);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut last = Value::Null;
    while tokio::time::Instant::now() < deadline {
        last = api.get(&path, token).await?.1;
        let lines = last["lines"].as_array().cloned().unwrap_or_default();
        if let Some(line) = lines.into_iter().find(|line| line["kind"] == kind) {
            return Ok(line);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("no {kind} in {last:#}")
}

/// Before every other rule, so that no word of them takes the request first.
async fn publish_a_rule(api: &Api) -> Result<()> {
    let administrator = api.sign_in("admin").await?;
    let (status, draft) = api.get("/api/v1/rule-draft", &administrator).await?;
    ensure!(status == StatusCode::OK, "{status} {draft}");
    let mut text = draft["text"].clone();
    let rules = text["rules"].as_array_mut().context("rules")?;
    let default = rules.last().and_then(|rule| rule["actions"].as_array()).context("a default rule")?;
    let unit = default.iter().find(|action| action["kind"] == "unit").context("a unit")?.clone();
    let rule = json!({
        "code": "a-la-caf", "name": "Allocations",
        "conditions": [{ "kind": "words", "values": ["allocation pluriannuelle"] }],
        "actions": [{ "kind": "transfer", "value": "caf" }, unit, { "kind": "stop" }],
    });
    rules.insert(0, rule);
    let body = json!({ "code": "caf", "name": "CAF du Val", "email": BODY, "phone": "3230" });
    text["bodies"].as_array_mut().context("bodies")?.push(body);
    let save = json!({ "text": text, "expected_revision": draft["revision"], "based_on": draft["in_force"] });
    let request = api.http().put(api.url("/api/v1/rule-draft")).bearer_auth(&administrator).json(&save);
    let answer = request.send().await?;
    let status = answer.status();
    let saved: Value = answer.json().await?;
    ensure!(status == StatusCode::OK, "{status} {saved}");
    let publish = json!({ "expected_revision": saved["revision"], "note": "Essai" });
    let (status, published) = api.post("/api/v1/rule-draft/publish", &administrator, &publish).await?;
    ensure!(status == StatusCode::OK, "{status} {published}");
    Ok(())
}
