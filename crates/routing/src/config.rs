//! `[routing]`

use parvis_kernel::{Error, Result};
use parvis_runtime::Config;
use serde::Deserialize;

/// The role's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingConfig {
    /// How often waiting cases are looked at again, besides at once when somebody comes or has room.
    pub sweep_seconds: u64,
}

impl RoutingConfig {
    /// Reads and checks them.
    pub fn load(config: &Config) -> Result<Self> {
        let this: Self = config.section("routing")?;
        if !(1..=3600).contains(&this.sweep_seconds) {
            return Err(Error::invalid("routing.sweep_seconds", "must be between 1 and 3600"));
        }
        Ok(this)
    }
}
