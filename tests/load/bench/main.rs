//! `make bench`: speed, each figure beside the floor of its store, in the same run.
//!
//! The floor is what the store itself does with the same rows (a request, its idempotency key, its event), one
//! transaction each, written by plain SQL from as many connections as there are clients. The load comes from this
//! process and the town is others: on a machine of two cores they share them, and the floor's writer too.

mod backlog;
mod figures;
mod floor;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::Parser;
use parvis_tests::{
    Api, Receipt, Town,
    api::{free_text, is_routed_and_acknowledged},
};
use serde_json::Value;
use tokio::task::JoinSet;

use figures::{Figures, print_machine};

#[derive(Parser)]
struct Arguments {
    /// Seconds of each measure.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only this one: one-process, distributed.
    #[arg(long)]
    only: Option<String>,
    /// Clients that submit one request after the other, a measure each.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
    clients: Vec<usize>,
    /// Submissions a second while assignment is timed.
    #[arg(long, default_value_t = 200)]
    rate: u64,
    /// Cases added before a request is read back again; 0: none.
    #[arg(long, default_value_t = 1_000_000)]
    backlog: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    print_machine();
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    // A file a message on a disk from which many were deleted costs ext4 more than all that leads to it, and a town's
    // messages go to a server: here they go to memory.
    let mail = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
    let settings = [("PARVIS__NOTIFICATION__EML_DIR", mail.path().display().to_string())];
    if wanted("one-process") {
        println!("\n## One process, SQLite, embedded bus\n");
        let town = Town::in_one_process_with(&settings).await?;
        measure(&arguments, town).await?;
    }
    if wanted("distributed") {
        println!("\n## One process a role, PostgreSQL, NATS JetStream\n");
        let town = Town::distributed_with(&settings).await?;
        measure(&arguments, town).await?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, mut town: Town) -> Result<()> {
    let time = Duration::from_secs(arguments.seconds);
    println!("memory of the town at rest: {}", memory(&town));
    println!();
    println!(
        "| clients | submissions/s | p50 ms | p99 ms | floor tx/s | floor p50 ms | floor p99 ms | ratio | all handled after s |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for &clients in &arguments.clients {
        let floor = floor::run(&town, clients, time / 2).await?;
        let ours = submit_in_closed_loop(&town.api(), clients, time).await?;
        let handled = settle(&town.api()).await?;
        let ratio = ours.per_second() / floor.per_second();
        println!("| {clients} | {ours} | {floor} | {ratio:.2} | {:.1} |", handled.as_secs_f64());
    }
    println!();
    let assigned = submit_at_a_rate(&town.api(), arguments.rate, time).await?;
    println!("submission → assigned or queued at {}/s: {assigned}", arguments.rate);
    println!("memory of the town after this: {}", memory(&town));
    let receipt = one_to_read(&town.api()).await?;
    println!("read-back by reference, 1 client: {}", read_back(&town.api(), &receipt, time / 2).await?);
    if arguments.backlog > 0 {
        backlog::fill(&town, arguments.backlog).await?;
        let read = read_back(&town.api(), &receipt, time / 2).await?;
        println!("the same with {} cases more: {read}", arguments.backlog);
    }
    for process in &mut town.processes {
        process.terminate().await?;
    }
    Ok(())
}

/// As many submissions as `clients` can make one after the other.
async fn submit_in_closed_loop(api: &Api, clients: usize, time: Duration) -> Result<Figures> {
    static RUN: AtomicUsize = AtomicUsize::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    let number = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (api, number) = (api.clone(), number.clone());
        tasks.spawn(async move {
            let mut figures = Figures::default();
            while start.elapsed() < time {
                let n = number.fetch_add(1, Ordering::Relaxed);
                let body = free_text("Le lampadaire devant chez moi est éteint depuis une semaine.", n);
                let before = Instant::now();
                let (status, answer) = api.submit(&body, &format!("bench-{run}-{n}"), None).await?;
                anyhow::ensure!(status.as_u16() == 201, "{status} {answer}");
                figures.record(before.elapsed());
            }
            Ok(figures)
        });
    }
    let mut total = Figures::default();
    while let Some(figures) = tasks.join_next().await {
        total.add(figures??);
    }
    total.lasted(start.elapsed());
    Ok(total)
}

/// Waits until everything submitted so far has been handled: what comes last is routed last. Gives how long it took.
async fn settle(api: &Api) -> Result<Duration> {
    let start = Instant::now();
    let receipt = api
        .submit_until_accepted(&free_text("Dernier message.", 0), &unique("settle"), None, Duration::from_secs(60))
        .await?;
    api.follow(&receipt, Duration::from_secs(600), is_routed_and_acknowledged).await?;
    Ok(start.elapsed())
}

/// `rate` submissions a second, however long each takes; the time from reception to routing, by the town's clock.
async fn submit_at_a_rate(api: &Api, rate: u64, time: Duration) -> Result<Figures> {
    let mut interval = tokio::time::interval(Duration::from_nanos(1_000_000_000 / rate));
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    let mut n = 0;
    while start.elapsed() < time {
        interval.tick().await;
        n += 1;
        let (api, number) = (api.clone(), n);
        tasks.spawn(async move {
            let body = free_text("Un nid-de-poule rue du Port, devant le numéro 12.", number);
            let key = unique("rate");
            api.submit_until_accepted(&body, &key, None, Duration::from_secs(30)).await
        });
    }
    let mut receipts = Vec::new();
    while let Some(receipt) = tasks.join_next().await {
        receipts.push(receipt??);
    }
    let mut figures = Figures::default();
    for receipt in receipts.iter().rev().step_by(5) {
        let timeline = api.follow(receipt, Duration::from_secs(60), is_routed_and_acknowledged).await?;
        if let Some(time) = routed_after(receipt, &timeline) {
            figures.record(time);
        }
    }
    figures.lasted(start.elapsed());
    Ok(figures)
}

/// From reception to the first decision of the router.
fn routed_after(receipt: &Receipt, timeline: &Value) -> Option<Duration> {
    let received: jiff::Timestamp = receipt.received_at.parse().ok()?;
    let lines = timeline["lines"].as_array()?;
    let routed = lines.iter().find(|line| line["role"] == "routing")?["at"].as_str()?;
    let routed: jiff::Timestamp = routed.parse().ok()?;
    Duration::try_from(routed.duration_since(received)).ok()
}

async fn one_to_read(api: &Api) -> Result<Receipt> {
    let body = free_text("Une question.", 0);
    let receipt = api.submit_until_accepted(&body, &unique("read"), None, Duration::from_secs(30)).await?;
    api.follow(&receipt, Duration::from_secs(60), is_routed_and_acknowledged).await?;
    Ok(receipt)
}

async fn read_back(api: &Api, receipt: &Receipt, time: Duration) -> Result<Figures> {
    let path = format!("/api/v1/requests/{}", receipt.reference);
    let mut figures = Figures::default();
    let start = Instant::now();
    while start.elapsed() < time {
        let before = Instant::now();
        let (status, answer) = api.get_with_code(&path, receipt).await?;
        anyhow::ensure!(status.is_success(), "{status} {answer}");
        figures.record(before.elapsed());
    }
    figures.lasted(start.elapsed());
    Ok(figures)
}

/// Resident memory of each process, from /proc.
fn memory(town: &Town) -> String {
    let each: Vec<(String, u64)> = town
        .processes
        .iter()
        .filter_map(|process| {
            let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid()?)).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some((process.name.clone(), kilobytes / 1024))
        })
        .collect();
    let total: u64 = each.iter().map(|(_, megabytes)| megabytes).sum();
    let detail = each.iter().map(|(name, megabytes)| format!("{name} {megabytes}")).collect::<Vec<_>>().join(", ");
    format!("{total} MB ({detail})")
}

fn unique(what: &str) -> String {
    format!("{what}-{}", parvis_kernel::RequestId::new())
}
