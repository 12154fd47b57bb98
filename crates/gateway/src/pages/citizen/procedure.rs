//! `/demarches/{code}`: what the procedure is, what to bring, how long it takes, what silence means.

use askama::Template;
use axum::{extract::Path, response::Response};
use parvis_proto::intake::{GetProcedureRequest, Procedure};

use crate::{
    pages::{
        filing, format,
        knowledge::{hits::HitView, suggest},
        page::{self, Page, refused},
        shell::Shell,
    },
    problem::Problem,
    state::answer,
};

struct DocumentView {
    label: String,
    help: String,
    required: bool,
}

#[derive(Template)]
#[template(path = "citizen/procedure.html")]
struct ProcedurePage {
    shell: Shell,
    code: String,
    kind: String,
    theme: String,
    theme_name: String,
    title: String,
    summary: String,
    audience: &'static str,
    documents: Vec<DocumentView>,
    promise: Option<String>,
    silence: Option<String>,
    source: String,
    anonymous: bool,
    read_first: Vec<HitView>,
}

/// Pages proposed before the form at most.
const READ_FIRST: usize = 2;

/// The current version of a procedure.
pub async fn find(page: &Page, code: &str) -> Result<Procedure, Problem> {
    let request = page.call(GetProcedureRequest { code: code.to_owned(), version: 0 });
    answer(page.state.intake()?.get_procedure(request).await).map_err(refused)
}

/// The page.
pub async fn show(page: Page, Path(code): Path<String>) -> Result<Response, Problem> {
    let procedure = find(&page, &code).await?;
    let says = |word: &str| procedure.audience.iter().any(|audience| audience == word);
    let audience = match (says("person"), says("organization")) {
        (true, false) => "Pour les particuliers",
        (false, true) => "Pour les associations, entreprises et organismes",
        _ => "Pour tous",
    };
    let documents = procedure.documents.iter().map(|document| DocumentView {
        label: document.label.clone(),
        help: document.help.clone(),
        required: document.required,
    });
    let shell = page.shell(&procedure.title).under(&[("/", "Accueil"), ("/demarches", "Démarches")]);
    let text = format!("{} {}", procedure.title, procedure.keywords.join(" "));
    let mut read_first = suggest::of_citizen(&page, &text, &procedure.code).await.articles;
    read_first.truncate(READ_FIRST);
    page::show(&ProcedurePage {
        read_first,
        shell,
        kind: format::kind(&procedure.kind).to_owned(),
        theme_name: format::theme(&procedure.theme).to_owned(),
        documents: documents.collect(),
        promise: filing::promise(procedure.service_level_days),
        silence: format::silence(&procedure.silence, procedure.silence_months),
        audience,
        code: procedure.code,
        theme: procedure.theme,
        title: procedure.title,
        summary: procedure.summary,
        source: procedure.silence_source,
        anonymous: procedure.anonymous,
    })
}
