//! A case as somebody sees it who may know that it exists: how far it is, what to add for the person, why to open it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use parvis_proto::{casework::CaseDetail, tracking::GetTimelineRequest};

use super::{
    forms::{self, Form},
    view::{Fact, clocks},
};
use crate::{
    pages::{
        field::{Choice, Field, Input},
        format::{self, instant},
        page::{Desk, or_down, show_with},
        shell::{Area, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    state::answer,
};

/// A step that the person sees too.
struct StepView {
    label: String,
    datetime: String,
    when: String,
}

/// What is known of the case, in plain strings.
struct BriefCase {
    reference: String,
    title: String,
    name: String,
    state: String,
    tone: &'static str,
    outcome: String,
    summary: String,
    unit: String,
    agent: String,
    clocks: Vec<Fact>,
    steps: Vec<StepView>,
}

#[derive(Template)]
#[template(path = "agent/case_brief.html")]
struct BriefPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    down: Vec<String>,
    case: BriefCase,
    for_person: Option<Form>,
    key: String,
    reason: Option<Field>,
}

/// The page.
pub async fn render(
    desk: &Desk,
    detail: CaseDetail,
    values: &Values,
    errors: &Errors,
    status: StatusCode,
) -> Result<Response, Problem> {
    let case = detail.case.unwrap_or_default();
    let ask = GetTimelineRequest { request_id: case.id.clone(), ..GetTimelineRequest::default() };
    let timeline = async { answer(desk.page.state.tracking()?.get_timeline(desk.call(ask)).await) }.await;
    let mut down = Vec::new();
    let lines = or_down(timeline, "Les étapes").map(|timeline| timeline.lines).unwrap_or_else(|said| {
        down.push(said);
        Vec::new()
    });
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let steps = lines.into_iter().filter(|line| line.public).map(|line| {
        let at = instant(line.at.as_ref());
        StepView { label: line.label, datetime: format::time_tag(at), when: format::relative(at, now, &zone) }
    });
    let procedure = case.procedure.clone().unwrap_or_default();
    let received = format::date_time(instant(case.received_at.as_ref()), &zone);
    let view = BriefCase {
        clocks: clocks(&case.service_due_on, &case.legal_due_on, &procedure),
        summary: format!("Reçu le {received} ({})", format::channel(&case.channel).to_lowercase()),
        state: format::state(&case.state).to_owned(),
        tone: format::state_tone(&case.state),
        outcome: format::outcome(&case.outcome).to_owned(),
        title: if case.title.is_empty() { "Demande écrite librement".to_owned() } else { case.title },
        name: case.requester_name,
        unit: case.unit_name,
        agent: case.agent_name,
        reference: case.reference,
        steps: steps.collect(),
    };
    let reasons = detail.reasons.iter().map(|code| Choice::new(code.clone(), format::reading_reason(code)));
    let reason = (!detail.reasons.is_empty()).then(|| {
        let all = std::iter::once(Choice::new("", "Choisissez…")).chain(reasons).collect();
        Field::new("motif", "Pourquoi ouvrir la demande", Input::Select).choices(all)
    });
    let may_add = detail.allowed.iter().any(|verb| verb == "for_person");
    let key = match values.first("cle") {
        "" => desk.page.form_key(),
        sent => sent.to_owned(),
    };
    let lines = errors.lines(&forms::NAMES);
    let shell = desk
        .shell(Area::Agent, format!("Dossier {}", view.reference))
        .await
        .under(&[("/agent", "Ma journée"), ("/agent/dossiers", "Dossiers")])
        .with_errors(lines.len());
    let for_person = may_add.then(|| forms::for_person(values, errors));
    show_with(status, &BriefPage { shell, errors: lines, down, case: view, for_person, key, reason })
}
