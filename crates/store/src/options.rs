//! Where a role's database is.

use std::{path::PathBuf, time::Duration};

use parvis_kernel::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

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

    /// The same with `password` in its place, whatever characters it has; a file of SQLite stays as it is.
    ///
    /// # Errors
    /// "Invalid" where the address has no login.
    pub fn with_password(self, password: &SecretString) -> Result<Self> {
        let Self::Postgres(url) = self else { return Ok(self) };
        let wrong = || Error::invalid("store.url", "must be postgres://login@host:port/database");
        let mut url = Url::parse(url.expose_secret()).map_err(|_| wrong())?;
        if url.username().is_empty() {
            return Err(wrong());
        }
        url.set_password(Some(password.expose_secret())).map_err(|()| wrong())?;
        Ok(Self::Postgres(SecretString::from(url.to_string())))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_from_a_file_may_have_any_character() {
        let url =
            StoreUrl::for_role(&"postgres://parvis_{role}@db:5432/parvis_{role}?sslmode=require".into(), "intake");
        let StoreUrl::Postgres(url) = url.unwrap().with_password(&"a@b/c:d? é%".into()).unwrap() else { panic!() };
        let (url, expected) = (url.expose_secret(), "postgres://parvis_intake:a%40b%2Fc%3Ad%3F%20%C3%A9%@db:5432/");
        assert!(url.starts_with(&expected.replace("%@", "%25@")) || url.starts_with(expected), "{url}");
        assert!(url.ends_with("/parvis_intake?sslmode=require"), "{url}");
        let nobody = StoreUrl::for_role(&"postgres://db/parvis_{role}".into(), "intake").unwrap();
        assert!(nobody.with_password(&"x".into()).is_err());
    }
}
