//! `parvis stand-by`

use tokio::signal::unix::{SignalKind, signal};

/// Does nothing until SIGTERM or Ctrl-C: a pod for an operator to run commands in.
pub async fn run() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    println!("standing by: run commands here, then stop me");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}
