//! What is searched.

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
    /// Whom it is for.
    pub audience: Vec<String>,
    /// Other words for the same thing.
    pub keywords: Vec<String>,
    /// Its passages.
    pub sections: Vec<Section>,
    /// First and last day on which it is right.
    pub validity: (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
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
            audience: content.audience.clone(),
            keywords: content.keywords.clone(),
            sections,
            validity: (content.valid_from, content.valid_until),
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
            audience: Vec::new(),
            keywords: card.keywords,
            sections: Vec::new(),
            validity: (None, None),
        }
    }

    /// Of a fiche.
    pub fn of_fiche(fiche: &Fiche) -> Self {
        let keywords = [&fiche.sub_theme, &fiche.dossier].into_iter().filter(|words| !words.is_empty());
        Self {
            kind: DocumentKind::Fiche,
            slug: fiche.slug(),
            title: fiche.title.clone(),
            summary: fiche.description.clone(),
            theme: fiche.theme.clone(),
            audience: vec![fiche.public.audience().to_owned()],
            keywords: keywords.cloned().collect(),
            sections: markdown::sections(&fiche.body),
            validity: (None, None),
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
}
