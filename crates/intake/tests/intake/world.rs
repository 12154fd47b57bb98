//! A role at work on a fresh database.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use parvis_intake::{
    ImportSummary, Intake, MIGRATIONS, config::IntakeConfig, import_procedures, objects, parse_procedures,
};
use parvis_kernel::{Actor, AgentId, Caller, Role, RoleSet, SettableClock, TenantId};
use parvis_proto::{
    common::Requester,
    intake::{SubmitRequestRequest, SubmittedAnswer},
};
use parvis_runtime::{
    Tenants,
    grants::{Grant, GrantKeys, Kind},
    key_pair::KeyPair,
};
use parvis_testkit::TestStore;
pub use parvis_testkit::on_both;
use tempfile::TempDir;

pub const FORM: &str = r#"
tenant = "clairval"
[[procedure]]
code = "essai"
title = "Essai"
theme = "voirie"
kind = "request"
silence = "none"
service_level_days = 5
[[procedure.document]]
code = "identite"
label = "Pièce d'identité"
required = true
[[procedure.field]]
code = "nom"
label = "Nom"
type = "text"
required = true
"#;

/// What casework signs with.
pub static CASEWORK: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::draw().unwrap());

/// Whoever holds a follow grant of a request.
pub fn follower(tenant: TenantId, request: &str) -> Caller {
    Caller { actor: Actor::Citizen([request.parse().unwrap()].into()), ..Caller::anonymous(tenant) }
}

/// What casework gives an agent of `tenant` for a file.
pub fn files_grant(world: &World, tenant: TenantId, agent: &str, file: &str) -> String {
    let grant = Grant::files(tenant, agent.to_owned(), vec![file.parse().unwrap()], world.store.clock().now());
    CASEWORK.sign(Kind::Files.typ(), &grant).unwrap()
}

pub struct World {
    pub store: TestStore,
    pub clock: SettableClock,
    pub tenants: Tenants,
    pub folder: TempDir,
    pub intake: Arc<Intake>,
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
        let folder = tempfile::tempdir().unwrap();
        import(&store, &tenants, FORM).await;
        let intake = start(store.clone(), &tenants, folder.path()).await;
        Self { store, clock, tenants, folder, intake }
    }

    /// Another process of the role on the same database.
    pub async fn another(&self) -> Arc<Intake> {
        start(self.store.another().await.unwrap(), &self.tenants, self.folder.path()).await
    }

    /// Another process of the role with other settings.
    pub async fn with(&self, change: impl FnOnce(&mut IntakeConfig)) -> Arc<Intake> {
        let mut config = config(self.folder.path());
        change(&mut config);
        launch(self.store.another().await.unwrap(), &self.tenants, config).await
    }

    pub async fn import(&self, text: &str) -> ImportSummary {
        import(&self.store, &self.tenants, text).await
    }

    /// Rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let row = self.store.read().query_one_raw(Statement::from_string(self.store.backend(), sql)).await.unwrap();
        row.unwrap().try_get("", "n").unwrap()
    }

    /// Files in the object store.
    pub fn objects(&self) -> usize {
        fn walk(folder: &Path) -> usize {
            std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| if path.is_dir() { walk(&path) } else { 1 })
                .sum()
        }
        walk(self.folder.path())
    }
}

fn clock() -> SettableClock {
    SettableClock::at("2026-05-31T10:00:00Z".parse().unwrap())
}

pub fn demo(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo").join(file)
}

async fn start(store: parvis_store::Store, tenants: &Tenants, folder: &Path) -> Arc<Intake> {
    launch(store, tenants, config(folder)).await
}

fn config(folder: &Path) -> IntakeConfig {
    IntakeConfig {
        attachments_url: format!("file://{}", folder.display()),
        s3_endpoint: String::new(),
        s3_region: String::new(),
        s3_access_key: String::new(),
        s3_secret_key: String::new().into(),
        max_attachment_bytes: 10_000_000,
        max_attachments: 5,
        uploads_by_address: 3,
        upload_bytes_by_address: 40_000_000,
        unclaimed_bytes: 30_000_000,
        full_disk_percent: 100,
        batch_max: 256,
    }
}

async fn launch(store: parvis_store::Store, tenants: &Tenants, config: IntakeConfig) -> Arc<Intake> {
    config.check().unwrap();
    let objects = objects::open(&config).unwrap();
    let clock = store.clock().clone();
    let grants = GrantKeys::new(Vec::new(), clock);
    let casework = serde_json::json!({ "keys": [CASEWORK.jwk()] });
    grants.replace(Kind::Files, &casework.to_string()).unwrap();
    let intake = Intake::start(store, tenants.clone(), config, objects, grants.clone()).await.unwrap();
    grants.replace(Kind::Follow, &intake.grant_keys().await.unwrap()).unwrap();
    Arc::new(intake)
}

async fn import(store: &parvis_store::Store, tenants: &Tenants, text: &str) -> ImportSummary {
    import_procedures(store, tenants, &parse_procedures("p.toml", text).unwrap()).await.unwrap()
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

/// A request by the form.
pub fn by_form(key: &str) -> SubmitRequestRequest {
    SubmitRequestRequest {
        idempotency_key: key.into(),
        channel: "web".into(),
        procedure_code: "essai".into(),
        procedure_version: 1,
        answers: vec![SubmittedAnswer { field: "nom".into(), values: vec!["Petit".into()] }],
        requester: Some(Requester {
            first_name: "Zoé".into(),
            last_name: "Petit".into(),
            email: "zoe@exemple.fr".into(),
            ..Requester::default()
        }),
        ..SubmitRequestRequest::default()
    }
}

/// A free text.
pub fn free_text(key: &str, text: &str) -> SubmitRequestRequest {
    SubmitRequestRequest {
        idempotency_key: key.into(),
        channel: "web".into(),
        text: text.into(),
        ..SubmitRequestRequest::default()
    }
}
