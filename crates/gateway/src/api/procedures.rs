//! Procedures and their forms. Anybody.

use axum::{Json, extract::State};
use parvis_proto::{
    intake::{self, GetProcedureRequest, ListProceduresRequest},
    knowledge::SuggestRequest,
};
use serde::Deserialize;
use tonic::Request;
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

/// Procedures that the search gives.
const MOST_FOUND: u32 = 10;

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
    let asked = Asked::of(&query.q);
    let requests = (caller.call(asked.own), caller.call(asked.all), caller.call(asked.search));
    Ok(Json(Procedures { procedures: found(&state, requests).await?.shown() }))
}

/// What is asked to find procedures.
pub struct Asked {
    /// Those that have the words, as intake compares them.
    pub own: ListProceduresRequest,
    /// All of them.
    pub all: ListProceduresRequest,
    /// Those that the search of `/recherche` finds.
    pub search: SuggestRequest,
}

impl Asked {
    /// To find `query`.
    pub fn of(query: &str) -> Self {
        Self {
            own: ListProceduresRequest { query: query.to_owned(), with_forms: false },
            all: ListProceduresRequest::default(),
            search: SuggestRequest { text: query.to_owned(), limit: MOST_FOUND, ..SuggestRequest::default() },
        }
    }
}

/// The procedures found, best first: by the one search, then those that have the words. While the search is away, these
/// alone; all of them where nothing is looked for.
pub async fn found(
    state: &AppState,
    (own, all, search): (Request<ListProceduresRequest>, Request<ListProceduresRequest>, Request<SuggestRequest>),
) -> Result<Vec<intake::Procedure>, Problem> {
    let nothing = own.get_ref().query.trim().is_empty();
    let mut client = state.intake()?;
    let own = answer(client.list_procedures(own).await)?.procedures;
    if nothing {
        return Ok(own);
    }
    let searched = match state.knowledge() {
        Ok(mut knowledge) => answer(knowledge.suggest(search).await),
        Err(error) => Err(error),
    };
    let hits = match searched {
        Ok(searched) => searched.procedures,
        Err(error) => {
            tracing::warn!(%error, "the search is missing");
            return Ok(own);
        }
    };
    let mut all = answer(client.list_procedures(all).await)?.procedures;
    let mut found: Vec<intake::Procedure> = Vec::with_capacity(hits.len() + own.len());
    for hit in hits {
        if let Some(at) = all.iter().position(|procedure| procedure.code == hit.slug) {
            found.push(all.swap_remove(at));
        }
    }
    for procedure in own {
        if !found.iter().any(|known| known.code == procedure.code) {
            found.push(procedure);
        }
    }
    Ok(found)
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
