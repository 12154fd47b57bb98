//! What the use cases work with.

use parvis_kernel::Result;
use parvis_store::Store;

use crate::{
    config::IdentityConfig,
    crypto::{key_ring::KeyRing, passwords::Passwords},
};

/// The role in this process. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    /// Its database.
    pub store: Store,
    /// Its settings.
    pub config: IdentityConfig,
    /// Keys that sign.
    pub keys: KeyRing,
    /// Passwords.
    pub passwords: Passwords,
}

impl Identity {
    /// Checks the settings and reads the keys; makes the first.
    pub async fn new(store: Store, config: IdentityConfig) -> Result<Self> {
        config.check()?;
        let this = Self { store, config, keys: KeyRing::default(), passwords: Passwords::new().await? };
        crate::usecase::rotate_keys(&this).await?;
        Ok(this)
    }
}
