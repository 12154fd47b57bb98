//! A PostgreSQL server of a test's own.

use std::{
    ffi::OsString,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tokio::{
    net::TcpStream,
    sync::OnceCell,
    time::{Instant, sleep},
};

use crate::{
    Authority,
    process::{self, Server},
    tools,
};

/// How long a server may take to answer; after a kill it first reads its log again.
const START: Duration = Duration::from_secs(30);

/// `postgres` with its usual care for the disk (fsync). Dropped: killed and its files removed.
pub struct PostgresServer {
    folder: PathBuf,
    port: u16,
    running: Mutex<Option<Server>>,
}

impl PostgresServer {
    /// The one that every test of this program may use, started by the first; never kill it.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<PostgresServer> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// Starts one on a free port.
    pub async fn start() -> Result<Self> {
        Self::start_with(None).await
    }

    /// The same, with a certificate of `authority`: it speaks TLS to whoever asks.
    pub async fn start_with_tls(authority: &Authority) -> Result<Self> {
        Self::start_with(Some(authority)).await
    }

    async fn start_with(authority: Option<&Authority>) -> Result<Self> {
        let mut tries = 0;
        loop {
            let folder = tempfile::Builder::new().prefix("parvis-postgres-").tempdir()?.keep();
            let server = Self { folder, port: process::free_port()?, running: Mutex::new(None) };
            copy_template(&server.data())?;
            if let Some(authority) = authority {
                server.give_certificate(authority)?;
            }
            match server.restart().await {
                Ok(()) => return Ok(server),
                // Somebody may have taken the port since we saw it free.
                Err(error) if tries == 2 => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// The address of `database`, which [`Self::create_database`] made.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates an empty database; returns its address.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        let admin = self.connect().await?;
        admin.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await?;
        admin.close().await?;
        Ok(self.url(name))
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
        let end = Instant::now() + START;
        while Instant::now() < end {
            self.put(Server::start(&self.folder, &self.command()?)?);
            if self.wait_for_answer().await {
                return Ok(());
            }
            // The processes of a killed server take a moment to see it, and until then no other may start.
            self.kill();
        }
        bail!("postgres does not answer on port {}:\n{}", self.port, process::last_words(&self.folder))
    }

    async fn wait_for_answer(&self) -> bool {
        let end = Instant::now() + START / 3;
        while Instant::now() < end {
            if self.answers().await.unwrap_or(false) {
                return true;
            }
            // It gave up (port or shared memory still in use): a refused connection has no hint.
            if process::last_words(&self.folder).contains("HINT:") {
                return false;
            }
            sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Whether our server, and not one that took the port, answers.
    async fn answers(&self) -> Result<bool> {
        // The pool below would go on trying a closed port until its time is over.
        TcpStream::connect(("127.0.0.1", self.port)).await?;
        let admin = self.connect().await?;
        let row = admin
            .query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SHOW data_directory"))
            .await?;
        let folder: String = row.context("no answer")?.try_get_by_index(0)?;
        admin.close().await?;
        Ok(Path::new(&folder) == self.data())
    }

    async fn connect(&self) -> Result<DatabaseConnection> {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).connect_timeout(Duration::from_secs(2)).sqlx_logging(false);
        Ok(Database::connect(options).await?)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its key is its own alone, or it does not start.
    fn give_certificate(&self, authority: &Authority) -> Result<()> {
        let (files, owner) = (authority.certify("postgres")?, owner()?);
        for (from, to) in [(files.cert, "server.crt"), (files.key, "server.key")] {
            let to = self.data().join(to);
            std::fs::copy(from, &to)?;
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600))?;
            chown(to, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(())
    }

    fn command(&self) -> Result<Vec<OsString>> {
        let mut command = as_owner()?;
        command.extend([tools::postgres("postgres")?.into(), "-D".into(), self.data().into()]);
        if self.data().join("server.key").exists() {
            command.extend(["-c".into(), "ssl=on".into()]);
        }
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=300".to_owned(),
            "fsync=on".to_owned(),
        ] {
            command.extend(["-c".into(), setting.into()]);
        }
        Ok(command)
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

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Copies a freshly initialised cluster to `data`. `initdb` takes seconds, so it runs once a machine.
fn copy_template(data: &Path) -> Result<()> {
    let initdb = tools::postgres("initdb")?;
    let owner = owner()?;
    let version = run(&[initdb.clone().into(), "--version".into()])?;
    let version: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    let template = std::env::temp_dir().join(format!("parvis-template-{version}-{}", owner.uid));
    if !template.join("PG_VERSION").exists() {
        let folder = tempfile::Builder::new().prefix("parvis-initdb-").tempdir()?;
        chown(folder.path(), Some(owner.uid), Some(owner.gid))?;
        let made = folder.path().join("data");
        let mut command = as_owner()?;
        command.extend([initdb.into(), "-D".into(), made.clone().into()]);
        let settings = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--wal-segsize=4", "--no-sync"];
        command.extend(settings.map(OsString::from));
        run(&command)?;
        // Another test may have been faster: its template is as good.
        let _ = std::fs::rename(&made, &template);
    }
    run(&["cp".into(), "-a".into(), template.into(), data.into()])?;
    if let Some(folder) = data.parent() {
        chown(folder, Some(owner.uid), Some(owner.gid))?;
    }
    Ok(())
}

struct Owner {
    uid: u32,
    gid: u32,
}

/// Whom the server runs as: us, but never root, which it refuses.
fn owner() -> Result<Owner> {
    let me = ourselves()?;
    if me.uid != 0 {
        return Ok(me);
    }
    let accounts = std::fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let account = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = account.split(':').skip(2);
            Some(Owner { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        })
        .context("as root, this test needs an account « postgres » or « nobody » to run PostgreSQL")
}

fn ourselves() -> Result<Owner> {
    let ours = tempfile::tempfile()?.metadata()?;
    Ok(Owner { uid: ours.uid(), gid: ours.gid() })
}

/// What to put before a command so that it runs as [`owner`].
fn as_owner() -> Result<Vec<OsString>> {
    if ourselves()?.uid != 0 {
        return Ok(Vec::new());
    }
    let owner = owner()?;
    Ok(vec![
        "setpriv".into(),
        format!("--reuid={}", owner.uid).into(),
        format!("--regid={}", owner.gid).into(),
        "--clear-groups".into(),
    ])
}

fn run(command: &[OsString]) -> Result<String> {
    let output = Command::new(&command[0])
        .args(&command[1..])
        .current_dir("/")
        .output()
        .with_context(|| format!("{} cannot be started", command[0].display()))?;
    ensure!(output.status.success(), "{} failed: {}", command[0].display(), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
