//! One process of the binary, that can be killed and started again on the same ports.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rand::RngExt as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// The binary under test: `PARVIS_BIN`, else the one built beside this test.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PARVIS_BIN") {
        return Ok(path.into());
    }
    let here = std::env::current_exe()?;
    let built = here
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("parvis"))
        .find(|path| path.is_file())
        .with_context(|| format!("no parvis beside {}: run `cargo build -p parvis` first", here.display()))?;
    Ok(built)
}

/// A port that nobody listens to, below those that the system gives to outgoing connections: a part that is killed and
/// started again must find its own free.
pub fn free_port() -> Result<u16> {
    // A port is free until its process listens: drawn twice before, two processes would get the same.
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..1000 {
        let port = rand::rng().random_range(15_000..32_000);
        let is_new = GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
        if is_new && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port was found")
}

/// A process that serves.
pub struct Process {
    /// Its name in messages: a role's, or `parvis`.
    pub name: String,
    /// Pages and REST.
    pub http: u16,
    /// Probes and metrics.
    pub probes: u16,
    /// gRPC.
    pub grpc: u16,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    child: Option<Child>,
}

impl Process {
    /// A process not started yet, working in `folder`.
    pub fn new(name: &str, arguments: Vec<String>, environment: Vec<(String, String)>, folder: &Path) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            http: free_port()?,
            probes: free_port()?,
            grpc: free_port()?,
            arguments,
            environment,
            folder: folder.to_owned(),
            child: None,
        })
    }

    /// Adds to what the process finds in its environment, before it starts.
    pub fn set(&mut self, key: &str, value: String) {
        self.environment.push((key.to_owned(), value));
    }

    /// Starts it, without waiting.
    pub fn start(&mut self) -> Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let child = Command::new(binary()?)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env("PARVIS__SERVER__HTTP_LISTEN", format!("127.0.0.1:{}", self.http))
            .env("PARVIS__SERVER__PROBES_LISTEN", format!("127.0.0.1:{}", self.probes))
            .env("PARVIS__SERVER__GRPC_LISTEN", format!("127.0.0.1:{}", self.grpc))
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until it is ready.
    pub async fn wait_ready(&mut self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/readyz", self.probes);
        let client = crate::Api::new(String::new()).http().clone();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while tokio::time::Instant::now() < deadline {
            if let Ok(answer) = client.get(&url).timeout(Duration::from_secs(2)).send().await
                && answer.status().is_success()
            {
                return Ok(());
            }
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("{} ended with {status} while starting:\n{}", self.name, self.last_log_lines());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{} is not ready after a minute:\n{}", self.name, self.last_log_lines())
    }

    /// SIGKILL, now.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// SIGTERM, and waits for its end; whether it ended by itself with success.
    pub async fn terminate(&mut self) -> Result<bool> {
        let Some(mut child) = self.child.take() else { return Ok(true) };
        let pid = i32::try_from(child.id().context("it runs")?)?;
        kill_process(Pid::from_raw(pid).context("it has a number")?, Signal::TERM)?;
        let status =
            tokio::time::timeout(Duration::from_secs(40), child.wait()).await.context("it does not stop")??;
        Ok(status.success())
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Where it writes.
    pub fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    /// The end of what it wrote.
    pub fn last_log_lines(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(25).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
