//! The classifier that routing trains of a town, on what people may say. No message comes with the unit it is for, so the
//! demonstration town's keywords stand for messages: half of each procedure's are left out of the training and asked, then
//! the other half.

use parvis_routing::{
    domain::{Guesser as _, LearntGuesser, Snapshot, examples, rules::Catalogue},
    parse_directory,
};
use parvis_search::classify::{Head, Model};

use crate::command::import::{catalogue, read_procedures};

/// Every second keyword.
fn half(keywords: &[String], first: usize) -> Vec<String> {
    keywords.iter().skip(first).step_by(2).cloned().collect()
}

/// How often what is right came first, and among the first three.
#[derive(Default)]
struct Right {
    asked: u32,
    first: u32,
    among_three: u32,
}

impl Right {
    fn add(&mut self, place: Option<usize>) {
        self.asked += 1;
        self.first += u32::from(place == Some(0));
        self.among_three += u32::from(place.is_some_and(|place| place < 3));
    }

    fn shares(&self) -> (f64, f64) {
        let share = |right: u32| f64::from(right) / f64::from(self.asked);
        (share(self.first), share(self.among_three))
    }
}

#[test]
fn keywords_that_were_not_learnt_find_their_unit_and_procedure() {
    let directory = include_str!("../../../../../demo/clairval/directory.toml");
    let directory = parse_directory("directory.toml", directory).expect("the demonstration town");
    let procedures = include_str!("../../../../../demo/clairval/procedures.toml");
    let known = catalogue(&read_procedures("procedures.toml", procedures).expect("its procedures"));
    let units = directory.units.iter().map(|unit| unit.code.clone()).collect();
    let zone = "metropole".parse().expect("a zone of holidays");
    let snapshot = Snapshot::new(1, 1, directory, zone, jiff::tz::TimeZone::UTC);
    let mut guesser = LearntGuesser { model: Model::train(&[]).into(), number: 1, units };
    let (mut of_units, mut of_procedures) = (Right::default(), Right::default());
    for fold in [0, 1] {
        let mut learnt = Catalogue { procedures: known.procedures.clone() };
        for procedure in &mut learnt.procedures {
            procedure.keywords = half(&procedure.keywords, 1 - fold);
        }
        guesser.model = Model::train(&examples(&snapshot, &learnt, &[])).into();
        for procedure in &known.procedures {
            for keyword in half(&procedure.keywords, fold) {
                let prediction = guesser.model.predict(&keyword);
                let codes = prediction.guesses[&Head::Procedure].iter();
                of_procedures.add(codes.map(|guess| &guess.label).position(|code| *code == procedure.code));
                if !procedure.unit.is_empty() {
                    let is_right = |unit: &parvis_kernel::UnitId| unit.as_str() == procedure.unit;
                    let guesses = guesser.guess("", &keyword);
                    of_units.add(guesses.iter().position(|guess| guess.unit.as_ref().is_some_and(is_right)));
                }
            }
        }
    }
    let (units, procedures) = (of_units.shares(), of_procedures.shares());
    eprintln!("{} keywords: unit {units:.3?}, procedure {procedures:.3?}", of_procedures.asked);
    assert!(of_units.asked > 400 && of_procedures.asked > 400);
    assert!(units.0 >= 0.65 && units.1 >= 0.78, "{units:.3?}");
    assert!(procedures.0 >= 0.50 && procedures.1 >= 0.65, "{procedures:.3?}");
}
