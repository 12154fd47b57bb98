//! `/agent/sessions`: where one is signed in, and how to end it.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use parvis_proto::identity::{EndSessionsRequest, ListSessionsRequest};

use crate::{
    csrf::CsrfFields,
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Area, Shell},
    },
    problem::Problem,
    state::answer,
};

struct SessionView {
    id: String,
    browser: String,
    network: String,
    used: String,
    started: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "agent/sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<SessionView>,
    others: bool,
}

/// The list.
pub async fn show(desk: Desk) -> Result<Response, Problem> {
    let listed = answer(desk.page.state.identity()?.list_sessions(desk.call(ListSessionsRequest {})).await);
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let sessions: Vec<_> = listed
        .map_err(refused)?
        .sessions
        .into_iter()
        .map(|session| SessionView {
            used: format::relative(format::instant(session.used_at.as_ref()), now, &zone),
            started: format::date_time(format::instant(session.started_at.as_ref()), &zone),
            browser: or(session.browser, "Appareil non reconnu"),
            network: or(session.network, "réseau inconnu"),
            id: session.id,
            current: session.current,
        })
        .collect();
    let others = sessions.iter().any(|session| !session.current);
    let shell = desk.shell(Area::Agent, "Mes sessions").await;
    render(&SessionsPage { shell, sessions, others })
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

/// Ends one, or all the others.
pub async fn end(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    let others = fields.first("autres") == "oui";
    let request = EndSessionsRequest {
        session_id: if others { String::new() } else { fields.first("session").to_owned() },
        others,
        account: String::new(),
    };
    answer(desk.page.state.identity()?.end_sessions(desk.call(request)).await).map_err(refused)?;
    Ok(Redirect::to("/agent/sessions?fait=sessions-fermees").into_response())
}
