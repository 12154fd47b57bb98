//! `/suivi`: a reference and its tracking code open the follow-up page, for this browser and two hours.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::{ErrorKind, Reference, reason::Expected, tracking_code};
use parvis_proto::intake::OpenFollowGrantRequest;
use serde::Deserialize;

use super::grants::Grants;
use crate::{
    csrf::{CsrfFields, CsrfToken},
    pages::{
        field::{Field, Input},
        page::{Page, show_with},
        shell::Shell,
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

#[derive(Template)]
#[template(path = "citizen/open.html")]
struct OpenPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    fields: Vec<Field>,
    opened: Vec<String>,
}

/// A notice's link names the request; its code is never in an address.
#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    reference: String,
}

/// The form.
pub async fn show(page: Page, csrf: CsrfToken, Query(named): Query<Named>) -> Result<Response, Problem> {
    let reference = named.reference.parse::<Reference>().map(|reference| reference.to_string()).unwrap_or_default();
    if page.grants.of(&reference).is_some() {
        return Ok(Redirect::to(&format!("/suivi/{reference}")).into_response());
    }
    form(&page, &csrf, &Values(vec![("reference".to_owned(), reference)]), &Errors::default())
}

/// Opens a request.
pub async fn open(page: Page, csrf: CsrfToken, fields: CsrfFields) -> Result<Response, Problem> {
    let values = Values(fields.0);
    let mut errors = Errors::default();
    let reference = values.first("reference").parse::<Reference>();
    let code = tracking_code::normalize(values.first("code"));
    if reference.is_err() {
        let reason = Expected::Reference.into();
        errors.add("reference", sentences::of_reason("reference", &reason));
    }
    if !tracking_code::is_normalized(&code) {
        errors.add("code", "Ce code n'est pas complet. Il a 12 caractères, comme K7R-2MQ-9XB-4TD.");
    }
    let (Ok(reference), true) = (reference, errors.is_empty()) else { return form(&page, &csrf, &values, &errors) };
    let reference = reference.to_string();
    let request = OpenFollowGrantRequest {
        reference: reference.clone(),
        tracking_code: tracking_code::format(&code),
        grant: page.grants.token().to_owned(),
        ..OpenFollowGrantRequest::default()
    };
    let given = match answer(page.state.intake()?.open_follow_grant(page.call(request)).await) {
        Ok(given) => given,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::Denied | ErrorKind::Unauthenticated | ErrorKind::Invalid
            ) =>
        {
            // The same words whichever is wrong: a reference alone tells nothing.
            errors.add("reference", "Aucune demande ne correspond à cette référence et à ce code. Vérifiez les deux.");
            return form(&page, &csrf, &values, &errors);
        }
        Err(error) => return Err(error.into()),
    };
    let mut response = Redirect::to(&format!("/suivi/{reference}")).into_response();
    let grants = page.grants.clone().opened(&reference, given.grant);
    grants.set(&page.state, &page.tenant.slug, response.headers_mut());
    Ok(response)
}

/// Makes the browser forget every request: for a computer that others use.
pub async fn leave(page: Page, _fields: CsrfFields) -> Response {
    let mut response = Redirect::to("/suivi?fait=quitte").into_response();
    Grants::forget(&page.state, response.headers_mut());
    response
}

fn form(page: &Page, csrf: &CsrfToken, values: &Values, errors: &Errors) -> Result<Response, Problem> {
    let lines = errors.lines(&["reference", "code"]);
    let mut shell = page.shell("Suivre ma demande").under(&[("/", "Accueil")]).with_errors(lines.len());
    csrf.value().clone_into(&mut shell.csrf);
    let reference = Field::new("reference", "Référence de la demande", Input::Line("text"))
        .hint("Neuf chiffres et une lettre. Exemple : 412-873-952-K")
        .no_spelling()
        .autocomplete("off");
    let code = Field::new("code", "Code de suivi", Input::Line("text"))
        .hint("Douze caractères. Exemple : K7R-2MQ-9XB-4TD")
        .no_spelling()
        .autocomplete("off");
    let fields = [reference, code].map(|field| field.fill(values, errors)).into();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &OpenPage { shell, errors: lines, fields, opened: page.grants.references() })
}
