//! The pages, in French, made by the server: whole without JavaScript, usable from the keyboard alone.
//!
//! One folder an area (citizens, agents, elected officials, administrators), one file a page: it asks the roles, makes
//! a view (plain strings, already said in French) and renders a template of the same name under `templates/`.
//! A handler's error is a [`Problem`](crate::problem::Problem); [`errors::render`] makes it a page of the town.

pub mod admin;
pub mod again;
pub mod agent;
pub mod assets;
pub mod citizen;
pub mod download;
pub mod elected;
pub mod errors;
pub mod field;
pub mod filing;
pub mod format;
pub mod knowledge;
pub mod page;
pub mod requester;
pub mod sealed;
pub mod shell;
pub mod upload;
pub mod values;

#[cfg(test)]
mod contrast;

use axum::Router;

use crate::{problem::Problem, state::AppState};

/// Every page.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .merge(assets::router())
        .merge(citizen::router(state))
        .merge(knowledge::router())
        .merge(agent::router(state))
        .merge(elected::router())
        .merge(admin::router())
        .fallback(async || Problem::not_found("Cette adresse ne mène à aucune page."))
}
