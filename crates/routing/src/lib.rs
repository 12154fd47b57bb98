//! Routing: who handles what.
//!
//! Owns the directory of each authority (units, teams, agents, calendars, absences, rules), what each agent has in
//! hand, the queues, and every decision with its explanation. Listens to casework (cases opened, closed, reopened);
//! says `case_assigned`, `case_escalated`, `transfer_proposed`, `transfer_refused`, `units_described`.
//!
//! - A directory is imported whole ([`usecase::import_directory`]) and kept as one immutable version; in memory it is a
//!   [`domain::Snapshot`]. What decides is pure: [`domain::decide`], and [`domain::Desk`] for many in a row.
//! - A case belongs to a unit (rules, in order) and has an agent or waits in the unit's queue, never neither. A case
//!   counts in its agent's load while open, also while it waits for the citizen.
//! - Decisions of one authority are made one transaction at a time, whatever the number of processes: each takes the
//!   row of the authority first ([`repo::directory::lock`]), reads the loads, decides a whole batch in memory and
//!   writes it with a few statements. So an agent's capacity is never exceeded and nobody away receives a case.
//! - Waiting cases are given out by a sweep: at once when somebody comes or has room, and every `sweep_seconds` for
//!   what only time changes (an opening hour, the end of an absence, a directory imported by another process).

pub mod config;
pub mod consumer;
pub mod domain;
mod grpc;
mod grpc_work;
pub mod repo;
pub mod router;
pub mod snapshots;
pub mod usecase;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::routing::routing_service_server::RoutingServiceServer;
use parvis_runtime::{Deps, Job, RoleParts, RoleSpec};
use parvis_store::SqlMigration;

pub use grpc::RoutingGrpc;
pub use parvis_directory::{DirectoryFile, Located, parse as parse_directory};
pub use router::{PastCases, Router};
pub use usecase::{ImportSummary, import_catalogue, import_directory};

/// The role's schema.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_routing", sql: include_str!("../migrations/0001_routing.sql") },
    SqlMigration { name: "0002_rule_sets", sql: include_str!("../migrations/0002_rule_sets.sql") },
    SqlMigration { name: "0003_agents", sql: include_str!("../migrations/0003_agents.sql") },
    SqlMigration { name: "0004_learnt_until", sql: include_str!("../migrations/0004_learnt_until.sql") },
    SqlMigration { name: "0007_described", sql: include_str!("../migrations/0007_described.sql") },
];

/// How the role is created.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "routing",
        migrations: Some(MIGRATIONS),
        check: |config| config::RoutingConfig::load(config).map(|_| ()),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config = config::RoutingConfig::load(&deps.config)?;
    for tenant in deps.tenants.all() {
        // Said at start rather than at the first case.
        tenant.holidays.parse::<parvis_calendar::HolidayZone>()?;
    }
    let past = PastCases { days: config.past_case_days, most: config.past_cases_max };
    let router = Router::new(deps.store()?, deps.tenants.clone())
        .keeping(past)
        .retraining_after(config.corrections_to_retrain as usize);
    let sweeping = router.clone();
    let sweep = Job::new("sweep", Duration::from_secs(config.sweep_seconds), move |shutdown| {
        let router = sweeping.clone();
        async move {
            usecase::fire_timers(&router, &shutdown).await?;
            usecase::drain_queues(&router, &shutdown).await
        }
    })
    .woken_by(router.waker());
    let (forgetting, correction_days) = (router.clone(), config.correction_days);
    let forget = Job::new("forget_past_cases", Duration::from_secs(3600), move |shutdown| {
        let router = forgetting.clone();
        async move { usecase::forget_past_cases(&router, correction_days, &shutdown).await }
    });
    let training = router.clone();
    let train = Job::new("train_guessers", Duration::from_secs(60), move |shutdown| {
        let router = training.clone();
        async move { usecase::train_guessers(&router, &shutdown).await }
    });
    let describing = router.clone();
    let describe = Job::new("describe_units", Duration::from_secs(config.sweep_seconds), move |shutdown| {
        let router = describing.clone();
        async move { usecase::describe_units(&router, &shutdown).await }
    });
    let service = RoutingServiceServer::new(RoutingGrpc(router.clone()));
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(service).into_axum_router()),
        http: None,
        subscriptions: vec![Subscription {
            source: "casework",
            kinds: consumer::KINDS,
            handler: Arc::new(consumer::CaseworkHandler(router)),
        }],
        jobs: vec![sweep, forget, train, describe],
    })
}

#[cfg(test)]
mod tests;
