//! A town: its processes, its servers, its folder.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use anyhow::{Context as _, Result, bail};
use parvis_testkit::{NatsServer, PostgresServer};
use tempfile::TempDir;
use tokio::{
    process::Command,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{
    api::Api,
    process::{Process, binary},
    working_time::shift_to_working_hours,
};

/// Password of every account of the demonstration towns in tests.
pub const PASSWORD: &str = "mot-de-passe-de-test";

/// What seals identity's keys on PostgreSQL: 32 bytes in base64.
const SEALING_KEY: &str = "Xl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl4=";

/// The roles, as started one a process.
pub const ROLES: [&str; 8] =
    ["identity", "intake", "casework", "routing", "knowledge", "notification", "tracking", "gateway"];

/// One town at a time: each is many processes, and the machine is small.
static ALONE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// A running town.
pub struct Town {
    folder: TempDir,
    /// Its processes: one, or one a role.
    pub processes: Vec<Process>,
    /// Its broker, when distributed.
    pub nats: Option<NatsServer>,
    /// Its database server, when distributed.
    pub postgres: Option<PostgresServer>,
    store_url: String,
    environment: Vec<(String, String)>,
    _alone: OwnedSemaphorePermit,
}

impl Town {
    /// Everything in one process, over SQLite.
    pub async fn in_one_process() -> Result<Self> {
        Self::in_one_process_with(&[]).await
    }

    /// The same, with settings of the test's own.
    pub async fn in_one_process_with(settings: &[(&str, String)]) -> Result<Self> {
        let alone = ALONE.clone().acquire_owned().await?;
        let folder = tempfile::tempdir()?;
        let mut environment = common_environment(folder.path());
        environment.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let store_url = format!("sqlite://{}/data/{{role}}.db", folder.path().display());
        let process = Process::new("parvis", serve_arguments(&[]), environment.clone(), folder.path())?;
        let processes = vec![process];
        let mut town = Self { folder, processes, nats: None, postgres: None, store_url, environment, _alone: alone };
        town.prepare().await?;
        town.start_all().await?;
        Ok(town)
    }

    /// One process a role, over PostgreSQL and NATS started for this town.
    pub async fn distributed() -> Result<Self> {
        Self::distributed_with(&[]).await
    }

    /// The same, with settings of the test's own.
    pub async fn distributed_with(settings: &[(&str, String)]) -> Result<Self> {
        let alone = ALONE.clone().acquire_owned().await?;
        let postgres = PostgresServer::start().await?;
        let nats = NatsServer::start().await?;
        let folder = tempfile::tempdir()?;
        let mut environment = common_environment(folder.path());
        environment.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let mut store_url = String::new();
        for role in ROLES.iter().filter(|role| **role != "gateway") {
            store_url = postgres.create_database(&format!("parvis_{role}")).await?.replace(role, "{role}");
        }
        environment.push(("PARVIS__STORE__URL".into(), store_url.clone()));
        environment.push(("PARVIS__IDENTITY__SEALING_KEY".into(), SEALING_KEY.into()));
        environment.push(("PARVIS__BUS__KIND".into(), "nats".into()));
        environment.push(("PARVIS__BUS__URL".into(), nats.url()));
        let mut processes = Vec::new();
        for role in ROLES {
            processes.push(Process::new(role, serve_arguments(&[role]), Vec::new(), folder.path())?);
        }
        for process in processes.iter().filter(|process| process.name != "gateway") {
            let key = format!("PARVIS__SERVICES__{}", process.name.to_uppercase());
            environment.push((key, format!("http://127.0.0.1:{}", process.grpc)));
        }
        for process in &mut processes {
            process.set("PARVIS__SERVER__NAME", process.name.clone());
            for (key, value) in &environment {
                process.set(key, value.clone());
            }
        }
        let (nats, postgres) = (Some(nats), Some(postgres));
        let mut town = Self { folder, processes, nats, postgres, store_url, environment, _alone: alone };
        town.prepare().await?;
        town.start_all().await?;
        Ok(town)
    }

    /// Schemas, demonstration towns, accounts.
    async fn prepare(&self) -> Result<()> {
        self.command(&["demo", "--prepare-only"]).await.map(|_| ())
    }

    /// Runs the binary with the town's settings; what it printed.
    pub async fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(binary()?)
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.environment.iter().cloned())
            .output()
            .await?;
        if !output.status.success() {
            bail!("parvis {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    async fn start_all(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.start()?;
        }
        for process in &mut self.processes {
            process.wait_ready().await?;
        }
        Ok(())
    }

    /// The process that serves `role`.
    pub fn process(&mut self, role: &str) -> Result<&mut Process> {
        if self.processes.len() == 1 {
            return Ok(&mut self.processes[0]);
        }
        self.processes.iter_mut().find(|process| process.name == role).context("no such role")
    }

    /// The gRPC address of `role`.
    pub fn grpc(&self, role: &str) -> String {
        let process = self.processes.iter().find(|process| process.name == role || process.name == "parvis");
        format!("http://127.0.0.1:{}", process.map_or(0, |process| process.grpc))
    }

    /// A client at the town's public door.
    pub fn api(&self) -> Api {
        let gateway = self.processes.iter().find(|process| matches!(process.name.as_str(), "gateway" | "parvis"));
        Api::new(format!("http://127.0.0.1:{}", gateway.map_or(0, |process| process.http)))
    }

    /// The address of the database of `role`.
    pub fn database_url(&self, role: &str) -> String {
        self.store_url.replace("{role}", role)
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The messages that the notification role wrote in place of SMTP.
    pub fn mails(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("data/mail")) else { return Vec::new() };
        entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect()
    }

    /// The end of every process's log, for a failure's message.
    pub fn logs(&self) -> String {
        self.processes
            .iter()
            .map(|process| format!("--- {}\n{}", process.name, process.last_log_lines()))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

fn serve_arguments(roles: &[&str]) -> Vec<String> {
    let mut arguments = vec!["serve".to_owned()];
    if !roles.is_empty() {
        arguments.extend(["--roles".to_owned(), roles.join(",")]);
    }
    arguments.extend(["--clock-shift".to_owned(), shift_to_working_hours().as_secs().to_string()]);
    arguments
}

fn common_environment(folder: &Path) -> Vec<(String, String)> {
    let tenants = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo/tenants.toml");
    let data = folder.join("data");
    [
        ("PARVIS__TENANTS__FILE", tenants.display().to_string()),
        ("PARVIS__GATEWAY__SESSION_KEY", "5e".repeat(32)),
        ("PARVIS__GATEWAY__RATE_PER_MINUTE", "10000000".to_owned()),
        ("PARVIS__IDENTITY__DEMO_PASSWORD", PASSWORD.to_owned()),
        ("PARVIS__SERVER__DEMONSTRATION", "true".to_owned()),
        ("PARVIS__NOTIFICATION__EML_DIR", data.join("mail").display().to_string()),
        ("PARVIS__INTAKE__ATTACHMENTS_URL", format!("file://{}", data.join("attachments").display())),
        ("PARVIS__TELEMETRY__LOG", std::env::var("PARVIS_TEST_LOG").unwrap_or_else(|_| "info".to_owned())),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec()
}
