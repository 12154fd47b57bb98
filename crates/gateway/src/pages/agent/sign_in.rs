//! `/connexion` and `/deconnexion`.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use parvis_kernel::{Error, ErrorKind, Refusal};
use serde::Deserialize;

use crate::{
    csrf::{CsrfFields, CsrfToken},
    origin::Origin,
    pages::{
        field::{Field, Input},
        page::{Page, show_with},
        shell::Shell,
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    session::{self, Given, Session, safe_return},
};

#[derive(Template)]
#[template(path = "agent/sign_in.html")]
struct SignInPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    fields: Vec<Field>,
    back: String,
    /// Empty while the password is asked for.
    challenge: String,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    retour: String,
}

/// The form; whoever is signed in goes on.
pub async fn show(
    page: Page,
    csrf: CsrfToken,
    session: Option<Session>,
    Query(Back { retour }): Query<Back>,
) -> Result<Response, Problem> {
    if let Some(session) = session {
        let home = home(session.claims().roles.iter().map(|role| role.as_str()));
        return Ok(Redirect::to(if retour.is_empty() { home } else { safe_return(&retour) }).into_response());
    }
    form(&page, &csrf, StatusCode::OK, &Values::default(), &Errors::default(), &retour)
}

/// Signs in.
pub async fn sign_in(page: Page, csrf: CsrfToken, origin: Origin, fields: CsrfFields) -> Result<Response, Problem> {
    let values = Values(fields.0);
    let back = values.first("retour").to_owned();
    let challenge = values.first("verification").to_owned();
    if !challenge.is_empty() {
        let code = values.first("code").to_owned();
        let given = Given::Code { challenge: challenge.clone(), code };
        return match session::sign_in(&page.state, &page.tenant.slug, origin, given).await {
            Ok(signed_in) => Ok(go_on(signed_in, &back)),
            Err(error) if error.refusal() == Some(&Refusal::WrongCode) || error.kind() == ErrorKind::Exhausted => {
                let mut errors = Errors::default();
                errors.add("code", sentences::of_whole(&error));
                code_form(&page, &csrf, &challenge, &errors, &back)
            }
            Err(error) => {
                let mut errors = Errors::default();
                errors.add("identifiant", sentences::of_whole(&error));
                form(&page, &csrf, StatusCode::UNAUTHORIZED, &values, &errors, &back)
            }
        };
    }
    // A password is taken as typed: its spaces count.
    let password = values.0.iter().find(|(name, _)| name == "mot_de_passe").map(|(_, value)| value.clone());
    let password = password.unwrap_or_default();
    let mut errors = Errors::default();
    if values.first("identifiant").is_empty() {
        errors.add("identifiant", "Indiquez votre identifiant.");
    }
    if password.is_empty() {
        errors.add("mot_de_passe", "Indiquez votre mot de passe.");
    }
    if !errors.is_empty() {
        return form(&page, &csrf, StatusCode::UNPROCESSABLE_ENTITY, &values, &errors, &back);
    }
    let login = values.first("identifiant").to_owned();
    match session::sign_in(&page.state, &page.tenant.slug, origin, Given::Password { login, password }).await {
        Ok(signed_in) if !signed_in.pair().challenge.is_empty() => {
            code_form(&page, &csrf, &signed_in.pair().challenge, &errors, &back)
        }
        Ok(signed_in) => Ok(go_on(signed_in, &back)),
        Err(error) => {
            let (status, text) = refused(&error);
            errors.add("identifiant", text);
            form(&page, &csrf, status, &values, &errors, &back)
        }
    }
}

/// Leads whoever signed in to their work, or back to where they came from.
fn go_on(signed_in: session::SignedIn, back: &str) -> Response {
    let roles = signed_in.pair().account.as_ref().map(|account| account.roles.clone()).unwrap_or_default();
    let home = home(roles.iter().map(String::as_str));
    let to = if back.is_empty() { home } else { safe_return(back) };
    (signed_in, Redirect::to(to)).into_response()
}

/// Asks for the code, after the password.
fn code_form(page: &Page, csrf: &CsrfToken, challenge: &str, errors: &Errors, back: &str) -> Result<Response, Problem> {
    let lines = errors.lines(&["code"]);
    let status = if lines.is_empty() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    let mut shell = page.shell("Seconde vérification").private().with_errors(lines.len());
    csrf.value().clone_into(&mut shell.csrf);
    let mut code = Field::new("code", "Code de vérification", Input::Line("text"))
        .autocomplete("one-time-code")
        .no_spelling()
        .fill(&Values::default(), errors);
    "Les six chiffres que votre application affiche, ou l’un de vos codes de secours.".clone_into(&mut code.hint);
    let (challenge, back) = (challenge.to_owned(), back.to_owned());
    show_with(status, &SignInPage { shell, errors: lines, fields: vec![code], back, challenge })
}

fn refused(error: &Error) -> (StatusCode, String) {
    match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Denied => {
            (StatusCode::UNAUTHORIZED, sentences::of_refusal(&Refusal::WrongCredentials))
        }
        ErrorKind::Exhausted => (StatusCode::TOO_MANY_REQUESTS, sentences::of_whole(error)),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            "La connexion est momentanément impossible. Réessayez dans quelques instants.".to_owned(),
        ),
    }
}

/// The first page of somebody's work.
fn home<'a>(roles: impl Iterator<Item = &'a str>) -> &'static str {
    let mut home = "/agent";
    for role in roles {
        match role {
            "front_desk" | "case_worker" | "supervisor" => return "/agent",
            "elected_official" => home = "/elus",
            "administrator" => home = "/admin",
            _ => {}
        }
    }
    home
}

/// Signs out.
pub async fn sign_out(page: Page, headers: HeaderMap, _fields: CsrfFields) -> Response {
    let signed_out = session::sign_out(&page.state, &page.tenant.slug, &headers).await;
    (signed_out, Redirect::to("/connexion?fait=deconnecte")).into_response()
}

fn form(
    page: &Page,
    csrf: &CsrfToken,
    status: StatusCode,
    values: &Values,
    errors: &Errors,
    back: &str,
) -> Result<Response, Problem> {
    let lines = errors.lines(&["identifiant", "mot_de_passe"]);
    let mut shell = page.shell("Connexion des agents et des élus").private().with_errors(lines.len());
    csrf.value().clone_into(&mut shell.csrf);
    let login = Field::new("identifiant", "Identifiant ou courriel", Input::Line("text"))
        .autocomplete("username")
        .no_spelling()
        .fill(values, errors);
    let password = Field::new("mot_de_passe", "Mot de passe", Input::Line("password"))
        .autocomplete("current-password")
        .fill(&Values::default(), errors);
    show_with(
        status,
        &SignInPage {
            shell,
            errors: lines,
            fields: vec![login, password],
            back: back.to_owned(),
            challenge: String::new(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_begins_where_its_work_is() {
        assert_eq!(home(["case_worker"].into_iter()), "/agent");
        assert_eq!(home(["elected_official"].into_iter()), "/elus");
        assert_eq!(home(["administrator", "supervisor"].into_iter()), "/agent");
        assert_eq!(home(["administrator"].into_iter()), "/admin");
    }
}
