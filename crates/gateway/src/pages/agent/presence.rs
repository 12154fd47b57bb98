//! `/agent/presence`: present or away, from the top of every page.

use axum::response::{IntoResponse, Redirect, Response};
use parvis_proto::routing::SetPresenceRequest;

use crate::{csrf::CsrfFields, pages::page::Desk, session::safe_return, state::answer};

/// Sets it, then goes back to the page where the button was.
pub async fn set(desk: Desk, fields: CsrfFields) -> Response {
    let presence = if fields.first("presence") == "present" { "present" } else { "away" };
    let request = SetPresenceRequest { agent: String::new(), presence: presence.to_owned() };
    let set = match desk.page.state.routing() {
        Ok(mut routing) => answer(routing.set_presence(desk.call(request)).await),
        Err(error) => Err(error),
    };
    let back = safe_return(fields.first("retour"));
    let back = back.split(['?', '#']).next().unwrap_or("/agent");
    // The address of a search only answers to its form.
    let back = if back == "/agent/dossiers/recherche" { "/agent/dossiers" } else { back };
    let code = match set {
        Ok(_) if presence == "present" => "present",
        Ok(_) => "absent",
        Err(error) => {
            tracing::warn!(%error, "a presence could not be set");
            "presence-indisponible"
        }
    };
    Redirect::to(&format!("{back}?fait={code}")).into_response()
}
