//! What an agent does to a case. Each change says which version it was decided upon, by `If-Match` or in the body.

use axum::{Json, extract::State, response::Response};
use parvis_proto::{
    casework::{AddNoteRequest, CloseCaseRequest, ReopenCaseRequest, SendMessageRequest, StartCaseRequest},
    routing::ReassignCaseRequest,
};

use super::{
    cases::{case_id, changed},
    changes::{CaseInPath, Change, ChangeRefused, VersionSeen},
    dto::{Case, CloseBody, Decision, MessageBody, NoteBody, ReassignBody, ReopenBody, Shown as _, StartBody},
    input::ApiPath,
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Prendre en charge
///
/// Un dossier affecté passe en cours. L’agent affecté ou un responsable.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/start", tag = "Traiter les dossiers",
    security(("bearer" = [])),
    params(CaseInPath, VersionSeen),
    request_body = StartBody,
    responses((status = 200, description = "Le dossier, changé", body = Case), ChangeRefused))]
pub async fn start(State(state): State<AppState>, change: Change<StartBody>) -> Result<Response, Problem> {
    let id = case_id(&state, &change.caller, &change.path).await?;
    let request = change.caller.call(StartCaseRequest { id, expected_version: change.seen.version });
    Ok(changed(change.seen.answered(state.casework()?.start_case(request).await)?))
}

/// Écrire à l’usager
///
/// Avec `wait_for_citizen`, le dossier attend la réponse.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/messages", tag = "Traiter les dossiers",
    security(("bearer" = [])),
    params(CaseInPath, VersionSeen),
    request_body = MessageBody,
    responses((status = 200, description = "Le dossier, changé", body = Case), ChangeRefused))]
pub async fn message(State(state): State<AppState>, change: Change<MessageBody>) -> Result<Response, Problem> {
    let id = case_id(&state, &change.caller, &change.path).await?;
    let request = change.caller.call(SendMessageRequest {
        id,
        expected_version: change.seen.version,
        text: change.body.text,
        wait_for_citizen: change.body.wait_for_citizen,
    });
    Ok(changed(change.seen.answered(state.casework()?.send_message(request).await)?))
}

/// Ajouter une note
///
/// Une note que seuls les agents lisent.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/notes", tag = "Traiter les dossiers",
    security(("bearer" = [])),
    params(CaseInPath, VersionSeen),
    request_body = NoteBody,
    responses((status = 200, description = "Le dossier, changé", body = Case), ChangeRefused))]
pub async fn note(State(state): State<AppState>, change: Change<NoteBody>) -> Result<Response, Problem> {
    let id = case_id(&state, &change.caller, &change.path).await?;
    let request =
        change.caller.call(AddNoteRequest { id, expected_version: change.seen.version, text: change.body.text });
    Ok(changed(change.seen.answered(state.casework()?.add_note(request).await)?))
}

/// Clore
///
/// Décidé ou répondu, puis clos. Un rejet demande des motifs.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/close", tag = "Traiter les dossiers",
    security(("bearer" = [])),
    params(CaseInPath, VersionSeen),
    request_body = CloseBody,
    responses((status = 200, description = "Le dossier, changé", body = Case), ChangeRefused))]
pub async fn close(State(state): State<AppState>, change: Change<CloseBody>) -> Result<Response, Problem> {
    let id = case_id(&state, &change.caller, &change.path).await?;
    let request = change.caller.call(CloseCaseRequest {
        id,
        expected_version: change.seen.version,
        outcome: change.body.outcome,
        message: change.body.message,
        grounds: change.body.grounds,
        transfer_to: change.body.transfer_to,
    });
    Ok(changed(change.seen.answered(state.casework()?.close_case(request).await)?))
}

/// Rouvrir
///
/// Un dossier clos reprend.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/reopen", tag = "Traiter les dossiers",
    security(("bearer" = [])),
    params(CaseInPath, VersionSeen),
    request_body = ReopenBody,
    responses((status = 200, description = "Le dossier, changé", body = Case), ChangeRefused))]
pub async fn reopen(State(state): State<AppState>, change: Change<ReopenBody>) -> Result<Response, Problem> {
    let id = case_id(&state, &change.caller, &change.path).await?;
    let request =
        change.caller.call(ReopenCaseRequest { id, expected_version: change.seen.version, reason: change.body.reason });
    Ok(changed(change.seen.answered(state.casework()?.reopen_case(request).await)?))
}

/// Réaffecter
///
/// Vers un service, une équipe ou un collègue, avec un motif : c’est une décision d’affectation, expliquée comme les
/// autres. `expected_decision` : la décision que l’on a vue ; refusé si le dossier a bougé depuis.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/reassign", tag = "Répartir", security(("bearer" = [])),
    params(CaseInPath),
    request_body = ReassignBody,
    responses(
        (status = 200, description = "La décision", body = Decision),
        (status = 409, description = "Le dossier a bougé, ou le destinataire ne peut pas le recevoir", body = Problem,
            content_type = "application/problem+json")))]
pub async fn reassign(
    State(state): State<AppState>,
    caller: SignedIn,
    reference: ApiPath,
    ApiJson(body): ApiJson<ReassignBody>,
) -> Result<Json<Decision>, Problem> {
    let case_id = case_id(&state, &caller, &reference).await?;
    let request = caller.call(ReassignCaseRequest {
        case_id,
        unit: body.unit,
        team: body.team,
        agent: body.agent,
        reason: body.reason,
        expected_decision: body.expected_decision,
    });
    Ok(Json(answer(state.routing()?.reassign_case(request).await)?.shown()))
}
