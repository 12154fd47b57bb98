//! Invariant 1: a request answered 201 is never lost, whatever is killed afterwards, and one idempotency key makes one
//! request. Every part is killed with SIGKILL while people submit; afterwards the accounts must balance.

mod accounts;
mod submitters;

use std::time::Duration;

use anyhow::Result;
use parvis_tests::{Town, town::ROLES};
use rand::RngExt as _;

use accounts::balance;
use submitters::Submitters;

/// How many requests each test submits.
const REQUESTS: usize = 300;

/// How long a part stays dead: long enough for the others to notice.
const DEAD: Duration = Duration::from_millis(300);

async fn pause(milliseconds: std::ops::Range<u64>) {
    let wait = rand::rng().random_range(milliseconds);
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

async fn kill_and_restart(town: &mut Town, role: &str) -> Result<()> {
    let process = town.process(role)?;
    process.kill().await?;
    tokio::time::sleep(DEAD).await;
    process.start()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_a_distributed_town_is_killed_in_turn_and_at_random() -> Result<()> {
    let mut town = Town::distributed().await?;
    let submitters = Submitters::start(&town.api(), REQUESTS, Duration::from_millis(60));
    let mut victims: Vec<&str> = ROLES.iter().copied().chain(["nats", "postgres"]).collect();
    let random: Vec<&str> = (0..5).map(|_| victims[rand::rng().random_range(0..victims.len())]).collect();
    victims.extend(random);
    for victim in victims {
        match victim {
            "nats" => {
                let nats = town.nats.as_ref().expect("a distributed town has a broker");
                nats.kill();
                tokio::time::sleep(DEAD).await;
                nats.restart().await?;
            }
            "postgres" => {
                let postgres = town.postgres.as_ref().expect("a distributed town has a database server");
                postgres.kill();
                tokio::time::sleep(DEAD).await;
                postgres.restart().await?;
            }
            role => kill_and_restart(&mut town, role).await?,
        }
        pause(200..900).await;
    }
    for process in &mut town.processes {
        process.wait_ready().await?;
    }
    let receipts = submitters.finish().await?;
    balance(&town, &receipts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_is_down_all_along_and_comes_back_with_an_empty_store() -> Result<()> {
    let town = Town::distributed().await?;
    // What was said before the disaster is in the broker's store only as far as it goes: it is wiped below.
    let before = Submitters::start(&town.api(), 40, Duration::ZERO).finish().await?;
    balance(&town, &before).await?;

    let nats = town.nats.as_ref().expect("a distributed town has a broker");
    nats.kill();
    let during = Submitters::start(&town.api(), 150, Duration::ZERO).finish().await?;
    nats.wipe()?;
    nats.restart().await?;

    let printed = town.command(&["outbox", "republish", "--since", "2020-01-01T00:00:00Z"]).await?;
    assert!(printed.contains("intake: "), "{printed}");
    let all: Vec<_> = before.into_iter().chain(during).collect();
    balance(&town, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_is_killed_at_random_points() -> Result<()> {
    let mut town = Town::in_one_process().await?;
    let submitters = Submitters::start(&town.api(), REQUESTS, Duration::from_millis(20));
    for _ in 0..6 {
        pause(150..900).await;
        kill_and_restart(&mut town, "parvis").await?;
        town.processes[0].wait_ready().await?;
    }
    let receipts = submitters.finish().await?;
    balance(&town, &receipts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_drains_and_loses_nothing() -> Result<()> {
    let mut town = Town::in_one_process().await?;
    let submitters = Submitters::start(&town.api(), 150, Duration::from_millis(5));
    for _ in 0..3 {
        pause(150..400).await;
        let process = town.process("parvis")?;
        assert!(process.terminate().await?, "it did not end by itself:\n{}", process.last_log_lines());
        process.start()?;
        process.wait_ready().await?;
    }
    let receipts = submitters.finish().await?;
    balance(&town, &receipts).await
}
