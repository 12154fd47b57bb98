//! `parvis outbox`

use std::path::Path;

use clap::{Args, Subcommand};
use parvis_kernel::Timestamp;
use parvis_runtime::Config;
use parvis_store::outbox;

use super::each_store::each_store;
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
    Status {
        /// Roles, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
    },
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    match arguments.command {
        Command::Republish { since, roles: names } => {
            each_store(&config, &roles::with_store(&names)?, async |role, store| {
                let rows = outbox::republish(&store, since).await?;
                println!("{role}: {rows} events to be published again");
                Ok(())
            })
            .await
        }
        Command::Status { roles: names } => {
            each_store(&config, &roles::with_store(&names)?, async |role, store| {
                let backlog = outbox::backlog(&store).await?;
                let oldest = backlog.oldest.map(|at| format!(", oldest {}", parvis_store::from_db_time(at)));
                println!("{role}: {} waiting{}", backlog.waiting, oldest.unwrap_or_default());
                Ok(())
            })
            .await
        }
    }
}
