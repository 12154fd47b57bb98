//! `/agent/reponse-immediate`: a question answered on the spot, counted in three clicks; no case is opened.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::ErrorKind;
use parvis_proto::intake::{ListProceduresRequest, RecordInstantAnswerRequest};
use serde::Deserialize;

use super::HANDLERS;
use crate::{
    csrf::CsrfFields,
    pages::{
        citizen::catalogue::by_theme,
        field::{Choice, Field, Input},
        format,
        page::{Desk, show_with},
        shell::{Area, Flash, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

const MAX_NOTE: u32 = 500;

#[derive(Template)]
#[template(path = "agent/instant.html")]
struct InstantPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    key: String,
    channel: Field,
    note: Field,
    themes: Vec<Choice>,
}

/// What was just counted.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    canal: String,
    #[serde(default)]
    aujourdhui: u64,
}

/// The buttons.
pub async fn show(desk: Desk, Query(done): Query<Done>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let key = desk.page.form_key();
    let values = Values(vec![("canal".to_owned(), done.canal)]);
    form(&desk, &key, &values, &Errors::default(), done.aujourdhui).await
}

/// Counts one.
pub async fn record(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let values = Values(fields.0);
    let key = values.first("cle").to_owned();
    let channel = values.first("canal").to_owned();
    let request = RecordInstantAnswerRequest {
        idempotency_key: key.clone(),
        channel: channel.clone(),
        theme: values.first("theme").to_owned(),
        procedure_code: String::new(),
        unit: String::new(),
        note: values.first("precision").to_owned(),
    };
    let mut errors = Errors::default();
    match answer(desk.page.state.intake()?.record_instant_answer(desk.call(request)).await) {
        Ok(recorded) => {
            let channel = if matches!(channel.as_str(), "phone" | "email") { channel } else { "counter".to_owned() };
            let to = format!("/agent/reponse-immediate?fait=reponse&canal={channel}&aujourdhui={}", recorded.today);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) if error.kind() == ErrorKind::Invalid => {
            for violation in error.violations() {
                errors.add("precision", sentences::of_field(violation));
            }
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            errors.add("", "Ce clic avait déjà été compté. Pour une autre réponse, choisissez à nouveau le thème.");
        }
        Err(_) => errors.add("", "La réponse n'a pas pu être comptée. Réessayez dans quelques instants."),
    }
    let key = desk.page.form_key();
    form(&desk, &key, &values, &errors, 0).await
}

async fn form(desk: &Desk, key: &str, values: &Values, errors: &Errors, today: u64) -> Result<Response, Problem> {
    let procedures =
        answer(desk.page.state.intake()?.list_procedures(desk.call(ListProceduresRequest::default())).await)?;
    let themes = by_theme(procedures.procedures).into_iter().map(|theme| Choice::new(theme.code, theme.name)).collect();
    let channels = ["counter", "phone", "email"].map(|code| Choice::new(code, format::channel(code))).into();
    let mut channel = Field::new("canal", "La question est venue par", Input::Radios(true)).choices(channels);
    "counter".clone_into(&mut channel.value);
    let note = Field::new("precision", "Précision", Input::Line("text"))
        .optional()
        .hint("Sans nom ni coordonnées. Par exemple : horaires de la piscine.")
        .max_length(MAX_NOTE);
    let lines = errors.lines(&["canal", "precision"]);
    let mut shell = desk.shell(Area::Agent, "Réponse immédiate").await.with_errors(lines.len());
    if shell.flash.is_some() && today > 0 {
        let said = format::plural(today, "réponse immédiate", "réponses immédiates");
        shell.flash = Some(Flash { tone: "", text: format!("C'est compté. Aujourd'hui, vous avez donné {said}.") });
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(
        status,
        &InstantPage {
            shell,
            errors: lines,
            key: key.to_owned(),
            channel: channel.fill(values, errors),
            note: note.fill(values, errors),
            themes,
        },
    )
}
