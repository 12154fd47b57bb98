//! The handling of requests, from the day they come in to the day they are closed.
//!
//! **Owns** the cases: their state (an explicit table, [`domain::transition`]), their clocks (the law's, the town's
//! promise, the next date on which somebody must look), their messages and notes, their history, and the log of who
//! read them. A case has the id of its request and keeps its own copy of it.
//!
//! **Listens** to intake (`request_received`: a case for each), routing (`case_assigned`: shown, never decided here;
//! `transfer_proposed`: kept until an agent confirms it, which sends the request on; `transfer_refused`: nobody may any
//! more) and notification (`notification_delivered`, `notification_failed`: a line of the history).
//!
//! **Says** `case_opened`; `case_status_changed` for whatever changes what others show (its `kind` is the history
//! line's, [`domain::Kind`]); `message_posted`; and `notice_requested` whenever the citizen must be told, or a request
//! is sent on to another body (fields in `docs/reference/notices.md`). Each event carries the case as it was after it;
//! every step makes one version, one line of the history and one event, so that the case can be recomputed from its
//! history ([`domain::history::recompute`]).
//!
//! **Changing a case** takes the version that was read. The row is locked for the time of the transaction and written
//! only over that version, so that of two agents one wins and the other is told.
//!
//! **Reading a case**: the agents and supervisors of its unit, whoever filed it, whoever it is assigned to
//! ([`domain::access`]). For everybody else it does not exist. Whoever holds a follow grant sees the follow-up
//! page.

pub mod config;
pub mod consumer;
pub mod domain;
pub mod grpc;
pub mod repo;
pub mod towns;
pub mod usecase;
mod view;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::{casework::casework_service_server::CaseworkServiceServer, events};
use parvis_runtime::{
    Deps, Job, RoleParts, RoleSpec,
    grants::{GrantSigner, Kind},
};
use parvis_store::SqlMigration;

use crate::{
    config::CaseworkConfig,
    consumer::{OnIntake, OnNotification, OnRouting},
    grpc::CaseworkRpc,
    repo::access_log::AccessLog,
    towns::Towns,
    usecase::Casework,
};

/// The schema.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_cases", sql: include_str!("../migrations/0001_cases.sql") },
    SqlMigration { name: "0002_transfers", sql: include_str!("../migrations/0002_transfers.sql") },
    SqlMigration { name: "0003_refused_transfers", sql: include_str!("../migrations/0003_refused_transfers.sql") },
    SqlMigration { name: "0004_old_accesses", sql: include_str!("../migrations/0004_old_accesses.sql") },
    SqlMigration { name: "0007_case_words", sql: include_str!("../migrations/0007_case_words.sql") },
    SqlMigration { name: "0009_why_it_was_read", sql: include_str!("../migrations/0009_why_it_was_read.sql") },
];

const PURGE_EVERY: Duration = Duration::from_secs(600);
const INDEX_EVERY: Duration = Duration::from_secs(600);

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "casework",
        migrations: Some(MIGRATIONS),
        check: |config| CaseworkConfig::load(config).map(|_| ()),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config = CaseworkConfig::load(&deps.config)?;
    let store = deps.store()?;
    let casework = Casework {
        access_log: AccessLog::start(store.clone()),
        signer: GrantSigner::new(Kind::Files, store.clone()),
        towns: Towns::new(&deps.tenants)?,
        reopen_days: config.reopen_days,
        store,
    };
    let timers = {
        let casework = Arc::new(casework.clone());
        Job::new("case_timers", Duration::from_secs(config.timer_seconds), move |shutdown| {
            casework.clone().run_timers(shutdown)
        })
    };
    let purge = {
        let (casework, life) = (casework.clone(), config.access_log_life());
        Job::new("casework purge", PURGE_EVERY, move |shutdown| {
            let casework = casework.clone();
            async move { casework.purge_access_log(life, &shutdown).await }
        })
    };
    let index = {
        let casework = casework.clone();
        Job::new("casework names", INDEX_EVERY, move |shutdown| {
            let casework = casework.clone();
            async move { casework.index_names(&shutdown).await }
        })
    };
    let server = CaseworkServiceServer::new(CaseworkRpc(casework.clone()));
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(server).into_axum_router()),
        http: None,
        subscriptions: vec![
            Subscription {
                source: "intake",
                kinds: &[events::REQUEST_RECEIVED],
                handler: Arc::new(OnIntake(casework.clone())),
            },
            Subscription {
                source: "routing",
                kinds: &[
                    events::CASE_ASSIGNED,
                    events::TRANSFER_PROPOSED,
                    events::TRANSFER_REFUSED,
                    events::UNITS_DESCRIBED,
                ],
                handler: Arc::new(OnRouting(casework.clone())),
            },
            Subscription {
                source: "notification",
                kinds: &[events::NOTIFICATION_DELIVERED, events::NOTIFICATION_FAILED],
                handler: Arc::new(OnNotification(casework)),
            },
        ],
        jobs: vec![timers, purge, index],
    })
}
