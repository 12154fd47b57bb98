//! A command over the databases of several roles: one that does not open stops none of the others.

use std::sync::Arc;

use anyhow::bail;
use parvis_kernel::SystemClock;
use parvis_runtime::{Config, Node, RoleSpec};
use parvis_store::Store;

/// Does `work` in the database of each of `roles`, then names on one line each those where it could not be done.
///
/// # Errors
/// Where one of them could not be opened, or `work` failed in it: after all the others.
pub async fn each_store(
    config: &Config,
    roles: &[RoleSpec],
    work: impl AsyncFn(&'static str, Store) -> parvis_kernel::Result<()>,
) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for role in roles {
        let done = match Node::open_store(config, role.name, Arc::new(SystemClock)).await {
            Ok(store) => work(role.name, store).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            failed.push(format!("{}: {error}", role.name));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{} of {} databases could not be used (run this where every role's password is, or name roles):\n  {}",
        failed.len(),
        roles.len(),
        failed.join("\n  ")
    );
}
