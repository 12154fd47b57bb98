//! `/agent/dossiers/{reference}`: all that is known of a case, why it came here, and what may be done.

mod actions;
mod brief;
mod forms;
mod model;
pub mod referral;
mod view;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use parvis_kernel::Role;
use parvis_proto::{
    casework::{CaseDetail, GetCaseRequest},
    intake::DownloadAttachmentRequest,
    notification::{ListNoticesRequest, ListNoticesResponse},
    routing::{
        Directory, GetDirectoryRequest, ListAgentsRequest, ListAgentsResponse, ListDecisionsRequest,
        ListDecisionsResponse,
    },
};

pub use actions::act;
use forms::Forms;
use view::CaseView;
pub use view::StepView;

use super::HANDLERS;
use crate::{
    pages::{
        download,
        knowledge::suggest::{self, Suggestions},
        page::{Desk, or_down, refused, show_with},
        shell::{Area, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    state::answer,
};

#[derive(Template)]
#[template(path = "agent/case.html")]
struct CasePage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    case: CaseView,
    forms: Forms,
    down: Vec<String>,
    suggestions: Suggestions,
}

/// The case and what the other roles say of it.
struct Known {
    detail: CaseDetail,
    decisions: Result<ListDecisionsResponse, String>,
    directory: Option<Directory>,
    agents: Option<ListAgentsResponse>,
    notices: Result<ListNoticesResponse, String>,
    suggestions: Suggestions,
}

/// The page; with `?modele=`, that response template is in the message's form.
pub async fn show(
    desk: Desk,
    Path(reference): Path<String>,
    Query(chosen): Query<model::Chosen>,
) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let (mut values, mut errors) = (Values::default(), Errors::default());
    if !chosen.modele.is_empty() {
        let detail = find(&desk, &reference, "").await?;
        model::put(&desk, &detail, &chosen.modele, &mut values, &mut errors).await;
    }
    let opened = Opened { reference: &reference, reason: &chosen.motif };
    render(&desk, opened, &values, &errors, StatusCode::OK).await
}

/// A file of the case. Who may read the case may read it: casework says so first.
pub async fn download(
    desk: Desk,
    Path((reference, id)): Path<(String, String)>,
    Query(chosen): Query<model::Chosen>,
) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let case = find(&desk, &reference, &chosen.motif).await?;
    if !case.attachments.iter().any(|file| file.id == id) {
        return Err(Problem::not_found("Ce dossier n'a pas ce fichier."));
    }
    let request = DownloadAttachmentRequest { attachment_id: id, grant: case.files_grant };
    download::stream(&desk.page.state, desk.call(request)).await
}

/// Which case, and why somebody at the counter opens it.
#[derive(Clone, Copy)]
struct Opened<'a> {
    reference: &'a str,
    reason: &'a str,
}

async fn find(desk: &Desk, reference: &str, reason: &str) -> Result<CaseDetail, Problem> {
    let request = GetCaseRequest { id: String::new(), reference: reference.to_owned(), reason: reason.to_owned() };
    answer(desk.page.state.casework()?.get_case(desk.call(request)).await).map_err(refused)
}

async fn ask(desk: &Desk, detail: CaseDetail, reason: &str) -> Known {
    let case_id = detail.case.as_ref().map(|case| case.id.clone()).unwrap_or_default();
    let state = &desk.page.state;
    let decisions = ListDecisionsRequest { case_id: case_id.clone() };
    let notices = ListNoticesRequest { case_id, reason: reason.to_owned(), ..ListNoticesRequest::default() };
    let (explained, noticed) = match detail.reading.as_str() {
        "full" => (true, true),
        "until" => (true, false),
        "text" => (false, true),
        _ => (false, false),
    };
    let moves = detail.allowed.iter().any(|verb| verb == "reassign");
    let asked = model::question(&detail);
    let (decisions, notices, directory, agents, suggestions) = tokio::join!(
        async {
            if !explained {
                return Ok(ListDecisionsResponse::default());
            }
            answer(state.routing()?.list_decisions(desk.call(decisions)).await)
        },
        async {
            if !noticed {
                return Ok(ListNoticesResponse::default());
            }
            answer(state.notification()?.list_notices(desk.call(notices)).await)
        },
        async {
            if !moves {
                return None;
            }
            answer(state.routing().ok()?.get_directory(desk.call(GetDirectoryRequest {})).await).ok()
        },
        async {
            if !moves {
                return None;
            }
            answer(state.routing().ok()?.list_agents(desk.call(ListAgentsRequest::default())).await).ok()
        },
        suggest::of_agent(desk, &asked.text, &asked.procedure, &asked.channel),
    );
    let decisions = or_down(decisions, "L'explication de l'affectation");
    Known { detail, decisions, directory, agents, notices: or_down(notices, "Les avis envoyés"), suggestions }
}

/// The page, with what was typed and what is wrong with it.
async fn render(
    desk: &Desk,
    opened: Opened<'_>,
    values: &Values,
    errors: &Errors,
    status: StatusCode,
) -> Result<Response, Problem> {
    let detail = find(desk, opened.reference, opened.reason).await?;
    if detail.reading == "public" {
        return brief::render(desk, detail, values, errors, status).await;
    }
    let known = ask(desk, detail, opened.reason).await;
    let mut down = Vec::new();
    let decisions = known.decisions.unwrap_or_else(|said| {
        down.push(said);
        ListDecisionsResponse::default()
    });
    let notices = known.notices.map(|listed| listed.notices).map_err(|said| down.push(said)).ok();
    let forms = Forms::new(desk, &known.detail, &decisions, known.directory, known.agents, values, errors);
    if forms.moves && forms.transfer.is_none() {
        down.push("La transmission : momentanément indisponible. Le reste de la page fonctionne.".to_owned());
    }
    let lines = errors.lines(&forms::NAMES);
    let case = CaseView::new(desk, known.detail, decisions.decisions, notices);
    let title = format!("Dossier {}", case.reference);
    let shell = desk
        .shell(Area::Agent, title)
        .await
        .under(&[("/agent", "Ma journée"), ("/agent/dossiers", "Dossiers")])
        .with_errors(lines.len());
    show_with(status, &CasePage { shell, errors: lines, case, forms, down, suggestions: known.suggestions })
}

/// Whether somebody may look at what administrators see.
fn sees_rules(desk: &Desk) -> bool {
    desk.has(&[Role::Supervisor, Role::Administrator])
}
