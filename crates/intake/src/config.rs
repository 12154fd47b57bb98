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
    /// Files that one address sends at the same time at most.
    pub uploads_by_address: usize,
    /// Bytes that one address sends an hour at most.
    pub upload_bytes_by_address: u64,
    /// Bytes of an authority's files that wait for their request, together at most.
    pub unclaimed_bytes: u64,
    /// Per cent of the disk from which no file is taken any more.
    pub full_disk_percent: u8,
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
        within("uploads_by_address", self.uploads_by_address as u64, 1, 1_000)?;
        within("upload_bytes_by_address", self.upload_bytes_by_address, self.max_attachment_bytes, u64::MAX)?;
        within("unclaimed_bytes", self.unclaimed_bytes, self.max_attachment_bytes, i64::MAX as u64)?;
        within("full_disk_percent", self.full_disk_percent.into(), 1, 100)?;
        within("max_attachments", self.max_attachments as u64, 0, 100)?;
        // PostgreSQL binds 65,535 values in a statement and SQLite 32,766.
        within("batch_max", self.batch_max as u64, 1, 2_000)
    }
}
