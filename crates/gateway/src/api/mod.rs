//! REST, under `/api/v1`: one file a resource; what is said in JSON is in [`dto`].
//!
//! The document of the API ([`openapi`]) is made from the handlers themselves, so a route cannot be missing from it.

pub mod accounts;
pub mod article_verbs;
pub mod articles;
pub mod attachments;
pub mod case_verbs;
pub mod cases;
mod changes;
pub mod docs;
pub mod dto;
pub mod events;
pub mod figures;
pub mod follow;
pub mod follow_grants;
pub mod input;
pub mod notices;
pub mod openapi;
pub mod people;
pub mod procedures;
pub mod requests;
pub mod routing;
mod rule_sets;
pub mod tokens;
pub mod work;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{problem::Problem, state::AppState};

/// Space that a multipart body takes beside its file.
const MULTIPART_OVERHEAD: usize = 64 * 1024;

/// Every resource, its document and its documentation.
pub fn router(state: &AppState) -> Router<AppState> {
    let (router, document) = resources(state).split_for_parts();
    let document = openapi::complete(&document, state.public_url());
    let documentation = state.config().docs.then(|| docs::page(&document));
    let mut router = router.method_not_allowed_fallback(async || Problem::method_not_allowed());
    router = router.merge(openapi::router(&document));
    if let Some(page) = documentation {
        router = router.merge(docs::router(page));
    }
    let unknown = async || -> Response { Problem::unknown_route().into_response() };
    router.route("/api", get(unknown)).route("/api/{*rest}", any(unknown))
}

fn resources(state: &AppState) -> OpenApiRouter<AppState> {
    let upload_limit = state.config().max_upload_bytes.saturating_add(MULTIPART_OVERHEAD);
    let uploads = OpenApiRouter::new().routes(routes!(attachments::upload)).layer(DefaultBodyLimit::max(upload_limit));
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(procedures::list))
        .routes(routes!(procedures::get))
        .routes(routes!(requests::submit))
        .merge(uploads)
        .routes(routes!(attachments::download))
        .routes(routes!(follow_grants::open))
        .routes(routes!(follow::status))
        .routes(routes!(follow::timeline))
        .routes(routes!(events::events))
        .routes(routes!(follow::reply))
        .routes(routes!(cases::list))
        .routes(routes!(cases::get))
        .routes(routes!(case_verbs::start))
        .routes(routes!(case_verbs::message))
        .routes(routes!(case_verbs::note))
        .routes(routes!(case_verbs::close))
        .routes(routes!(case_verbs::reopen))
        .routes(routes!(case_verbs::reassign))
        .routes(routes!(cases::decisions))
        .routes(routes!(people::instant_answer))
        .routes(routes!(people::citizens))
        .routes(routes!(notices::handovers))
        .routes(routes!(notices::letter))
        .routes(routes!(notices::handed_over))
        .routes(routes!(notices::failures))
        .routes(routes!(notices::resend))
        .routes(routes!(routing::presence))
        .routes(routes!(routing::queues))
        .routes(routes!(routing::agents))
        .routes(routes!(routing::directory))
        .routes(routes!(routing::rules))
        .routes(routes!(routing::explain))
        .routes(routes!(work::offers))
        .routes(routes!(work::answer_offer))
        .routes(routes!(work::move_work))
        .routes(routes!(rule_sets::list))
        .routes(routes!(rule_sets::get))
        .routes(routes!(rule_sets::draft, rule_sets::save, rule_sets::discard))
        .routes(routes!(rule_sets::publish))
        .routes(routes!(rule_sets::simulate))
        .routes(routes!(rule_sets::faults))
        .routes(routes!(rule_sets::refuse_transfer))
        .routes(routes!(articles::list))
        .routes(routes!(articles::get))
        .routes(routes!(articles::suggest))
        .routes(routes!(articles::feedback))
        .routes(routes!(articles::drafts))
        .routes(routes!(articles::draft))
        .routes(routes!(articles::versions))
        .routes(routes!(articles::usage))
        .routes(routes!(article_verbs::create))
        .routes(routes!(article_verbs::save))
        .routes(routes!(article_verbs::review))
        .routes(routes!(article_verbs::publish))
        .routes(routes!(article_verbs::withdraw))
        .routes(routes!(article_verbs::restore))
        .routes(routes!(article_verbs::fill))
        .routes(routes!(figures::figures))
        .routes(routes!(accounts::sessions))
        .routes(routes!(accounts::end_session))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::act))
        .routes(routes!(accounts::partners))
        .routes(routes!(accounts::revoke_partner))
        .routes(routes!(tokens::session))
        .routes(routes!(tokens::token))
        .routes(routes!(tokens::jwks))
}
