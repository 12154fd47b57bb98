//! `parvis routing move`

use std::path::Path;

use anyhow::{bail, ensure};
use clap::Args;
use parvis_kernel::TenantId;
use parvis_routing::usecase::{MoveWork, Plan, move_work};

#[derive(Args)]
pub struct Arguments {
    /// The authority.
    #[arg(long)]
    tenant: TenantId,
    /// The agent who leaves or falls ill: set away, and their cases given to their deputies and colleagues.
    #[arg(long, default_value = "", conflicts_with_all = ["unit", "to"], required_unless_present = "unit")]
    agent: String,
    /// The unit whose cases move.
    #[arg(long, default_value = "", requires = "to")]
    unit: String,
    /// The unit that they go to.
    #[arg(long, default_value = "", requires = "unit")]
    to: String,
    /// Why, in 3 to 500 characters: kept with each decision, and read by agents.
    #[arg(long, default_value = "")]
    reason: String,
    /// Do it. Without, what would be done is shown and nothing changes.
    #[arg(long)]
    confirm: bool,
    /// With --confirm, only if this is still the plan: as the preview printed it.
    #[arg(long, default_value = "", requires = "confirm")]
    plan: String,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    ensure!(
        !arguments.confirm || !arguments.reason.trim().is_empty(),
        "--reason is missing: say in a few words why the work is moved; agents read it"
    );
    let (router, caller) = super::router(file, &arguments.tenant).await?;
    let done = move_work(&router, &caller, &command(&arguments)).await;
    router.store.close().await;
    let plan = done?;
    show(&plan);
    let from = if arguments.agent.is_empty() { arguments.unit.as_str() } else { arguments.agent.as_str() };
    let waiting = plan.moved.iter().filter(|moved| moved.decided.agent.is_none()).count();
    let count = plan.moved.len();
    if arguments.confirm {
        println!("{count} cases of {from} moved, {waiting} of them to a queue");
        if plan.remaining > 0 {
            bail!("{} more cases remain: run the same command again, without --plan", plan.remaining);
        }
    } else {
        println!("{count} cases of {from} would move, {waiting} of them to a queue; nothing was changed");
        if plan.remaining > 0 {
            println!("{} more remain, for another run of the command", plan.remaining);
        }
        println!("to do it: the same with --reason \"…\" --confirm --plan {}", plan.digest);
    }
    Ok(())
}

/// Nothing changes unless it is confirmed.
fn command(arguments: &Arguments) -> MoveWork {
    MoveWork {
        agent: arguments.agent.clone(),
        unit: arguments.unit.clone(),
        to_unit: arguments.to.clone(),
        reason: arguments.reason.clone(),
        preview: !arguments.confirm,
        expected_plan: arguments.plan.clone(),
    }
}

/// One case a line: its reference, who had it, where it goes.
fn show(plan: &Plan) {
    for moved in &plan.moved {
        let from = moved.from.as_ref().map_or("(queue)", |agent| agent.as_str());
        let to = moved.decided.agent.as_ref().map_or("(queue)", |agent| agent.as_str());
        println!("{}\t{from}\t→ {to}\t{} ({})", moved.decided.reference, moved.unit_name, moved.decided.unit);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn asked(line: &[&str]) -> MoveWork {
        command(&Line::parse_from([&["move", "--tenant", "clairval"], line].concat()).arguments)
    }

    #[test]
    fn only_what_is_confirmed_is_done() {
        let preview = asked(&["--unit", "voirie", "--to", "proprete"]);
        assert!(preview.preview && preview.expected_plan.is_empty());
        assert_eq!((preview.unit.as_str(), preview.to_unit.as_str()), ("voirie", "proprete"));
        let done = asked(&["--agent", "bruno-petit", "--reason", "Départ", "--confirm", "--plan", "abc"]);
        assert!(!done.preview && done.unit.is_empty());
        assert_eq!(
            (done.agent.as_str(), done.reason.as_str(), done.expected_plan.as_str()),
            ("bruno-petit", "Départ", "abc")
        );
    }
}
