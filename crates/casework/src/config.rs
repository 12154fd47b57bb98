//! `[casework]`

use jiff::SignedDuration;
use parvis_kernel::{Error, Result};
use parvis_runtime::Config;
use serde::Deserialize;

/// The settings of this role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseworkConfig {
    /// Days after closing within which the citizen's answer reopens a case.
    pub reopen_days: u32,
    /// How often dates that have come are looked for.
    pub timer_seconds: u64,
    /// How long it is kept who read which case.
    pub access_log_days: u32,
}

impl CaseworkConfig {
    /// Reads them, and refuses what cannot work.
    pub fn load(config: &Config) -> Result<Self> {
        let this: Self = config.section("casework")?;
        if this.reopen_days > 3650 {
            return Err(Error::invalid("casework.reopen_days", "must be at most 3650"));
        }
        if !(1..=3600).contains(&this.timer_seconds) {
            return Err(Error::invalid("casework.timer_seconds", "must be between 1 and 3600"));
        }
        if !(1..=3650).contains(&this.access_log_days) {
            return Err(Error::invalid("casework.access_log_days", "must be between 1 and 3650"));
        }
        Ok(this)
    }

    pub(crate) fn access_log_life(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.access_log_days))
    }
}
