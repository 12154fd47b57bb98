//! `parvis account`

use std::{io::BufRead as _, path::Path, sync::Arc};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_identity::usecase::{CreatePartner, add_partner};
use parvis_kernel::{AgentId, SystemClock, TenantId};
use parvis_runtime::{Config, Node, Tenants};
use secrecy::{ExposeSecret as _, SecretString};

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
    /// Let a partner's system file requests; prints its client secret, which is shown this once.
    CreatePartner {
        /// The authority.
        #[arg(long)]
        tenant: TenantId,
        /// Its client id: 2 to 40 of a-z, 0-9 and dash.
        client_id: String,
        /// Its name, as agents see it.
        #[arg(long)]
        name: String,
    },
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    match arguments.command {
        Command::SetPassword { tenant, code } => set_password(&config, &tenant, &code).await,
        Command::CreatePartner { tenant, client_id, name } => {
            create_partner(&config, &tenant, CreatePartner { client_id, name }).await
        }
    }
}

async fn set_password(config: &Config, tenant: &TenantId, code: &AgentId) -> anyhow::Result<()> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password is expected on the input")?;
    let password = SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned());
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    let store = Node::open_store(config, "identity", Arc::new(SystemClock)).await?;
    parvis_identity::usecase::set_password(&store, &tenants, tenant, code, password).await?;
    println!("{tenant}/{code}: the password is set");
    Ok(())
}

async fn create_partner(config: &Config, tenant: &TenantId, partner: CreatePartner) -> anyhow::Result<()> {
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    anyhow::ensure!(tenants.get(tenant).is_some(), "{tenant}: {} names no such authority", config.tenants_file);
    let store = Node::open_store(config, "identity", Arc::new(SystemClock)).await?;
    let client_id = partner.client_id.clone();
    let secret = add_partner(&store, tenant, "operator", partner).await?;
    println!("client_id={client_id}");
    println!("client_secret={}", secret.expose_secret());
    Ok(())
}
