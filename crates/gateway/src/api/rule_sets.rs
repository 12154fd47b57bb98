//! Rule sets: what is in force, the draft, what it would change.

use axum::{Json, extract::State};
use parvis_proto::routing::{
    DiscardRuleDraftRequest, GetRuleDraftRequest, GetRuleSetRequest, ListRuleFaultsRequest, ListRuleSetsRequest,
    PublishRulesRequest, RefuseTransferRequest, SaveRuleDraftRequest, SimulateRulesRequest,
};

use super::{
    cases::case_id,
    changes::CaseInPath,
    dto::{
        DraftBody, PublishBody, RefuseTransferBody, RuleDraft, RuleFaults, RuleSet, RuleSets, Shown as _, SimulateBody,
        Simulation, Transfer,
    },
    input::ApiPath,
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Lister les versions des règles
#[utoipa::path(get, path = "/api/v1/rule-sets", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Les versions", body = RuleSets)))]
pub async fn list(State(state): State<AppState>, caller: SignedIn) -> Result<Json<RuleSets>, Problem> {
    Ok(Json(answer(state.routing()?.list_rule_sets(caller.call(ListRuleSetsRequest {})).await)?.shown()))
}

/// Lire une version des règles
///
/// Avec ce qui ne va pas au regard de l’annuaire d’aujourd’hui.
#[utoipa::path(get, path = "/api/v1/rule-sets/{version}", tag = "Répartir", security(("bearer" = [])),
    params(("version" = String, Path, description = "Numéro, ou `current`", example = "current")),
    responses((status = 200, description = "La version", body = RuleSet)))]
pub async fn get(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiPath(version): ApiPath,
) -> Result<Json<RuleSet>, Problem> {
    let version = match version.as_str() {
        "current" => 0,
        number => number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| Problem::not_found("Une version est un numéro, ou « current »."))?,
    };
    Ok(Json(answer(state.routing()?.get_rule_set(caller.call(GetRuleSetRequest { version })).await)?.shown()))
}

/// Lire le brouillon des règles
///
/// À défaut, les règles qui s’appliquent, pour en commencer un.
#[utoipa::path(get, path = "/api/v1/rule-draft", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Le brouillon", body = RuleDraft)))]
pub async fn draft(State(state): State<AppState>, caller: SignedIn) -> Result<Json<RuleDraft>, Problem> {
    Ok(Json(answer(state.routing()?.get_rule_draft(caller.call(GetRuleDraftRequest {})).await)?.shown()))
}

/// Enregistrer le brouillon des règles
///
/// Même s’il a des erreurs : la réponse les nomme, par numéro de règle et champ. Administrateurs.
#[utoipa::path(put, path = "/api/v1/rule-draft", tag = "Répartir", security(("bearer" = [])),
    request_body = DraftBody,
    responses(
        (status = 200, description = "Le brouillon", body = RuleDraft),
        (status = 409, description = "Enregistré entre-temps par quelqu’un d’autre", body = Problem,
            content_type = "application/problem+json")))]
pub async fn save(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<DraftBody>,
) -> Result<Json<RuleDraft>, Problem> {
    let request = caller.call(SaveRuleDraftRequest {
        text: Some(body.text.into()),
        expected_revision: body.expected_revision,
        based_on: body.based_on,
    });
    Ok(Json(answer(state.routing()?.save_rule_draft(request).await)?.shown()))
}

/// Abandonner le brouillon des règles
///
/// Administrateurs.
#[utoipa::path(delete, path = "/api/v1/rule-draft", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Les règles qui s’appliquent", body = RuleDraft)))]
pub async fn discard(State(state): State<AppState>, caller: SignedIn) -> Result<Json<RuleDraft>, Problem> {
    Ok(Json(answer(state.routing()?.discard_rule_draft(caller.call(DiscardRuleDraftRequest {})).await)?.shown()))
}

/// Publier le brouillon des règles
///
/// Il s’applique à toute demande qui arrive ensuite. Administrateurs.
#[utoipa::path(post, path = "/api/v1/rule-draft/publish", tag = "Répartir", security(("bearer" = [])),
    request_body = PublishBody,
    responses(
        (status = 200, description = "La version publiée", body = RuleSet),
        (status = 409, description = "Le brouillon ou les règles ont changé entre-temps", body = Problem,
            content_type = "application/problem+json")))]
pub async fn publish(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<PublishBody>,
) -> Result<Json<RuleSet>, Problem> {
    let request = caller.call(PublishRulesRequest { expected_revision: body.expected_revision, note: body.note });
    Ok(Json(answer(state.routing()?.publish_rules(request).await)?.shown()))
}

/// Essayer des règles sur les dossiers récents
///
/// Quels dossiers iraient ailleurs ; rien ne change.
#[utoipa::path(post, path = "/api/v1/routing/simulate", tag = "Répartir", security(("bearer" = [])),
    request_body = SimulateBody,
    responses(
        (status = 200, description = "Ce qui changerait", body = Simulation),
        (status = 409, description = "Ni règles données, ni brouillon", body = Problem,
            content_type = "application/problem+json")))]
pub async fn simulate(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<SimulateBody>,
) -> Result<Json<Simulation>, Problem> {
    let request = caller.call(SimulateRulesRequest { rules: body.rules.map(Into::into), last: body.last });
    Ok(Json(answer(state.routing()?.simulate_rules(request).await)?.shown()))
}

/// Lister les règles en erreur
///
/// Celles qui n’ont pas pu être appliquées à certains dossiers, qui ont continué par la suivante.
#[utoipa::path(get, path = "/api/v1/rule-faults", tag = "Répartir", security(("bearer" = [])),
    responses((status = 200, description = "Les erreurs", body = RuleFaults)))]
pub async fn faults(State(state): State<AppState>, caller: SignedIn) -> Result<Json<RuleFaults>, Problem> {
    Ok(Json(answer(state.routing()?.list_rule_faults(caller.call(ListRuleFaultsRequest {})).await)?.shown()))
}

/// Refuser une transmission proposée
///
/// Le dossier reste à la collectivité. La confirmer, c’est clore le dossier avec l’issue `transferred_out` et
/// `transfer_to`.
#[utoipa::path(post, path = "/api/v1/cases/{reference}/refuse-transfer", tag = "Répartir", security(("bearer" = [])),
    params(CaseInPath),
    request_body = RefuseTransferBody,
    responses(
        (status = 200, description = "Elle n’est plus proposée", body = Transfer),
        (status = 409, description = "Elle ne l’était plus", body = Problem,
            content_type = "application/problem+json")))]
pub async fn refuse_transfer(
    State(state): State<AppState>,
    caller: SignedIn,
    reference: ApiPath,
    ApiJson(body): ApiJson<RefuseTransferBody>,
) -> Result<Json<Transfer>, Problem> {
    let case_id = case_id(&state, &caller, &reference).await?;
    let request = caller.call(RefuseTransferRequest { case_id, reason: body.reason });
    Ok(Json(answer(state.routing()?.refuse_transfer(request).await)?.shown()))
}
