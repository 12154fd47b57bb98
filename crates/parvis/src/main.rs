//! The one binary of Parvis: it serves some roles, prepares their databases, loads a town's files and looks after what
//! went wrong. No rule of the domain is here.

mod command;
mod failure;
mod roles;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// It gives back to the system what a busy hour took, and SQLite uses it too.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Relation multicanal d'une collectivité avec ses habitants.
#[derive(Parser)]
#[command(name = "parvis", version, about)]
struct Cli {
    /// Settings file; by default parvis.toml where there is one.
    #[arg(long, global = true, env = "PARVIS_CONFIG")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve roles until SIGTERM or Ctrl-C.
    Serve(command::serve::Arguments),
    /// Bring the databases' schemas up to date.
    Migrate(command::migrate::Arguments),
    /// Create the demonstration towns, then serve everything.
    Demo(command::demo::Arguments),
    /// Check or show the settings.
    Config(command::config::Arguments),
    /// Load a town's directory, procedures or articles from a file, or the national fiches.
    Import(command::import::Arguments),
    /// Look after accounts.
    Account(command::account::Arguments),
    /// Say who opened a case.
    Audit(command::audit::Arguments),
    /// Look after events that could not be handled.
    Dlq(command::dlq::Arguments),
    /// Refill a broker from the outboxes.
    Outbox(command::outbox::Arguments),
    /// Prepare NATS where the roles may not: streams, users.
    Bus(command::bus::Arguments),
    /// Compute a legal or promised due date.
    Deadline(command::deadline::Arguments),
    /// Explain where requests go; try rules before they are published; measure how messages are classified.
    Routing(command::routing::Arguments),
    /// Look after the knowledge base: measure its search.
    Knowledge(command::knowledge::Arguments),
    /// Do nothing until SIGTERM: a pod for an operator to run commands in.
    StandBy,
    /// Ask an address and exit 0 if it answers 200: for a container without a shell.
    Probe(command::probe::Arguments),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The one TLS implementation of every client (S3, SMTP, NATS, PostgreSQL). An error means it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(parvis_runtime::BLOCKING_THREADS)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("parvis: the process cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parvis: {}", failure::told(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Serve(arguments) => command::serve::run(config, arguments).await,
        Command::Migrate(arguments) => command::migrate::run(config, arguments).await,
        Command::Demo(arguments) => command::demo::run(config, arguments).await,
        Command::Config(arguments) => command::config::run(config, arguments).await,
        Command::Import(arguments) => command::import::run(config, arguments).await,
        Command::Account(arguments) => command::account::run(config, arguments).await,
        Command::Audit(arguments) => command::audit::run(config, arguments).await,
        Command::Dlq(arguments) => command::dlq::run(config, arguments).await,
        Command::Outbox(arguments) => command::outbox::run(config, arguments).await,
        Command::Bus(arguments) => command::bus::run(config, arguments).await,
        Command::StandBy => command::stand_by::run().await,
        Command::Deadline(arguments) => command::deadline::run(&arguments),
        Command::Routing(arguments) => command::routing::run(config, arguments).await,
        Command::Knowledge(arguments) => command::knowledge::run(&arguments),
        Command::Probe(arguments) => command::probe::run(&arguments).await,
    }
}
