//! Where every request stands, from submission to last notice; and the figures.
//!
//! Reads every role's events and keeps two things of each request:
//!
//! - its **timeline**, append-only: one line an event worth telling, with what agents read and, where citizens may
//!   know of it, what they read. Positions grow within one request, so a reader asks for what comes after the last
//!   line it has.
//! - its **facts**, one row: what the figures count. Roles speak on streams of their own, so events about one request
//!   come in any order: every change of the facts is commutative (the earliest instant, the latest version, a count),
//!   and the same events give the same facts whatever their order.
//!
//! Of citizens nothing is kept but the title of the request (the procedure's, or the first words of a free text):
//! neither names nor addresses; of the tracking code, a hash.

mod config;
mod consumer;
pub mod domain;
mod grpc;
mod repo;
pub mod usecase;
mod watchers;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::{events, tracking::tracking_service_server::TrackingServiceServer};
use parvis_runtime::{Deps, RoleParts, RoleSpec};
use parvis_store::SqlMigration;

pub use config::TrackingConfig;
pub use consumer::TimelineConsumer;
pub use grpc::TrackingApi;
pub use watchers::Watchers;

/// The schema.
pub const MIGRATIONS: &[SqlMigration] =
    &[SqlMigration { name: "0001_timeline", sql: include_str!("../migrations/0001_timeline.sql") }];

/// What is told of what routing says.
const ROUTING: [&str; 5] = [
    events::CASE_ASSIGNED,
    events::CASE_ESCALATED,
    events::TRANSFER_PROPOSED,
    events::TRANSFER_REFUSED,
    events::UNITS_DESCRIBED,
];

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "tracking",
        migrations: Some(MIGRATIONS),
        check: |config| config.section::<TrackingConfig>("tracking").map(|_| ()),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config: TrackingConfig = deps.config.section("tracking")?;
    let watchers = Watchers::default();
    let handler = Arc::new(TimelineConsumer::new(deps.tenants.clone(), watchers.clone()));
    let api = TrackingApi::new(
        deps.store()?,
        deps.tenants.clone(),
        watchers,
        Duration::from_millis(config.watch_poll_milliseconds),
        deps.shutdown.clone(),
    );
    let listen =
        |source: &'static str, kinds: &'static [&'static str]| Subscription { source, kinds, handler: handler.clone() };
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(TrackingServiceServer::new(api)).into_axum_router()),
        subscriptions: vec![
            listen("intake", &[events::REQUEST_RECEIVED, events::INSTANT_ANSWER_GIVEN]),
            listen("casework", &[events::CASE_OPENED, events::CASE_STATUS_CHANGED, events::MESSAGE_POSTED]),
            listen("routing", &ROUTING),
            listen("notification", &[events::NOTIFICATION_DELIVERED, events::NOTIFICATION_FAILED]),
            listen("identity", &[events::CITIZEN_LINKED]),
        ],
        ..RoleParts::default()
    })
}
