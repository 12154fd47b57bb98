//! `parvis serve`

use std::{path::Path, sync::Arc};

use clap::Args;
use parvis_kernel::{Clock, ShiftedClock, SystemClock};
use parvis_runtime::{Config, Node, RoleSpec, telemetry};
use tokio::signal::unix::{SignalKind, signal};

use crate::roles;

#[derive(Args)]
pub struct Arguments {
    /// Roles of this process, separated by commas; all when absent.
    #[arg(long, value_delimiter = ',')]
    roles: Vec<String>,
    /// Move the clock by so many seconds: a demonstration at night needs agents at work.
    #[arg(long, hide = true, default_value_t = 0, allow_negative_numbers = true)]
    clock_shift: i64,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    let roles = roles::named(&arguments.roles)?;
    serve(config, &roles, clock(arguments.clock_shift), |_| ()).await
}

/// The machine's clock, moved by `shift` seconds.
pub fn clock(shift: i64) -> Arc<dyn Clock> {
    if shift == 0 {
        return Arc::new(SystemClock);
    }
    Arc::new(ShiftedClock::new(jiff::SignedDuration::from_secs(shift)))
}

/// Serves until told to stop; `started` is called once everything answers.
pub async fn serve(
    config: Config,
    roles: &[RoleSpec],
    clock: Arc<dyn Clock>,
    started: impl FnOnce(&Node),
) -> anyhow::Result<()> {
    let process = if let [role] = roles { role.name } else { "all" };
    let telemetry = telemetry::start(&config.telemetry, process)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let node = Node::start(config, roles, clock, Some(telemetry.metrics.clone())).await?;
    tracing::info!(http = %node.http, probes = %node.probes, grpc = %node.grpc, roles = ?roles.iter().map(|role| role.name).collect::<Vec<_>>(), "serving");
    started(&node);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping: what is in hand is finished first");
    node.stop().await;
    telemetry.flush();
    Ok(())
}
