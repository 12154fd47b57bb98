//! `/infos`: what the town says, by theme; `/infos/{slug}`: one page, with who says it, when, and under which licence.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use parvis_proto::knowledge::{ListPagesRequest, PageOutline, ReadPageRequest, ReadPageResponse, RecordUseRequest};
use serde::Deserialize;

use crate::{
    csrf::{CsrfFields, CsrfToken},
    pages::{
        citizen::catalogue::{ThemeView, Tile, grouped},
        format,
        page::{Page, refused, show as render},
        shell::Shell,
    },
    problem::Problem,
    state::answer,
};

#[derive(Template)]
#[template(path = "knowledge/infos.html")]
struct InfosPage {
    shell: Shell,
    themes: Vec<ThemeView>,
    fiches: u32,
    fiches_date: String,
}

/// The list.
pub async fn list(page: Page) -> Result<Response, Problem> {
    let request = page.call(ListPagesRequest::default());
    let listed = answer(page.state.knowledge()?.list_pages(request).await).map_err(refused)?;
    let tile = |it: PageOutline| {
        (it.theme, Tile { href: format!("/infos/{}", it.slug), title: it.title, summary: it.summary })
    };
    let themes = grouped(listed.pages.into_iter().map(tile));
    let shell = page.shell("Informations pratiques").under(&[("/", "Accueil")]);
    let fiches_date = format::iso_day(&listed.fiches_date);
    render(&InfosPage { shell, themes, fiches: listed.fiches, fiches_date })
}

/// Where the reader comes from.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    de: String,
    #[serde(default)]
    version: String,
}

#[derive(Template)]
#[template(path = "knowledge/info.html")]
struct InfoPage {
    shell: Shell,
    page: ReadPageResponse,
    /// The plain-language version is shown.
    plain: bool,
    /// The reader was about to file a request.
    filing: bool,
    fiche: bool,
    theme: String,
    updated: String,
    reviewed: String,
    valid_until: String,
}

/// One page.
pub async fn show(
    page: Page,
    csrf: CsrfToken,
    Path(slug): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    let request = page.call(ReadPageRequest { slug });
    let read = answer(page.state.knowledge()?.read_page(request).await).map_err(refused)?;
    record(&page, "opened", &read.slug).await;
    let mut shell = page.shell(&read.title).under(&[("/", "Accueil"), ("/infos", "Informations")]);
    csrf.value().clone_into(&mut shell.csrf);
    let plain = from.version == "simple" && !read.plain_html.is_empty();
    let fiche = read.kind == "fiche";
    render(&InfoPage {
        shell,
        plain,
        filing: from.de == "demande",
        fiche,
        theme: format::theme(&read.theme).to_owned(),
        updated: format::iso_day(&read.updated),
        reviewed: format::iso_day(&read.reviewed),
        valid_until: format::iso_day(&read.valid_until),
        page: read,
    })
}

/// "Did it help?": a word, no request.
pub async fn say(page: Page, fields: CsrfFields) -> Result<Response, Problem> {
    let slug = fields.first("slug").to_owned();
    if !parvis_kernel::ids::is_code(&slug) {
        return Err(Problem::not_found("Cette page n'existe pas."));
    }
    let said = match (fields.first("avis"), fields.first("de")) {
        ("non", _) => {
            record(&page, "not_helped", &slug).await;
            "pas-utile"
        }
        (_, "demande") => {
            record(&page, "helped", &slug).await;
            record(&page, "not_filed", &slug).await;
            "repond"
        }
        _ => {
            record(&page, "helped", &slug).await;
            "utile"
        }
    };
    Ok(Redirect::to(&format!("/infos/{slug}?fait={said}")).into_response())
}

/// Counts; what cannot be counted keeps nobody from reading.
async fn record(page: &Page, kind: &str, slug: &str) {
    let request = RecordUseRequest {
        kind: kind.to_owned(),
        slug: slug.to_owned(),
        channel: "web".to_owned(),
        ..Default::default()
    };
    let Ok(mut knowledge) = page.state.knowledge() else { return };
    if let Err(error) = answer(knowledge.record_use(page.call(request)).await) {
        tracing::debug!(%error, "a use could not be counted");
    }
}
