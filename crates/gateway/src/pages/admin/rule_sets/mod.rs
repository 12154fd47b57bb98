//! `/admin/regles/…`: the versions of the rules, the draft, what it would change, and its publication.

mod bodies;
mod draft;
mod edit;
mod findings;
mod form;
mod history;
mod names;
mod sentence;
mod trial;

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
        .route("/admin/regles/brouillon/organismes", get(bodies::list))
        .route("/admin/regles/brouillon/organismes/{number}", get(bodies::show).post(bodies::save))
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

/// The number in an address, of 1 to `last`; `nouveau` and `nouvelle` are `None`.
fn number_in(path: &str, last: usize) -> Result<Option<usize>, Problem> {
    match path.parse::<usize>() {
        Ok(number) if (1..=last).contains(&number) => Ok(Some(number)),
        Err(_) if matches!(path, "nouveau" | "nouvelle") => Ok(None),
        _ => Err(Problem::not_found("Ce que vous cherchez n'est plus dans le brouillon.")),
    }
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
