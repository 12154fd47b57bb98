//! The figures of the search over real fiches and questions, where these files are beside the project.

use std::{io::Read, path::PathBuf};

use parvis_search::{
    Filter, Index,
    evaluation::{AskedQuestion, Evaluation, Fiche, documents, read_lines},
};

/// The folder of the files: `PARVIS_EVALUATION_DATA`, else beside the project.
fn data() -> PathBuf {
    match std::env::var_os("PARVIS_EVALUATION_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
    }
}

#[test]
fn real_questions_find_their_fiches() {
    let (fiches, questions) = (data().join("fiches.jsonl.gz"), data().join("questions_dev.jsonl"));
    if !fiches.exists() || !questions.exists() {
        eprintln!("left out: {} has no fiches and questions", data().display());
        return;
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(fiches).expect("the fiches open"))
        .read_to_string(&mut text)
        .expect("the fiches are packed text");
    let fiches: Vec<Fiche> = read_lines(&text).expect("a fiche a line");
    let text = std::fs::read_to_string(questions).expect("the questions are text");
    let questions: Vec<AskedQuestion> = read_lines(&text).expect("a question a line");

    let index = Index::build(documents(&fiches));
    let mut evaluation = Evaluation::over(&fiches);
    for question in &questions {
        let found = index.search(&question.text, &Filter::default(), 10);
        let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
        evaluation.add(question, &ids);
    }

    let figures = evaluation.figures();
    assert!(figures.n > 100, "{figures:?}");
    assert!(figures.gold_at_1 >= 0.45, "{figures:?}");
    assert!(figures.gold_at_5 >= 0.75, "{figures:?}");
    assert!(figures.theme_at_1 >= 0.85, "{figures:?}");
}
