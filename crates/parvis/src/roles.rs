//! Every role of Parvis.

use anyhow::{Context as _, bail};
use parvis_runtime::RoleSpec;

/// All of them, each before those who listen to it.
pub fn all() -> Vec<RoleSpec> {
    vec![
        parvis_identity::role(),
        parvis_intake::role(),
        parvis_casework::role(),
        parvis_routing::role(),
        parvis_knowledge::role(),
        parvis_notification::role(),
        parvis_tracking::role(),
        parvis_gateway::role(),
    ]
}

/// Those named; all of them when none is.
pub fn named(names: &[String]) -> anyhow::Result<Vec<RoleSpec>> {
    let all = all();
    if names.is_empty() {
        return Ok(all);
    }
    for name in names {
        if !all.iter().any(|role| role.name == name) {
            let known = all.iter().map(|role| role.name).collect::<Vec<_>>().join(", ");
            bail!("there is no role « {name} »; known: {known}");
        }
    }
    Ok(all.into_iter().filter(|role| names.iter().any(|name| name == role.name)).collect())
}

/// The one called `name`.
pub fn one(name: &str) -> anyhow::Result<RoleSpec> {
    named(&[name.to_owned()])?.pop().context("no such role")
}

/// Those that keep data.
pub fn with_store(names: &[String]) -> anyhow::Result<Vec<RoleSpec>> {
    Ok(named(names)?.into_iter().filter(|role| role.migrations.is_some()).collect())
}
