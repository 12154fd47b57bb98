//! Where the bytes of attachments are.

use std::{path::Path, sync::Arc};

use object_store::{ObjectStore, aws::AmazonS3Builder, local::LocalFileSystem, prefix::PrefixStore};
use parvis_kernel::{Error, Result};
use secrecy::ExposeSecret as _;

use crate::config::IntakeConfig;

/// Opens the store that the settings name.
pub fn open(config: &IntakeConfig) -> Result<Arc<dyn ObjectStore>> {
    let wrong = |why: String| Error::invalid("intake.attachments_url", why);
    let url = config.attachments_url.as_str();
    if let Some(folder) = url.strip_prefix("file://") {
        parvis_store::make_private_folder(Path::new(folder))
            .map_err(|error| wrong(format!("the folder {folder} cannot be created: {error}")))?;
        // A request answered is never lost, nor what came with it.
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| wrong(format!("the folder {folder} cannot be used: {error}")))?
            .with_fsync(true);
        return Ok(Arc::new(store));
    }
    let Some(address) = url.strip_prefix("s3://") else {
        return Err(wrong(format!("« {url} » must begin with file:// or s3://")));
    };
    let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket);
    if !config.s3_region.is_empty() {
        builder = builder.with_region(&config.s3_region);
    }
    if !config.s3_endpoint.is_empty() {
        builder = builder.with_endpoint(&config.s3_endpoint).with_allow_http(config.s3_endpoint.starts_with("http://"));
    }
    if !config.s3_access_key.is_empty() {
        builder = builder
            .with_access_key_id(&config.s3_access_key)
            .with_secret_access_key(config.s3_secret_key.expose_secret());
    }
    let store = builder.build().map_err(|error| wrong(format!("the store cannot be used: {error}")))?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

/// A failure of the store, for the caller.
pub fn object_error(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::internal(error),
        other => Error::unavailable("the store of attachments does not answer; try again").with_source(other),
    }
}
