//! `[notification]`

use jiff::SignedDuration;
use parvis_kernel::{Error, Result};
use parvis_runtime::Config;
use secrecy::SecretString;
use serde::Deserialize;

/// The role's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationConfig {
    /// `smtp://user:password@host:587?tls=required` or `smtps://…`; empty: to files.
    pub smtp_url: SecretString,
    /// Where `.eml` files go without SMTP.
    pub eml_dir: String,
    /// Sender's address; the name shown is each authority's own.
    pub from: String,
    /// How often an e-mail is tried before it fails for good.
    pub attempts: u8,
    /// Acknowledgments an hour to an address that nobody verified, at most; what is over goes later.
    pub unverified_per_hour: usize,
    /// How long after it went, or failed for good, what a notice said and to whom is kept.
    pub body_days: u32,
}

impl NotificationConfig {
    /// Reads them, and checks them.
    pub fn load(config: &Config) -> Result<Self> {
        let this: Self = config.section("notification")?;
        this.check()?;
        Ok(this)
    }

    /// Refuses what cannot work.
    pub fn check(&self) -> Result<()> {
        if self.attempts == 0 {
            return Err(Error::invalid("notification.attempts", "must be at least 1"));
        }
        if !(1..=1000).contains(&self.unverified_per_hour) {
            return Err(Error::invalid("notification.unverified_per_hour", "must be between 1 and 1000"));
        }
        if !(1..=3650).contains(&self.body_days) {
            return Err(Error::invalid("notification.body_days", "must be between 1 and 3650"));
        }
        Ok(())
    }

    pub(crate) fn body_life(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.body_days))
    }
}
