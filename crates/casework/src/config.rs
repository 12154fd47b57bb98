//! `[casework]`

use parvis_kernel::{Error, Result};
use serde::Deserialize;

/// The settings of this role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseworkConfig {
    /// Days after closing within which the citizen's answer reopens a case.
    pub reopen_days: u32,
    /// How often dates that have come are looked for.
    pub timer_seconds: u64,
}

impl CaseworkConfig {
    /// Refuses what cannot work.
    pub fn check(&self) -> Result<()> {
        if self.reopen_days > 3650 {
            return Err(Error::invalid("casework.reopen_days", "must be at most 3650"));
        }
        if !(1..=3600).contains(&self.timer_seconds) {
            return Err(Error::invalid("casework.timer_seconds", "must be between 1 and 3600"));
        }
        Ok(())
    }
}
