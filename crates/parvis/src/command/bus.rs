//! `parvis bus`

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parvis_bus::nats::{NatsBus, NatsOptions, permissions};
use parvis_runtime::{Config, config::BusKind, node::nats_options};

use crate::roles;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the streams of every role on NATS, or bring them to the settings: where the roles may not (bus.make_streams).
    Prepare,
    /// Print the users of nats-server and what each may do: deploy/nats/users.conf.
    Users,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Prepare => prepare(&Config::load(file)?).await,
        Command::Users => {
            println!("# Made by `parvis bus users`: one user a role, what it may do, and one that makes the streams.");
            print!("{}", permissions::users(&permissions::ROLES));
            Ok(())
        }
    }
}

async fn prepare(config: &Config) -> anyhow::Result<()> {
    if config.bus.kind != BusKind::Nats {
        bail!("bus.kind is not nats: there is nothing to prepare");
    }
    let options = NatsOptions { make_streams: true, ..nats_options(&config.bus) };
    let bus = NatsBus::connect(&options).await?;
    let names: Vec<&str> = roles::with_store(&[])?.iter().map(|role| role.name).collect();
    bus.ensure_streams(&names).await.context("the streams were not made")?;
    println!("streams ready: {}", names.join(", "));
    Ok(())
}
