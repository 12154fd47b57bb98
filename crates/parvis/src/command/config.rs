//! `parvis config`

use std::{path::Path, sync::Arc};

use clap::{Args, Subcommand};
use parvis_kernel::SystemClock;
use parvis_runtime::{Config, Node, Tenants, safety, tls::Tls};
use parvis_store::{SchemaState, migrate};

use crate::roles;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find what would stop a start (settings, tenants, databases, schemas), and what is unsafe.
    Check {
        /// Roles to check, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
    },
    /// Print every setting with its default and its meaning.
    Show,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Show => {
            print!("{}", parvis_runtime::config::DEFAULTS);
            Ok(())
        }
        Command::Check { roles } => check(file, &roles).await,
    }
}

async fn check(file: Option<&Path>, names: &[String]) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    let mut problems = Vec::new();
    match Tenants::load(Path::new(&config.tenants_file)) {
        Ok(tenants) if tenants.all().is_empty() => problems.push("tenants.file: it names no authority".to_owned()),
        Ok(tenants) => println!("tenants: {}", tenants.all().len()),
        Err(error) => problems.push(error.to_string()),
    }
    if let Err(error) = Tls::load(&config.tls) {
        problems.push(error.to_string());
    }
    for role in roles::named(names)? {
        if let Err(error) = (role.check)(&config) {
            problems.push(format!("{}: {error}", role.name));
        }
        let Some(migrations) = role.migrations else { continue };
        let state = match Node::open_store(&config, role.name, Arc::new(SystemClock)).await {
            Ok(store) => migrate::state(&store, migrations).await,
            Err(error) => Err(error),
        };
        match state {
            Ok(SchemaState::Current) => println!("{}: database ready", role.name),
            Ok(SchemaState::Behind(missing)) => {
                problems.push(format!("{}: lacks {}: run `parvis migrate`", role.name, missing.join(", ")));
            }
            Ok(SchemaState::Ahead(_)) => {
                problems.push(format!("{}: migrated by a later version of Parvis: start that one", role.name));
            }
            Err(error) => problems.push(format!("{}: {error}", role.name)),
        }
    }
    if let Err(error) = safety::require_own_secrets(&config) {
        problems.push(error.to_string());
    }
    for warning in safety::warnings(&config) {
        println!("unsafe: {warning}");
    }
    if problems.is_empty() {
        println!("ready to start");
        return Ok(());
    }
    anyhow::bail!("{} to mend before starting:\n  {}", problems.len(), problems.join("\n  "));
}
