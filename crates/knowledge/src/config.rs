//! `[knowledge]`

use parvis_kernel::{Error, Result};
use serde::Deserialize;

/// Settings of this role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeConfig {
    /// How often what another process published or imported is looked for.
    pub refresh_seconds: u64,
    /// How often the counts are written.
    pub count_seconds: u64,
    /// How long the counts of a day are kept.
    pub usage_days: u32,
}

impl KnowledgeConfig {
    /// Refuses what cannot work.
    pub fn check(&self) -> Result<()> {
        let within = |setting: &str, value: u64, least: u64, most: u64| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(format!("knowledge.{setting}"), format!("{value} is not between {least} and {most}")))
        };
        within("refresh_seconds", self.refresh_seconds, 1, 3600)?;
        within("count_seconds", self.count_seconds, 1, 600)?;
        within("usage_days", self.usage_days.into(), 1, 3660)
    }
}
