//! What is searched.

use std::collections::BTreeSet;

use parvis_search as search;

use crate::{
    domain::{
        article::{Article, Kind},
        content::Content,
        fiche::Fiche,
        markdown::{self, Section},
    },
    repo::procedure_card::ProcedureCard,
};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// The authority's own page.
    Article,
    /// A national one.
    Fiche,
    /// A text that agents send.
    Template,
    /// A procedure of the authority.
    Procedure,
}

impl DocumentKind {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Fiche => "fiche",
            Self::Template => "template",
            Self::Procedure => "procedure",
        }
    }
}

/// Something that may answer.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its address; a procedure's code.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What it says, in short.
    pub summary: String,
    /// A theme's code, or a fiche's theme in words.
    pub theme: String,
    /// The code of the procedure that follows from it; empty where none does.
    pub procedure: String,
    /// Whom it is for.
    pub audience: Vec<String>,
    /// Other words for the same thing.
    pub keywords: Vec<String>,
    /// Where it is filed, the most general first.
    pub path: Vec<String>,
    /// Where each of its passages is on the page, in the order of the index.
    pub passages: Vec<Passage>,
    /// How likely it is the answer before anything is asked, 0 to 1.
    pub prior: f32,
    /// First and last day on which it is right.
    pub validity: (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
    /// Until the index takes it.
    text: Vec<Section>,
}

/// A passage of a page.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Its heading; empty before the first.
    pub heading: String,
    /// The heading's anchor; empty where it has none.
    pub anchor: String,
}

impl Document {
    /// Of a published article or template.
    pub fn of_article(article: &Article, content: &Content) -> Self {
        let mut sections = markdown::sections(&content.body);
        sections.extend(markdown::sections(&content.plain).into_iter().map(|section| Section {
            // The plain version has no anchors of its own on the page.
            anchor: String::new(),
            ..section
        }));
        Self {
            kind: if article.kind == Kind::Template { DocumentKind::Template } else { DocumentKind::Article },
            slug: article.slug.clone(),
            title: content.title.clone(),
            summary: content.summary.clone(),
            theme: content.theme.clone(),
            procedure: content.procedure.clone(),
            audience: content.audience.clone(),
            keywords: content.keywords.clone(),
            path: Vec::new(),
            passages: passages(&sections),
            prior: 1.0,
            validity: (content.valid_from, content.valid_until),
            text: sections,
        }
    }

    /// Of a procedure.
    pub fn of_procedure(card: ProcedureCard) -> Self {
        Self {
            kind: DocumentKind::Procedure,
            slug: card.code,
            title: card.title,
            summary: card.summary,
            theme: card.theme,
            procedure: String::new(),
            audience: Vec::new(),
            keywords: card.keywords,
            path: Vec::new(),
            passages: Vec::new(),
            prior: 1.0,
            validity: (None, None),
            text: Vec::new(),
        }
    }

    /// Of a fiche.
    pub fn of_fiche(fiche: &Fiche) -> Self {
        let path = [&fiche.theme, &fiche.sub_theme, &fiche.dossier].into_iter().filter(|words| !words.is_empty());
        let sections = markdown::sections(&fiche.body);
        Self {
            kind: DocumentKind::Fiche,
            slug: fiche.slug(),
            title: fiche.title.clone(),
            summary: fiche.description.clone(),
            theme: fiche.theme.clone(),
            procedure: String::new(),
            audience: vec![fiche.public.audience().to_owned()],
            keywords: Vec::new(),
            path: path.cloned().collect(),
            passages: passages(&sections),
            prior: search::evaluation::prior(&fiche.kind, fiche.public.as_str()),
            validity: (None, None),
            text: sections,
        }
    }

    /// Whether it is right on that day.
    pub fn is_valid_on(&self, today: jiff::civil::Date) -> bool {
        self.validity.0.is_none_or(|first| first <= today) && self.validity.1.is_none_or(|last| last >= today)
    }

    /// Whether it may be shown to `audience` (`agent` reads everything; empty: what is not for agents only).
    pub fn is_for(&self, audience: &str) -> bool {
        match audience {
            "agent" => true,
            "" => self.audience.is_empty() || self.audience.iter().any(|it| it != "agent"),
            other => self.audience.is_empty() || self.audience.iter().any(|it| it == other),
        }
    }

    /// What is indexed of it; its text goes with it.
    pub(super) fn take_searched(&mut self, id: String) -> search::Document {
        let facet = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<BTreeSet<_>>();
        let audience: Vec<&str> = self.audience.iter().map(String::as_str).collect();
        let everybody = ["person", "organization", "agent"];
        let sections = std::mem::take(&mut self.text)
            .into_iter()
            .map(|section| search::Section { heading: section.path.join(" – "), text: section.text });
        search::Document {
            id,
            title: self.title.clone(),
            description: self.summary.clone(),
            path: self.path.clone(),
            sections: sections.collect(),
            keywords: self.keywords.clone(),
            facets: [
                ("kind".to_owned(), facet(&[self.kind.as_str()])),
                ("theme".to_owned(), facet(&[&self.theme])),
                ("audience".to_owned(), facet(if audience.is_empty() { &everybody } else { &audience })),
            ]
            .into(),
            prior: self.prior,
        }
    }
}

/// What is searched: these kinds, for that audience (`agent`: everything; empty: what is not for agents only).
pub fn filter(kinds: &[DocumentKind], audience: &str) -> search::Filter {
    let filter = search::Filter::facet("kind", kinds.iter().map(|kind| kind.as_str()));
    match audience {
        "agent" => filter,
        "" => filter.and("audience", ["person", "organization"]),
        other => filter.and("audience", [other]),
    }
}

fn passages(sections: &[Section]) -> Vec<Passage> {
    let passage = |section: &Section| Passage {
        heading: section.path.last().cloned().unwrap_or_default(),
        anchor: section.anchor.clone(),
    };
    sections.iter().map(passage).collect()
}
