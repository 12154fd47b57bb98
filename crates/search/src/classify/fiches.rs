//! Examples from the official practical articles ("fiches"), and the measure of a model on real questions.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    competence::body_of_contact,
    example::{Example, Head, Part, Source, SourceKind},
    model::Model,
};
use crate::{
    Filter, Index,
    evaluation::{AskedQuestion, Evaluation, Fiche, Figures},
};

/// Articles asked of the search: as many as figures look at.
const FOUND: usize = 10;

/// How good a model is on questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Measures {
    /// Those of the search; the theme is the model's first.
    #[serde(flatten)]
    pub figures: Figures,
    /// Share of the questions whose first theme reaches the threshold.
    pub coverage: f64,
    /// Of these, the share whose first theme is one of theirs.
    pub precision: f64,
    /// The threshold.
    pub threshold: f64,
    /// Questions that name a body, and the share of them whose first competent body is one of those named.
    pub competence_n: usize,
    /// See `competence_n`.
    #[serde(rename = "competence@1")]
    pub competence_at_1: f64,
    /// Mean difference between how sure the model is of its first theme and how often it is right, over tenths.
    pub calibration_error: f64,
}

/// The examples that articles give. Labels of parts and families are preceded by those above: two themes may have
/// families of one name.
pub fn examples(fiches: &[Fiche]) -> Vec<Example> {
    let mut examples = Vec::new();
    let by_id: BTreeMap<&str, &Fiche> = fiches.iter().map(|fiche| (fiche.id.as_str(), fiche)).collect();
    for fiche in fiches {
        let text_of = |text: &Option<String>| text.clone().unwrap_or_default();
        let path = [text_of(&fiche.theme), text_of(&fiche.sub_theme), text_of(&fiche.dossier)].join(" ");
        let parts = [
            (Part::Title, text_of(&fiche.title)),
            (Part::Summary, text_of(&fiche.description)),
            (Part::Path, path),
            (Part::Body, text_of(&fiche.plain_text)),
        ];
        for (part, text) in parts {
            push(&mut examples, fiche, part, text);
        }
        for question in &fiche.related_questions {
            if let Some(answering) = by_id.get(question.id.as_str()) {
                push(&mut examples, answering, Part::Question, question.q.clone());
            }
        }
    }
    examples
}

fn push(examples: &mut Vec<Example>, fiche: &Fiche, part: Part, text: String) {
    if text.trim().is_empty() {
        return;
    }
    let source = Source { kind: SourceKind::Article, id: fiche.id.clone() };
    examples.push(Example { source, part, text, labels: labels(fiche), weight: 1.0 });
}

fn labels(fiche: &Fiche) -> BTreeMap<Head, String> {
    let mut labels = BTreeMap::new();
    if let Some(theme) = &fiche.theme {
        let below = |part: &Option<String>| format!("{theme} › {}", part.as_deref().unwrap_or("-"));
        labels.insert(Head::SubTheme, below(&fiche.sub_theme));
        labels.insert(Head::Topic, below(&fiche.dossier));
        labels.insert(Head::Theme, theme.clone());
    }
    let body = fiche
        .where_to_go
        .iter()
        .find_map(|contact| body_of_contact(contact.pivot.as_deref(), contact.title.as_deref().unwrap_or_default()));
    if let Some(body) = body {
        labels.insert(Head::Competence, body.code.clone());
    }
    labels
}

/// Measures a model at the threshold given for the theme. Articles are those that the index finds, in its order: what is
/// shown beside a message.
pub fn measure(
    model: &Model,
    index: &Index,
    fiches: &[Fiche],
    questions: &[AskedQuestion],
    threshold: f32,
) -> Measures {
    let mut evaluation = Evaluation::over(fiches);
    let mut certainties = Vec::new();
    let (mut covered, mut covered_right) = (0_u32, 0_u32);
    let (mut with_body, mut body_right) = (0_usize, 0_usize);
    for question in questions {
        if !evaluation.is_answerable(question) {
            continue;
        }
        let prediction = model.predict(&question.text);
        let first = |head: Head| prediction.guesses.get(&head).and_then(|guesses| guesses.first());
        let found = index.search(&question.text, &Filter::default(), FOUND);
        let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
        let theme = first(Head::Theme);
        evaluation.add_with_theme(question, &ids, theme.map(|first| first.label.as_str()));
        if let Some(first) = theme {
            let right = evaluation.is_right_theme(question, &first.label);
            certainties.push((first.probability, right));
            covered += u32::from(first.probability >= threshold);
            covered_right += u32::from(first.probability >= threshold && right);
        }
        let bodies: Vec<&str> = question
            .where_to_go
            .iter()
            .filter_map(|name| body_of_contact(Some(name), name).map(|body| body.code.as_str()))
            .collect();
        if !bodies.is_empty() {
            with_body += 1;
            body_right += usize::from(first(Head::Competence).is_some_and(|g| bodies.contains(&g.label.as_str())));
        }
    }
    let figures = evaluation.figures();
    Measures {
        coverage: f64::from(covered) / figures.n.max(1) as f64,
        precision: f64::from(covered_right) / f64::from(covered.max(1)),
        threshold: f64::from(threshold),
        competence_n: with_body,
        competence_at_1: body_right as f64 / with_body.max(1) as f64,
        calibration_error: calibration_error(&certainties),
        figures,
    }
}

fn calibration_error(certainties: &[(f32, bool)]) -> f64 {
    let mut tenths = [(0.0_f64, 0.0_f64); 10];
    for (certainty, right) in certainties {
        // A certainty of 1 is in the last tenth.
        if let Some(tenth) = tenths.get_mut(((certainty * 10.0) as usize).min(9)) {
            tenth.0 += f64::from(*certainty);
            tenth.1 += f64::from(u8::from(*right));
        }
    }
    tenths.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / certainties.len().max(1) as f64
}
