//! What a tracking code is exchanged for: a short grant, to be given as a bearer token.

use axum::{Json, extract::State};
use http::StatusCode;
use parvis_proto::intake::OpenFollowGrantRequest;

use super::dto::{FollowGrant, FollowGrantBody, Shown as _};
use crate::{
    auth::ApiCaller,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Ouvrir un suivi
///
/// Échange une référence et son code de suivi contre un jeton de courte durée : `Authorization: Bearer`, partout où
/// `Tracking-Code` est attendu. Il ouvre aussi ce qu’ouvrait `grant`, un jeton encore valable.
#[utoipa::path(post, path = "/api/v1/follow-grants", tag = "Suivre une demande", security(()),
    request_body = FollowGrantBody,
    responses((status = 201, description = "Le jeton", body = FollowGrant)))]
pub async fn open(
    State(state): State<AppState>,
    caller: ApiCaller,
    ApiJson(body): ApiJson<FollowGrantBody>,
) -> Result<(StatusCode, Json<FollowGrant>), Problem> {
    let asked = OpenFollowGrantRequest {
        reference: body.reference,
        tracking_code: body.tracking_code,
        grant: body.grant,
        ..OpenFollowGrantRequest::default()
    };
    let anybody = ApiCaller::anybody(caller.tenant);
    let given = answer(state.intake()?.open_follow_grant(anybody.call(asked)).await)?;
    Ok((StatusCode::CREATED, Json(given.shown())))
}
