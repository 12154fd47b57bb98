//! `parvis dlq`

use std::{path::Path, sync::Arc};

use clap::{Args, Subcommand};
use parvis_bus::dead_letter;
use parvis_kernel::{EventId, SystemClock};
use parvis_runtime::{Config, Node};

use super::each_store::each_store;
use crate::roles;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the events that could not be handled.
    List {
        /// Role that could not handle them; all when absent.
        #[arg(long)]
        role: Option<String>,
        /// How many at most, a role.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Have the running role handle one again, or all of a role.
    Replay {
        /// Role that could not handle it.
        #[arg(long)]
        role: String,
        /// The event's id; all when absent.
        event: Option<EventId>,
    },
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    match arguments.command {
        Command::List { role, limit } => {
            let names: Vec<String> = role.into_iter().collect();
            each_store(&config, &roles::with_store(&names)?, async |role, store| {
                for letter in dead_letter::list(&store, limit).await? {
                    println!(
                        "{}\t{}\t{}.{}\t{}\t{}\t{} tries\t{}",
                        role,
                        letter.event,
                        letter.source,
                        letter.kind,
                        letter.tenant,
                        letter.failed_at,
                        letter.attempts,
                        letter.error.replace(['\n', '\t'], " ")
                    );
                }
                Ok(())
            })
            .await
        }
        Command::Replay { role, event } => {
            let role = roles::one(&role)?;
            let store = Node::open_store(&config, role.name, Arc::new(SystemClock)).await?;
            let asked = dead_letter::request_replay(&store, event).await?;
            println!("{asked} to be handled again by {} within a few seconds, if it runs", role.name);
            Ok(())
        }
    }
}
