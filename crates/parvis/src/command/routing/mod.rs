//! `parvis routing`

mod evaluate;

use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train the classifier on articles, then say on one JSON line how often it is right on questions.
    Evaluate(evaluate::Arguments),
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Evaluate(arguments) => evaluate::run(arguments),
    }
}
