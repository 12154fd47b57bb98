//! `parvis routing`

mod evaluate;
mod explain;
mod simulate;

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_kernel::{Caller, SystemClock, TenantId};
use parvis_routing::Router;
use parvis_runtime::{Config, Node, Tenants};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say where such a request would go now, and why; nothing is kept.
    Explain(Box<explain::Arguments>),
    /// Try the draft, or rules in a file, on the latest cases: who would move.
    Simulate(simulate::Arguments),
    /// Train the classifier on articles, then say on one JSON line how often it is right on questions.
    Evaluate(evaluate::Arguments),
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Explain(arguments) => explain::run(file, *arguments).await,
        Command::Simulate(arguments) => simulate::run(file, arguments).await,
        Command::Evaluate(arguments) => evaluate::run(&arguments),
    }
}

/// A router over the role's own database, and whoever runs the command on the server's data.
async fn router(file: Option<&Path>, tenant: &TenantId) -> anyhow::Result<(Router, Caller)> {
    let config = Config::load(file)?;
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    let store = Node::open_store(&config, "routing", Arc::new(SystemClock))
        .await
        .context("the database of routing cannot be opened")?;
    Ok((Router::new(store, tenants), Caller::system(tenant.clone(), "command-line")))
}
