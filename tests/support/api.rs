//! A client of the REST interface, as a web portal would write it: it keeps its idempotency key and tries again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::town::PASSWORD;

/// What an accepted request answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    pub request_id: String,
    pub reference: String,
    pub tracking_code: String,
    pub received_at: String,
}

/// A client at one address.
#[derive(Clone)]
pub struct Api {
    base: String,
    http: reqwest::Client,
    /// A door takes few sign-ins a minute from one address.
    tokens: Arc<Mutex<HashMap<String, String>>>,
}

impl Api {
    /// A client at `base` (`http://127.0.0.1:8080`).
    pub fn new(base: String) -> Self {
        // The client insists on one, though nothing here is encrypted. An error means it is set already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .build()
            .expect("a client without TLS can always be built");
        Self { base, http, tokens: Arc::default() }
    }

    /// The address of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The HTTP client, for what has no method here.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// An agent's token: the one they got when they signed in before, if they did.
    pub async fn sign_in(&self, login: &str) -> Result<String> {
        let kept = self.tokens.lock().ok().and_then(|tokens| tokens.get(login).cloned());
        if let Some(token) = kept {
            return Ok(token);
        }
        let answer = self
            .http
            .post(self.url("/api/v1/session"))
            .json(&json!({"login": login, "password": PASSWORD}))
            .send()
            .await?;
        let (status, body) = read(answer).await?;
        let token = body["access_token"].as_str().with_context(|| format!("{login}: {status} {body}"))?;
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.insert(login.to_owned(), token.to_owned());
        }
        Ok(token.to_owned())
    }

    /// Submits once.
    pub async fn submit(&self, body: &Value, key: &str, token: Option<&str>) -> Result<(StatusCode, Value)> {
        let mut request = self.http.post(self.url("/api/v1/requests")).header("Idempotency-Key", key).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        read(request.send().await?).await
    }

    /// Submits, and again with the same key after anything but a 201, until `patience` is over. A refusal that a
    /// second try cannot change is an error.
    pub async fn submit_until_accepted(
        &self,
        body: &Value,
        key: &str,
        token: Option<&str>,
        patience: Duration,
    ) -> Result<Receipt> {
        let deadline = tokio::time::Instant::now() + patience;
        let mut last = String::new();
        while tokio::time::Instant::now() < deadline {
            match self.submit(body, key, token).await {
                Ok((StatusCode::CREATED, body)) => return Ok(serde_json::from_value(body)?),
                Ok((status, body)) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                    bail!("refused: {status} {body}")
                }
                Ok((status, body)) => last = format!("{status} {body}"),
                Err(error) => last = format!("{error:#}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("not accepted in {patience:?}; the last answer was {last}")
    }

    /// The timeline of a request; `None` while it is not known yet or a part is down.
    pub async fn timeline(&self, receipt: &Receipt) -> Result<Option<Value>> {
        let path = format!("/api/v1/requests/{}/timeline", receipt.reference);
        let answer = self.get_with_code(&path, receipt).await?;
        Ok((answer.0 == StatusCode::OK).then_some(answer.1))
    }

    /// A resource of a request, by its tracking code.
    pub async fn get_with_code(&self, path: &str, receipt: &Receipt) -> Result<(StatusCode, Value)> {
        let request = self.http.get(self.url(path)).header("Tracking-Code", &receipt.tracking_code);
        read(request.send().await?).await
    }

    /// A resource, as an agent.
    pub async fn get(&self, path: &str, token: &str) -> Result<(StatusCode, Value)> {
        read(self.http.get(self.url(path)).bearer_auth(token).send().await?).await
    }

    /// An action, as an agent.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Result<(StatusCode, Value)> {
        read(self.http.post(self.url(path)).bearer_auth(token).json(body).send().await?).await
    }

    /// Follows a request until `done` says so of its timeline.
    pub async fn follow(&self, receipt: &Receipt, patience: Duration, done: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = tokio::time::Instant::now() + patience;
        let mut last = Value::Null;
        while tokio::time::Instant::now() < deadline {
            if let Ok(Some(timeline)) = self.timeline(receipt).await {
                if done(&timeline) {
                    return Ok(timeline);
                }
                last = timeline;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        bail!("{} did not get there in {patience:?}; its timeline is {last:#}", receipt.reference)
    }
}

/// Whether a timeline shows a handler or a queue, and an acknowledgment sent.
pub fn is_routed_and_acknowledged(timeline: &Value) -> bool {
    let status = timeline["status"].as_str().unwrap_or_default();
    !matches!(status, "" | "received") && !timeline["acknowledged_at"].is_null()
}

/// A web request in free text, from somebody with an e-mail address.
pub fn free_text(text: &str, number: usize) -> Value {
    json!({
        "text": text,
        "requester": {
            "kind": "person",
            "first_name": "Camille",
            "last_name": format!("Essai{number}"),
            "email": format!("camille.essai{number}@example.org"),
            "contact_mode": "email",
        },
    })
}

async fn read(answer: reqwest::Response) -> Result<(StatusCode, Value)> {
    let status = answer.status();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
