//! Pages of those who set things up: services, agents, rules, accounts, failures; and a routing tried out.

pub mod accounts;
pub mod agents;
pub mod classifier;
pub mod failures;
pub mod moves;
pub mod partners;
mod rule_sets;
pub mod rules;
pub mod trial;
pub mod units;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use parvis_kernel::Role;

use crate::{
    pages::{
        page::Desk,
        shell::{Area, Link, Shell},
    },
    problem::Problem,
    state::AppState,
};

/// Who sees how the town is organised.
pub const ORGANISERS: [Role; 2] = [Role::Administrator, Role::Supervisor];
/// Who sees accounts.
pub const ADMINISTRATORS: [Role; 1] = [Role::Administrator];

/// Their routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin", get(units::show))
        .route("/admin/agents", get(agents::show))
        .route("/admin/regles", get(rules::show))
        .route("/admin/classement", get(classifier::show))
        .route("/admin/essai", get(trial::show).post(trial::run))
        .route("/admin/comptes", get(accounts::show))
        .route("/admin/comptes/{code}", post(accounts::act))
        .route("/admin/partenaires", get(partners::show))
        .route("/admin/partenaires/{client_id}/revoquer", post(partners::revoke))
        .route("/admin/echecs", get(failures::show))
        .route("/admin/deplacer", get(moves::show).post(moves::act))
        .route("/admin/presence", post(agents::set_presence))
        .merge(rule_sets::router())
}

/// The frame, and the tabs that the agent may open.
async fn frame(desk: &Desk, title: &str) -> (Shell, Vec<Link>) {
    let mut tabs = vec![
        ("/admin", "Services"),
        ("/admin/agents", "Agents"),
        ("/admin/deplacer", "Déplacer le travail"),
        ("/admin/regles", "Règles"),
        ("/admin/essai", "Essayer une orientation"),
        ("/admin/classement", "Classement automatique"),
        ("/admin/echecs", "Avis non parvenus"),
    ];
    if desk.has(&ADMINISTRATORS) {
        tabs.push(("/admin/comptes", "Comptes"));
        tabs.push(("/admin/partenaires", "Partenaires"));
    }
    let inside = |href: &str| desk.page.path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let here = |href: &str| desk.page.path == href || (href != "/admin" && inside(href));
    let tab = |(href, label): &(&str, &str)| Link { current: here(href), ..Link::new(*href, *label) };
    let tabs = tabs.iter().map(tab).collect();
    (desk.shell(Area::Admin, title).await, tabs)
}

/// What a handler gives.
type Answer = Result<Response, Problem>;
