//! `/demarches`: the procedures by theme, and a search.

use askama::Template;
use axum::{extract::Query, response::Response};
use parvis_proto::intake::Procedure;
use serde::Deserialize;

use crate::{
    api::procedures::{Asked, found},
    pages::{
        format,
        page::{Page, show},
        shell::Shell,
    },
    problem::Problem,
};

/// Characters of a search at most.
const MAX_QUERY: usize = 100;
/// Themes in the order people look for them; others follow.
pub const ORDER: [&str; 15] = [
    "etat-civil",
    "elections",
    "education",
    "enfance",
    "social",
    "urbanisme",
    "voirie",
    "proprete",
    "securite",
    "sport",
    "culture",
    "vie-associative",
    "commerce",
    "finances",
    "administration",
];

/// A page in a list by theme.
pub struct Tile {
    /// Where its page is.
    pub href: String,
    /// Its title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
}

/// A theme and its pages.
pub struct ThemeView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its pages.
    pub tiles: Vec<Tile>,
}

/// Groups pages, each with its theme's code, themes in the order of use.
pub fn grouped(tiles: impl Iterator<Item = (String, Tile)>) -> Vec<ThemeView> {
    let mut themes: Vec<ThemeView> = Vec::new();
    for (code, tile) in tiles {
        match themes.iter_mut().find(|theme| theme.code == code) {
            Some(theme) => theme.tiles.push(tile),
            None => themes.push(ThemeView { name: format::theme(&code).to_owned(), code, tiles: vec![tile] }),
        }
    }
    themes.sort_by_key(|theme| rank(&theme.code));
    themes
}

/// Groups procedures.
pub fn by_theme(procedures: Vec<Procedure>) -> Vec<ThemeView> {
    let tile = |procedure: Procedure| {
        let href = format!("/demarches/{}", procedure.code);
        (procedure.theme, Tile { href, title: procedure.title, summary: procedure.summary })
    };
    grouped(procedures.into_iter().map(tile))
}

/// A theme's place in lists; unknown ones come last.
fn rank(theme: &str) -> usize {
    ORDER.iter().position(|code| *code == theme).unwrap_or(ORDER.len())
}

/// What is looked for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    theme: String,
}

#[derive(Template)]
#[template(path = "citizen/catalogue.html")]
struct CataloguePage {
    shell: Shell,
    query: String,
    theme: String,
    themes: Vec<ThemeView>,
    found: String,
}

/// The list.
pub async fn list(page: Page, Query(search): Query<Search>) -> Result<Response, Problem> {
    let query: String = search.q.trim().chars().take(MAX_QUERY).collect();
    let asked = Asked::of(&query);
    let procedures = found(&page.state, (page.call(asked.own), page.call(asked.all), page.call(asked.search))).await?;
    let best: Vec<String> = procedures.iter().map(|procedure| procedure.theme.clone()).collect();
    let mut themes = by_theme(procedures);
    if !query.is_empty() {
        // The theme of the best answer first.
        themes.sort_by_key(|theme| best.iter().position(|code| *code == theme.code));
    }
    if !search.theme.is_empty() {
        themes.retain(|theme| theme.code == search.theme);
    }
    let count = themes.iter().map(|theme| theme.tiles.len() as u64).sum();
    let title = match (&*query, themes.as_slice()) {
        ("", [only]) if !search.theme.is_empty() => only.name.clone(),
        ("", _) => "Toutes les démarches".to_owned(),
        _ => "Recherche d'une démarche".to_owned(),
    };
    let shell = page.shell(title).under(&[("/", "Accueil")]);
    let count = format::plural(count, "démarche", "démarches");
    show(&CataloguePage { shell, query, theme: search.theme, themes, found: count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_come_in_the_order_of_use_and_unknown_ones_last() {
        let of = |theme: &str| Procedure { theme: theme.into(), ..Procedure::default() };
        let themes = by_theme(vec![of("nouveau"), of("voirie"), of("etat-civil"), of("voirie")]);
        let codes: Vec<_> = themes.iter().map(|theme| (theme.code.as_str(), theme.tiles.len())).collect();
        assert_eq!(codes, [("etat-civil", 1), ("voirie", 2), ("nouveau", 1)]);
    }
}
