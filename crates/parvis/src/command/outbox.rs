//! `parvis outbox`

use std::{path::Path, sync::Arc};

use clap::{Args, Subcommand};
use parvis_kernel::{SystemClock, Timestamp};
use parvis_runtime::{Config, Node};
use parvis_store::outbox;

use crate::roles;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Publish again everything said since an instant: for a broker that lost its store. Harmless otherwise.
    Republish {
        /// ISO 8601, as 2026-11-21T08:00:00Z.
        #[arg(long)]
        since: Timestamp,
        /// Roles, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
    },
    /// How much waits to be published.
    Status,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    match arguments.command {
        Command::Republish { since, roles: names } => {
            for role in roles::with_store(&names)? {
                let store = Node::open_store(&config, role.name, Arc::new(SystemClock)).await?;
                let rows = outbox::republish(&store, since).await?;
                println!("{}: {rows} events to be published again", role.name);
            }
        }
        Command::Status => {
            for role in roles::with_store(&[])? {
                let store = Node::open_store(&config, role.name, Arc::new(SystemClock)).await?;
                let backlog = outbox::backlog(&store).await?;
                let oldest = backlog.oldest.map(|at| format!(", oldest {}", parvis_store::from_db_time(at)));
                println!("{}: {} waiting{}", role.name, backlog.waiting, oldest.unwrap_or_default());
            }
        }
    }
    Ok(())
}
