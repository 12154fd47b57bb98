//! What the domain says, as the contract's messages, and back.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use parvis_kernel::{Error, Result, reason::Expected, text::excerpt};
use parvis_proto::{
    knowledge::{self as message, PageLink, ReadPageResponse},
    to_proto_time,
};

use crate::{
    domain::{
        article::{Article, State},
        content::{Body, Content},
        fiche::{self, Fiche, Public},
        markdown::{self, Links as _},
    },
    find::{Candidate, FicheLinks, ServedFiches},
    repo::version::Version,
};

/// Characters of an excerpt.
const EXCERPT: usize = 220;
/// Words said of an answer.
const WORDS: usize = 5;

/// A document that may answer.
pub(crate) fn hit(candidate: &Candidate<'_>) -> message::Hit {
    let document = candidate.document;
    let passage = candidate.found.passage.and_then(|at| document.passages.get(at));
    let text = if candidate.passage.trim().is_empty() { document.summary.as_str() } else { candidate.passage };
    message::Hit {
        kind: document.kind.as_str().to_owned(),
        slug: document.slug.clone(),
        title: document.title.clone(),
        summary: document.summary.clone(),
        theme: document.theme.clone(),
        section: passage.map(|passage| passage.heading.clone()).unwrap_or_default(),
        anchor: passage.map(|passage| passage.anchor.clone()).unwrap_or_default(),
        excerpt: excerpt(text, EXCERPT),
        words: candidate.found.words.iter().take(WORDS).cloned().collect(),
        score: f64::from(candidate.score),
    }
}

/// A fiche, as it is read.
pub(crate) fn fiche_page(fiche: &Fiche, fiches: &ServedFiches) -> ReadPageResponse {
    let links = FicheLinks { fiches, public: fiche.public };
    let page = markdown::render(&fiche.body, &links);
    let link = |link: &fiche::Link| PageLink {
        title: link.title.clone(),
        href: link.href.strip_prefix("fiche:").map_or_else(|| link.href.clone(), |id| links.fiche(id)),
    };
    ReadPageResponse {
        kind: "fiche".to_owned(),
        slug: fiche.slug(),
        title: fiche.title.clone(),
        summary: fiche.description.clone(),
        theme: fiche.theme.clone(),
        body_html: page.html,
        headings: page.headings.into_iter().map(heading).collect(),
        source: fiche::SOURCE.to_owned(),
        source_url: fiche.url.clone(),
        licence: fiche::LICENCE.to_owned(),
        licence_url: fiche::LICENCE_URL.to_owned(),
        updated: fiche.updated.clone(),
        audience: vec![fiche.public.audience().to_owned()],
        bodies: fiche.bodies.iter().map(|name| message::Body { name: name.clone(), url: String::new() }).collect(),
        related: fiche.related.iter().map(link).collect(),
        online: fiche.online.iter().map(link).collect(),
        ..ReadPageResponse::default()
    }
}

/// An article in its published version, as it is read.
pub(crate) fn article_page(
    article: &Article,
    version: &Version,
    fiches: &ServedFiches,
    town: String,
    today: Date,
) -> ReadPageResponse {
    let links = FicheLinks { fiches, public: Public::Particuliers };
    let content = &version.content;
    let page = markdown::render(&content.body, &links);
    let day = |at: Option<Timestamp>| at.map(|at| at.to_zoned(TimeZone::UTC).date().to_string()).unwrap_or_default();
    ReadPageResponse {
        kind: "article".to_owned(),
        slug: article.slug.clone(),
        title: content.title.clone(),
        summary: content.summary.clone(),
        theme: content.theme.clone(),
        body_html: page.html,
        plain_html: if content.plain.is_empty() {
            String::new()
        } else {
            markdown::render(&content.plain, &links).html
        },
        headings: page.headings.into_iter().map(heading).collect(),
        source: town,
        updated: day(Some(version.saved_at)),
        // A later version may be under review: the date of another text would mislead.
        reviewed: if article.latest == article.published { day(article.reviewed_at) } else { String::new() },
        valid_until: text(content.valid_until),
        stale: content.is_past(today),
        audience: content.audience.clone(),
        units: content.units.clone(),
        bodies: content.bodies.iter().map(body).collect(),
        procedure: content.procedure.clone(),
        id: article.id.to_string(),
        ..ReadPageResponse::default()
    }
}

/// An article in one of its versions, for those who write it.
pub(crate) fn article(article: &Article, version: Version, today: Date) -> message::Article {
    let past = article.state == State::Published && version.content.is_past(today);
    let state = if past { State::Stale } else { article.state };
    message::Article {
        id: article.id.to_string(),
        kind: article.kind.to_string(),
        slug: article.slug.clone(),
        revision: article.revision,
        version: version.version,
        latest_version: article.latest,
        published_version: article.published,
        state: state.to_string(),
        content: Some(content(version.content)),
        author: version.author,
        saved_at: Some(to_proto_time(version.saved_at)),
        reviewed_by: article.reviewed_by.clone(),
        reviewed_at: article.reviewed_at.map(to_proto_time),
        published_at: article.published_at.map(to_proto_time),
        note: version.note,
        ..message::Article::default()
    }
}

/// The body and the plain-language version, as they are read.
pub(crate) fn rendered(content: &Content, fiches: &ServedFiches) -> (String, String) {
    let links = FicheLinks { fiches, public: Public::Particuliers };
    (markdown::render(&content.body, &links).html, markdown::render(&content.plain, &links).html)
}

fn content(content: Content) -> message::ArticleContent {
    message::ArticleContent {
        bodies: content.bodies.iter().map(body).collect(),
        title: content.title,
        summary: content.summary,
        theme: content.theme,
        audience: content.audience,
        units: content.units,
        keywords: content.keywords,
        body: content.body,
        plain: content.plain,
        valid_from: text(content.valid_from),
        valid_until: text(content.valid_until),
        procedure: content.procedure,
    }
}

/// What an author sent, not checked yet.
pub(crate) fn content_of(sent: message::ArticleContent) -> Result<Content> {
    Ok(Content {
        valid_from: day("content.valid_from", &sent.valid_from)?,
        valid_until: day("content.valid_until", &sent.valid_until)?,
        bodies: sent.bodies.into_iter().map(|body| Body { name: body.name, url: body.url }).collect(),
        title: sent.title,
        summary: sent.summary,
        theme: sent.theme,
        audience: sent.audience,
        units: sent.units,
        keywords: sent.keywords,
        body: sent.body,
        plain: sent.plain,
        procedure: sent.procedure,
    })
}

fn day(field: &str, text: &str) -> Result<Option<Date>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let reason = Expected::Day;
        Error::wrong(field, reason, format!("« {} » is not a day: write 2026-05-31", excerpt(text, 20)))
    })
}

fn text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn body(body: &Body) -> message::Body {
    message::Body { name: body.name.clone(), url: body.url.clone() }
}

fn heading(heading: markdown::Heading) -> message::Heading {
    message::Heading { level: heading.level.into(), title: heading.title, anchor: heading.anchor }
}
