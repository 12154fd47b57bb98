//! `parvis migrate`

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use parvis_kernel::SystemClock;
use parvis_runtime::{Config, Node, RoleSpec};
use parvis_store::migrate;

use crate::roles;

#[derive(Args)]
pub struct Arguments {
    /// Roles whose database to migrate, separated by commas; all when absent.
    #[arg(long, value_delimiter = ',')]
    roles: Vec<String>,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    for role in roles::with_store(&arguments.roles)? {
        migrate(&config, role).await?;
        println!("{}: up to date", role.name);
    }
    Ok(())
}

/// Brings the database of one role up to date.
pub async fn migrate(config: &Config, role: RoleSpec) -> anyhow::Result<()> {
    let Some(migrations) = role.migrations else { return Ok(()) };
    let store = Node::open_store(config, role.name, Arc::new(SystemClock))
        .await
        .with_context(|| format!("the database of {} cannot be opened", role.name))?;
    migrate::up(&store, migrations).await.with_context(|| format!("the database of {} was not migrated", role.name))?;
    store.close().await;
    Ok(())
}
