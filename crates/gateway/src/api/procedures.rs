//! Procedures and their forms. Anybody.

use axum::{Json, extract::State};
use parvis_proto::intake::{GetProcedureRequest, ListProceduresRequest};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dto::{Procedure, Procedures, Shown as _},
    input::{ApiPath, ApiQuery},
};
use crate::{
    auth::ApiCaller,
    problem::Problem,
    state::{AppState, answer},
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Mots cherchés, sans souci des accents ni des majuscules.
    q: String,
}

/// Lister les démarches
///
/// Les démarches de la collectivité, sans leurs champs.
#[utoipa::path(get, path = "/api/v1/procedures", tag = "Démarches", params(ListQuery), security(()),
    responses((status = 200, description = "Les démarches", body = Procedures)))]
pub async fn list(
    State(state): State<AppState>,
    caller: ApiCaller,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<Procedures>, Problem> {
    let request = caller.call(ListProceduresRequest { query: query.q, with_forms: false });
    let found = answer(state.intake()?.list_procedures(request).await)?;
    Ok(Json(Procedures { procedures: found.procedures.shown() }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct GetQuery {
    /// Version voulue ; absente : la version courante.
    version: u32,
}

/// Lire une démarche
///
/// La démarche avec les champs de son formulaire et ses pièces justificatives.
#[utoipa::path(get, path = "/api/v1/procedures/{code}", tag = "Démarches", security(()),
    params(("code" = String, Path, description = "Code de la démarche", example = "acte-naissance"), GetQuery),
    responses((status = 200, description = "La démarche", body = Procedure)))]
pub async fn get(
    State(state): State<AppState>,
    caller: ApiCaller,
    code: ApiPath,
    ApiQuery(query): ApiQuery<GetQuery>,
) -> Result<Json<Procedure>, Problem> {
    let request = caller.call(GetProcedureRequest { code: code.0, version: query.version });
    Ok(Json(answer(state.intake()?.get_procedure(request).await)?.shown()))
}
