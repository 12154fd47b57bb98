//! `parvis routing evaluate`: the classifier, trained on articles, measured on questions that it never saw.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, ensure};
use clap::Args;
use flate2::read::MultiGzDecoder;
use parvis_search::classify::{
    Head, Model,
    fiches::{Fiche, Measures, Question, examples, measure, read_lines},
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

    let threshold = arguments.threshold.unwrap_or_else(|| model.default_threshold(Head::Theme));
    let start = Instant::now();
    let measures = measure(&model, &fiches, &questions, threshold);
    let ms_per_query = start.elapsed().as_secs_f64() * 1e3 / measures.n.max(1) as f64;

    println!("{}", serde_json::to_string(&Line { measures, ms_per_query, training_ms, model: model.version() })?);
    Ok(())
}

fn read<T: for<'a> serde::Deserialize<'a>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let compressed = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn BufRead> = match compressed {
        true => Box::new(BufReader::new(MultiGzDecoder::new(file))),
        false => Box::new(BufReader::new(file)),
    };
    let rows = read_lines(reader).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    ensure!(!rows.is_empty(), "{} holds nothing to read", path.display());
    Ok(rows)
}
