//! `parvis knowledge`

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::{Args, Subcommand};
use parvis_search::{
    Filter, Index,
    evaluation::{AskedQuestion, Evaluation, Fiche, Figures, documents},
};
use serde::Serialize;

use super::json_lines;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the search on questions whose answers are known; prints one line of JSON.
    Evaluate {
        /// Fiches, one JSON object a line, packed with gzip or not.
        #[arg(long)]
        fiches: PathBuf,
        /// Questions, one JSON object a line.
        #[arg(long)]
        questions: PathBuf,
    },
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    figures: Figures,
    ms_per_query: f64,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Evaluate { fiches, questions } => evaluate(fiches, questions),
    }
}

fn evaluate(fiches: &Path, questions: &Path) -> anyhow::Result<()> {
    let fiches: Vec<Fiche> = json_lines::read(fiches)?;
    let questions: Vec<AskedQuestion> = json_lines::read(questions)?;
    let index = Index::build(documents(&fiches));
    let mut evaluation = Evaluation::over(&fiches);
    let mut asked = 0;
    let mut milliseconds = 0.0;
    for question in questions.iter().filter(|question| evaluation.is_answerable(question)).collect::<Vec<_>>() {
        let started = Instant::now();
        let found = index.search(&question.text, &Filter::default(), 10);
        milliseconds += started.elapsed().as_secs_f64() * 1_000.0;
        asked += 1;
        let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
        evaluation.add(question, &ids);
    }
    let ms_per_query = (milliseconds / f64::from(asked.max(1)) * 1_000.0).round() / 1_000.0;
    println!("{}", serde_json::to_string(&Line { figures: evaluation.figures(), ms_per_query })?);
    Ok(())
}
