//! What the authority and the public services say: pages to read and search, answers proposed before anything is
//! filed, and the agents' desk where articles are written.

pub mod desk;
pub mod hits;
pub mod info;
pub mod search;
pub mod suggest;

use axum::{
    Router,
    routing::{get, post},
};

use crate::state::AppState;

/// Their routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/recherche", get(search::show))
        .route("/infos", get(info::list))
        .route("/infos/avis", post(info::say))
        .route("/infos/{slug}", get(info::show))
        .route("/suggestions", post(suggest::for_citizens))
        .route("/agent/suggestions", post(suggest::for_agents))
        .route("/agent/connaissances", get(desk::list::show))
        .route("/agent/connaissances/usages", get(desk::usage::show))
        .route("/agent/connaissances/nouveau", get(desk::edit::new).post(desk::edit::create))
        .route("/agent/connaissances/{id}", get(desk::edit::show).post(desk::edit::save))
        .route("/agent/connaissances/{id}/historique", get(desk::history::show))
        .route("/agent/connaissances/{id}/{verb}", post(desk::verbs::act))
}
