//! The counter: people already known, questions answered on the spot.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use parvis_proto::{identity::SearchCitizensRequest, intake::RecordInstantAnswerRequest};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dto::{Citizens, InstantAnswerBody, InstantAnswerReceipt, Shown as _},
    input::{ApiQuery, idempotency_key},
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Compter une réponse immédiate
///
/// Une question répondue au guichet ou au téléphone : comptée, sans dossier.
#[utoipa::path(post, path = "/api/v1/instant-answers", tag = "Accueillir", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "Clé choisie par l’appelant, une par réponse",
            min_length = 1, max_length = 200, pattern = "^[ -~]+$", example = "b3a3a1f0-7a49-43a6-a5c7-0b3c5f9d2e11")),
    request_body = InstantAnswerBody,
    responses((status = 201, description = "Comptée", body = InstantAnswerReceipt)))]
pub async fn instant_answer(
    State(state): State<AppState>,
    caller: SignedIn,
    headers: HeaderMap,
    ApiJson(body): ApiJson<InstantAnswerBody>,
) -> Result<(StatusCode, Json<InstantAnswerReceipt>), Problem> {
    let request = caller.call(RecordInstantAnswerRequest {
        idempotency_key: idempotency_key(&headers)?,
        channel: body.channel,
        theme: body.theme,
        procedure_code: body.procedure,
        unit: body.unit,
        note: body.note,
    });
    let counted = answer(state.intake()?.record_instant_answer(request).await)?;
    Ok((StatusCode::CREATED, Json(counted.shown())))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CitizensQuery {
    /// Nom, adresse électronique ou téléphone : 3 caractères au moins.
    #[param(required = true, min_length = 3, example = "durand")]
    q: String,
}

/// Chercher un usager
///
/// Parmi les usagers déjà connus, 20 au plus.
#[utoipa::path(get, path = "/api/v1/citizens", tag = "Accueillir", security(("bearer" = [])), params(CitizensQuery),
    responses((status = 200, description = "Les usagers trouvés", body = Citizens)))]
pub async fn citizens(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<CitizensQuery>,
) -> Result<Json<Citizens>, Problem> {
    let request = caller.call(SearchCitizensRequest { query: query.q });
    let found = answer(state.identity()?.search_citizens(request).await)?;
    Ok(Json(Citizens { citizens: found.citizens.shown() }))
}
