//! What a role is given and what it gives.

use std::sync::Arc;

use futures::future::BoxFuture;
use parvis_bus::Subscription;
use parvis_kernel::{Clock, Result};
use parvis_store::{SqlMigration, Store};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::KeySet, config::Config, grants::GrantKeys, jobs::Job, limits::RateLimiter, memberships::Memberships,
    tenants::Tenants, transport::Clients,
};

/// The roles that have a gRPC service.
pub const GRPC_ROLES: [&str; 7] =
    ["identity", "intake", "casework", "routing", "knowledge", "notification", "tracking"];

/// The roles that somebody waits for at the door: signing in, being told that a request is accepted. Where cores are
/// short, what they commit goes before what follows from it.
pub const DOORS: [&str; 2] = ["identity", "intake"];

/// What a role is given.
#[derive(Clone)]
pub struct Deps {
    /// Its database, with its schema up to date. The gateway's is absent: it keeps nothing.
    pub store: Option<Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Authorities served.
    pub tenants: Tenants,
    /// Settings; its own are `config.section("role")`.
    pub config: Config,
    /// Public keys that verify tokens.
    pub keys: KeySet,
    /// Those that verify grants.
    pub grants: GrantKeys,
    /// Which units agents see.
    pub memberships: Memberships,
    /// Counts what each address does, at every door of this process.
    pub limiter: Arc<RateLimiter>,
    /// The other roles, for the gateway.
    pub clients: Clients,
    /// Cancelled when the process is to stop: end streams.
    pub shutdown: CancellationToken,
}

impl Deps {
    /// The database of a role that has one.
    pub fn store(&self) -> Result<Store> {
        self.store.clone().ok_or_else(|| parvis_kernel::Error::internal("this role has no database"))
    }
}

/// What a role gives.
#[derive(Default)]
pub struct RoleParts {
    /// Its gRPC service (`tonic::service::Routes::new(Server::new(…)).into_axum_router()`).
    pub grpc: Option<axum::Router>,
    /// Its pages and REST resources.
    pub http: Option<axum::Router>,
    /// What it listens to.
    pub subscriptions: Vec<Subscription>,
    /// What it does by itself.
    pub jobs: Vec<Job>,
}

/// How a role is created.
#[derive(Clone, Copy)]
pub struct RoleSpec {
    /// Its name.
    pub name: &'static str,
    /// Its schema; `None` for a role that keeps nothing.
    pub migrations: Option<&'static [SqlMigration]>,
    /// Refuses settings of its own that cannot work, by looking at them alone.
    pub check: fn(&Config) -> Result<()>,
    /// Creates it.
    pub create: fn(Deps) -> BoxFuture<'static, Result<RoleParts>>,
}
