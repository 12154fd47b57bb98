//! `/agent/accueil`: a request taken at the counter, on the telephone or from a letter, for whoever makes it.
//!
//! One page, one form, several buttons: look somebody up, show a procedure's form, register. Each comes back with
//! everything typed, so nothing is ever asked twice of the person who waits.

mod form;
mod receipt;

use axum::response::{IntoResponse, Redirect, Response};
use parvis_kernel::{
    ErrorKind, Reason,
    reason::{Expected, Thing},
};
use parvis_proto::{
    identity::{Citizen, SearchCitizensRequest},
    intake::{GetProcedureRequest, Procedure, SubmitRequestRequest, SubmitRequestResponse},
    to_proto_time,
};

pub use receipt::receipt;

use super::HANDLERS;
use crate::{
    csrf::CsrfMultipart,
    pages::{
        filing,
        knowledge::suggest::{self, Suggestions},
        page::Desk,
        requester::{self, Audience},
        upload::{self, Filled},
        values::Errors,
    },
    problem::Problem,
    sentences,
    state::answer,
};

/// Shortest search that identity takes.
const SHORTEST_SEARCH: usize = 3;

/// What the page is shown with.
#[derive(Default)]
struct Work {
    filled: Filled,
    errors: Errors,
    procedure: Option<Procedure>,
    /// People found; `None` where nobody was looked for.
    found: Option<Vec<Citizen>>,
    /// What may answer at once.
    suggestions: Suggestions,
    key: String,
}

/// The empty form.
pub async fn show(desk: Desk) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let mut work = Work { key: desk.page.form_key(), ..Work::default() };
    work.filled.values.set("canal", "counter");
    form::render(&desk, work).await
}

/// What a button does.
pub async fn act(desk: Desk, CsrfMultipart(multipart): CsrfMultipart) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let mut filled = upload::read(&desk.page.state, multipart, |stream| desk.call(stream)).await?;
    let action = filled.values.first("action").to_owned();
    let key = filled.values.first("cle").to_owned();
    let errors = std::mem::take(&mut filled.errors);
    let mut work = Work { filled, errors, key, ..Work::default() };
    work.procedure = procedure(&desk, &mut work).await?;
    let searched = work.filled.values.first("recherche") != work.filled.values.first("cherche");
    match action.as_str() {
        "enregistrer" => return register(&desk, work).await,
        "chercher" => search(&desk, &mut work).await,
        "repondre" => {
            let code = work.procedure.as_ref().map(|it| it.code.clone()).unwrap_or_default();
            let channel = work.filled.values.first("canal");
            work.suggestions = suggest::of_agent(&desk, work.filled.values.first("text"), &code, channel).await;
        }
        // The Enter key: whoever typed a name looks for it; nothing is registered by accident.
        "entree" if searched => search(&desk, &mut work).await,
        choice => {
            if let Some(id) = choice.strip_prefix("choisir:") {
                choose(&desk, &mut work, id).await;
            }
        }
    }
    form::render(&desk, work).await
}

async fn procedure(desk: &Desk, work: &mut Work) -> Result<Option<Procedure>, Problem> {
    let code = work.filled.values.first("demarche").to_owned();
    if code.is_empty() {
        return Ok(None);
    }
    let request = desk.call(GetProcedureRequest { code, version: 0 });
    match answer(desk.page.state.intake()?.get_procedure(request).await) {
        Ok(procedure) => Ok(Some(procedure)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Invalid) => {
            let reason = Reason::Unknown { thing: Thing::Procedure };
            work.errors.add("demarche", sentences::of_reason("demarche", &reason));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn look_up(desk: &Desk, query: &str) -> parvis_kernel::Result<Vec<Citizen>> {
    let request = desk.call(SearchCitizensRequest { query: query.to_owned() });
    Ok(answer(desk.page.state.identity()?.search_citizens(request).await)?.citizens)
}

async fn search(desk: &Desk, work: &mut Work) {
    let query = work.filled.values.first("recherche").to_owned();
    if query.chars().count() < SHORTEST_SEARCH {
        work.errors.add("recherche", "Tapez au moins trois lettres du nom, ou le courriel ou le téléphone entier.");
        return;
    }
    match look_up(desk, &query).await {
        Ok(found) => work.found = Some(found),
        Err(error) => {
            tracing::warn!(%error, "people could not be looked up");
            work.errors
                .add("recherche", "La recherche est momentanément indisponible. Saisissez les coordonnées ci-dessous.");
        }
    }
    work.filled.values.set("cherche", query);
}

async fn choose(desk: &Desk, work: &mut Work, id: &str) {
    let query = work.filled.values.first("cherche").to_owned();
    let found = look_up(desk, &query).await.unwrap_or_default();
    match found.into_iter().find(|citizen| citizen.id == id).and_then(|citizen| citizen.requester) {
        Some(known) => requester::put(&mut work.filled.values, &known),
        None => work.errors.add("recherche", "Cette personne n'a pas pu être reprise. Cherchez-la à nouveau."),
    }
}

async fn register(desk: &Desk, mut work: Work) -> Result<Response, Problem> {
    let values = &work.filled.values;
    let shown = values.first("montree").to_owned();
    if let Some(procedure) = &work.procedure
        && procedure.code != shown
        && !procedure.fields.is_empty()
    {
        work.errors.add("demarche", "Cette démarche a ses propres questions : elles sont maintenant affichées. Remplissez-les, puis enregistrez.");
    }
    let procedure = work.procedure.as_ref();
    if work.errors.is_empty() {
        filing::missing(procedure, values, &mut work.errors);
    }
    requester::missing(Audience::of(procedure), values, &mut work.errors);
    if work.errors.is_empty() {
        match submit(desk, &work).await {
            Ok(filed) => return Ok(registered(desk, &filed, &work.key)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if let Some(before) = desk.page.receipts.of_form(&work.key) {
                    let path = format!("/agent/accueil/recu/{}?fait=deja-envoyee", before.reference);
                    return Ok(Redirect::to(&path).into_response());
                }
                filing::explain(&error, &mut work.errors);
                work.key = desk.page.form_key();
            }
            Err(error) => filing::explain(&error, &mut work.errors),
        }
    }
    form::render(desk, work).await
}

async fn submit(desk: &Desk, work: &Work) -> parvis_kernel::Result<SubmitRequestResponse> {
    let values = &work.filled.values;
    let procedure = work.procedure.as_ref();
    let channel = values.first("canal");
    let arrived = match channel {
        "letter" | "email" => received_at(desk, values.first("recu_le"))?,
        _ => None,
    };
    let typed = values.first("address");
    let place = procedure.map(|it| filing::place(it, values)).unwrap_or_default();
    let request = SubmitRequestRequest {
        idempotency_key: work.key.clone(),
        channel: channel.to_owned(),
        procedure_code: procedure.map(|it| it.code.clone()).unwrap_or_default(),
        procedure_version: procedure.map_or(0, |it| it.version),
        text: values.first("text").to_owned(),
        answers: procedure.map(|it| filing::answers(it, values)).unwrap_or_default(),
        requester: Some(requester::read(Audience::of(procedure), values)),
        attachments: work.filled.attachments(&filing::document_codes(procedure)),
        district: String::new(),
        address: if place.is_empty() { typed.to_owned() } else { place },
        acted_by_basis: if values.first("mandat") == "true" { "mandate".to_owned() } else { String::new() },
        received_at: arrived.map(to_proto_time),
    };
    answer(desk.page.state.intake()?.submit_request(desk.call(request)).await)
}

/// A day on which a letter arrived, as an instant: its noon, or now for today.
fn received_at(desk: &Desk, day: &str) -> parvis_kernel::Result<Option<parvis_kernel::Timestamp>> {
    if day.is_empty() {
        return Ok(None);
    }
    let reason = || Expected::Day;
    let wrong = || parvis_kernel::Error::wrong("received_at", reason(), "not a day of the calendar");
    let day = crate::pages::format::parse_day(&filing::iso_day(day)).ok_or_else(wrong)?;
    let zone = desk.page.zone();
    if day == crate::pages::format::day_of(desk.page.now(), &zone) {
        return Ok(None);
    }
    let noon = day.at(12, 0, 0, 0).to_zoned(zone).map_err(|_| wrong())?;
    Ok(Some(noon.timestamp()))
}

/// Leads to the receipt, which this browser is given the right to see.
fn registered(desk: &Desk, filed: &SubmitRequestResponse, key: &str) -> Response {
    let mut response = Redirect::to(&format!("/agent/accueil/recu/{}", filed.reference)).into_response();
    let grants = desk.page.receipts.clone().with(&filed.reference, &filed.tracking_code, key);
    grants.set(&desk.page.state, &desk.page.tenant.slug, response.headers_mut());
    response
}
