//! `/demarches/{code}/demande` and `/demande`: the form, and what it files.
//!
//! The form carries a key made when it is shown: sent twice (double click, back button), it files once. After an
//! error it comes back with everything typed and every file sent.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header};
use parvis_kernel::ErrorKind;
use parvis_proto::intake::{Procedure, SubmitRequestRequest, SubmitRequestResponse};

use super::procedure::find;
use crate::{
    csrf::{CsrfMultipart, CsrfToken},
    pages::{
        field::{Field, Input},
        filing,
        knowledge::suggest::{self, Suggestions},
        page::{Page, show_with},
        requester::{self, Audience, RequesterFields},
        shell::Shell,
        upload::{self, Filled, Kept},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    state::answer,
};

/// Forms go elsewhere than where they are shown: a browser forgets a page once something is sent to its address, and
/// the back button would show a fresh form.
const SENT_TO: &str = "/envoi";
/// Where a form is sent to see whether the answer exists already: it comes back with what may answer.
const LOOK_AT: &str = "/reponses";

#[derive(Template)]
#[template(path = "citizen/request.html")]
struct RequestPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    key: String,
    version: u32,
    title: String,
    back: String,
    action: String,
    answers: Vec<Field>,
    text: Field,
    address: Option<Field>,
    requester: RequesterFields,
    files: Vec<Field>,
    kept: Vec<Kept>,
    free: bool,
    look: String,
    code: String,
    suggestions: Suggestions,
}

/// The form of a procedure.
pub async fn show(page: Page, csrf: CsrfToken, Path(code): Path<String>) -> Result<Response, Problem> {
    let procedure = find(&page, &code).await?;
    let key = page.form_key();
    form(&page, &csrf, Some(&procedure), &key, &Filled::default(), &Errors::default(), Suggestions::default())
}

/// The form of a free text.
pub async fn show_free(page: Page, csrf: CsrfToken) -> Result<Response, Problem> {
    let key = page.form_key();
    form(&page, &csrf, None, &key, &Filled::default(), &Errors::default(), Suggestions::default())
}

/// Where a form was sent, asked for again: the form.
pub async fn again(Path(code): Path<String>) -> Redirect {
    // A code has no character that an address must hide; what is not a code leads to the list.
    let known = parvis_kernel::ids::is_code(&code);
    Redirect::to(&if known { format!("/demarches/{code}/demande") } else { "/demarches".to_owned() })
}

/// The same for a free text.
pub async fn again_free() -> Redirect {
    Redirect::to("/demande")
}

/// Files a procedure's form.
pub async fn file(
    page: Page,
    csrf: CsrfToken,
    Path(code): Path<String>,
    CsrfMultipart(form): CsrfMultipart,
) -> Result<Response, Problem> {
    let filled = upload::read(&page.state, form, |stream| page.call(stream)).await?;
    let procedure = find(&page, &code).await?;
    submit(&page, &csrf, Some(&procedure), filled).await
}

/// Files a free text.
pub async fn file_free(page: Page, csrf: CsrfToken, CsrfMultipart(form): CsrfMultipart) -> Result<Response, Problem> {
    let filled = upload::read(&page.state, form, |stream| page.call(stream)).await?;
    submit(&page, &csrf, None, filled).await
}

/// Shows a procedure's form again, with what may answer. Nothing is filed.
pub async fn look(
    page: Page,
    csrf: CsrfToken,
    Path(code): Path<String>,
    CsrfMultipart(form): CsrfMultipart,
) -> Result<Response, Problem> {
    let filled = upload::read(&page.state, form, |stream| page.call(stream)).await?;
    let procedure = find(&page, &code).await?;
    look_with(&page, &csrf, Some(&procedure), filled).await
}

/// The same with a free text.
pub async fn look_free(page: Page, csrf: CsrfToken, CsrfMultipart(form): CsrfMultipart) -> Result<Response, Problem> {
    let filled = upload::read(&page.state, form, |stream| page.call(stream)).await?;
    look_with(&page, &csrf, None, filled).await
}

async fn look_with(
    page: &Page,
    csrf: &CsrfToken,
    procedure: Option<&Procedure>,
    filled: Filled,
) -> Result<Response, Problem> {
    let code = procedure.map(|it| it.code.as_str()).unwrap_or_default();
    let suggestions = suggest::of_citizen(page, filled.values.first("text"), code).await;
    let key = match filled.values.first("cle") {
        "" => page.form_key(),
        key => key.to_owned(),
    };
    form(page, csrf, procedure, &key, &filled, &filled.errors.clone(), suggestions)
}

async fn submit(
    page: &Page,
    csrf: &CsrfToken,
    procedure: Option<&Procedure>,
    filled: Filled,
) -> Result<Response, Problem> {
    let values = &filled.values;
    let key = values.first("cle").to_owned();
    let mut errors = filled.errors.clone();
    filing::missing(procedure, values, &mut errors);
    requester::missing(Audience::of(procedure), values, &mut errors);
    if errors.is_empty() {
        match send(page, procedure, &filled, &key).await {
            Ok(filed) => return Ok(confirmed(page, &filed, &key)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if let Some(before) = page.grants.of_form(&key) {
                    let path = format!("/confirmation/{}?fait=deja-envoyee", before.reference);
                    return Ok(Redirect::to(&path).into_response());
                }
                filing::explain(&error, &mut errors);
            }
            Err(error) => filing::explain(&error, &mut errors),
        }
    }
    // A form that must go through again as another request needs another key; one that failed keeps its own.
    let taken = errors.of("").starts_with("Une demande est déjà enregistrée");
    let key = if taken || key.is_empty() { page.form_key() } else { key };
    form(page, csrf, procedure, &key, &filled, &errors, Suggestions::default())
}

async fn send(
    page: &Page,
    procedure: Option<&Procedure>,
    filled: &Filled,
    key: &str,
) -> parvis_kernel::Result<SubmitRequestResponse> {
    let values = &filled.values;
    let request = SubmitRequestRequest {
        idempotency_key: key.to_owned(),
        channel: "web".to_owned(),
        procedure_code: procedure.map(|it| it.code.clone()).unwrap_or_default(),
        procedure_version: if procedure.is_some() { values.first("version").parse().unwrap_or_default() } else { 0 },
        text: values.first("text").to_owned(),
        answers: procedure.map(|it| filing::answers(it, values)).unwrap_or_default(),
        requester: Some(requester::read(Audience::of(procedure), values)),
        attachments: filled.attachments(&filing::document_codes(procedure)),
        district: String::new(),
        address: procedure.map_or_else(|| values.first("address").to_owned(), |it| filing::place(it, values)),
        acted_by_basis: String::new(),
        received_at: None,
    };
    answer(page.state.intake()?.submit_request(page.call(request)).await)
}

/// Leads to the confirmation, which the browser is given the right to see.
fn confirmed(page: &Page, filed: &SubmitRequestResponse, key: &str) -> Response {
    let mut response = Redirect::to(&format!("/confirmation/{}", filed.reference)).into_response();
    let grants = page.grants.clone().with(&filed.reference, &filed.tracking_code, key);
    grants.set(&page.state, &page.tenant.slug, response.headers_mut());
    response
}

fn form(
    page: &Page,
    csrf: &CsrfToken,
    procedure: Option<&Procedure>,
    key: &str,
    filled: &Filled,
    errors: &Errors,
    suggestions: Suggestions,
) -> Result<Response, Problem> {
    let view = RequestPage { suggestions, ..view(page, csrf, procedure, key, filled, errors) };
    if !errors.is_empty() {
        return show_with(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let mut response = show_with(StatusCode::OK, &view)?;
    // The back button must bring back this very form with its key, not a fresh one that would file a second request.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn view(
    page: &Page,
    csrf: &CsrfToken,
    procedure: Option<&Procedure>,
    key: &str,
    filled: &Filled,
    errors: &Errors,
) -> RequestPage {
    let values = &filled.values;
    let title = procedure.map_or("Écrire à la mairie", |it| &it.title).to_owned();
    let back = procedure.map(|it| format!("/demarches/{}", it.code)).unwrap_or_default();
    let mut way = vec![("/", "Accueil"), ("/demarches", "Démarches")];
    if procedure.is_some() {
        way.push((&back, &title));
    }
    let form_title = if procedure.is_some() { format!("{title} : formulaire") } else { title.clone() };
    let mut shell = page.shell(form_title).under(&way).private();
    csrf.value().clone_into(&mut shell.csrf);
    if let Some(here) = shell.crumbs.last_mut().filter(|_| procedure.is_some()) {
        "Formulaire".clone_into(&mut here.label);
    }
    let answers = procedure.map(|it| filing::answer_fields(it, values, errors)).unwrap_or_default();
    let requester = requester::fields(Audience::of(procedure), false, values, errors);
    let files = filing::file_fields(procedure, errors);
    let mut lines = errors.lines(&known(&answers, &files));
    filing::name_questions(&mut lines, &answers);
    let look = if back.is_empty() { format!("/demande{LOOK_AT}") } else { format!("{back}/demande{LOOK_AT}") };
    RequestPage {
        shell: shell.with_errors(lines.len()),
        errors: lines,
        key: key.to_owned(),
        version: procedure.map_or(0, |it| it.version),
        title,
        action: if back.is_empty() { format!("/demande{SENT_TO}") } else { format!("{back}/demande{SENT_TO}") },
        back,
        text: text_field(procedure.is_none(), values, errors),
        address: procedure.is_none().then(|| address_field(values, errors)),
        answers,
        requester,
        files,
        kept: filled.files.clone(),
        free: procedure.is_none(),
        code: procedure.map(|it| it.code.clone()).unwrap_or_default(),
        look,
        suggestions: Suggestions::default(),
    }
}

fn known<'a>(answers: &'a [Field], files: &'a [Field]) -> Vec<&'a str> {
    let named = |fields: &'a [Field]| fields.iter().map(|field| field.name.as_str());
    let own = if answers.is_empty() { vec!["text", "address"] } else { Vec::new() };
    let after = ["text"].into_iter().chain(named(files)).chain(requester::NAMES);
    own.into_iter().chain(named(answers)).chain(after).collect()
}

fn text_field(free: bool, values: &Values, errors: &Errors) -> Field {
    let field = if free {
        Field::new("text", "Votre demande", Input::Area(8))
            .hint("Avec vos mots. Dites ce que vous souhaitez, où et depuis quand si c'est utile.")
            .max_length(filing::MAX_TEXT)
    } else {
        Field::new("text", "Souhaitez-vous ajouter quelque chose ?", Input::Area(4))
            .optional()
            .max_length(filing::MAX_TEXT)
    };
    field.fill(values, errors)
}

fn address_field(values: &Values, errors: &Errors) -> Field {
    Field::new("address", "Où cela se passe-t-il ?", Input::Line("text"))
        .optional()
        .hint("Seulement si votre demande concerne un lieu. Exemple : 12 rue du Port")
        .fill(values, errors)
}
