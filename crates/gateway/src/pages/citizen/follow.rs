//! `/suivi/{reference}`: where the request stands, in plain words; its steps, messages and notices; who handles it.
//!
//! What was asked comes from intake; the rest from casework, tracking and notification, each of which may be down
//! without taking the page with it.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::{Error, ErrorKind, Reason, Result as KernelResult};
use parvis_proto::{
    casework::{GetPublicCaseRequest, PostCitizenMessageRequest, PublicCase},
    intake::{GetRequestRequest, SubmittedRequest},
    notification::{ListNoticesRequest, ListNoticesResponse},
    tracking::{GetTimelineRequest, Timeline},
};

use super::{grants::Grant, live};
use crate::{
    csrf::{CsrfFields, CsrfToken},
    pages::{
        field::{Field, Input},
        format,
        page::{Page, refused, show_with},
        shell::Shell,
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

mod view;
use view::{AnswerView, FileView, HandlerView, LineView, MessageView, NoticeView, StepView};

/// Characters of a message at most.
const MAX_MESSAGE: u32 = 10_000;

#[derive(Template)]
#[template(path = "citizen/follow.html")]
struct FollowPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    reference: String,
    title: String,
    received: String,
    status: String,
    outcome: String,
    promise: Option<String>,
    silence: Option<String>,
    steps: Vec<StepView>,
    handler: Option<HandlerView>,
    lines: Vec<LineView>,
    last: u64,
    messages: Vec<MessageView>,
    notices: Vec<NoticeView>,
    text: Vec<Vec<String>>,
    answers: Vec<AnswerView>,
    files: Vec<FileView>,
    missing: Vec<String>,
    reply: Option<Field>,
    key: String,
    down: Vec<String>,
}

/// All that the roles know of a request.
struct Known {
    filed: SubmittedRequest,
    case: Result<Option<PublicCase>, String>,
    timeline: Result<Option<Timeline>, String>,
    notices: Result<Option<ListNoticesResponse>, String>,
}

/// The page; without the right to see it, the way to get it.
pub async fn show(page: Page, csrf: CsrfToken, Path(reference): Path<String>) -> Result<Response, Problem> {
    let Some(grant) = page.grants.of(&reference).cloned() else {
        return Ok(Redirect::to("/suivi").into_response());
    };
    let key = page.form_key();
    form(&page, &csrf, &grant, &Values::default(), &Errors::default(), &key).await
}

/// A message from whoever asked.
pub async fn write(
    page: Page,
    csrf: CsrfToken,
    Path(reference): Path<String>,
    fields: CsrfFields,
) -> Result<Response, Problem> {
    let Some(grant) = page.grants.of(&reference).cloned() else {
        return Ok(Redirect::to("/suivi").into_response());
    };
    let values = Values(fields.0);
    let key = values.first("cle").to_owned();
    let mut errors = Errors::default();
    if values.first("message").is_empty() {
        errors.add("message", sentences::of_reason("text", &Reason::Required));
    }
    if errors.is_empty() {
        let request = PostCitizenMessageRequest {
            reference: grant.reference.clone(),
            text: values.first("message").to_owned(),
            idempotency_key: key.clone(),
        };
        let sent = async {
            let who = page.follower(&grant).await?;
            answer(page.state.casework()?.post_citizen_message(who.call(request)).await)
        };
        match sent.await {
            Ok(_) => {
                return Ok(Redirect::to(&format!("/suivi/{}?fait=message", grant.reference)).into_response());
            }
            Err(error) => errors.add("message", why_not_sent(&error)),
        }
    }
    form(&page, &csrf, &grant, &values, &errors, &key).await
}

fn why_not_sent(error: &Error) -> String {
    let said = match error.kind() {
        ErrorKind::Invalid if !error.violations().is_empty() => return sentences::of_field(&error.violations()[0]),
        ErrorKind::FailedPrecondition | ErrorKind::Exhausted => return sentences::of_whole(error),
        ErrorKind::NotFound => "Votre demande arrive à peine au service. Attendez un instant, puis envoyez à nouveau.",
        ErrorKind::AlreadyExists => {
            "Un message est déjà parti depuis ce formulaire. Rechargez la page pour en écrire un autre."
        }
        _ => "Votre message n'a pas pu partir. Il est resté ci-dessous : attendez un instant, puis envoyez à nouveau.",
    };
    said.to_owned()
}

async fn form(
    page: &Page,
    csrf: &CsrfToken,
    grant: &Grant,
    values: &Values,
    errors: &Errors,
    key: &str,
) -> Result<Response, Problem> {
    let known = ask(page, grant).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &view(page, csrf, known, values, errors, key))
}

/// Asks every role at the same time. "Not found" is a request that has not reached the role yet.
async fn ask(page: &Page, grant: &Grant) -> Result<Known, Problem> {
    let who = page.follower(grant).await.map_err(refused)?;
    let reference = || grant.reference.clone();
    let filed = GetRequestRequest { reference: reference(), ..GetRequestRequest::default() };
    let case = GetPublicCaseRequest { reference: reference() };
    let timeline = GetTimelineRequest { reference: reference(), ..GetTimelineRequest::default() };
    let notices = ListNoticesRequest { reference: reference(), ..ListNoticesRequest::default() };
    let (filed, case, timeline, notices) = tokio::join!(
        async { answer(page.state.intake()?.get_request(who.call(filed)).await) },
        async { answer(page.state.casework()?.get_public_case(who.call(case)).await) },
        async { answer(page.state.tracking()?.get_timeline(who.call(timeline)).await) },
        async { answer(page.state.notification()?.list_notices(who.call(notices)).await) },
    );
    Ok(Known {
        filed: filed.map_err(refused)?,
        case: part(case, "L'avancement de votre demande"),
        timeline: part(timeline, "Les étapes"),
        notices: part(notices, "Les avis envoyés"),
    })
}

fn part<T>(answered: KernelResult<T>, name: &str) -> Result<Option<T>, String> {
    match answered {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            tracing::warn!(%error, "a part of a follow-up page is missing");
            Err(format!("{name} : momentanément indisponible. Votre demande est bien enregistrée."))
        }
    }
}

fn view(page: &Page, csrf: &CsrfToken, known: Known, values: &Values, errors: &Errors, key: &str) -> FollowPage {
    let mut down = Vec::new();
    let mut kept = |name: String| down.push(name);
    let case = known.case.unwrap_or_else(|name| {
        kept(name);
        None
    });
    let timeline = known.timeline.unwrap_or_else(|name| {
        kept(name);
        None
    });
    let notices = known.notices.unwrap_or_else(|name| {
        kept(name);
        None
    });
    let filed = known.filed;
    let zone = page.zone();
    let now = page.now();
    let procedure = filed.procedure.clone().unwrap_or_default();
    let state = view::state(case.as_ref(), timeline.as_ref());
    let closed = matches!(state, "closed" | "decided");
    // A free text is shown whole below: its first words make a poor title.
    let title = if procedure.code.is_empty() { "Votre demande".to_owned() } else { procedure.title.clone() };
    let lines = errors.lines(&["message"]);
    let mut shell = page.shell(format!("Demande {}", filed.reference)).private().with_errors(lines.len());
    csrf.value().clone_into(&mut shell.csrf);
    let may_reply = case.as_ref().is_none_or(|case| case.may_reply);
    let hint = match state {
        "waiting_citizen" => "Répondez à notre question : votre demande reprendra aussitôt.",
        _ if closed => "Votre message rouvrira la demande.",
        _ => "Pour ajouter une précision ou poser une question sur cette demande.",
    };
    let reply = Field::new("message", "Votre message", Input::Area(5)).hint(hint).max_length(MAX_MESSAGE);
    let due = case.as_ref().map(|case| case.legal_due_on.clone()).unwrap_or_default();
    FollowPage {
        shell,
        errors: lines,
        title,
        received: format::date_time(format::instant(filed.received_at.as_ref()), &zone),
        status: format::state_public(state).to_owned(),
        outcome: case.as_ref().map(|case| format::outcome_public(&case.outcome).to_owned()).unwrap_or_default(),
        promise: view::promise(case.as_ref(), closed),
        silence: if closed { None } else { view::silence(&procedure, &due) },
        steps: view::steps(state),
        handler: case.as_ref().and_then(view::handler),
        last: timeline.as_ref().and_then(|it| it.lines.last()).map_or(0, |line| line.position),
        lines: timeline.map(|it| view::lines(&it, now, &zone)).unwrap_or_default(),
        messages: case.map(|case| view::messages(case.messages, now, &zone)).unwrap_or_default(),
        notices: notices.map(|it| view::notices(it.notices, &zone)).unwrap_or_default(),
        text: format::paragraphs(&filed.text),
        answers: view::answers(filed.answers),
        files: view::files(&filed.reference, filed.attachments),
        missing: if closed { Vec::new() } else { filed.missing_documents },
        reply: may_reply.then(|| reply.fill(values, errors)),
        key: key.to_owned(),
        reference: filed.reference,
        down,
    }
}

impl FollowPage {
    fn events(&self) -> String {
        live::path(&self.reference, self.last)
    }
}
