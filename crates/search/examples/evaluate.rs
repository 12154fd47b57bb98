//! Figures of the search over files of fiches and questions: `evaluate FICHES.jsonl.gz QUESTIONS.jsonl`.

use std::{error::Error, io::Read, time::Instant};

use parvis_search::{
    Filter, Index,
    evaluation::{AskedQuestion, Evaluation, Fiche, documents, read_lines},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, fiches, questions] = arguments.as_slice() else {
        return Err("give a file of fiches and a file of questions".into());
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(fiches)?).read_to_string(&mut text)?;
    let fiches: Vec<Fiche> = read_lines(&text)?;
    let questions: Vec<AskedQuestion> = read_lines(&std::fs::read_to_string(questions)?)?;
    let started = Instant::now();
    let index = Index::build(documents(&fiches));
    eprintln!("{} documents in {:?}", index.len(), started.elapsed());
    let mut evaluation = Evaluation::over(&fiches);
    let started = Instant::now();
    for question in &questions {
        let found = index.search(&question.text, &Filter::default(), 10);
        let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
        evaluation.add(question, &ids);
        if std::env::var_os("SHOW_SUGGESTIONS").is_some() {
            for suggestion in &found.suggestions {
                eprintln!("{} -> {}", suggestion.typed, suggestion.meant);
            }
        }
    }
    eprintln!("{:?} a question", started.elapsed() / questions.len() as u32);
    println!("{}", serde_json::to_string(&evaluation.figures())?);
    Ok(())
}
