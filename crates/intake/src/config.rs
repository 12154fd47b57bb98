//! `[intake]`

use parvis_kernel::{Error, Result};
use secrecy::SecretString;
use serde::Deserialize;

/// Settings of this role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeConfig {
    /// `file://FOLDER` or `s3://bucket/prefix`.
    pub attachments_url: String,
    /// Address of an S3-compatible store; empty: AWS.
    pub s3_endpoint: String,
    /// Its region.
    pub s3_region: String,
    /// Its login.
    pub s3_access_key: String,
    /// Its password.
    pub s3_secret_key: SecretString,
    /// Bytes of an attachment at most.
    pub max_attachment_bytes: u64,
    /// Attachments of a request at most.
    pub max_attachments: usize,
    /// Requests committed together at most.
    pub batch_max: usize,
}

impl IntakeConfig {
    /// Refuses what cannot work.
    pub fn check(&self) -> Result<()> {
        let within = |setting: &str, value: u64, least: u64, most: u64| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(format!("intake.{setting}"), format!("{value} is not between {least} and {most}")))
        };
        within("max_attachment_bytes", self.max_attachment_bytes, 1_000, 1_000_000_000)?;
        within("max_attachments", self.max_attachments as u64, 0, 100)?;
        // PostgreSQL binds 65,535 values in a statement and SQLite 32,766.
        within("batch_max", self.batch_max as u64, 1, 2_000)
    }
}
