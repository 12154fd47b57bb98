//! Live work offered to agents, and work moved from one to others.

use axum::{Json, extract::State};
use parvis_proto::routing::{AnswerOfferRequest, ListOffersRequest, MoveWorkRequest};

use super::dto::{MoveWorkBody, OfferAnswerBody, OfferAnswered, Offers, Shown as _, WorkPlan};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Lister ce qui m’est proposé
///
/// Les appels et passages au guichet montrés à l’agent, qui peut les prendre avant l’heure indiquée.
#[utoipa::path(get, path = "/api/v1/offers", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Ce qui est proposé", body = Offers)))]
pub async fn offers(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Offers>, Problem> {
    let found = answer(state.routing()?.list_offers(caller.call(ListOffersRequest {})).await)?;
    Ok(Json(Offers { offers: found.offers.shown() }))
}

/// Prendre ou laisser ce qui m’est proposé
///
/// Laissé, ou sans réponse, c’est proposé au suivant, puis remis dans la file.
#[utoipa::path(post, path = "/api/v1/offers/answer", tag = "Répartir", security(("bearer" = [])),
    request_body = OfferAnswerBody,
    responses(
        (status = 200, description = "Qui suit le dossier maintenant", body = OfferAnswered),
        (status = 409, description = "La proposition est terminée", body = Problem,
            content_type = "application/problem+json")))]
pub async fn answer_offer(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<OfferAnswerBody>,
) -> Result<Json<OfferAnswered>, Problem> {
    let request = AnswerOfferRequest { case_id: body.case_id, offer_id: body.offer_id, accept: body.accept };
    Ok(Json(answer(state.routing()?.answer_offer(caller.call(request)).await)?.shown()))
}

/// Déplacer tout le travail d’un agent ou d’un service
///
/// Un agent part ou tombe malade : ses dossiers vont à ses suppléants et collègues, et il est noté absent. Un service
/// est fusionné : ses dossiers vont à l’autre. Avec `preview`, dit ce qui serait fait, et rien n’est changé.
#[utoipa::path(post, path = "/api/v1/work/move", tag = "Répartir", security(("bearer" = [])),
    request_body = MoveWorkBody,
    responses(
        (status = 200, description = "Ce qui est déplacé, ou le serait", body = WorkPlan),
        (status = 409, description = "Le plan a changé depuis l’aperçu", body = Problem,
            content_type = "application/problem+json")))]
pub async fn move_work(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<MoveWorkBody>,
) -> Result<Json<WorkPlan>, Problem> {
    let request = caller.call(MoveWorkRequest {
        agent: body.agent,
        unit: body.unit,
        to_unit: body.to_unit,
        reason: body.reason,
        preview: body.preview,
        expected_plan: body.expected_plan,
    });
    Ok(Json(answer(state.routing()?.move_work(request).await)?.shown()))
}
