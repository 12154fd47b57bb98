//! `make replay`: real messages, by every channel, each followed until somebody has it and the citizen knows.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use futures::{StreamExt as _, stream};
use hdrhistogram::Histogram;
use jiff::Timestamp;
use parvis_proto::identity::{CreatePartnerRequest, identity_service_client::IdentityServiceClient};
use parvis_tests::{
    Api, Receipt, Town,
    api::{free_text, is_routed_and_acknowledged},
};
use serde_json::{Value, json};

/// Submits messages to a town started for this in an empty folder, and prints what became of them.
#[derive(Parser)]
struct Arguments {
    /// JSON lines with a `text`; by default the shared real messages where they are, else the demonstration's.
    #[arg(long)]
    file: Option<PathBuf>,
    /// How many are under way at once.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// One process a role over PostgreSQL and NATS, instead of one process over SQLite.
    #[arg(long)]
    distributed: bool,
}

const CHANNELS: [&str; 7] = ["web", "phone", "counter", "letter", "email", "api", "partner"];

struct Tokens {
    front_desk: String,
    partner: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let file = arguments.file.clone().unwrap_or_else(default_file);
    let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let messages = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            let value: Value = serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), at + 1))?;
            Ok(value["text"].as_str().context("a line without « text »")?.to_owned())
        })
        .collect::<Result<Vec<String>>>()?;

    let mut town = if arguments.distributed { Town::distributed().await? } else { Town::in_one_process().await? };
    let api = town.api();
    let tokens =
        Arc::new(Tokens { front_desk: api.sign_in("accueil").await?, partner: partner_token(&town, &api).await? });
    let total = messages.len();
    let outcomes: Vec<Outcome> = stream::iter(messages.into_iter().enumerate())
        .map(|(number, message)| {
            let (api, tokens) = (api.clone(), tokens.clone());
            async move { follow(&api, &tokens, number, &message).await }
        })
        .buffer_unordered(arguments.clients)
        .collect()
        .await;
    print(&file.display().to_string(), total, &outcomes);
    let lost = outcomes.iter().filter(|outcome| outcome.is_lost()).count();
    for process in &mut town.processes {
        process.terminate().await?;
    }
    if lost > 0 {
        bail!("{lost} lost");
    }
    Ok(())
}

fn default_file() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = root.join("../shared/data/requests_unlabelled.jsonl");
    if shared.is_file() { shared } else { root.join("demo/requests.jsonl") }
}

/// What became of one message.
enum Outcome {
    Refused { channel: &'static str, why: String },
    Lost { channel: &'static str, why: String },
    Followed { channel: &'static str, assigned: bool, milliseconds: Option<u64> },
}

impl Outcome {
    fn channel(&self) -> &'static str {
        match self {
            Self::Refused { channel, .. } | Self::Lost { channel, .. } | Self::Followed { channel, .. } => channel,
        }
    }

    fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}

async fn follow(api: &Api, tokens: &Tokens, number: usize, message: &str) -> Outcome {
    let channel = CHANNELS[number % CHANNELS.len()];
    let mut body = free_text(message, number);
    let token = match channel {
        "web" => None,
        "api" | "partner" => Some(tokens.partner.as_str()),
        _ => Some(tokens.front_desk.as_str()),
    };
    if channel != "web" {
        body["channel"] = json!(channel);
    }
    if matches!(channel, "phone" | "counter") {
        body["acted_by_basis"] = json!(if channel == "phone" { "phone" } else { "in_person" });
    }
    let key = format!("replay-{number}");
    let receipt = match api.submit_until_accepted(&body, &key, token, Duration::from_secs(30)).await {
        Ok(receipt) => receipt,
        Err(error) => return Outcome::Refused { channel, why: format!("{error:#}") },
    };
    match api.follow(&receipt, Duration::from_secs(30), is_routed_and_acknowledged).await {
        Ok(timeline) => Outcome::Followed {
            channel,
            assigned: !timeline["assigned_at"].is_null(),
            milliseconds: since_received(&receipt, &timeline),
        },
        Err(error) => Outcome::Lost { channel, why: format!("{error:#}") },
    }
}

/// Milliseconds from reception to assignment, both by the town's clock.
fn since_received(receipt: &Receipt, timeline: &Value) -> Option<u64> {
    let received: Timestamp = receipt.received_at.parse().ok()?;
    let assigned: Timestamp = timeline["assigned_at"].as_str()?.parse().ok()?;
    u64::try_from(assigned.duration_since(received).as_millis()).ok()
}

/// A partner made by an administrator, by gRPC, and its token.
async fn partner_token(town: &Town, api: &Api) -> Result<String> {
    let administrator = api.sign_in("admin").await?;
    let channel = tonic::transport::Endpoint::from_shared(town.grpc("identity"))?.connect().await?;
    let mut request = tonic::Request::new(CreatePartnerRequest {
        client_id: "replay".to_owned(),
        name: "Portail de rejeu".to_owned(),
    });
    request.metadata_mut().insert("authorization", format!("Bearer {administrator}").parse()?);
    let secret = IdentityServiceClient::new(channel).create_partner(request).await?.into_inner().client_secret;
    let answer = api
        .http()
        .post(api.url("/api/v1/tokens"))
        .form(&[("grant_type", "client_credentials"), ("client_id", "replay"), ("client_secret", secret.as_str())])
        .send()
        .await?;
    let body: Value = answer.json().await?;
    body["access_token"].as_str().map(str::to_owned).with_context(|| format!("no token: {body}"))
}

fn print(file: &str, total: usize, outcomes: &[Outcome]) {
    println!("{file}: {total} messages\n");
    println!(
        "{:<10} {:>9} {:>9} {:>9} {:>13} {:>8} {:>6}",
        "channel", "submitted", "assigned", "in queue", "acknowledged", "refused", "lost"
    );
    for channel in CHANNELS.into_iter().chain(["all"]) {
        let of: Vec<_> = outcomes.iter().filter(|outcome| channel == "all" || outcome.channel() == channel).collect();
        let followed = |wanted: bool| {
            of.iter().filter(|o| matches!(o, Outcome::Followed { assigned, .. } if *assigned == wanted)).count()
        };
        let refused = of.iter().filter(|o| matches!(o, Outcome::Refused { .. })).count();
        let lost = of.iter().filter(|o| o.is_lost()).count();
        println!(
            "{channel:<10} {:>9} {:>9} {:>9} {:>13} {refused:>8} {lost:>6}",
            of.len() - refused,
            followed(true),
            followed(false),
            followed(true) + followed(false),
        );
    }
    let mut times = Histogram::<u64>::new(3).expect("three digits are allowed");
    for outcome in outcomes {
        if let Outcome::Followed { milliseconds: Some(milliseconds), .. } = outcome {
            times.record(*milliseconds).expect("the histogram grows as needed");
        }
    }
    println!(
        "\nfrom reception to assignment: p50 {} ms, p95 {} ms, p99 {} ms",
        times.value_at_quantile(0.5),
        times.value_at_quantile(0.95),
        times.value_at_quantile(0.99)
    );
    println!("lost {}", outcomes.iter().filter(|outcome| outcome.is_lost()).count());
    for outcome in outcomes {
        if let Outcome::Refused { channel, why } | Outcome::Lost { channel, why } = outcome {
            println!("  {channel}: {why}");
        }
    }
}
