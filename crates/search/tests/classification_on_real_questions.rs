//! The classifier measured on real messages, where the data are there: `PARVIS_EVALUATION_DATA`, or `shared/data` beside the
//! project.

use std::{fs::File, io::Read, path::PathBuf};

use parvis_search::{
    Index,
    classify::{
        Head, Model,
        fiches::{examples, measure},
    },
    evaluation::{AskedQuestion, Fiche, documents, read_lines},
};

fn data() -> Option<PathBuf> {
    let given = std::env::var_os("PARVIS_EVALUATION_DATA").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    given.into_iter().chain([beside]).find(|folder| folder.join("fiches.jsonl.gz").is_file())
}

#[test]
fn on_real_questions_the_classifier_is_right_often_enough() {
    let Some(data) = data() else {
        eprintln!("skipped: no data beside the project");
        return;
    };
    let mut text = String::new();
    let compressed = File::open(data.join("fiches.jsonl.gz")).expect("the fiches");
    flate2::read::GzDecoder::new(compressed).read_to_string(&mut text).expect("readable");
    let fiches: Vec<Fiche> = read_lines(&text).expect("fiches");
    let questions = std::fs::read_to_string(data.join("questions_dev.jsonl")).expect("the questions");
    let questions: Vec<AskedQuestion> = read_lines(&questions).expect("questions");

    let model = Model::train(&examples(&fiches));
    let index = Index::build(documents(&fiches));
    let measures = measure(&model, &index, &fiches, &questions, model.default_threshold(Head::Theme));
    eprintln!("{}", serde_json::to_string(&measures).expect("serialisable"));
    assert!(measures.figures.n > 90, "{measures:?}");
    assert!(measures.coverage >= 0.70, "{measures:?}");
    assert!(measures.precision >= 0.92, "{measures:?}");
    assert!(measures.figures.theme_at_1 >= 0.85, "{measures:?}");
    assert!(measures.figures.gold_at_1 >= 0.40, "{measures:?}");
    assert!(measures.figures.gold_at_5 >= 0.68, "{measures:?}");
}
