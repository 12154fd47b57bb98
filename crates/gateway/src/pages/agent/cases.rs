//! `/agent/dossiers`: lists, filters, and a search whose words stay out of addresses (they may be somebody's name).

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use parvis_kernel::{ErrorKind, Reference, Role};
use parvis_proto::{casework::ListCasesRequest, common::PageRequest, routing::GetDirectoryRequest};
use serde::Deserialize;

use super::{
    HANDLERS,
    row::{CaseRow, CasesTable, filtered, rows},
    tabs::{VIEWS, tabs},
};
use crate::{
    csrf::CsrfFields,
    pages::{
        field::Choice,
        format,
        page::{Desk, refused, show},
        shell::{Area, Link, Shell},
    },
    problem::Problem,
    state::answer,
};

const PAGE: u32 = 50;
const FOUND_MOST: u32 = 100;

/// Which list.
#[derive(Clone, Default, Deserialize)]
pub struct Which {
    #[serde(default)]
    vue: String,
    #[serde(default)]
    etat: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "agent/cases.html")]
struct CasesPage {
    shell: Shell,
    tabs: Vec<Link>,
    which: Which,
    states: Vec<Choice>,
    units: Vec<Choice>,
    query: String,
    searched: bool,
    table: CasesTable,
    next: String,
}

const STATES: [(&str, &str); 5] = [
    ("", "Ouverts"),
    ("in_progress", "En cours"),
    ("waiting_citizen", "En attente de l'usager"),
    ("closed", "Clos"),
    ("all", "Tous"),
];

fn states(etat: &str) -> Vec<String> {
    let all = ["new", "assigned", "in_progress", "waiting_citizen", "decided", "closed", "reopened"];
    match etat {
        "all" => all.map(str::to_owned).into(),
        "in_progress" => vec!["in_progress".to_owned(), "reopened".to_owned()],
        "waiting_citizen" | "closed" => vec![etat.to_owned()],
        _ => Vec::new(),
    }
}

/// A list.
pub async fn list(desk: Desk, Query(mut which): Query<Which>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let known = VIEWS.iter().find(|(code, _)| *code == which.vue).unwrap_or(&VIEWS[0]);
    known.0.clone_into(&mut which.vue);
    let request = ListCasesRequest {
        view: which.vue.clone(),
        unit: which.service.clone(),
        states: states(&which.etat),
        query: String::new(),
        page: Some(PageRequest { size: PAGE, token: which.page.clone() }),
        ..ListCasesRequest::default()
    };
    let listed = answer(desk.page.state.casework()?.list_cases(desk.call(request)).await).map_err(refused)?;
    let next = if listed.next_page_token.is_empty() {
        String::new()
    } else {
        address(&Which { page: listed.next_page_token, ..which.clone() })
    };
    let rows = rows(&desk, listed.cases);
    render(&desk, which, String::new(), false, known.1, rows, next).await
}

/// A search's address asked for again (reloaded, kept as a bookmark): its words are gone, the list is there.
pub async fn begin_again() -> Redirect {
    Redirect::to("/agent/dossiers")
}

/// What was looked for: a reference leads to its case at once.
pub async fn search(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let query: String = fields.first("q").trim().chars().take(100).collect();
    if query.is_empty() {
        return Ok(Redirect::to("/agent/dossiers").into_response());
    }
    if let Ok(reference) = query.parse::<Reference>() {
        return Ok(Redirect::to(&format!("/agent/dossiers/{reference}")).into_response());
    }
    let request = ListCasesRequest {
        // Whoever receives people serves anybody who stands there.
        view: if desk.has(&[Role::FrontDesk]) { "counter" } else { "unit" }.to_owned(),
        states: states("all"),
        query: query.clone(),
        page: Some(PageRequest { size: FOUND_MOST, token: String::new() }),
        ..ListCasesRequest::default()
    };
    let listed = match answer(desk.page.state.casework()?.list_cases(desk.call(request)).await) {
        Ok(listed) => listed.cases,
        Err(error) if error.kind() == ErrorKind::Invalid => Vec::new(),
        Err(error) => return Err(refused(error)),
    };
    let caption = format!("{} pour « {query} »", format::plural(listed.len() as u64, "dossier", "dossiers"));
    let rows = rows(&desk, listed);
    let which = Which { vue: "unit".to_owned(), ..Which::default() };
    render(&desk, which, query, true, &caption, rows, String::new()).await
}

async fn render(
    desk: &Desk,
    which: Which,
    query: String,
    searched: bool,
    caption: &str,
    rows: Vec<CaseRow>,
    next: String,
) -> Result<Response, Problem> {
    let mut shell = desk.shell(Area::Agent, "Dossiers").await;
    "/agent/dossiers".clone_into(&mut shell.path);
    let empty = match (searched, which.vue.as_str()) {
        (true, _) if desk.has(&[Role::FrontDesk]) => {
            "Aucun dossier ne correspond. Vérifiez le nom, ou cherchez par la référence."
        }
        (true, _) => {
            "Aucun dossier de vos services ne correspond. Vérifiez le nom, le courriel ou le téléphone, ou cherchez par la référence."
        }
        (_, "queue") => "Rien n'attend d'être pris dans vos services.",
        (_, "mine") => "Aucun dossier ne vous est confié.",
        _ => "Aucun dossier.",
    };
    show(&CasesPage {
        shell,
        tabs: tabs(desk, &which.vue, searched),
        states: STATES.iter().map(|(value, label)| Choice::new(*value, *label)).collect(),
        units: units(desk).await,
        table: CasesTable {
            caption: caption.to_owned(),
            empty: empty.to_owned(),
            under_heading: false,
            with_handler: which.vue != "mine",
            rows,
        },
        which,
        query,
        searched,
        next,
    })
}

/// The services of whoever sees several.
async fn units(desk: &Desk) -> Vec<Choice> {
    let seen = &desk.session.claims().units;
    if seen.len() < 2 {
        return Vec::new();
    }
    let Ok(mut routing) = desk.page.state.routing() else { return Vec::new() };
    let Ok(directory) = answer(routing.get_directory(desk.call(GetDirectoryRequest {})).await) else {
        return Vec::new();
    };
    let mine = directory.units.into_iter().filter(|unit| seen.iter().any(|code| code.as_str() == unit.code));
    mine.map(|unit| Choice::new(unit.code, unit.name)).collect()
}

fn address(which: &Which) -> String {
    filtered(
        "/agent/dossiers",
        &[("vue", &which.vue), ("etat", &which.etat), ("service", &which.service), ("page", &which.page)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filters() {
        let which = Which { vue: "unit".into(), etat: "closed".into(), service: String::new(), page: "12&x".into() };
        assert_eq!(address(&which), "/agent/dossiers?vue=unit&etat=closed&page=12%26x");
    }

    #[test]
    fn an_unknown_state_shows_the_open_ones() {
        assert!(states("n'importe").is_empty());
        assert_eq!(states("closed"), ["closed"]);
        assert_eq!(states("all").len(), 7);
    }
}
