//! How to connect to NATS, and what to ask of it.

use std::{path::PathBuf, time::Duration};

use async_nats::{Client, ConnectOptions, Event};
use parvis_kernel::{Error, Result};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use super::{ANSWER_WAIT, Link, permissions};

/// Below it the broker's deduplication may miss what the relay sends again.
const LEAST_DUPLICATE_WINDOW: Duration = Duration::from_secs(600);

/// Settings of the bus over NATS. Installations that share a cluster are kept apart by NATS accounts.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// `nats://host:4222` or `tls://…`; several are separated by commas.
    pub url: String,
    /// A `.creds` file (JWT and seed).
    pub credentials_file: Option<PathBuf>,
    /// A login and its password.
    pub user: Option<(String, SecretString)>,
    /// Certificates to trust beside the system's.
    pub root_certificates: Option<PathBuf>,
    /// Whether streams are made, and brought to these settings, at their first use. Otherwise `parvis bus prepare` does,
    /// as a user of its own: who may make a stream may have another's events copied into it.
    pub make_streams: bool,
    /// On how many servers each stream is kept: 1, or 3 in a cluster.
    pub replicas: usize,
    /// The most a stream may hold, which NATS sets aside at once; when full, events wait in the outboxes.
    pub max_bytes: i64,
    /// How long an event stays. Keep inboxes longer.
    pub max_age: Duration,
    /// How long an event sent again is recognised; ten minutes or more.
    pub duplicate_window: Duration,
    /// How long [`super::NatsBus::connect`] waits for the broker before it leaves it to the background.
    pub connect_wait: Duration,
}

impl NatsOptions {
    /// Sensible settings for the broker at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials_file: None,
            user: None,
            root_certificates: None,
            make_streams: true,
            replicas: 1,
            max_bytes: 1 << 30,
            max_age: Duration::from_secs(7 * 24 * 3600),
            duplicate_window: LEAST_DUPLICATE_WINDOW,
            connect_wait: Duration::from_secs(3),
        }
    }

    pub(super) fn validate(&self) -> Result<()> {
        if self.duplicate_window < LEAST_DUPLICATE_WINDOW {
            return Err(Error::invalid("bus.duplicate_window", "must be ten minutes or more"));
        }
        if self.max_age < self.duplicate_window {
            return Err(Error::invalid("bus.max_age", "must not be shorter than bus.duplicate_window"));
        }
        if ![1, 3, 5].contains(&self.replicas) {
            return Err(Error::invalid("bus.replicas", "must be 1, 3 or 5"));
        }
        let is_plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if self.user.as_ref().is_some_and(|(name, _)| !is_plain(name)) {
            return Err(Error::invalid("bus.user", "must have letters, digits, - and _ only: it is part of a subject"));
        }
        if self.max_bytes < 1 << 20 {
            return Err(Error::invalid("bus.max_bytes", "must be 1 MiB or more"));
        }
        Ok(())
    }

    pub(super) async fn open(&self, link: watch::Sender<Link>) -> Result<Client> {
        let mut connect = ConnectOptions::new()
            .name("parvis")
            .retry_on_initial_connect()
            .connection_timeout(Duration::from_secs(5))
            .request_timeout(Some(ANSWER_WAIT))
            .ping_interval(Duration::from_secs(10))
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(100 << attempts.min(6)).min(Duration::from_secs(5))
            })
            .event_callback(move |event| {
                match event {
                    Event::Connected => {
                        link.send_modify(|link| *link = Link { up: true, generation: link.generation + 1 })
                    }
                    Event::Disconnected | Event::Closed => link.send_modify(|link| link.up = false),
                    Event::ServerError(error) => tracing::warn!(%error, "NATS refused something"),
                    _ => {}
                }
                std::future::ready(())
            });
        if let Some((user, password)) = &self.user {
            // What the broker answers comes to an inbox, and each user hears its own alone.
            connect = connect
                .user_and_password(user.clone(), password.expose_secret().to_owned())
                .custom_inbox_prefix(permissions::inbox_of(user));
        }
        if let Some(path) = &self.credentials_file {
            connect = connect.credentials_file(path).await.map_err(|error| {
                Error::invalid("bus.credentials_file", format!("{} cannot be used: {error}", path.display()))
            })?;
        }
        if let Some(path) = &self.root_certificates {
            connect = connect.add_root_certificates(path.clone());
        }
        let servers: Vec<&str> = self.url.split(',').map(str::trim).collect();
        connect.connect(servers).await.map_err(|error| Error::invalid("bus.url", error.to_string()))
    }
}

/// Refuses a server that would silently lose: 2.9 ignores several filter subjects and knows no `sync_interval`.
pub(super) fn check_version(version: &str) -> Result<()> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let known = (parts.next().and_then(Result::ok), parts.next().and_then(Result::ok));
    match known {
        (Some(major), Some(minor)) if (major, minor) >= (2, 10) => Ok(()),
        _ => Err(Error::precondition(format!(
            "NATS {version} is too old, it would silently lose events: install nats-server 2.10 or later"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_older_than_2_10_are_refused() {
        for good in ["2.10.0", "2.12.8", "2.11.0-preview.1", "3.0.0", "2.10.26-RC.1"] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        for bad in ["2.9.25", "1.4.1", "0.10.2", "", "unknown"] {
            assert!(check_version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_that_would_lose_are_refused() {
        let good = NatsOptions::new("nats://localhost");
        assert!(good.validate().is_ok());
        assert!(NatsOptions { duplicate_window: Duration::from_secs(599), ..good.clone() }.validate().is_err());
        assert!(NatsOptions { max_age: Duration::from_secs(60), ..good.clone() }.validate().is_err());
        assert!(NatsOptions { replicas: 2, ..good.clone() }.validate().is_err());
        assert!(NatsOptions { max_bytes: -1, ..good.clone() }.validate().is_err());
        let named = |name: &str| NatsOptions { user: Some((name.to_owned(), "x".into())), ..good.clone() };
        assert!(named("casework").validate().is_ok());
        assert!(named("case.>").validate().is_err());
    }
}
