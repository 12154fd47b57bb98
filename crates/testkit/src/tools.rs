//! Where the servers' programs are.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

const HINT: &str = "run `eval \"$(deploy/test/install.sh)\"`";

/// `nats-server`.
pub(crate) fn nats_server() -> Result<PathBuf> {
    if let Some(path) = env::var_os("PARVIS_TEST_NATS_SERVER") {
        return existing(PathBuf::from(path), "PARVIS_TEST_NATS_SERVER");
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-tools/nats-server");
    on_path("nats-server")
        .or_else(|| installed.is_file().then_some(installed))
        .with_context(|| format!("this test needs nats-server 2.10 or later: {HINT}"))
}

/// A program of PostgreSQL's server: `postgres`, `initdb`.
pub(crate) fn postgres(program: &str) -> Result<PathBuf> {
    if let Some(folder) = env::var_os("PARVIS_TEST_POSTGRES_BIN") {
        return existing(PathBuf::from(folder).join(program), "PARVIS_TEST_POSTGRES_BIN");
    }
    on_path(program)
        .or_else(|| newest_debian(program))
        .with_context(|| format!("this test needs PostgreSQL 15 or later ({program}): {HINT}"))
}

/// The path with its links followed: `initdb` looks for its neighbours beside itself.
fn existing(path: PathBuf, variable: &str) -> Result<PathBuf> {
    if !path.is_file() {
        bail!("{variable} leads to {}, which is not there: {HINT}", path.display());
    }
    Ok(path.canonicalize()?)
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .and_then(|path| path.canonicalize().ok())
}

/// Debian keeps them off the path, one folder a version.
fn newest_debian(program: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let path = entry.path().join("bin").join(program);
            path.is_file().then_some((version, path))
        })
        .max()
        .map(|(_, path)| path)
}
