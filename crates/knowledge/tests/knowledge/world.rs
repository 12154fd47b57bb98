//! A role at work on a fresh database.

use std::{path::Path, sync::Arc};

use parvis_kernel::{Actor, AgentId, Caller, Role, RoleSet, SettableClock, TenantId};
use parvis_knowledge::{Knowledge, MIGRATIONS, import_articles, parse_articles};
use parvis_proto::knowledge::{Article, ArticleContent, ArticleVerbRequest, SaveArticleRequest};
use parvis_runtime::Tenants;
use parvis_testkit::TestStore;
pub use parvis_testkit::on_both;

pub struct World {
    pub store: TestStore,
    pub clock: SettableClock,
    pub tenants: Tenants,
    pub knowledge: Arc<Knowledge>,
}

impl World {
    pub async fn sqlite() -> Self {
        let clock = clock();
        let store = TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        Self::on(store, clock).await
    }

    pub async fn postgres() -> Self {
        let clock = clock();
        let store = TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        Self::on(store, clock).await
    }

    async fn on(store: TestStore, clock: SettableClock) -> Self {
        let tenants = Tenants::load(&demo("tenants.toml")).unwrap();
        let knowledge = Arc::new(Knowledge::start(store.clone(), tenants.clone()).await.unwrap());
        Self { store, clock, tenants, knowledge }
    }

    /// Another process of the role on the same database.
    pub async fn another(&self) -> Arc<Knowledge> {
        let store = self.store.another().await.unwrap();
        Arc::new(Knowledge::start(store, self.tenants.clone()).await.unwrap())
    }

    /// Loads a file of articles.
    pub async fn load(&self, text: &str) {
        let file = parse_articles("a.toml", text).unwrap();
        import_articles(&self.store, &self.tenants, &file).await.unwrap();
        self.knowledge.refresh().await.unwrap();
    }

    /// Events said so far.
    pub async fn said(&self) -> Vec<parvis_store::OutboxRow> {
        self.clock.advance(jiff::SignedDuration::from_secs(60));
        parvis_store::outbox::claim(&self.store, parvis_kernel::Clock::now(&self.clock), 100).await.unwrap()
    }

    /// Rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let row = self.store.read().query_one_raw(Statement::from_string(self.store.backend(), sql)).await.unwrap();
        row.unwrap().try_get("", "n").unwrap()
    }
}

fn clock() -> SettableClock {
    SettableClock::at("2026-05-31T10:00:00Z".parse().unwrap())
}

pub fn demo(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo").join(file)
}

pub fn tenant(slug: &str) -> TenantId {
    TenantId::parse(slug).unwrap()
}

pub fn citizen() -> Caller {
    Caller::anonymous(tenant("clairval"))
}

pub fn agent(slug: &str, role: Role) -> Caller {
    Caller {
        actor: Actor::Agent(AgentId::parse("claire-martin").unwrap()),
        name: "Claire Martin".into(),
        roles: RoleSet::from([role]),
        ..Caller::anonymous(tenant(slug))
    }
}

pub fn editor() -> Caller {
    agent("clairval", Role::Administrator)
}

pub fn content(title: &str) -> ArticleContent {
    ArticleContent {
        title: title.into(),
        summary: "Ce qu'il faut savoir.".into(),
        theme: "dechets".into(),
        body: "## Où\n\nPlace du Port.".into(),
        ..ArticleContent::default()
    }
}

pub fn new_article(title: &str) -> SaveArticleRequest {
    SaveArticleRequest { kind: "article".into(), content: Some(content(title)), ..SaveArticleRequest::default() }
}

pub fn verb(article: &Article) -> ArticleVerbRequest {
    ArticleVerbRequest { id: article.id.clone(), expected_revision: article.revision }
}
