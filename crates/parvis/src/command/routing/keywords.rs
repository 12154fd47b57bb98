//! The classifier that routing trains of a town, on what people may say. No message comes with the unit it is for, so the
//! demonstration town's keywords stand for messages: half of each procedure's are left out of the training and asked, then
//! the other half.

use parvis_routing::{
    domain::{Guesser as _, LearntGuesser, Snapshot, examples, rules::Catalogue},
    parse_directory,
};
use parvis_search::classify::Model;

use crate::command::import::{catalogue, read_procedures};

/// Every second keyword.
fn half(keywords: &[String], first: usize) -> Vec<String> {
    keywords.iter().skip(first).step_by(2).cloned().collect()
}

#[test]
fn keywords_that_were_not_learnt_find_their_unit() {
    let directory = include_str!("../../../../../demo/clairval/directory.toml");
    let directory = parse_directory("directory.toml", directory).expect("the demonstration town");
    let procedures = include_str!("../../../../../demo/clairval/procedures.toml");
    let known = catalogue(&read_procedures("procedures.toml", procedures).expect("its procedures"));
    let units = directory.units.iter().map(|unit| unit.code.clone()).collect();
    let zone = "metropole".parse().expect("a zone of holidays");
    let snapshot = Snapshot::new(1, 1, directory, zone, jiff::tz::TimeZone::UTC);
    let mut guesser = LearntGuesser { model: Model::train(&[]).into(), number: 1, units };
    let (mut asked, mut first, mut among_three) = (0_u32, 0_u32, 0_u32);
    for fold in [0, 1] {
        let mut learnt = Catalogue { procedures: known.procedures.clone() };
        for procedure in &mut learnt.procedures {
            procedure.keywords = half(&procedure.keywords, 1 - fold);
        }
        guesser.model = Model::train(&examples(&snapshot, &learnt, &[])).into();
        for procedure in known.procedures.iter().filter(|procedure| !procedure.unit.is_empty()) {
            for keyword in half(&procedure.keywords, fold) {
                let guesses = guesser.guess("", &keyword);
                let is_right = |unit: &parvis_kernel::UnitId| unit.as_str() == procedure.unit;
                let place = guesses.iter().position(|guess| guess.unit.as_ref().is_some_and(is_right));
                asked += 1;
                first += u32::from(place == Some(0));
                among_three += u32::from(place.is_some_and(|place| place < 3));
            }
        }
    }
    let share = |right: u32| f64::from(right) / f64::from(asked);
    eprintln!("{asked} keywords: {:.3} first, {:.3} among three", share(first), share(among_three));
    assert!(asked > 400, "{asked}");
    assert!(share(first) >= 0.65 && share(among_three) >= 0.78, "{:.3}, {:.3}", share(first), share(among_three));
}
