//! Where a role's database is.

use std::{path::PathBuf, time::Duration};

use parvis_kernel::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

/// A database's address.
#[derive(Clone, Debug)]
pub enum StoreUrl {
    /// A file; its folder is created.
    Sqlite(PathBuf),
    /// `postgres://login:password@host:port/database`
    Postgres(SecretString),
}

impl StoreUrl {
    /// Reads a configured address, `{role}` standing for the role's name.
    pub fn for_role(template: &SecretString, role: &str) -> Result<Self> {
        let url = template.expose_secret().replace("{role}", role);
        if let Some(path) = url.strip_prefix("sqlite://") {
            if !template.expose_secret().contains("{role}") {
                return Err(Error::invalid("store.url", "with SQLite it must contain {role}: one file a role"));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(SecretString::from(url)));
        }
        Err(Error::invalid("store.url", "must begin with sqlite:// or postgres://"))
    }
}

/// How to use it.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Its address.
    pub url: StoreUrl,
    /// Connections to PostgreSQL at most; on SQLite, connections that read (one more writes).
    pub max_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
}

impl StoreOptions {
    /// Sensible settings for `url`.
    pub fn new(url: StoreUrl) -> Self {
        let max_connections = match url {
            StoreUrl::Sqlite(_) => 2,
            StoreUrl::Postgres(_) => 10,
        };
        Self { url, max_connections, acquire_timeout: Duration::from_secs(5) }
    }
}
