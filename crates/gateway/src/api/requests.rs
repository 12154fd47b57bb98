//! Filing a request, by any channel.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use parvis_kernel::{Actor, Channel, Reason};
use parvis_proto::{
    intake::{SubmitRequestRequest, SubmitRequestResponse, SubmittedAnswer, SubmittedAttachment},
    to_proto_time,
};

use super::{
    dto::{Receipt, RequestBody, Shown as _},
    input::idempotency_key,
};
use crate::{
    auth::ApiCaller,
    body::{ApiJson, Object},
    problem::Problem,
    state::{AppState, answer},
};

/// Déposer une demande
///
/// Sans jeton : une demande du public, par le canal `web`. Avec le jeton d’un agent : pour le compte d’un usager, le
/// canal étant dit. Avec le jeton d’un partenaire : par le canal `api`.
///
/// La demande est conservée de façon durable quand la réponse arrive. La même clé `Idempotency-Key` avec le même
/// contenu redonne la même réponse (et l’en-tête `Idempotency-Replayed: true`) ; avec un autre contenu, c’est un 409.
#[utoipa::path(post, path = "/api/v1/requests", tag = "Déposer une demande",
    security((), ("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "Clé choisie par l’appelant, une par demande (un UUID)",
            min_length = 1, max_length = 200, pattern = "^[ -~]+$", example = "0d5b1c9e-6d0f-4c07-9a43-1a4d0f4f1a55")),
    request_body = RequestBody,
    responses(
        (status = 201, description = "Enregistrée", body = Receipt, headers(
            ("Location" = String, description = "Où la suivre"),
            ("Idempotency-Replayed" = String, description = "`true` : la clé avait déjà servi à cette demande"))),
        (status = 409, description = "La clé a servi à une autre demande, ou le formulaire a changé de version",
            body = Problem, content_type = "application/problem+json")))]
pub async fn submit(
    State(state): State<AppState>,
    caller: ApiCaller,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RequestBody>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let request = caller.call(command(key, channel(&caller, &body.channel)?, body));
    let answer = answer(state.intake()?.submit_request(request).await)?;
    created(answer)
}

/// The channel: as said, else the one that goes without saying for this caller. Who may use which is intake's to know.
fn channel(caller: &ApiCaller, said: &str) -> Result<Channel, Problem> {
    if !said.is_empty() {
        return said.parse().map_err(Problem::from);
    }
    match caller.caller.actor {
        Actor::Partner(_) => Ok(Channel::Api),
        Actor::Anonymous | Actor::Citizen(_) => Ok(Channel::Web),
        Actor::Agent(_) | Actor::System(_) => Err(Problem::field("channel", Reason::Required)),
    }
}

fn command(idempotency_key: String, channel: Channel, body: RequestBody) -> SubmitRequestRequest {
    let answers = body.answers.0.into_iter().map(|(field, values)| SubmittedAnswer { field, values }).collect();
    let attachments = body
        .attachments
        .into_iter()
        .map(|Object(attachment)| SubmittedAttachment { id: attachment.id, document: attachment.document })
        .collect();
    SubmitRequestRequest {
        idempotency_key,
        channel: channel.as_str().to_owned(),
        procedure_code: body.procedure,
        procedure_version: body.procedure_version,
        text: body.text,
        answers,
        requester: Some(body.requester.0.into()),
        attachments,
        district: body.district,
        address: body.address,
        acted_by_basis: body.acted_by_basis,
        received_at: body.received_at.map(to_proto_time),
    }
}

fn created(answer: SubmitRequestResponse) -> Result<Response, Problem> {
    let location =
        HeaderValue::from_str(&format!("/api/v1/requests/{}", answer.reference)).map_err(|_| Problem::internal())?;
    let replayed = answer.replayed;
    let mut response = (StatusCode::CREATED, Json(answer.shown() as Receipt)).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}
