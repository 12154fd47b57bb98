//! `parvis account`

use std::{io::BufRead as _, path::Path, sync::Arc};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_kernel::{AgentId, SystemClock, TenantId};
use parvis_runtime::{Config, Node};
use secrecy::SecretString;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Give an account a new password, read from the first line of the input; its sessions end.
    SetPassword {
        /// The authority.
        #[arg(long)]
        tenant: TenantId,
        /// The agent's code.
        code: AgentId,
    },
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    let Command::SetPassword { tenant, code } = arguments.command;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password is expected on the input")?;
    let password = SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned());
    let store = Node::open_store(&config, "identity", Arc::new(SystemClock)).await?;
    parvis_identity::usecase::set_password(&store, &tenant, &code, password).await?;
    println!("{tenant}/{code}: the password is set");
    Ok(())
}
