//! Directory, presence, queues, rules, and what the router would do.

use axum::{Json, extract::State};
use parvis_proto::routing::{
    ExplainRoutingRequest, FieldAnswer, GetDirectoryRequest, GetQueuesRequest, ListAgentsRequest, ListRulesRequest,
    SetPresenceRequest,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dto::{Agent, Agents, Decision, Directory, ExplainBody, PresenceBody, Queues, Rules, Shown as _},
    input::ApiQuery,
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Se dire présent ou absent
///
/// Soi-même, ou un agent d’un service dont on est responsable. Une présence fait avancer les dossiers en attente.
#[utoipa::path(post, path = "/api/v1/presence", tag = "Répartir", security(("bearer" = [])),
    request_body = PresenceBody,
    responses((status = 200, description = "L’agent", body = Agent)))]
pub async fn presence(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<PresenceBody>,
) -> Result<Json<Agent>, Problem> {
    let request = caller.call(SetPresenceRequest { agent: body.agent, presence: body.presence });
    Ok(Json(answer(state.routing()?.set_presence(request).await)?.shown()))
}

/// Lire les files d’attente
#[utoipa::path(get, path = "/api/v1/queues", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Une file par service", body = Queues)))]
pub async fn queues(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Queues>, Problem> {
    let found = answer(state.routing()?.get_queues(caller.call(GetQueuesRequest {})).await)?;
    Ok(Json(Queues { queues: found.queues.shown() }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AgentsQuery {
    /// Un seul service.
    #[param(example = "etat-civil")]
    unit: String,
}

/// Lister les agents
///
/// Ceux des services vus, avec leur présence et leur charge.
#[utoipa::path(get, path = "/api/v1/agents", tag = "Connaître la collectivité", security(("bearer" = [])),
    params(AgentsQuery),
    responses((status = 200, description = "Les agents", body = Agents)))]
pub async fn agents(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<AgentsQuery>,
) -> Result<Json<Agents>, Problem> {
    let found = answer(state.routing()?.list_agents(caller.call(ListAgentsRequest { unit: query.unit })).await)?;
    Ok(Json(Agents { agents: found.agents.shown() }))
}

/// Lire l’annuaire
///
/// Services, équipes, lieux et quartiers.
#[utoipa::path(get, path = "/api/v1/directory", tag = "Connaître la collectivité", security(("bearer" = [])),
    responses((status = 200, description = "L’annuaire", body = Directory)))]
pub async fn directory(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Directory>, Problem> {
    Ok(Json(answer(state.routing()?.get_directory(caller.call(GetDirectoryRequest {})).await)?.shown()))
}

/// Lister les règles
///
/// Dans l’ordre où elles sont essayées.
#[utoipa::path(get, path = "/api/v1/rules", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Les règles", body = Rules)))]
pub async fn rules(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Rules>, Problem> {
    let found = answer(state.routing()?.list_rules(caller.call(ListRulesRequest {})).await)?;
    Ok(Json(Rules { rules: found.rules.shown() }))
}

/// Expliquer où irait une demande
///
/// Ce qui serait décidé maintenant, et pourquoi ; rien n’est conservé.
#[utoipa::path(post, path = "/api/v1/routing/explain", tag = "Répartir", security(("bearer" = [])),
    request_body = ExplainBody,
    responses((status = 200, description = "La décision qui serait prise", body = Decision)))]
pub async fn explain(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<ExplainBody>,
) -> Result<Json<Decision>, Problem> {
    let request = caller.call(ExplainRoutingRequest {
        channel: body.channel,
        procedure_code: body.procedure,
        procedure_unit: body.procedure_unit,
        procedure_skill: body.procedure_skill,
        text: body.text,
        district: body.district,
        address: body.address,
        requester_kind: body.requester_kind,
        language: body.language,
        answers: body.answers.0.into_iter().map(|(field, values)| FieldAnswer { field, values }).collect(),
        point: body.point,
    });
    Ok(Json(answer(state.routing()?.explain_routing(request).await)?.shown()))
}
