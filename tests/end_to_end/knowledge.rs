//! An answer is found before anything is filed; an article is written, published, found, and only at home.

use anyhow::{Context as _, Result, ensure};
use parvis_tests::Api;
use reqwest::StatusCode;
use serde_json::{Value, json};

const OTHER: &str = "petit-ormeau.localhost";

/// What the town wrote is found in the words people use, also while they write, and it is counted that it helped.
pub async fn an_answer_is_found_before_anything_is_filed(api: &Api) -> Result<()> {
    let body = json!({ "text": "bonjour, je voudrais jeter un vieux canape et un matelas", "channel": "web" });
    let answer = api.http().post(api.url("/api/v1/articles/suggestions")).json(&body).send().await?;
    ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
    let suggested: Value = answer.json().await?;
    ensure!(suggested["articles"][0]["slug"] == "encombrants", "{suggested:#}");
    ensure!(suggested["procedures"][0]["slug"] == "collecte-encombrants", "{suggested:#}");
    ensure!(suggested["templates"] == json!([]), "templates are for agents: {suggested:#}");
    let feedback = json!({ "helped": true, "instead_of_filing": true });
    let path = api.url("/api/v1/articles/encombrants/feedback");
    let answer = api.http().post(path).json(&feedback).send().await?;
    ensure!(answer.status() == StatusCode::OK, "{}", answer.text().await?);
    Ok(())
}

/// An agent writes, an administrator publishes; the neighbours find nothing of it.
pub async fn an_article_is_written_published_and_found(api: &Api) -> Result<()> {
    let (clerk, editor) = (api.sign_in("agent").await?, api.sign_in("admin").await?);
    let content = json!({
        "title": "Emprunter un broyeur de branches", "summary": "Gratuit, trois jours, sur rendez-vous.",
        "theme": "proprete", "body": "Le broyeur se retire au centre technique.", "keywords": ["déchiqueteuse"],
    });
    let body = json!({ "kind": "article", "content": content });
    let (status, draft) = api.post("/api/v1/articles", &clerk, &body).await?;
    ensure!(status == StatusCode::OK, "{status} {draft}");
    let slug = draft["slug"].as_str().context("the article has an address")?.to_owned();
    let publish = format!("/api/v1/articles/{slug}/publish");
    let seen = json!({ "revision": draft["revision"] });
    let (status, refused) = api.post(&publish, &clerk, &seen).await?;
    ensure!(status == StatusCode::FORBIDDEN, "{status} {refused}");
    let (status, published) = api.post(&publish, &editor, &seen).await?;
    ensure!(status == StatusCode::OK && published["state"] == "published", "{status} {published}");
    let (status, late) = api.post(&publish, &editor, &seen).await?;
    ensure!(status == StatusCode::CONFLICT, "{status} {late}");
    let search = api.url("/api/v1/articles?q=dechiqueteuse");
    let found: Value = api.http().get(&search).send().await?.json().await?;
    ensure!(found["articles"][0]["slug"] == slug.as_str(), "{found:#}");
    let page = api.url(&format!("/api/v1/articles/{slug}"));
    let elsewhere = api.http().get(&page).header("Host", OTHER).send().await?;
    ensure!(elsewhere.status() == StatusCode::NOT_FOUND, "{}", elsewhere.status());
    let (_, usage) = api.get("/api/v1/article-usage", &editor).await?;
    ensure!(usage["searches"].as_u64().is_some_and(|searches| searches > 0), "{usage:#}");
    Ok(())
}
