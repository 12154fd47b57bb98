//! Knowledge: what the authority and the public services say, found in the words people use.
//!
//! Owns the authority's articles and response templates with every version of each, the national fiches, a copy of the
//! procedures' titles (to propose them), and counts of what is searched, opened and found useful.
//!
//! - An article is a record that leads to immutable versions ([`domain::article`]); one of them is served while the
//!   next is written. Text is Markdown, made into HTML in one place that drops whatever its author may have hidden
//!   ([`domain::markdown`]).
//! - The national fiches are the same for every authority: they have no tenant. An import reads the whole distribution
//!   first, then in one transaction keeps the contents that changed, lists them as a generation and serves it
//!   ([`usecase::import_fiches`]): killed half-way, it has done nothing.
//! - What is searched is in memory ([`find`]): one index an authority and one for the fiches, shared. Every process
//!   sees what another published or imported by looking at a number ([`repo::shelf`], [`repo::fiche`]).
//! - Counting keeps no question that may hold personal data ([`domain::question`]).
//! - How cases end is heard from casework and kept, a row a case, by procedure and without a word of it: what is often
//!   handled and no article explains is what to write next ([`domain::uncovered`]).
//!
//! Says `article_published`; listens to `case_status_changed`.

pub mod config;
pub mod consumer;
mod counter;
pub mod domain;
pub mod find;
mod grpc;
pub mod repo;
pub mod usecase;
mod view;

use std::{sync::Arc, time::Duration};

use parvis_bus::Subscription;
use parvis_kernel::Result;
use parvis_proto::{events, knowledge::knowledge_service_server::KnowledgeServiceServer};
use parvis_runtime::{Deps, Job, RoleParts, RoleSpec};
use parvis_store::SqlMigration;

pub use domain::articles_file::{ArticlesFile, parse_articles};
pub use repo::procedure_card::ProcedureCard;
pub use usecase::{
    Knowledge,
    import_articles::{ArticlesSummary, import_articles},
    import_fiches::{FichesSummary, import_fiches},
    import_procedures::import_procedures,
    read_fiches::{ReadFiches, read_fiches, read_zip},
};

/// The schema, step by step.
pub const MIGRATIONS: &[SqlMigration] = &[
    SqlMigration { name: "0001_knowledge", sql: include_str!("../migrations/0001_knowledge.sql") },
    SqlMigration { name: "0002_closed_cases", sql: include_str!("../migrations/0002_closed_cases.sql") },
    SqlMigration { name: "0003_closed_cases_by_day", sql: include_str!("../migrations/0003_closed_cases_by_day.sql") },
];

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "knowledge",
        migrations: Some(MIGRATIONS),
        check: |config| config.section::<config::KnowledgeConfig>("knowledge")?.check(),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let config: config::KnowledgeConfig = deps.config.section("knowledge")?;
    config.check()?;
    let knowledge = Arc::new(Knowledge::start(deps.store()?, deps.tenants.clone()).await?);
    let service = KnowledgeServiceServer::new(grpc::KnowledgeGrpc(knowledge.clone()));
    Ok(RoleParts {
        grpc: Some(tonic::service::Routes::new(service).into_axum_router()),
        jobs: jobs(&knowledge, &config),
        subscriptions: vec![Subscription {
            source: "casework",
            kinds: &[events::CASE_STATUS_CHANGED],
            handler: Arc::new(consumer::OnCasework(deps.tenants)),
        }],
        ..RoleParts::default()
    })
}

fn jobs(knowledge: &Arc<Knowledge>, config: &config::KnowledgeConfig) -> Vec<Job> {
    let (refresh, count, purge) = (knowledge.clone(), knowledge.clone(), knowledge.clone());
    let usage_days = config.usage_days;
    vec![
        Job::new("knowledge-refresh", Duration::from_secs(config.refresh_seconds), move |_| {
            let knowledge = refresh.clone();
            async move { knowledge.refresh().await }
        }),
        Job::new("knowledge-counts", Duration::from_secs(config.count_seconds), move |_| {
            let knowledge = count.clone();
            async move { knowledge.write_counts().await }
        }),
        Job::new("knowledge-purge", Duration::from_secs(3600), move |_| {
            let knowledge = purge.clone();
            async move { knowledge.purge_counts(usage_days).await }
        }),
    ]
}
