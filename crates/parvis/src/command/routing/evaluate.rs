//! `parvis routing evaluate`: the classifier, trained on articles, measured on questions that it never saw.

use std::{path::PathBuf, time::Instant};

use anyhow::ensure;
use clap::Args;
use parvis_search::{
    Index,
    classify::{
        Head, Model,
        fiches::{Measures, examples, measure},
    },
    evaluation::{AskedQuestion, Fiche, documents},
};
use serde::Serialize;

use crate::command::json_lines;

#[derive(Args)]
pub struct Arguments {
    /// The articles to learn from: JSON lines, packed with gzip or not.
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
    let fiches: Vec<Fiche> = json_lines::read(&arguments.fiches)?;
    let questions: Vec<AskedQuestion> = json_lines::read(&arguments.questions)?;

    let start = Instant::now();
    let model = Model::train(&examples(&fiches));
    let training_ms = start.elapsed().as_secs_f64() * 1e3;

    let index = Index::build(documents(&fiches));
    let threshold = arguments.threshold.unwrap_or_else(|| model.default_threshold(Head::Theme));
    let start = Instant::now();
    let measures = measure(&model, &index, &fiches, &questions, threshold);
    let ms_per_query = start.elapsed().as_secs_f64() * 1e3 / measures.figures.n.max(1) as f64;

    println!("{}", serde_json::to_string(&Line { measures, ms_per_query, training_ms, model: model.version() })?);
    Ok(())
}
