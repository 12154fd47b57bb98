//! `parvis routing`

mod evaluate;
mod explain;
#[cfg(test)]
mod keywords;
mod move_work;
mod simulate;

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_kernel::{Caller, SystemClock, TenantId};
use parvis_routing::{Router, config::RoutingConfig, usecase::load_guesser};
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
    /// Move the open cases of an agent who leaves, or of a unit that is merged: shown first, done with --confirm.
    Move(move_work::Arguments),
    /// Train the classifier on articles, then say on one JSON line how often it is right on questions.
    Evaluate(evaluate::Arguments),
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Explain(arguments) => explain::run(file, *arguments).await,
        Command::Simulate(arguments) => simulate::run(file, arguments).await,
        Command::Move(arguments) => move_work::run(file, arguments).await,
        Command::Evaluate(arguments) => evaluate::run(&arguments),
    }
}

/// A router over the role's own database, and whoever runs the command on the server's data.
async fn router(file: Option<&Path>, tenant: &TenantId) -> anyhow::Result<(Router, Caller)> {
    let config = Config::load(file)?;
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    tenants.get(tenant).with_context(|| format!("no authority « {tenant} » in {}", config.tenants_file))?;
    let routing = RoutingConfig::load(&config)?;
    let store = Node::open_store(&config, "routing", Arc::new(SystemClock))
        .await
        .context("the database of routing cannot be opened")?;
    let router = Router::new(store, tenants).retraining_after(routing.corrections_to_retrain as usize);
    Ok((router, Caller::system(tenant.clone(), "command-line")))
}

/// The same with the classifier that the role has in service, so that both say the same.
async fn router_with_guesser(file: Option<&Path>, tenant: &TenantId) -> anyhow::Result<(Router, Caller)> {
    let (router, caller) = router(file, tenant).await?;
    let loaded = load_guesser(&router, tenant).await;
    if loaded.is_err() {
        router.store.close().await;
    }
    if loaded? == 0 {
        eprintln!("no directory was imported for {tenant}: there is nothing to route by");
    }
    Ok((router, caller))
}
