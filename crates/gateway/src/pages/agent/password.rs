//! `/agent/mot-de-passe`: one's own password.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use parvis_kernel::{ErrorKind, Reason};
use parvis_proto::identity::ChangePasswordRequest;

use crate::{
    csrf::CsrfFields,
    origin::Origin,
    pages::{
        field::{Field, Input},
        page::{Desk, show_with},
        shell::{Area, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

const SHORTEST: usize = 12;

#[derive(Template)]
#[template(path = "agent/password.html")]
struct PasswordPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    fields: Vec<Field>,
}

/// The form.
pub async fn show(desk: Desk) -> Result<Response, Problem> {
    form(&desk, &Errors::default()).await
}

/// Changes it.
pub async fn change(desk: Desk, origin: Origin, fields: CsrfFields) -> Result<Response, Problem> {
    let (current, new) = (fields.first("actuel").to_owned(), fields.first("nouveau").to_owned());
    let mut errors = Errors::default();
    if current.is_empty() {
        errors.add("actuel", sentences::of_reason("current_password", &Reason::Required));
    }
    if new.chars().count() < SHORTEST {
        errors.add("nouveau", "Choisissez au moins 12 caractères. Une phrase que vous retenez convient très bien.");
    } else if new != fields.first("encore") {
        errors.add("encore", "Les deux saisies du nouveau mot de passe sont différentes.");
    }
    if !errors.is_empty() {
        return form(&desk, &errors).await;
    }
    let request = ChangePasswordRequest { current_password: current, new_password: new, origin: Some(origin.0) };
    match answer(desk.page.state.identity()?.change_password(desk.call(request)).await) {
        Ok(_) => Ok(Redirect::to("/agent/mot-de-passe?fait=mot-de-passe").into_response()),
        Err(error) => {
            match error.kind() {
                ErrorKind::Unauthenticated | ErrorKind::Denied | ErrorKind::Exhausted => {
                    errors.add("actuel", sentences::of_whole(&error));
                }
                ErrorKind::Invalid => {
                    for violation in error.violations() {
                        let field = if violation.field == "current_password" { "actuel" } else { "nouveau" };
                        errors.add(field, sentences::of_field(violation));
                    }
                }
                _ => return Err(error.into()),
            }
            form(&desk, &errors).await
        }
    }
}

async fn form(desk: &Desk, errors: &Errors) -> Result<Response, Problem> {
    let lines = errors.lines(&["actuel", "nouveau", "encore"]);
    let field = |name: &str, label: &str, what| {
        Field::new(name, label, Input::Line("password")).autocomplete(what).fill(&Values::default(), errors)
    };
    let mut new = field("nouveau", "Nouveau mot de passe", "new-password");
    "Au moins 12 caractères : une phrase de plusieurs mots, sans votre nom ni celui de la commune."
        .clone_into(&mut new.hint);
    let fields = vec![
        field("actuel", "Mot de passe actuel", "current-password"),
        new,
        field("encore", "Nouveau mot de passe, encore une fois", "new-password"),
    ];
    let shell = desk.shell(Area::Agent, "Changer mon mot de passe").await.with_errors(lines.len());
    let status = if lines.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &PasswordPage { shell, errors: lines, fields })
}
