//! The classifier on a town's own units and procedures. No message is labelled with them, so the demonstration town's
//! keywords stand for messages: half of each procedure's are left out of the training and asked, then the other half.

use std::{collections::BTreeMap, path::PathBuf};

use parvis_search::classify::{Example, Head, Model, Part, Source, SourceKind};
use serde::Deserialize;

#[derive(Deserialize)]
struct Catalogue {
    procedure: Vec<Procedure>,
}

#[derive(Deserialize)]
struct Procedure {
    code: String,
    title: String,
    summary: String,
    unit: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
}

impl Procedure {
    fn labels(&self) -> BTreeMap<Head, String> {
        let mut labels = BTreeMap::from([(Head::Procedure, self.code.clone())]);
        labels.extend(self.unit.clone().map(|unit| (Head::Unit, unit)));
        labels
    }

    /// Every second keyword.
    fn half(&self, first: usize) -> Vec<&str> {
        self.keywords.iter().skip(first).step_by(2).map(String::as_str).collect()
    }

    /// What routing learns of a procedure, with these keywords.
    fn examples(&self, keywords: &[&str]) -> Vec<Example> {
        let keywords = keywords.join(". ");
        let told = format!("{}. {} {keywords}", self.title, self.summary);
        let source = Source { kind: SourceKind::Procedure, id: self.code.clone() };
        [(Part::Title, self.title.clone()), (Part::Summary, told), (Part::Question, keywords)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(part, text)| Example { source: source.clone(), part, text, labels: self.labels(), weight: 1.0 })
            .collect()
    }
}

#[test]
fn keywords_that_were_not_learnt_find_their_unit_and_procedure() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../demo/clairval/procedures.toml");
    let text = std::fs::read_to_string(path).expect("the demonstration town's procedures");
    let procedures = toml::from_str::<Catalogue>(&text).expect("procedures").procedure;
    let mut right: BTreeMap<(Head, usize), u32> = BTreeMap::new();
    let mut asked: BTreeMap<Head, u32> = BTreeMap::new();
    for fold in [0, 1] {
        let learnt: Vec<Example> = procedures.iter().flat_map(|one| one.examples(&one.half(1 - fold))).collect();
        let model = Model::train(&learnt);
        for procedure in &procedures {
            for keyword in procedure.half(fold) {
                let prediction = model.predict(keyword);
                for (head, label) in procedure.labels() {
                    *asked.entry(head).or_default() += 1;
                    let place = prediction.three_best(head).iter().position(|guess| guess.label == label);
                    for among in [1, 3] {
                        let found = place.is_some_and(|place| place < among);
                        *right.entry((head, among)).or_default() += u32::from(found);
                    }
                }
            }
        }
    }
    let share = |head: Head, among: usize| f64::from(right[&(head, among)]) / f64::from(asked[&head]);
    let figures: Vec<String> = [(Head::Unit, 1), (Head::Unit, 3), (Head::Procedure, 1), (Head::Procedure, 3)]
        .into_iter()
        .map(|(head, among)| format!("{}@{among} {:.3}", head.code(), share(head, among)))
        .collect();
    eprintln!("{asked:?}: {figures:?}");
    assert!(asked[&Head::Procedure] > 400, "{asked:?}");
    assert!(share(Head::Unit, 1) >= 0.60 && share(Head::Unit, 3) >= 0.75, "{figures:?}");
    assert!(share(Head::Procedure, 1) >= 0.50 && share(Head::Procedure, 3) >= 0.65, "{figures:?}");
}
