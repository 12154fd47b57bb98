//! What every role needs to run and none should write twice: configuration, tenants, telemetry, tokens, transports,
//! jobs, health, and an orderly start and stop.
//!
//! A role is a function that takes its [`Deps`] and gives its [`RoleParts`]: a gRPC service, subscriptions, jobs. A
//! [`Node`] runs some roles in one process; a caller reaches any role through [`Clients`], near or far.

pub mod auth;
mod behind;
pub mod client;
pub mod config;
pub mod connections;
pub mod grants;
pub mod health;
pub mod http;
pub mod jobs;
pub mod jwks;
pub mod key_file;
pub mod key_pair;
pub mod limits;
pub mod memberships;
pub mod node;
pub mod pace;
pub mod role;
pub mod rpc;
pub mod safety;
pub mod telemetry;
pub mod tenant_cache;
pub mod tenants;
pub mod tls;
pub mod transport;
pub mod units;
mod unread;

pub use auth::{Claims, KeySet};
pub use behind::BLOCKING_THREADS;
pub use config::Config;
pub use jobs::Job;
pub use memberships::Memberships;
pub use node::Node;
pub use role::{Deps, RoleParts, RoleSpec};
pub use rpc::{call_as, caller, internal_status};
pub use tenant_cache::TenantCache;
pub use tenants::{Tenant, Tenants};
pub use transport::{Clients, Transport};
