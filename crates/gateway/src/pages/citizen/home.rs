//! `/`: three doors and a search; `/contact`: how to reach the town.

use askama::Template;
use axum::response::Response;
use parvis_proto::intake::ListProceduresRequest;

use super::catalogue::{ThemeView, by_theme};
use crate::{
    pages::{
        page::{Page, show},
        shell::Shell,
    },
    problem::Problem,
    state::answer,
};

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct HomePage {
    shell: Shell,
    themes: Vec<ThemeView>,
    down: bool,
}

/// The first page.
pub async fn home(page: Page) -> Result<Response, Problem> {
    let listed = match page.state.intake() {
        Ok(mut intake) => answer(intake.list_procedures(page.call(ListProceduresRequest::default())).await),
        Err(error) => Err(error),
    };
    let (themes, down) = listed.map_or((Vec::new(), true), |listed| (by_theme(listed.procedures), false));
    show(&HomePage { shell: page.shell("Accueil"), themes, down })
}

#[derive(Template)]
#[template(path = "citizen/contact.html")]
struct ContactPage {
    shell: Shell,
}

/// How to reach the town.
pub async fn contact(page: Page) -> Result<Response, Problem> {
    show(&ContactPage { shell: page.shell("Nous joindre").under(&[("/", "Accueil")]) })
}
