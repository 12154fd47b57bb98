//! `[identity]`

use jiff::SignedDuration;
use parvis_kernel::{Error, Result};
use parvis_runtime::Config;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::password;

/// The settings of this role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// How long an access token is good for.
    pub access_token_minutes: u32,
    /// How long a session lasts from its sign-in, however often it is refreshed.
    pub session_hours: u32,
    /// A session that nobody uses for so long ends.
    pub session_idle_minutes: u32,
    /// How long one key signs.
    pub key_rotation_days: u32,
    /// How long it is kept who looked whom up, and what happened to accounts.
    pub access_log_days: u32,
    /// Encrypts the keys that sign, in the database: 32 bytes in base64; wins over the file.
    pub sealing_key: SecretString,
    /// File of that key; empty: with SQLite, one beside the database, made when absent.
    pub sealing_key_file: String,
    /// The key that encrypted them until now, while it is being changed; empty otherwise.
    pub sealing_key_before: SecretString,
    /// Given to imported accounts that have none; empty outside a demonstration.
    pub demo_password: SecretString,
    /// Whether this is a demonstration (`server.demonstration`): only there such a password opens anything.
    #[serde(skip)]
    pub demonstration: bool,
}

impl IdentityConfig {
    /// Reads them, and checks them.
    pub fn load(config: &Config) -> Result<Self> {
        let this = Self { demonstration: config.server.is_demonstration(), ..config.section("identity")? };
        this.check()?;
        Ok(this)
    }

    /// Refuses what would lock everybody out or keep doors open.
    pub fn check(&self) -> Result<()> {
        within("access_token_minutes", self.access_token_minutes, 1, 60)?;
        within("session_hours", self.session_hours, 1, 720)?;
        within("session_idle_minutes", self.session_idle_minutes, 5, 43_200)?;
        within("key_rotation_days", self.key_rotation_days, 1, 365)?;
        within("access_log_days", self.access_log_days, 1, 3650)?;
        if let Some(password) = self.demo_password() {
            password::check_length(password.expose_secret(), "identity.demo_password")?;
        }
        Ok(())
    }

    /// The password of demonstration accounts, if one is set.
    pub fn demo_password(&self) -> Option<SecretString> {
        (!self.demo_password.expose_secret().is_empty()).then(|| self.demo_password.clone())
    }

    pub(crate) fn access_life(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.access_token_minutes))
    }

    pub(crate) fn session_life(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.session_hours))
    }

    pub(crate) fn idle_life(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.session_idle_minutes))
    }

    pub(crate) fn key_life(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.key_rotation_days))
    }

    pub(crate) fn access_log_life(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.access_log_days))
    }
}

fn within(name: &str, value: u32, least: u32, most: u32) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(format!("identity.{name}"), format!("{value} is not between {least} and {most}")))
}
