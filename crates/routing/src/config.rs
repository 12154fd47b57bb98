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
    /// How many days what the rules looked at is kept, to try other rules on.
    pub past_case_days: u32,
    /// Of how many cases an authority at most; 0: none.
    pub past_cases_max: u64,
    /// After how many new corrections of agents the classifier is trained again.
    pub corrections_to_retrain: u32,
    /// How many days a correction, with the text of its case, is kept to learn from.
    pub correction_days: u32,
}

impl RoutingConfig {
    /// Reads and checks them.
    pub fn load(config: &Config) -> Result<Self> {
        let this: Self = config.section("routing")?;
        if !(1..=3600).contains(&this.sweep_seconds) {
            return Err(Error::invalid("routing.sweep_seconds", "must be between 1 and 3600"));
        }
        if !(1..=366).contains(&this.past_case_days) {
            return Err(Error::invalid("routing.past_case_days", "must be between 1 and 366"));
        }
        if this.past_cases_max > 100_000 {
            return Err(Error::invalid("routing.past_cases_max", "must be at most 100000"));
        }
        if !(1..=10_000).contains(&this.corrections_to_retrain) {
            return Err(Error::invalid("routing.corrections_to_retrain", "must be between 1 and 10000"));
        }
        if !(1..=1_830).contains(&this.correction_days) {
            return Err(Error::invalid("routing.correction_days", "must be between 1 and 1830"));
        }
        Ok(this)
    }
}
