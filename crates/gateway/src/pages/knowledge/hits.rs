//! An answer in a list, with why it is there.

use parvis_proto::knowledge::Hit;

use crate::pages::format;

/// An answer.
#[derive(Clone, Debug)]
pub struct HitView {
    /// `article`, `fiche`, `template`, `procedure`.
    pub kind: String,
    /// Its address, alone.
    pub slug: String,
    /// Where it leads, to the passage that answers.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The passage's beginning, else what it says in short.
    pub excerpt: String,
    /// What it is, in a word or two.
    pub source: &'static str,
    /// Its theme, in words.
    pub theme: String,
    /// The heading of the passage; may be empty.
    pub section: String,
    /// Why it is proposed, in one sentence; may be empty.
    pub why: String,
}

/// An answer as it is shown.
pub fn view(hit: Hit) -> HitView {
    let href = match hit.kind.as_str() {
        "procedure" => format!("/demarches/{}", hit.slug),
        "template" => String::new(),
        _ if hit.anchor.is_empty() => format!("/infos/{}", hit.slug),
        _ => format!("/infos/{}#{}", hit.slug, hit.anchor),
    };
    let words: Vec<String> = hit.words.iter().map(|word| format!("«\u{a0}{word}\u{a0}»")).collect();
    let why = match words.as_slice() {
        [] => String::new(),
        [one] => format!("Parle de {one}."),
        [first @ .., last] => format!("Parle de {} et {last}.", first.join(", ")),
    };
    HitView {
        source: match hit.kind.as_str() {
            "fiche" => "Fiche nationale",
            "procedure" => "Démarche",
            "template" => "Réponse type",
            _ => "Mairie",
        },
        theme: format::theme(&hit.theme).to_owned(),
        excerpt: if hit.excerpt.is_empty() { hit.summary } else { hit.excerpt },
        kind: hit.kind,
        slug: hit.slug,
        href,
        title: hit.title,
        section: hit.section,
        why,
    }
}

/// All of a list.
pub fn views(hits: Vec<Hit>) -> Vec<HitView> {
    hits.into_iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_leads_to_its_passage_and_says_why() {
        let hit = Hit {
            kind: "fiche".into(),
            slug: "f12".into(),
            anchor: "s-ou".into(),
            words: vec!["carte".into(), "grise".into(), "perdue".into()],
            ..Hit::default()
        };
        let view = view(hit);
        assert_eq!(view.href, "/infos/f12#s-ou");
        assert_eq!(view.why, "Parle de «\u{a0}carte\u{a0}», «\u{a0}grise\u{a0}» et «\u{a0}perdue\u{a0}».");
        assert_eq!(
            super::view(Hit { kind: "procedure".into(), slug: "pacs".into(), ..Hit::default() }).href,
            "/demarches/pacs"
        );
    }
}
