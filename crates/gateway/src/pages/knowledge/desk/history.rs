//! The versions of an article; one of them in whole.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use parvis_proto::knowledge::{Article, ListVersionsRequest};
use serde::Deserialize;

use super::{HOME, WRITERS, find, frame};
use crate::{
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// Which version is shown.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    version: u32,
}

struct Line {
    version: u32,
    who: String,
    when: String,
    note: String,
    served: bool,
    shown: bool,
    latest: bool,
}

#[derive(Template)]
#[template(path = "knowledge/desk_history.html")]
struct HistoryPage {
    shell: Shell,
    tabs: Vec<Link>,
    article: Article,
    title: String,
    revision: u64,
    lines: Vec<Line>,
}

/// The page.
pub async fn show(desk: Desk, Path(id): Path<String>, Query(which): Query<Which>) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let article = find(&desk, &id, which.version).await?;
    let request = desk.call(ListVersionsRequest { id: article.id.clone() });
    let listed = answer(desk.page.state.knowledge()?.list_versions(request).await).map_err(refused)?;
    let zone = desk.page.zone();
    let lines = listed.versions.into_iter().map(|line| Line {
        served: line.version == article.published_version,
        shown: line.version == article.version,
        latest: line.version == article.latest_version,
        version: line.version,
        who: line.author,
        when: format::date_time(format::instant(line.saved_at.as_ref()), &zone),
        note: line.note,
    });
    let lines = lines.collect();
    let title = article.content.as_ref().map(|content| content.title.clone()).unwrap_or_default();
    let (shell, tabs) = frame(&desk, "Historique").await;
    let own = format!("{HOME}/{}", article.id);
    let shell = shell.under(&[(HOME, "Connaissances"), (&own, &title)]);
    render(&HistoryPage { shell, tabs, revision: article.revision, article, title, lines })
}
