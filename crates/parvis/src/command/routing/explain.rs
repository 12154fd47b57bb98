//! `parvis routing explain`

use std::path::Path;

use clap::Args;
use parvis_kernel::TenantId;
use parvis_routing::usecase::{ExplainRouting, explain_routing};

#[derive(Args)]
pub struct Arguments {
    /// The authority.
    #[arg(long)]
    tenant: TenantId,
    /// What the request says.
    #[arg(long, default_value = "")]
    text: String,
    /// web, phone, counter, email, letter, open311, api, partner.
    #[arg(long, default_value = "web")]
    channel: String,
    /// A procedure's code.
    #[arg(long, default_value = "")]
    procedure: String,
    /// The unit that the procedure names.
    #[arg(long, default_value = "")]
    procedure_unit: String,
    /// The skill that the procedure names.
    #[arg(long, default_value = "")]
    procedure_skill: String,
    /// A district's code.
    #[arg(long, default_value = "")]
    district: String,
    /// Where it happens.
    #[arg(long, default_value = "")]
    address: String,
    /// Where it happens: 47.218371,-1.553621
    #[arg(long, default_value = "")]
    point: String,
    /// person, organization, anonymous.
    #[arg(long, default_value = "")]
    requester: String,
    /// The requester's language.
    #[arg(long, default_value = "")]
    language: String,
    /// An answer of the form, as field=value; may be given several times.
    #[arg(long = "answer", value_parser = answer)]
    answers: Vec<(String, String)>,
    /// Every rule tried, not only those that say something.
    #[arg(long)]
    all: bool,
}

fn answer(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write it as field=value")?;
    Ok((field.to_owned(), value.to_owned()))
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let mut answers: Vec<(String, Vec<String>)> = Vec::new();
    for (field, value) in arguments.answers {
        match answers.iter_mut().find(|(known, _)| *known == field) {
            Some((_, values)) => values.push(value),
            None => answers.push((field, vec![value])),
        }
    }
    let request = ExplainRouting {
        channel: arguments.channel,
        procedure_code: arguments.procedure,
        procedure_unit: arguments.procedure_unit,
        procedure_skill: arguments.procedure_skill,
        text: arguments.text,
        district: arguments.district,
        address: arguments.address,
        requester_kind: arguments.requester,
        language: arguments.language,
        answers,
        point: arguments.point,
    };
    let (router, caller) = super::router_with_guesser(file, &arguments.tenant).await?;
    let explained = explain_routing(&router, &caller, &request).await;
    router.store.close().await;
    let view = explained?;
    println!("{}", view.sentence);
    println!("{}", view.decided.summary);
    println!(
        "service: {} ({}); rule: {}; rules version {}; classifier version {}; priority: {}",
        view.unit_name,
        view.decided.unit,
        view.decided.rule,
        view.decided.rule_set,
        view.decided.trace.placed.model,
        view.decided.priority.as_str()
    );
    let (shown, passed): (Vec<_>, Vec<_>) = view
        .steps
        .iter()
        .partition(|step| arguments.all || step.kept || step.kind != "rule" || step.why.starts_with("En erreur"));
    for step in shown {
        let mark = if step.kept { "+" } else { " " };
        println!("{mark} {:<9} {:<28} {} {}", step.kind, step.subject, step.label, step.why);
    }
    if !passed.is_empty() {
        println!("  {} rules were tried and do not hold: --all shows them", passed.len());
    }
    Ok(())
}
