//! `parvis routing evaluate`: the classifier, trained on articles, measured on questions that it never saw.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, ensure};
use clap::Args;
use flate2::read::MultiGzDecoder;
use parvis_search::{
    Index,
    classify::{
        Head, Model,
        fiches::{Measures, Question, examples, measure},
    },
    evaluation::{Fiche, read_lines},
};
use serde::Serialize;

#[derive(Args)]
pub struct Arguments {
    /// The articles to learn from: JSON lines, compressed if the name ends in .gz.
    #[arg(long)]
    fiches: PathBuf,
    /// The questions to measure on: JSON lines with text, gold_fiches and themes; never learnt from.
    #[arg(long)]
    questions: PathBuf,
    /// Least probability at which a message counts as classified; by default the one that training proposes.
    #[arg(long)]
    threshold: Option<f32>,
}

/// The line printed.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    measures: Measures,
    ms_per_query: f64,
    training_ms: f64,
    model: String,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(threshold) = arguments.threshold {
        ensure!((0.0..=1.0).contains(&threshold), "--threshold {threshold}: give a probability from 0 to 1");
    }
    let fiches: Vec<Fiche> = read(&arguments.fiches)?;
    let questions: Vec<Question> = read(&arguments.questions)?;

    let start = Instant::now();
    let model = Model::train(&examples(&fiches));
    let training_ms = start.elapsed().as_secs_f64() * 1e3;

    let index = Index::build(fiches.iter().map(Fiche::document));
    let threshold = arguments.threshold.unwrap_or_else(|| model.default_threshold(Head::Theme));
    let start = Instant::now();
    let measures = measure(&model, &index, &fiches, &questions, threshold);
    let ms_per_query = start.elapsed().as_secs_f64() * 1e3 / measures.n.max(1) as f64;

    println!("{}", serde_json::to_string(&Line { measures, ms_per_query, training_ms, model: model.version() })?);
    Ok(())
}

fn read<T: for<'a> serde::Deserialize<'a>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let mut file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut text = String::new();
    let compressed = path.extension().is_some_and(|extension| extension == "gz");
    let length =
        if compressed { MultiGzDecoder::new(file).read_to_string(&mut text) } else { file.read_to_string(&mut text) };
    length.with_context(|| format!("{} cannot be read", path.display()))?;
    let rows = read_lines(&text).with_context(|| path.display().to_string())?;
    ensure!(!rows.is_empty(), "{} holds nothing to read", path.display());
    Ok(rows)
}
