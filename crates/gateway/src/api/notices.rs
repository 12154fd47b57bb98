//! Notices that a person must carry, and those that failed.

use axum::{Json, extract::State};
use parvis_kernel::{ErrorKind, NoticeId, Refusal, reason::Thing};
use parvis_proto::notification::{
    ListFailuresRequest, ListHandoversRequest, MarkHandedOverRequest, ReadHandoversRequest, ResendNoticeRequest,
};

use super::{
    dto::{Notice, Notices, ResendBody, Shown as _},
    input::{ApiPath, ApiQuery, PageQuery},
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Lister les lettres à poster et les appels à passer
#[utoipa::path(get, path = "/api/v1/handovers", tag = "Avis", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, description = "Une page d’avis", body = Notices)))]
pub async fn handovers(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<Notices>, Problem> {
    let request = caller.call(ListHandoversRequest { page: Some(query.into()) });
    let page = answer(state.notification()?.list_handovers(request).await)?;
    Ok(Json(Notices { notices: page.notices.shown(), next_page_token: page.next_page_token }))
}

/// Lire un avis à remettre en entier
///
/// Tel que la personne le reçoit, avec le code de suivi, que nulle liste ne donne. Pour qui le poste, le lit au téléphone
/// ou le saisit.
#[utoipa::path(get, path = "/api/v1/handovers/{id}/letter", tag = "Avis", security(("bearer" = [])),
    params(("id" = String, Path, description = "Identifiant de l’avis",
            example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11")),
    responses((status = 200, description = "L’avis", body = Notice)))]
pub async fn letter(State(state): State<AppState>, caller: SignedIn, id: ApiPath) -> Result<Json<Notice>, Problem> {
    let unknown = || Problem::refused(ErrorKind::NotFound, Refusal::NotFound { thing: Thing::Notice });
    let id: NoticeId = id.0.parse().map_err(|_| unknown())?;
    let request = caller.call(ReadHandoversRequest { notice_ids: vec![id.to_string()] });
    let read = answer(state.notification()?.read_handovers(request).await)?;
    Ok(Json(read.notices.into_iter().next().ok_or_else(unknown)?.shown()))
}

/// Dire qu’une lettre est postée, un appel passé
#[utoipa::path(post, path = "/api/v1/handovers/{id}/done", tag = "Avis", security(("bearer" = [])),
    params(("id" = String, Path, description = "Identifiant de l’avis",
            example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11")),
    responses(
        (status = 200, description = "L’avis", body = Notice),
        (status = 409, description = "Quelqu’un l’a déjà fait", body = Problem,
            content_type = "application/problem+json")))]
pub async fn handed_over(
    State(state): State<AppState>,
    caller: SignedIn,
    id: ApiPath,
) -> Result<Json<Notice>, Problem> {
    let id: NoticeId =
        id.0.parse().map_err(|_| Problem::refused(ErrorKind::NotFound, Refusal::NotFound { thing: Thing::Notice }))?;
    let request = caller.call(MarkHandedOverRequest { notice_id: id.to_string() });
    Ok(Json(answer(state.notification()?.mark_handed_over(request).await)?.shown()))
}

/// Renvoyer un avis qui n’a pas pu partir
///
/// Repart à l’adresse donnée, ou à la même. Un avis dont le texte n’est plus conservé ne peut pas être renvoyé.
#[utoipa::path(post, path = "/api/v1/failures/{id}/resend", tag = "Avis", security(("bearer" = [])),
    params(("id" = String, Path, description = "Identifiant de l’avis",
            example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11")),
    request_body = ResendBody,
    responses(
        (status = 200, description = "L’avis, de nouveau en attente", body = Notice),
        (status = 409, description = "Cet avis ne peut pas être renvoyé", body = Problem,
            content_type = "application/problem+json")))]
pub async fn resend(
    State(state): State<AppState>,
    caller: SignedIn,
    id: ApiPath,
    ApiJson(body): ApiJson<ResendBody>,
) -> Result<Json<Notice>, Problem> {
    let id: NoticeId =
        id.0.parse().map_err(|_| Problem::refused(ErrorKind::NotFound, Refusal::NotFound { thing: Thing::Notice }))?;
    let request = caller.call(ResendNoticeRequest { notice_id: id.to_string(), email: body.email });
    Ok(Json(answer(state.notification()?.resend_notice(request).await)?.shown()))
}

/// Lister les avis qui n’ont pas pu partir
#[utoipa::path(get, path = "/api/v1/failures", tag = "Avis", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, description = "Une page d’avis", body = Notices)))]
pub async fn failures(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<Notices>, Problem> {
    let request = caller.call(ListFailuresRequest { page: Some(query.into()) });
    let page = answer(state.notification()?.list_failures(request).await)?;
    Ok(Json(Notices { notices: page.notices.shown(), next_page_token: page.next_page_token }))
}
