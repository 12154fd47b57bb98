//! Cases, as agents read them.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use parvis_kernel::Result;
use parvis_proto::{
    casework::{Case as CaseMessage, CaseDetail as DetailMessage, GetCaseRequest, ListCasesRequest},
    common::PageRequest,
    routing::ListDecisionsRequest,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    changes::CaseInPath,
    dto::{Case, CaseDetail, Cases, Decisions, Shown as _},
    input::{ApiPath, ApiQuery, CaseName},
};
use crate::{
    auth::{ApiCaller, SignedIn},
    problem::Problem,
    state::{AppState, answer},
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// mine (les miens), unit (ceux de mes services), queue (leur file d’attente), filed (déposés par moi),
    /// counter (ceux de toute la collectivité, à l’accueil, avec `q`).
    #[param(required = true, pattern = "^(mine|unit|queue|filed|counter)$", example = "mine")]
    view: String,
    /// Un seul service.
    unit: String,
    /// États voulus, séparés par des virgules ; absents : les dossiers ouverts.
    #[param(example = "assigned,in_progress")]
    state: String,
    /// Seulement les dossiers ouverts en retard, ou à échéance ce jour-là au plus tard.
    #[param(example = "2026-12-04")]
    due_by: String,
    /// Avec `view=unit`, seulement ceux de cet agent.
    agent: String,
    /// Une référence ; des débuts de mots d’un nom, dans n’importe quel ordre ; un courriel, un téléphone ou un numéro d’organisme entier.
    q: String,
    /// Lignes par page, 200 au plus ; 50 par défaut.
    page_size: u32,
    /// `next_page_token` de la page d’avant.
    page_token: String,
}

/// Lister des dossiers
///
/// Ceux que l’agent peut voir, les plus urgents d’abord.
#[utoipa::path(get, path = "/api/v1/cases", tag = "Traiter les dossiers", params(ListQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "Une page de dossiers", body = Cases)))]
pub async fn list(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<Cases>, Problem> {
    let states = query.state.split(',').map(str::trim).filter(|state| !state.is_empty());
    let request = caller.call(ListCasesRequest {
        view: query.view,
        unit: query.unit,
        states: states.map(ToOwned::to_owned).collect(),
        query: query.q,
        page: Some(PageRequest { size: query.page_size, token: query.page_token }),
        due_by: query.due_by,
        agent: query.agent,
    });
    let page = answer(state.casework()?.list_cases(request).await)?;
    Ok(Json(Cases { cases: page.cases.shown(), next_page_token: page.next_page_token }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct GetQuery {
    /// À l’accueil, pourquoi ouvrir le texte : person_present, person_on_phone, mail_received, correction,
    /// wrong_service. Gardé dans le journal des accès.
    #[param(
        pattern = "^(|person_present|person_on_phone|mail_received|correction|wrong_service)$",
        example = "person_present"
    )]
    reason: String,
}

/// Lire un dossier
///
/// Ce que l’appelant peut en lire (`reading`). `ETag` donne la version à rendre en `If-Match` pour le modifier.
#[utoipa::path(get, path = "/api/v1/cases/{reference}", tag = "Traiter les dossiers", security(("bearer" = [])),
    params(CaseInPath, GetQuery),
    responses((status = 200, description = "Le dossier", body = CaseDetail,
        headers(("ETag" = String, description = "Version, entre guillemets")))))]
pub async fn get(
    State(state): State<AppState>,
    caller: SignedIn,
    reference: ApiPath,
    ApiQuery(query): ApiQuery<GetQuery>,
) -> Result<Response, Problem> {
    let detail = detail(&state, &caller, reference.case()?, query.reason).await?;
    let version = detail.case.as_ref().map_or(0, |case| case.version);
    Ok((etag(version), Json(detail.shown() as CaseDetail)).into_response())
}

/// A case after a change, with its version.
pub(super) fn changed(case: CaseMessage) -> Response {
    (etag(case.version), Json(case.shown() as Case)).into_response()
}

fn etag(version: u64) -> [(header::HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    [(header::ETAG, value)]
}

pub(super) async fn detail(
    state: &AppState,
    caller: &ApiCaller,
    name: CaseName,
    reason: String,
) -> Result<DetailMessage> {
    let (id, reference) = match name {
        CaseName::Id(id) => (id, String::new()),
        CaseName::Reference(reference) => (String::new(), reference),
    };
    let request = GetCaseRequest { id, reference, reason };
    answer(state.casework()?.get_case(caller.call(request)).await)
}

/// The id of a case named in a path.
pub(super) async fn case_id(state: &AppState, caller: &ApiCaller, path: &ApiPath) -> Result<String, Problem> {
    match path.case()? {
        CaseName::Id(id) => Ok(id),
        name @ CaseName::Reference(_) => {
            let case = detail(state, caller, name, String::new()).await?.case;
            Ok(case.ok_or_else(Problem::internal)?.id)
        }
    }
}

/// Lire les affectations d’un dossier
///
/// Chaque décision d’affectation avec son explication : règles essayées, agents regardés, et pourquoi.
#[utoipa::path(get, path = "/api/v1/cases/{reference}/decisions", tag = "Répartir", security(("bearer" = [])),
    params(CaseInPath),
    responses((status = 200, description = "Les décisions, la plus ancienne d’abord", body = Decisions)))]
pub async fn decisions(
    State(state): State<AppState>,
    caller: SignedIn,
    reference: ApiPath,
) -> Result<Json<Decisions>, Problem> {
    let case_id = case_id(&state, &caller, &reference).await?;
    let request = caller.call(ListDecisionsRequest { case_id });
    let found = answer(state.routing()?.list_decisions(request).await)?;
    Ok(Json(Decisions { decisions: found.decisions.shown() }))
}
