//! `parvis routing simulate`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use parvis_kernel::TenantId;
use parvis_routing::{
    domain::rules::{Finding, RuleSetText},
    usecase::{SimulateRules, simulate_rules},
};

use crate::command::summary::of_finding;

#[derive(Args)]
pub struct Arguments {
    /// The authority.
    #[arg(long)]
    tenant: TenantId,
    /// Rules in JSON, as GET /api/v1/rule-sets/current gives them under `text`; by default the draft.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// On how many of the latest cases.
    #[arg(long, default_value_t = 500)]
    last: u64,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let rules = arguments.rules.as_deref().map(read).transpose()?;
    let (router, caller) = super::router_with_guesser(file, &arguments.tenant).await?;
    let simulated = simulate_rules(&router, &caller, SimulateRules { rules, last: arguments.last }).await;
    router.store.close().await;
    let view = simulated?;
    for finding in &view.findings {
        println!("{}", of_finding(finding));
    }
    let simulation = &view.simulation;
    for moved in &simulation.moved {
        let (from, to) = (&moved.from, &moved.to);
        let more = if moved.changes.is_empty() { String::new() } else { format!("; {}", moved.changes.join("; ")) };
        println!("{}\t{} ({})\t→ {} ({}){more}", moved.reference, from.unit, from.rule, to.unit, to.rule);
    }
    let elsewhere = simulation.moved.iter().filter(|moved| moved.to_another_unit).count();
    println!(
        "{} cases read by version {} and by {}: {} change, {elsewhere} of them to another unit",
        simulation.cases,
        view.in_force,
        if view.revision == 0 { "the rules given" } else { "the draft" },
        simulation.moved.len(),
    );
    for (rule, times) in &simulation.failed {
        println!("rule « {rule} » could not be told for {times} cases");
    }
    if simulation.loads_of_now > 0 {
        println!("for {} cases, a unit's load of now stood in for that of then", simulation.loads_of_now);
    }
    if Finding::forbid(&view.findings) {
        bail!("these rules cannot be published: see the errors above");
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<RuleSetText> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a rule set in JSON", path.display()))
}
