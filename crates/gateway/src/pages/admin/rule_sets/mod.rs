//! `/admin/regles/…`: the versions of the rules, the draft, what it would change, and its publication.

mod bodies;
mod draft;
mod edit;
mod history;
mod trial;
mod words;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use parvis_kernel::{Error, ErrorKind};
use parvis_proto::routing::{GetRuleDraftRequest, RuleDraft, RuleSetText, SaveRuleDraftRequest};

use super::Answer;
use crate::{
    pages::page::{Desk, refused},
    problem::Problem,
    state::{AppState, answer},
};

/// Where the draft is.
const DRAFT: &str = "/admin/regles/brouillon";

/// Their routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin/regles/versions", get(history::list))
        .route("/admin/regles/versions/{version}", get(history::show))
        .route("/admin/regles/brouillon", get(draft::show).post(draft::act))
        .route("/admin/regles/brouillon/regle/{number}", get(edit::show).post(edit::save))
        .route("/admin/regles/brouillon/organismes", get(bodies::show).post(bodies::save))
        .route("/admin/regles/brouillon/essai", get(trial::show))
        .route("/admin/regles/brouillon/publier", post(draft::publish))
}

/// The draft, else what is in force.
async fn draft_of(desk: &Desk) -> Result<RuleDraft, Problem> {
    answer(desk.page.state.routing()?.get_rule_draft(desk.call(GetRuleDraftRequest {})).await).map_err(refused)
}

/// Keeps the draft.
async fn keep(desk: &Desk, text: RuleSetText, expected_revision: u64, based_on: u64) -> Result<RuleDraft, Error> {
    let request = SaveRuleDraftRequest { text: Some(text), expected_revision, based_on };
    answer(desk.page.state.routing()?.save_rule_draft(desk.call(request)).await)
}

/// Back to a page of the draft, saying what was done.
fn done(to: &str, what: &str) -> Answer {
    Ok(Redirect::to(&format!("{to}?fait={what}")).into_response())
}

/// What was asked could not be done: somebody else changed the draft, or another reason.
fn not_done(error: Error) -> Result<Response, Problem> {
    match error.kind() {
        ErrorKind::Conflict => done(DRAFT, "regles-changees"),
        ErrorKind::Invalid => done(DRAFT, "regles-erreurs"),
        ErrorKind::FailedPrecondition => done(DRAFT, "regles-sans-brouillon"),
        _ => Err(refused(error)),
    }
}
