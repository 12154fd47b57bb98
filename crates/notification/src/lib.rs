//! Tells people, by the mode each chose, once, and keeps every attempt.
//!
//! Casework decides that somebody must be told and what (`notice_requested`); this role words it and carries it. A
//! notice is one row, whose key is the id casework gave it: however often the event comes, there is one notice. Its
//! text is written once, when it is asked for, and never changes afterwards.
//!
//! - Every notice to the person who asked has a **portal** copy, read on the follow-up page with the tracking code,
//!   whatever its mode.
//! - **E-mail** goes through SMTP, or to `.eml` files where none is configured. The consumer only writes rows; a job
//!   claims them by lease (any number of processes may), sends outside any transaction, and records each attempt. A
//!   refusal for good (5xx) fails at once; anything else is tried again with growing waits over about a day.
//! - **Letter**, **phone** and **SMS** wait for a person: the front desk posts the letter, makes the call, or sends
//!   the SMS by hand, as there is no SMS gateway yet; then marks it.
//! - **Supervisors** get an e-mail when routing says that a case of their unit waits too long (`case_escalated`): the
//!   reference, the service and a link, nothing of the citizen. No portal copy.
//! - **Another body** gets the request itself when an agent sends it on (CRPA L114-2), by e-mail or letter. No portal
//!   copy; among agents, those alone who may read the case read it here or post it.
//!
//! An acknowledgment of a demand for which silence means a decision is refused when something that the law asks for
//! (CRPA R112-11-1) is missing: the notice fails, naming what is missing, and nothing is sent or shown.
//!
//! **An address that nobody verified** (the request was filed without signing in) gets nothing that the sender wrote, by
//! e-mail: no title but a procedure's, no name. It is told of few receptions an hour ([`domain::pace`]); what is over waits
//! its turn, pending, with an attempt that says why.
//!
//! **Tracking codes** are in one table here, which hears them from intake: a notice is written with a mark in their place,
//! and they are put in where it goes to the person: into an e-mail as it is sent, into a letter or a call as it is
//! [read by whoever carries it](usecase::read_handovers). No list, no case and no failure shows one to an agent.
//!
//! **What was said has a term** (`notification.body_days` after it went or failed): its texts, its addressee and what
//! servers answered are then emptied ([`usecase::Courier::remove_old_texts`]). That somebody was told, why, how, when
//! and with what outcome stays.
//!
//! **Never twice.** Between the SMTP server's 250 and our record of it, a crash leaves a doubt: the notice is sent
//! again once its lease ends, with the same `Message-ID` and the same bytes, so that the receiving side can drop the
//! second. That is the one place where sending is "at least once"; with `.eml` files, whose name is the notice's id,
//! there is none.

mod config;
mod consumer;
pub mod domain;
mod grpc;
pub mod mail;
mod repo;
pub mod usecase;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::events;
use parvis_runtime::{Deps, Job, RoleParts, RoleSpec};
use parvis_store::SqlMigration;
use tokio::sync::Notify;

pub use config::NotificationConfig;
pub use consumer::{CodeConsumer, NoticeConsumer};
pub use grpc::NotificationApi;

/// The schema.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_notices", sql: include_str!("../migrations/0001_notices.sql") },
    SqlMigration { name: "0002_texts_removed", sql: include_str!("../migrations/0002_texts_removed.sql") },
    SqlMigration { name: "0003_tracking_codes", sql: include_str!("../migrations/0003_tracking_codes.sql") },
    SqlMigration { name: "0004_recipient_pace", sql: include_str!("../migrations/0004_recipient_pace.sql") },
];

/// How often due e-mails are looked for when nothing wakes the job: retries, and what another process left.
const SWEEP: Duration = Duration::from_secs(5);
const PURGE_EVERY: Duration = Duration::from_secs(600);

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "notification",
        migrations: Some(MIGRATIONS),
        check: |config| NotificationConfig::load(config).map(|_| ()),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config = NotificationConfig::load(&deps.config)?;
    let store = deps.store()?;
    let courier = Arc::new(usecase::Courier::new(store.clone(), deps.tenants.clone(), &config)?);
    let wake = Arc::new(Notify::new());
    let consumer = NoticeConsumer::new(deps.tenants.clone(), &deps.config.server.public_url, wake.clone());
    let consumer = Arc::new(consumer.at_most(config.unverified_per_hour));
    let sending = courier.clone();
    let send = Job::new("send-notices", SWEEP, move |shutdown| {
        let courier = sending.clone();
        async move { courier.deliver_due(&shutdown).await.map(|_| ()) }
    });
    let purge = Job::new("notification purge", PURGE_EVERY, move |shutdown| {
        let courier = courier.clone();
        async move { courier.remove_old_texts(&shutdown).await.map(|_| ()) }
    });
    let service = parvis_proto::notification::notification_service_server::NotificationServiceServer::new(
        NotificationApi::new(store),
    );
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(service).into_axum_router()),
        subscriptions: vec![
            Subscription { source: "intake", kinds: &[events::REQUEST_RECEIVED], handler: Arc::new(CodeConsumer) },
            Subscription { source: "casework", kinds: &[events::NOTICE_REQUESTED], handler: consumer.clone() },
            Subscription {
                source: "routing",
                kinds: &[events::CASE_ESCALATED, events::UNITS_DESCRIBED],
                handler: consumer,
            },
        ],
        jobs: vec![send.woken_by(wake), purge],
        ..RoleParts::default()
    })
}
