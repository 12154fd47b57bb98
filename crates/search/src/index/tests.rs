use super::*;
use crate::document::Section;

fn page(id: &str, title: &str, text: &str) -> Document {
    Document {
        id: id.to_owned(),
        title: title.to_owned(),
        sections: Section::from_headed_text(text),
        ..Document::default()
    }
}

fn ids(index: &Index, question: &str) -> Vec<String> {
    index.search(question, &Filter::default(), 10).hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn the_page_about_it_comes_first() {
    let index = Index::build([
        page("a", "Encombrants", "Le ramassage a lieu le mardi."),
        page("b", "Piscine", "Ouverte l'été."),
    ]);
    assert_eq!(ids(&index, "quand passez-vous pour les encombrants ?"), ["a"]);
}
