//! The figures of the search and of the classifier on real fiches and messages: those of the folder that
//! `PARVIS_EVALUATION_DATA` names, else of `shared/data` beside the project. Left out only where the project stands alone.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use parvis_search::{
    Filter, Index,
    classify::{
        Head, Model,
        fiches::{examples, measure},
    },
    evaluation::{AskedQuestion, Evaluation, Fiche, documents, read_lines},
};

/// `None` where no folder is named and none is beside the project.
fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    match std::env::var_os("PARVIS_EVALUATION_DATA") {
        Some(named) => Some(PathBuf::from(named)),
        None => Some(beside()).filter(|beside| beside.is_dir()),
    }
}

fn fiches(path: &Path) -> Vec<Fiche> {
    let packed = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).expect("the fiches are packed text");
    read_lines(&text).expect("a fiche a line")
}

fn questions(path: &Path) -> Vec<AskedQuestion> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read_lines(&text).expect("a question a line")
}

#[test]
fn real_messages_find_their_fiche_and_their_theme() {
    let Some(folder) = folder() else {
        eprintln!(
            "left out: there are no real messages beside the project; name their folder in PARVIS_EVALUATION_DATA"
        );
        return;
    };
    let fiches = fiches(&folder.join("fiches.jsonl.gz"));
    let questions = questions(&folder.join("questions_dev.jsonl"));
    let index = Index::build(documents(&fiches));
    let mut evaluation = Evaluation::over(&fiches);
    for question in &questions {
        let found = index.search(&question.text, &Filter::default(), 10);
        let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
        evaluation.add(question, &ids);
    }
    let found = evaluation.figures();
    assert!(found.n > 100, "{found:?}");
    assert!(found.gold_at_1 >= 0.45 && found.gold_at_5 >= 0.75 && found.theme_at_1 >= 0.85, "{found:?}");

    let model = Model::train(&examples(&fiches));
    let measures = measure(&model, &index, &fiches, &questions, model.default_threshold(Head::Theme));
    eprintln!("{}", serde_json::to_string(&measures).expect("serialisable"));
    assert!(measures.coverage >= 0.70 && measures.precision >= 0.92, "{measures:?}");
    assert!(measures.figures.theme_at_1 >= 0.85, "{measures:?}");
    // The articles are those that are served, in the order in which they are.
    let ranks = |figures: &parvis_search::evaluation::Figures| {
        (figures.gold_at_1, figures.gold_at_3, figures.gold_at_5, figures.mrr_at_10)
    };
    assert_eq!(ranks(&measures.figures), ranks(&found));
}
