//! `parvis audit`

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_casework::repo::{access_log, case};
use parvis_kernel::{Reference, SystemClock, TenantId};
use parvis_runtime::{Config, Node};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Who opened a case, when and why, one a line, oldest first: for whoever asks who read their request.
    Show {
        /// The authority.
        #[arg(long)]
        tenant: TenantId,
        /// The case's reference.
        reference: Reference,
    },
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    let Command::Show { tenant, reference } = arguments.command;
    let store = Node::open_store(&config, "casework", Arc::new(SystemClock)).await?;
    let found = case::by_reference(store.read(), &tenant, reference).await?;
    let case = found.with_context(|| format!("{tenant} has no case {reference}"))?;
    for access in access_log::of_case(store.read(), &tenant, case.id).await? {
        println!("{}\t{}\t{}", access.at, access.actor, access.reason);
    }
    Ok(())
}
