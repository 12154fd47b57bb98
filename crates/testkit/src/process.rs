//! A server that cannot outlive its test.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// A shell watches over the server: when its input ends, because the test asked or is dead, it kills the server and
/// removes the folder. (`PR_SET_PDEATHSIG` would follow the *thread* that started the server, and clean nothing.)
const WATCHER: &str = r#"
folder=$1 log=$2
shift 2
"$@" >>"$log" 2>&1 </dev/null &
server=$!
word=
read -r word
kill -KILL "$server"
wait "$server"
[ "$word" = keep ] || rm -rf -- "$folder"
"#;

/// A running server. Dropped: killed, its folder removed.
pub(crate) struct Server {
    watcher: Child,
    input: Option<ChildStdin>,
}

impl Server {
    /// Starts `command`, which writes in `folder` only.
    pub(crate) fn start(folder: &Path, command: &[OsString]) -> Result<Self> {
        // The last run's words would be taken for this one's.
        let _ = std::fs::remove_file(log_of(folder));
        let mut watcher = Command::new("sh")
            .args(["-c", WATCHER, "watcher"])
            .arg(folder)
            .arg(log_of(folder))
            .args(command)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What interrupts the test must not kill the watcher before it has cleaned.
            .process_group(0)
            .spawn()
            .context("sh cannot be started")?;
        let input = watcher.stdin.take();
        Ok(Self { watcher, input })
    }

    /// Kills the server as a crash would (SIGKILL) and keeps its folder.
    pub(crate) fn kill(mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = writeln!(input, "keep");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.watcher.wait();
    }
}

/// The end of what the server in `folder` said, for a failure's message.
pub(crate) fn last_words(folder: &Path) -> String {
    let Ok(log) = std::fs::File::open(log_of(folder)) else { return String::new() };
    let lines: Vec<String> = BufReader::new(log).lines().map_while(Result::ok).collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

fn log_of(folder: &Path) -> std::path::PathBuf {
    folder.join("server.log")
}

/// A port nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
