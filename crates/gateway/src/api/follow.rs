//! Where a request stands, for whoever follows it, or an agent. Made of what several roles know: one that
//! does not answer leaves a gap that is named, not an error.

use axum::{Json, extract::State};
use http::HeaderMap;
use parvis_kernel::{Error, ErrorKind, Result};
use parvis_proto::{
    casework::{CaseDetail, GetCaseRequest, GetPublicCaseRequest, PostCitizenMessageRequest, PublicCase},
    intake::{GetRequestRequest, OpenFollowGrantRequest, SubmittedRequest},
    notification::{ListNoticesRequest, Notice},
    tracking::{GetTimelineRequest, Timeline as TimelineMessage},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dto::{ReplyBody, ReplyReceipt, RequestStatus, Shown as _, Timeline, UnitContact},
    input::{ApiPath, ApiQuery, idempotency_key, tracking_code},
};
use crate::{
    auth::ApiCaller,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Which request, and who asks.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its reference.
    pub reference: String,
    /// An agent, or whoever holds a follow grant.
    pub caller: ApiCaller,
}

impl Followed {
    /// Whoever gives a tracking code is, from here on, whoever holds the grant that it is exchanged for.
    pub(super) async fn new(
        state: &AppState,
        caller: ApiCaller,
        path: &ApiPath,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let reference = path.reference()?;
        let tracking_code = tracking_code(&caller, headers)?;
        if tracking_code.is_empty() {
            return Ok(Self { reference, caller });
        }
        let asked = OpenFollowGrantRequest { reference: reference.clone(), tracking_code, ..Default::default() };
        Ok(Self { reference, caller: exchange(state, caller, asked).await? })
    }
}

/// Whoever holds the grant that a code is exchanged for.
pub(super) async fn exchange(
    state: &AppState,
    caller: ApiCaller,
    asked: OpenFollowGrantRequest,
) -> Result<ApiCaller, Problem> {
    let anybody = ApiCaller::anybody(caller.tenant);
    let given = answer(state.intake()?.open_follow_grant(anybody.call(asked)).await)?;
    Ok(ApiCaller::holding(anybody.tenant, given.grant))
}

/// Lire l’état d’une demande
///
/// Avec le code de suivi (`Tracking-Code`) ou le jeton d’un agent. Ce qui ne peut être lu à l’instant est nommé dans
/// `incomplete`.
#[utoipa::path(get, path = "/api/v1/requests/{reference}", tag = "Suivre une demande",
    security(("tracking_code" = []), ("bearer" = [])),
    params(("reference" = String, Path, description = "Référence", example = "412-873-952-K")),
    responses((status = 200, description = "L’état de la demande", body = RequestStatus)))]
pub async fn status(
    State(state): State<AppState>,
    caller: ApiCaller,
    reference: ApiPath,
    headers: HeaderMap,
) -> Result<Json<RequestStatus>, Problem> {
    let followed = Followed::new(&state, caller, &reference, &headers).await?;
    let (line, case, notices) =
        tokio::join!(timeline_of(&state, &followed, 0), case_of(&state, &followed), notices_of(&state, &followed),);
    let mut status = RequestStatus { reference: followed.reference.clone(), ..RequestStatus::default() };
    let mut known = false;
    match line {
        Ok(line) => {
            known = true;
            add_timeline(&mut status, line);
        }
        Err(error) => gap(&mut status, "tracking", error)?,
    }
    match case {
        Ok(case) => {
            known = true;
            add_case(&mut status, case);
        }
        Err(error) => gap(&mut status, "casework", error)?,
    }
    match notices {
        Ok(notices) => status.notices = notices.shown(),
        Err(error) => gap(&mut status, "notification", error)?,
    }
    if !known {
        // Filed a moment ago, or the others are down: intake knows what it accepted.
        add_request(&mut status, request_of(&state, &followed).await?);
    }
    Ok(Json(status))
}

/// "Not found" may only mean "not yet"; what is down is named. Anything else is for the caller.
fn gap(status: &mut RequestStatus, role: &'static str, error: Error) -> Result<(), Problem> {
    match error.kind() {
        ErrorKind::NotFound => Ok(()),
        // A citizen's code opens the public case; an agent of another service reads the state without the case.
        ErrorKind::Denied => Ok(()),
        ErrorKind::Unavailable | ErrorKind::Internal => {
            tracing::warn!(role, %error, "a request's state is shown without this role");
            status.incomplete.push(role);
            Ok(())
        }
        _ => Err(Problem::from(error)),
    }
}

enum SeenCase {
    Public(Box<PublicCase>),
    Agent(Box<CaseDetail>),
}

async fn timeline_of(state: &AppState, followed: &Followed, after: u64) -> Result<TimelineMessage> {
    let request = GetTimelineRequest { reference: followed.reference.clone(), after, ..GetTimelineRequest::default() };
    answer(state.tracking()?.get_timeline(followed.caller.call(request)).await)
}

async fn case_of(state: &AppState, followed: &Followed) -> Result<SeenCase> {
    let reference = followed.reference.clone();
    if !followed.caller.is_citizen() {
        let request = GetCaseRequest { reference, ..GetCaseRequest::default() };
        let case = answer(state.casework()?.get_case(followed.caller.call(request)).await)?;
        return Ok(SeenCase::Agent(Box::new(case)));
    }
    let request = GetPublicCaseRequest { reference };
    let case = answer(state.casework()?.get_public_case(followed.caller.call(request)).await)?;
    Ok(SeenCase::Public(Box::new(case)))
}

async fn notices_of(state: &AppState, followed: &Followed) -> Result<Vec<Notice>> {
    let request = ListNoticesRequest { reference: followed.reference.clone(), ..ListNoticesRequest::default() };
    Ok(answer(state.notification()?.list_notices(followed.caller.call(request)).await)?.notices)
}

pub(super) async fn request_of(state: &AppState, followed: &Followed) -> Result<SubmittedRequest> {
    let request = GetRequestRequest { reference: followed.reference.clone(), ..GetRequestRequest::default() };
    answer(state.intake()?.get_request(followed.caller.call(request)).await)
}

fn add_timeline(status: &mut RequestStatus, line: TimelineMessage) {
    status.request_id = line.request_id;
    status.status = line.status;
    status.title = line.title;
    status.received_at = line.received_at.shown();
    status.assigned_at = line.assigned_at.shown();
    status.acknowledged_at = line.acknowledged_at.shown();
    status.closed_at = line.closed_at.shown();
    if !line.unit.is_empty() {
        status.unit = Some(unit(line.unit, line.unit_name));
    }
}

fn unit(code: String, name: String) -> UnitContact {
    UnitContact { code, name, email: String::new(), phone: String::new(), postal_address: String::new() }
}

fn add_case(status: &mut RequestStatus, case: SeenCase) {
    match case {
        SeenCase::Public(case) => {
            fill(&mut status.status, public_status(&case.state));
            fill(&mut status.title, &case.title);
            status.received_at = status.received_at.or(case.received_at.shown());
            status.unit = case.unit.shown().or(status.unit.take());
            status.outcome = case.outcome;
            status.agent_name = case.agent_name;
            status.messages = case.messages.shown();
            status.service_due_on = case.service_due_on;
            status.silence = case.silence;
            status.legal_due_on = case.legal_due_on;
            status.may_reply = case.may_reply;
        }
        SeenCase::Agent(detail) => {
            status.messages = detail.messages.into_iter().filter(|m| m.direction != "note").collect::<Vec<_>>().shown();
            let Some(case) = detail.case else { return };
            fill(&mut status.request_id, &case.id);
            fill(&mut status.status, public_status(&case.state));
            fill(&mut status.title, &case.title);
            status.received_at = status.received_at.or(case.received_at.shown());
            status.closed_at = status.closed_at.or(case.closed_at.shown());
            if status.unit.is_none() && !case.unit.is_empty() {
                status.unit = Some(unit(case.unit, case.unit_name));
            }
            status.outcome = case.outcome;
            status.agent_name = case.agent_name;
            status.service_due_on = case.service_due_on;
            status.legal_due_on = case.legal_due_on;
            status.silence = case.procedure.map(|procedure| procedure.silence).unwrap_or_default();
        }
    }
}

/// A case's state in the words of the timeline.
fn public_status(state: &str) -> &str {
    if state == "new" { "received" } else { state }
}

fn fill(field: &mut String, value: &str) {
    if field.is_empty() {
        value.clone_into(field);
    }
}

fn add_request(status: &mut RequestStatus, request: SubmittedRequest) {
    let title = request.procedure.map(|procedure| procedure.title).filter(|title| !title.is_empty());
    status.request_id = request.request_id;
    status.status = "received".to_owned();
    status.title = title.unwrap_or_else(|| "Demande libre".to_owned());
    status.received_at = request.received_at.shown();
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Seulement les lignes après cette position.
    after: u64,
}

/// Lire le suivi d’une demande
///
/// Toutes les lignes, quel que soit le service qui les a produites : celles qui sont publiques avec le code de suivi,
/// toutes avec le jeton d’un agent du service. Une demande déposée à l’instant n’a pas encore de ligne.
#[utoipa::path(get, path = "/api/v1/requests/{reference}/timeline", tag = "Suivre une demande",
    security(("tracking_code" = []), ("bearer" = [])),
    params(("reference" = String, Path, description = "Référence", example = "412-873-952-K"), TimelineQuery),
    responses((status = 200, description = "Le suivi", body = Timeline)))]
pub async fn timeline(
    State(state): State<AppState>,
    caller: ApiCaller,
    reference: ApiPath,
    ApiQuery(query): ApiQuery<TimelineQuery>,
    headers: HeaderMap,
) -> Result<Json<Timeline>, Problem> {
    let followed = Followed::new(&state, caller, &reference, &headers).await?;
    match timeline_of(&state, &followed, query.after).await {
        Ok(timeline) => Ok(Json(timeline.shown())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let request = request_of(&state, &followed).await?;
            let mut status = RequestStatus { reference: followed.reference, ..RequestStatus::default() };
            add_request(&mut status, request);
            let timeline = TimelineMessage {
                request_id: status.request_id,
                reference: status.reference,
                status: status.status,
                title: status.title,
                ..TimelineMessage::default()
            };
            Ok(Json(Timeline { received_at: status.received_at, ..timeline.shown() }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Répondre depuis le suivi
///
/// Un message de l’usager à la collectivité, ou, avec le jeton d’un agent, ce qu’il dit au guichet ou au téléphone. Il
/// remet en cours un dossier qui l’attendait.
#[utoipa::path(post, path = "/api/v1/requests/{reference}/messages", tag = "Suivre une demande",
    security(("tracking_code" = []), ("bearer" = [])),
    params(("reference" = String, Path, description = "Référence", example = "412-873-952-K"),
           ("Idempotency-Key" = String, Header, description = "Clé choisie par l’appelant, une par message",
            min_length = 1, max_length = 200, pattern = "^[ -~]+$", example = "5a1b7a0e-4a3e-4a63-8d21-0f0f9e4f9d10")),
    request_body = ReplyBody,
    responses(
        (status = 201, description = "Reçu", body = ReplyReceipt),
        (status = 409, description = "Le dossier ne reçoit plus de message", body = Problem,
            content_type = "application/problem+json")))]
pub async fn reply(
    State(state): State<AppState>,
    caller: ApiCaller,
    reference: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<ReplyBody>,
) -> Result<(http::StatusCode, Json<ReplyReceipt>), Problem> {
    let followed = Followed::new(&state, caller, &reference, &headers).await?;
    let request = PostCitizenMessageRequest {
        reference: followed.reference.clone(),
        text: body.text,
        idempotency_key: idempotency_key(&headers)?,
    };
    let posted = answer(state.casework()?.post_citizen_message(followed.caller.call(request)).await)?;
    Ok((http::StatusCode::CREATED, Json(posted.shown())))
}
