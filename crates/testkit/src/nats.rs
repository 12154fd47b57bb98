//! A NATS server of a test's own.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{
    Authority,
    process::{self, Server},
    tools,
};

/// How long a server may take to answer.
const START: Duration = Duration::from_secs(20);

/// What a town runs it with: one user a role, and TLS.
const SHIPPED: &str = include_str!("../../../deploy/nats/nats.conf");
const SHIPPED_USERS: &str = include_str!("../../../deploy/nats/users.conf");

/// `nats-server` with JetStream, as a town runs it. Dropped: killed and its files removed.
pub struct NatsServer {
    folder: PathBuf,
    port: u16,
    running: Mutex<Option<Server>>,
}

impl NatsServer {
    /// Starts one on a free port.
    pub async fn start() -> Result<Self> {
        let mut tries = 0;
        loop {
            let server = Self::stopped()?;
            match server.restart().await {
                Ok(()) => return Ok(server),
                // Somebody may have taken the port since we saw it free.
                Err(error) if tries == 2 => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Starts one on a free port with the settings of `deploy/nats`: only `listen`, `server_name` and where files are
    /// differ. Its certificate is of `authority`; the password of the user `casework` is « of-casework ».
    pub async fn start_walled(authority: &Authority) -> Result<Self> {
        let mut tries = 0;
        loop {
            let server = Self::stopped()?;
            server.wall(authority)?;
            match server.restart().await {
                Ok(()) => return Ok(server),
                Err(error) if tries == 2 => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    fn wall(&self, authority: &Authority) -> Result<()> {
        let files = authority.certify("nats")?;
        let mut settings = SHIPPED.to_owned();
        for (shipped, ours) in [
            ("\"0.0.0.0:4222\"", format!("\"127.0.0.1:{}\"", self.port)),
            ("http: \"0.0.0.0:8222\"", String::new()),
            ("server_name: parvis", format!("server_name: \"{}\"", self.name())),
            ("\"/data\"", format!("\"{}\"", self.store().display())),
            ("\"/etc/nats/secrets/tls.crt\"", format!("\"{}\"", files.cert.display())),
            ("\"/etc/nats/secrets/tls.key\"", format!("\"{}\"", files.key.display())),
        ] {
            ensure!(settings.matches(shipped).count() == 1, "deploy/nats/nats.conf has not once {shipped}");
            settings = settings.replace(shipped, &ours);
        }
        let passwords = SHIPPED_USERS
            .split("user: ")
            .skip(1)
            .filter_map(|rest| rest.split(',').next())
            .map(|user| format!("NATS_PASSWORD_{}: \"of-{user}\"\n", user.to_uppercase()));
        std::fs::create_dir_all(self.folder.join("secrets"))?;
        std::fs::write(self.folder.join("secrets/passwords.conf"), passwords.collect::<String>())?;
        std::fs::write(self.folder.join("users.conf"), SHIPPED_USERS)?;
        std::fs::write(self.config(), settings)?;
        Ok(())
    }

    /// Where clients connect by TLS.
    pub fn tls_url(&self) -> String {
        format!("tls://127.0.0.1:{}", self.port)
    }

    /// One that has a port and a folder but does not run yet: `restart` starts it.
    pub fn stopped() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("parvis-nats-").tempdir()?.keep();
        let server = Self { folder, port: process::free_port()?, running: Mutex::new(None) };
        std::fs::write(server.config(), server.settings())?;
        Ok(server)
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// SIGKILL. What it wrote stays.
    pub fn kill(&self) {
        if let Some(server) = self.take() {
            server.kill();
        }
    }

    /// Starts it again, same port and folder; kills it first if it runs.
    pub async fn restart(&self) -> Result<()> {
        self.kill();
        let command = [tools::nats_server()?.into(), "-c".into(), self.config().into()];
        let server = Server::start(&self.folder, &command)?;
        self.put(server);
        let end = Instant::now() + START;
        while Instant::now() < end {
            if self.answers().await {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        bail!("nats-server does not answer on port {}:\n{}", self.port, process::last_words(&self.folder))
    }

    /// Kills it and deletes everything JetStream kept.
    pub fn wipe(&self) -> Result<()> {
        self.kill();
        std::fs::remove_dir_all(self.folder.join("store")).context("the store of nats-server cannot be removed")
    }

    /// Kills it and copies what JetStream kept into `folder`, a new one.
    pub fn copy_store(&self, folder: &Path) -> Result<()> {
        self.kill();
        copy(&self.store(), folder).context("the store of nats-server cannot be copied")
    }

    /// Kills it and puts back what [`Self::copy_store`] copied: what it acknowledged since is gone, as after a power
    /// cut.
    pub fn put_store_back(&self, folder: &Path) -> Result<()> {
        self.wipe()?;
        copy(folder, &self.store()).context("the store of nats-server cannot be put back")
    }

    /// Whether our server, and not one that took the port, says hello.
    async fn answers(&self) -> bool {
        let hello = async {
            let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).await?;
            std::io::Result::Ok(line)
        };
        matches!(timeout(Duration::from_secs(1), hello).await, Ok(Ok(line)) if line.contains(&self.name()))
    }

    fn name(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn config(&self) -> PathBuf {
        self.folder.join("nats.conf")
    }

    fn settings(&self) -> String {
        format!(
            "listen: \"127.0.0.1:{}\"\nserver_name: \"{}\"\njetstream {{\n  store_dir: \"{}\"\n  sync_interval: \"10s\"\n  \
             max_memory_store: 64MB\n  max_file_store: 64GB\n}}\n",
            self.port,
            self.name(),
            self.store().display()
        )
    }

    fn store(&self) -> PathBuf {
        Path::new(&self.folder).join("store")
    }

    fn take(&self) -> Option<Server> {
        self.running.lock().ok()?.take()
    }

    fn put(&self, server: Server) {
        if let Ok(mut running) = self.running.lock() {
            *running = Some(server);
        }
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?
        } else {
            std::fs::copy(entry.path(), target).map(|_| ())?
        }
    }
    Ok(())
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        drop(self.take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
