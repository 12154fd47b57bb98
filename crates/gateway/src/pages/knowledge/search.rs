//! `/recherche`: one search over the town's pages, its procedures and the national fiches.

use askama::Template;
use axum::{extract::Query, response::Response};
use parvis_proto::knowledge::SearchRequest;
use serde::Deserialize;

use super::hits::{HitView, views};
use crate::{
    pages::{
        format,
        page::{Page, show as render},
        shell::Shell,
    },
    problem::Problem,
    state::answer,
};

/// Characters of a search at most.
const MAX_QUERY: usize = 500;
/// Answers shown.
const LIMIT: u32 = 12;

/// What is looked for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "knowledge/search.html")]
struct SearchPage {
    shell: Shell,
    query: String,
    hits: Vec<HitView>,
    found: String,
    down: bool,
}

/// The page.
pub async fn show(page: Page, Query(search): Query<Search>) -> Result<Response, Problem> {
    let query: String = search.q.trim().chars().filter(|c| !c.is_control()).take(MAX_QUERY).collect();
    let (mut hits, mut down) = (Vec::new(), false);
    if !query.is_empty() {
        let request = page.call(SearchRequest { query: query.clone(), limit: LIMIT, ..SearchRequest::default() });
        let searched = match page.state.knowledge() {
            Ok(mut knowledge) => answer(knowledge.search(request).await),
            Err(error) => Err(error),
        };
        match searched {
            Ok(found) => hits = views(found.hits),
            Err(error) => {
                tracing::warn!(%error, "the search is missing");
                down = true;
            }
        }
    }
    let found = format::plural(hits.len() as u64, "réponse", "réponses");
    let title = if query.is_empty() { "Rechercher" } else { "Résultats de la recherche" };
    let shell = page.shell(title).under(&[("/", "Accueil"), ("/infos", "Informations")]).private();
    render(&SearchPage { shell, query, hits, found, down })
}
