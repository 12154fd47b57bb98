//! Identity: who works for the authority, who writes to it, and the tokens that say so.
//!
//! It owns
//! - **accounts** of agents, elected officials and administrators, which the directory file makes and closes, and an
//!   administrator may close; their passwords (argon2id) and the attempts on them, counted by origin
//!   ([`domain::origin`]) and slowed whether the account exists or not;
//! - **sessions**: a refresh token is opaque, kept as a digest, good once; one used again ends its session, and so does
//!   time, used or idle;
//! - **second factors** (TOTP), their secrets encrypted as the keys are, and recovery codes kept as digests;
//! - **security events** ([`repo::security_events`]): what happened to accounts;
//! - **keys** (Ed25519) that sign access tokens, rotated with an overlap, published as a JWK set. Every role verifies
//!   tokens from the public keys alone, so nobody calls identity to know who calls (but for an agent's units), and everybody goes on while it is
//!   down. The price: a closed account or an ended session is good until its last access token expires (10 minutes).
//!   The database has their private halves encrypted, by a key that is not in it ([`sealing_key`]);
//! - **partners**, systems that file requests with client credentials;
//! - the **registry** of those who write: it hears `request_received`, links the requests of one person
//!   ([`domain::linking`]) and says `citizen_linked`. A search in it is kept in the access log.
//!
//! Keys belong to the installation; everything else to a tenant.

pub mod config;
pub mod consumer;
pub mod crypto;
pub mod domain;
mod grpc;
pub mod repo;
pub mod sealing_key;
pub mod service;
pub mod usecase;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::{events::REQUEST_RECEIVED, identity::identity_service_server::IdentityServiceServer};
use parvis_runtime::{Config, Deps, Job, RoleParts, RoleSpec};
use parvis_store::{SqlMigration, StoreUrl};

pub use config::IdentityConfig;
pub use service::Identity;

use crate::repo::signing_keys;

/// The schema.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_identity", sql: include_str!("../migrations/0001_identity.sql") },
    SqlMigration { name: "0002_sealed_keys", sql: include_str!("../migrations/0002_sealed_keys.sql") },
    SqlMigration {
        name: "0003_origins_sessions_events",
        sql: include_str!("../migrations/0003_origins_sessions_events.sql"),
    },
    SqlMigration { name: "0004_second_factor", sql: include_str!("../migrations/0004_second_factor.sql") },
    SqlMigration { name: "0006_people_words", sql: include_str!("../migrations/0006_people_words.sql") },
];

/// How often keys are looked at: well under [`domain::key_schedule::NOTICE`].
const KEYS_EVERY: Duration = Duration::from_secs(60);
const PURGE_EVERY: Duration = Duration::from_secs(600);
const INDEX_EVERY: Duration = Duration::from_secs(600);

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec { name: "identity", migrations: Some(MIGRATIONS), check, create: |deps| Box::pin(create(deps)) }
}

fn check(config: &Config) -> Result<()> {
    let url = StoreUrl::for_role(&config.store.url, "identity")?;
    sealing_key::check(&IdentityConfig::load(config)?, &url)
}

/// Says at the start what a demonstration left behind.
async fn warn_of_published_passwords(identity: &Identity) -> Result<()> {
    let accounts = repo::accounts::with_published_password(identity.store.read()).await?;
    if accounts > 0 && !identity.config.demonstration {
        tracing::warn!(
            accounts,
            "accounts of this database have the password of a demonstration, which everybody may know: it opens nothing \
             here; give them others (parvis account set-password), or serve the demonstration with `parvis demo`"
        );
    }
    Ok(())
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config = IdentityConfig::load(&deps.config)?;
    let (store, url) = (deps.store()?, StoreUrl::for_role(&deps.config.store.url, "identity")?);
    let sealed = signing_keys::all(store.read()).await?.iter().any(|key| !key.sealed_by.is_empty());
    let sealing = sealing_key::load(&config, &url, sealed)?;
    let identity = Identity::new(store, config, deps.tenants.clone(), sealing).await?;
    warn_of_published_passwords(&identity).await?;
    let rotating = identity.clone();
    let keys = Job::new("signing keys", KEYS_EVERY, move |_| {
        let identity = rotating.clone();
        async move { usecase::rotate_keys(&identity).await }
    });
    let purging = identity.clone();
    let purge = Job::new("identity purge", PURGE_EVERY, move |shutdown| {
        let identity = purging.clone();
        async move { usecase::purge(&identity, &shutdown).await }
    });
    let indexing = identity.clone();
    let index = Job::new("people's names", INDEX_EVERY, move |shutdown| {
        let identity = indexing.clone();
        async move { usecase::index_people(&identity, &shutdown).await }
    });
    let requests =
        Subscription { source: "intake", kinds: &[REQUEST_RECEIVED], handler: Arc::new(consumer::RequestReader) };
    let service = IdentityServiceServer::new(grpc::Grpc::new(identity, deps.keys.clone()));
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(service).into_axum_router()),
        http: None,
        subscriptions: vec![requests],
        jobs: vec![keys, purge, index],
    })
}
