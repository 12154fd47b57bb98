//! How long a search takes: `bench [FICHES.jsonl.gz QUESTIONS.jsonl]`.
//!
//! Over the fiches as they are, then over 100,000 articles put together from their sections. Without files the same over
//! made-up words whose frequencies fall as those of a language do.

use std::{error::Error, io::Read, time::Instant};

use parvis_search::{
    Document, Filter, Index, Section,
    evaluation::{AskedQuestion, Fiche, documents, read_lines},
};

const MANY: usize = 100_000;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let mut dice = Dice(7);
    let (few, questions) = match arguments.as_slice() {
        [_, fiches, questions] => {
            let mut text = String::new();
            flate2::read::GzDecoder::new(std::fs::File::open(fiches)?).read_to_string(&mut text)?;
            let fiches: Vec<Fiche> = read_lines(&text)?;
            let questions: Vec<AskedQuestion> = read_lines(&std::fs::read_to_string(questions)?)?;
            (documents(&fiches).collect(), questions.into_iter().map(|question| question.text).collect())
        }
        _ => made_up(&mut dice),
    };
    measure("as they are", few.clone(), &questions);
    measure("put together", many(&few, &mut dice), &questions);
    Ok(())
}

fn measure(name: &str, documents: Vec<Document>, questions: &[String]) {
    let count = documents.len();
    let started = Instant::now();
    let index = Index::build(documents);
    let built = started.elapsed();
    let started = Instant::now();
    let changed = index.with_changes([Document { id: "new".to_owned(), ..Document::default() }], &[]);
    let changed_in = started.elapsed();
    drop(changed);
    let mut times = Vec::with_capacity(questions.len() * ROUNDS);
    let mut found = 0;
    for _ in 0..ROUNDS {
        for question in questions {
            let started = Instant::now();
            found += index.search(question, &Filter::default(), 10).hits.len();
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: {count} documents built in {:.2} s, one changed in {:.0} ms; {} searches, {found} hits: p50 {:.2} ms, \
         p90 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
        built.as_secs_f64(),
        changed_in.as_secs_f64() * 1_000.0,
        times.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

/// Articles put together from the titles, descriptions and sections of others.
fn many(few: &[Document], dice: &mut Dice) -> Vec<Document> {
    (0..MANY)
        .map(|number| {
            let titled = &few[dice.below(few.len())];
            let described = &few[dice.below(few.len())];
            let sections = (0..1 + dice.below(6))
                .filter_map(|_| {
                    let from = &few[dice.below(few.len())].sections;
                    (!from.is_empty()).then(|| from[dice.below(from.len())].clone())
                })
                .collect();
            Document {
                id: format!("article-{number}"),
                title: titled.title.clone(),
                description: described.description.clone(),
                path: titled.path.clone(),
                sections,
                ..Document::default()
            }
        })
        .collect()
}

fn made_up(dice: &mut Dice) -> (Vec<Document>, Vec<String>) {
    let words: Vec<String> = (0..20_000).map(|_| dice.word()).collect();
    let text = |dice: &mut Dice, length: usize| {
        (0..length).map(|_| words[dice.zipf(words.len())].as_str()).collect::<Vec<_>>().join(" ")
    };
    let documents = (0..3_000)
        .map(|number| Document {
            id: format!("page-{number}"),
            title: text(dice, 8),
            description: text(dice, 25),
            path: vec![text(dice, 2), text(dice, 3)],
            sections: (0..12).map(|_| Section { heading: text(dice, 3), text: text(dice, 50) }).collect(),
            ..Document::default()
        })
        .collect();
    let questions = (0..200)
        .map(|_| {
            let length = 5 + dice.below(40);
            let mut question = text(dice, length);
            question.push_str(" mispeltt");
            question
        })
        .collect();
    (documents, questions)
}

/// Numbers that look drawn and are the same at every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A rank of which the first are drawn most often.
    fn zipf(&mut self, limit: usize) -> usize {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((limit as f64).powf(uniform) as usize).min(limit - 1)
    }

    fn word(&mut self) -> String {
        const SOUNDS: [&str; 16] =
            ["ba", "ri", "to", "me", "lu", "den", "cho", "pra", "vi", "sou", "gue", "lan", "fi", "ter", "mon", "ke"];
        (0..2 + self.below(3)).map(|_| SOUNDS[self.below(SOUNDS.len())]).collect()
    }
}
