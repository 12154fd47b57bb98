//! `parvis knowledge`

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use parvis_search::{
    Filter, Index,
    evaluation::{AskedQuestion, Evaluation, Fiche, Figures, documents, read_lines},
};
use serde::Serialize;

/// A file of fiches is read up to this many bytes, unpacked.
const MAXIMUM_FICHES_BYTES: u64 = 1024 * 1024 * 1024;

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
    let fiches: Vec<Fiche> =
        read_lines(&read_text(fiches)?).with_context(|| format!("the file of fiches {}", fiches.display()))?;
    let questions: Vec<AskedQuestion> =
        read_lines(&read_text(questions)?).with_context(|| format!("the file of questions {}", questions.display()))?;
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

/// A file's text, unpacked where its first bytes are those of gzip.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let open = || File::open(path).with_context(|| format!("cannot read {}", path.display()));
    let mut start = [0_u8; 2];
    let packed = open()?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let file = BufReader::new(open()?);
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut text = String::new();
    reader
        .take(MAXIMUM_FICHES_BYTES)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {} as UTF-8 text", path.display()))?;
    Ok(text)
}
