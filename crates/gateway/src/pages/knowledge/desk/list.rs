//! The articles and the templates, in every state.

use askama::Template;
use axum::{extract::Query, response::Response};
use parvis_proto::knowledge::{Article, ListArticlesRequest};
use serde::Deserialize;

use super::{WRITERS, frame, state};
use crate::{
    pages::{
        format::{self, instant},
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// What is shown of them.
#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    etat: String,
    #[serde(default)]
    q: String,
}

struct Row {
    href: String,
    title: String,
    summary: String,
    kind: &'static str,
    theme: String,
    state: &'static str,
    tone: &'static str,
    changed: String,
    reviewed: String,
}

#[derive(Template)]
#[template(path = "knowledge/desk_list.html")]
struct ListPage {
    shell: Shell,
    tabs: Vec<Link>,
    rows: Vec<Row>,
    caption: String,
    query: String,
    kind: String,
    state: String,
}

/// The list.
pub async fn show(desk: Desk, Query(filter): Query<Filter>) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let known = |word: &str, all: &[&str]| if all.contains(&word) { word.to_owned() } else { String::new() };
    let kind = known(&filter.r#type, &["article", "template"]);
    let wanted = known(&filter.etat, &["draft", "reviewed", "published", "stale"]);
    let request = ListArticlesRequest { kind: kind.clone(), state: wanted.clone(), theme: String::new() };
    let listed = answer(desk.page.state.knowledge()?.list_articles(desk.call(request)).await).map_err(refused)?;
    let query: String = filter.q.trim().chars().take(100).collect();
    let rows: Vec<Row> =
        listed.articles.into_iter().filter(|article| matches(article, &query)).map(|it| row(&desk, it)).collect();
    let caption = format::plural(rows.len() as u64, "article ou réponse type", "articles et réponses types");
    let (shell, tabs) = frame(&desk, "Connaissances").await;
    render(&ListPage { shell, tabs, rows, caption, query, kind, state: wanted })
}

/// Whether every word is in the title, the summary or the keywords.
fn matches(article: &Article, query: &str) -> bool {
    let content = article.content.clone().unwrap_or_default();
    let text = format!("{} {} {} {}", content.title, content.summary, content.keywords.join(" "), article.slug);
    let text = text.to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn row(desk: &Desk, article: Article) -> Row {
    let (said, tone) = state(&article);
    let zone = desk.page.zone();
    let day = |at: &prost_types::Timestamp| format::date(format::day_of(instant(Some(at)), &zone));
    let reviewed = article.reviewed_at.as_ref().map(day);
    let content = article.content.unwrap_or_default();
    Row {
        href: format!("{}/{}", super::HOME, article.id),
        kind: if article.kind == "template" { "Réponse type" } else { "Article" },
        theme: format::theme(&content.theme).to_owned(),
        title: content.title,
        summary: content.summary,
        state: said,
        tone,
        changed: article.saved_at.as_ref().map(day).unwrap_or_default(),
        reviewed: reviewed.map(|day| format!("{day}, {}", article.reviewed_by)).unwrap_or_default(),
    }
}
