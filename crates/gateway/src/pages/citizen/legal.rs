//! `/accessibilite`, `/mentions-legales`, `/donnees-personnelles`: honest pages that the town completes.

use askama::Template;
use axum::response::Response;

use crate::{
    pages::{
        page::{Page, show},
        shell::Shell,
    },
    problem::Problem,
};

#[derive(Template)]
#[template(path = "citizen/accessibility.html")]
struct AccessibilityPage {
    shell: Shell,
}

/// The accessibility statement: no audit was made, and it says so.
pub async fn accessibility(page: Page) -> Result<Response, Problem> {
    show(&AccessibilityPage { shell: page.shell("Accessibilité").under(&[("/", "Accueil")]) })
}

#[derive(Template)]
#[template(path = "citizen/notice.html")]
struct NoticePage {
    shell: Shell,
}

/// Who publishes.
pub async fn notice(page: Page) -> Result<Response, Problem> {
    show(&NoticePage { shell: page.shell("Mentions légales").under(&[("/", "Accueil")]) })
}

#[derive(Template)]
#[template(path = "citizen/personal_data.html")]
struct PersonalDataPage {
    shell: Shell,
}

/// What is kept, why, and the rights of each.
pub async fn personal_data(page: Page) -> Result<Response, Problem> {
    show(&PersonalDataPage { shell: page.shell("Données personnelles").under(&[("/", "Accueil")]) })
}
