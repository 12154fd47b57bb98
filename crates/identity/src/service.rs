//! What the use cases work with.

use std::sync::Arc;

use parvis_kernel::Result;
use parvis_runtime::Tenants;
use parvis_store::Store;

use crate::{
    config::IdentityConfig,
    crypto::{key_ring::KeyRing, passwords::Passwords, sealing::Sealing},
};

/// The role in this process. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    /// Its database.
    pub store: Store,
    /// Its settings.
    pub config: IdentityConfig,
    /// Authorities served.
    pub tenants: Tenants,
    /// Keys that sign.
    pub keys: KeyRing,
    /// What seals them in the database.
    pub sealing: Arc<Sealing>,
    /// Passwords.
    pub passwords: Passwords,
}

impl Identity {
    /// Checks the settings and reads the keys; makes the first.
    pub async fn new(store: Store, config: IdentityConfig, tenants: Tenants, sealing: Sealing) -> Result<Self> {
        config.check()?;
        let (keys, sealing) = (KeyRing::default(), Arc::new(sealing));
        let this = Self { store, config, tenants, keys, sealing, passwords: Passwords::new().await? };
        crate::usecase::rotate_keys(&this).await?;
        Ok(this)
    }
}
