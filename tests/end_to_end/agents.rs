//! What agents and elected officials do.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use parvis_tests::{
    Api, Receipt,
    api::{free_text, is_routed_and_acknowledged},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// The agent to whom routing gave a request.
pub async fn handler_of(api: &Api, receipt: &Receipt) -> Result<String> {
    // Whoever receives people sees who has it, and no more.
    let front_desk = api.sign_in("accueil").await?;
    let path = format!("/api/v1/cases/{}", receipt.reference);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < deadline {
        let (_, seen) = api.get(&path, &front_desk).await?;
        if let Some(agent) = seen["case"]["agent"].as_str().filter(|agent| !agent.is_empty()) {
            return Ok(agent.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("{} was given to nobody", receipt.reference)
}

/// A case as an agent reads it.
pub async fn case(api: &Api, receipt: &Receipt, token: &str) -> Result<Value> {
    let (status, case) = api.get(&format!("/api/v1/cases/{}", receipt.reference), token).await?;
    ensure!(status == StatusCode::OK, "{status} {case}");
    Ok(case)
}

/// A routed request, its handler's token, and its case.
async fn routed(api: &Api, text: &str, key: &str) -> Result<(Receipt, String, Value)> {
    let receipt = api.submit_until_accepted(&free_text(text, 7), key, None, PATIENCE).await?;
    api.follow(&receipt, PATIENCE, is_routed_and_acknowledged).await?;
    let token = api.sign_in(&handler_of(api, &receipt).await?).await?;
    let case = case(api, &receipt, &token).await?;
    Ok((receipt, token, case))
}

/// The front desk logs a call; the agent who handles it closes it; both see it end.
pub async fn a_call_is_logged_and_handled_to_the_end(api: &Api) -> Result<()> {
    let front_desk = api.sign_in("accueil").await?;
    let body = json!({
        "channel": "phone",
        "acted_by_basis": "phone",
        "text": "Un monsieur signale que le lampadaire de la rue du Port ne s'allume plus.",
        "requester": {
            "kind": "person", "first_name": "Ali", "last_name": "Haddad", "phone": "02 61 91 12 34",
            "contact_mode": "phone",
        },
    });
    let receipt = api.submit_until_accepted(&body, "appel-ali", Some(&front_desk), PATIENCE).await?;
    let handler = handler_of(api, &receipt).await?;
    let token = api.sign_in(&handler).await?;
    let mine = api.get("/api/v1/cases?view=mine", &token).await?.1;
    let listed = mine["cases"].as_array().is_some_and(|all| all.iter().any(|c| c["reference"] == receipt.reference));
    ensure!(listed, "{handler} does not see it among their own: {mine:#}");
    let filed = api.get("/api/v1/cases?view=filed", &front_desk).await?.1;
    let listed = filed["cases"].as_array().is_some_and(|all| all.iter().any(|c| c["reference"] == receipt.reference));
    ensure!(listed, "the front desk does not see what it filed: {filed:#}");
    let case = case(api, &receipt, &token).await?;
    let close = json!({ "version": case["case"]["version"], "outcome": "answered", "message": "Réparé ce matin." });
    let (status, closed) = api.post(&format!("/api/v1/cases/{}/close", receipt.reference), &token, &close).await?;
    ensure!(status.is_success() && closed["state"] == "closed", "{status} {closed}");
    api.follow(&receipt, PATIENCE, |timeline| timeline["status"] == "closed").await?;
    Ok(())
}

/// Optimistic concurrency: the second writer is told, and nothing of theirs is kept.
pub async fn two_agents_change_one_case_and_one_is_told(api: &Api) -> Result<()> {
    let (receipt, token, case) = routed(api, "Un tag sur le mur de l'école rue du Port.", "deux-agents").await?;
    let note = |text: &str| json!({ "version": case["case"]["version"], "text": text });
    let (seen, doing) = (note("Vu sur place."), note("Je m'en occupe."));
    let path = format!("/api/v1/cases/{}/notes", receipt.reference);
    let (first, second) = tokio::join!(api.post(&path, &token, &seen), api.post(&path, &token, &doing));
    let statuses = [first?.0, second?.0];
    ensure!(
        statuses.iter().filter(|status| status.is_success()).count() == 1
            && statuses.iter().filter(|status| **status == StatusCode::CONFLICT).count() == 1,
        "{statuses:?}"
    );
    Ok(())
}

/// From one unit to another, with a reason, explained.
pub async fn a_case_is_handed_on_with_a_reason(api: &Api) -> Result<()> {
    let (receipt, token, case) = routed(api, "Un lampadaire clignote rue du Port.", "transmission").await?;
    let from = case["case"]["unit"].as_str().context("a unit")?.to_owned();
    let to = if from == "urbanisme" { "etat-civil" } else { "urbanisme" };
    let path = format!("/api/v1/cases/{}", receipt.reference);
    let (status, refused) = api.post(&format!("{path}/reassign"), &token, &json!({ "unit": to, "reason": "" })).await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "without a reason: {status} {refused}");
    let hand_on = json!({ "unit": to, "reason": "Relève du permis en cours sur cette parcelle." });
    let (status, decision) = api.post(&format!("{path}/reassign"), &token, &hand_on).await?;
    ensure!(status.is_success() && decision["unit"] == to, "{status} {decision:#}");
    // Who handed it on sees why it went, until then.
    let (_, decisions) = api.get(&format!("/api/v1/cases/{}/decisions", receipt.request_id), &token).await?;
    let all = decisions["decisions"].as_array().context("a list")?;
    ensure!(all.len() == 2, "{decisions:#}");
    ensure!(all[0]["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "not explained: {decisions:#}");
    ensure!(all[1]["reason"] == hand_on["reason"], "{decisions:#}");
    api.follow(&receipt, PATIENCE, |timeline| timeline["unit"] == to).await?;
    Ok(())
}

/// Counted, and no case.
pub async fn an_instant_answer_opens_no_case(api: &Api) -> Result<()> {
    let front_desk = api.sign_in("accueil").await?;
    let body = json!({ "channel": "counter", "theme": "etat-civil" });
    let send = || async {
        let request = api.http().post(api.url("/api/v1/instant-answers")).bearer_auth(&front_desk);
        anyhow::Ok(request.header("Idempotency-Key", "horaires-1").json(&body).send().await?)
    };
    let first = send().await?;
    ensure!(first.status().is_success(), "{}", first.text().await?);
    let first: Value = first.json().await?;
    let again: Value = send().await?.json().await?;
    ensure!(first["today"] == again["today"], "counted twice: {first} {again}");
    Ok(())
}

/// Figures yes, cases no.
pub async fn elected_officials_read_figures_and_no_case(api: &Api) -> Result<()> {
    let (receipt, ..) = routed(api, "Le square est mal éclairé rue du Port.", "chiffres").await?;
    let elected = api.sign_in("elu").await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (status, figures) = api.get("/api/v1/figures", &elected).await?;
        ensure!(status == StatusCode::OK, "{status} {figures}");
        let counted = figures["received"].as_u64().unwrap_or(0) >= 5 && figures["instant_answers"].is_null();
        if counted {
            ensure!(figures["by_channel"].as_array().is_some_and(|rows| rows.len() >= 3), "{figures:#}");
            ensure!(!figures.to_string().contains("Essai7"), "figures name a citizen");
            break;
        }
        ensure!(tokio::time::Instant::now() < deadline, "{figures:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (status, case) = api.get(&format!("/api/v1/cases/{}", receipt.reference), &elected).await?;
    ensure!(matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{status} {case}");
    Ok(())
}
