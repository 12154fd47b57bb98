//! The door. Accepts what citizens say by any channel, keeps it as said, and tells the other roles.
//!
//! Owns the procedures (versioned forms), the requests as submitted (immutable), their attachments, the idempotency
//! keys and the instant answers. Depends on no other role: it accepts and acknowledges when every other one is down.
//!
//! - A submission is judged whole by pure functions ([`domain::validate`]), then written by group commit ([`batch`]):
//!   what arrives while a commit runs is written together by the next, one bad one never failing the others.
//! - One idempotency key of one caller makes one request: a unique index decides, whatever races. The answer to a
//!   retry is the same, tracking code included: codes are made from the request's id and a secret, not kept
//!   ([`tracking_codes`]).
//! - References come from ranks that each process reserves by blocks ([`references`]).
//! - Procedures are served from memory ([`procedures`]) and loaded from a file ([`domain::procedures_file`],
//!   [`usecase::import_procedures`]).
//! - Attachments go to an object store in bounded memory; what a file is, is read in its content
//!   ([`domain::attachment`]).
//!
//! Says `request_received` and `instant_answer_given`; listens to nothing.

pub mod batch;
pub mod config;
pub mod domain;
mod grpc;
pub mod objects;
pub mod procedures;
pub mod references;
pub mod repo;
pub mod tracking_codes;
pub mod uploads;
pub mod usecase;

use std::{sync::Arc, time::Duration};

use parvis_kernel::Result;
use parvis_proto::intake::intake_service_server::IntakeServiceServer;
use parvis_runtime::{Deps, Job, RoleParts, RoleSpec};
use parvis_store::SqlMigration;

pub use domain::procedures_file::{Located, Named, ProceduresFile, parse_procedures};
pub use usecase::{
    Intake,
    import_procedures::{ImportSummary, import_procedures},
};

/// The schema, step by step.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_intake", sql: include_str!("../migrations/0001_intake.sql") },
    SqlMigration { name: "0003_unclaimed_bytes", sql: include_str!("../migrations/0003_unclaimed_bytes.sql") },
];

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "intake",
        migrations: Some(MIGRATIONS),
        check: |config| config.section::<config::IntakeConfig>("intake")?.check(),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config: config::IntakeConfig = deps.config.section("intake")?;
    config.check()?;
    let objects = objects::open(&config)?;
    let intake =
        Arc::new(Intake::start(deps.store()?, deps.tenants.clone(), config, objects, deps.grants.clone()).await?);
    let service = IntakeServiceServer::new(grpc::IntakeGrpc(intake.clone()));
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(service).into_axum_router()),
        jobs: jobs(&intake),
        ..RoleParts::default()
    })
}

fn jobs(intake: &Arc<Intake>) -> Vec<Job> {
    let (purge, sweep) = (intake.clone(), intake.clone());
    vec![
        Job::new("intake-keys", Duration::from_secs(3600), move |shutdown| {
            let intake = purge.clone();
            async move { intake.purge_keys(&shutdown).await.map(|_| ()) }
        }),
        Job::new("intake-attachments", Duration::from_secs(600), move |shutdown| {
            let intake = sweep.clone();
            async move { intake.delete_unclaimed_attachments(&shutdown).await.map(|_| ()) }
        }),
    ]
}
