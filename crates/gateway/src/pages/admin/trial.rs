//! `/admin/essai`: where such a request would go now, and why; nothing is kept.

use askama::Template;
use http::StatusCode;
use parvis_kernel::{Channel, ErrorKind, languages};
use parvis_proto::{
    intake::ListProceduresRequest,
    routing::{Decision, Directory, ExplainRoutingRequest, GetDirectoryRequest},
};

use super::{Answer, ORGANISERS, frame};
use crate::{
    csrf::CsrfFields,
    pages::{
        agent::case::StepView,
        field::{Choice, Field, Input},
        format,
        page::{Desk, refused, show_with},
        shell::{Link, Shell},
        values::{ErrorLine, Errors, Values},
    },
    sentences,
    state::answer,
};

#[derive(Template)]
#[template(path = "admin/trial.html")]
struct TrialPage {
    shell: Shell,
    tabs: Vec<Link>,
    errors: Vec<ErrorLine>,
    fields: Vec<Field>,
    outcome: Option<Outcome>,
}

struct Outcome {
    unit: String,
    agent: String,
    priority: String,
    summary: String,
    /// Rules that apply.
    kept: Vec<StepView>,
    /// Rules that do not.
    others: Vec<StepView>,
    candidates: Vec<StepView>,
}

/// The form.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    form(&desk, &Values::default(), &Errors::default(), None).await
}

/// Tries it.
pub async fn run(desk: Desk, fields: CsrfFields) -> Answer {
    desk.require(&ORGANISERS)?;
    let values = Values(fields.0);
    let text = |name: &str| values.first(name).to_owned();
    let code = text("demarche");
    let listed = answer(desk.page.state.intake()?.list_procedures(desk.call(ListProceduresRequest::default())).await);
    // Without intake the trial still works for a free text.
    let procedure = listed.unwrap_or_default().procedures.into_iter().find(|procedure| procedure.code == code);
    let (unit, skill) = procedure.map(|procedure| (procedure.unit, procedure.skill)).unwrap_or_default();
    let request = ExplainRoutingRequest {
        channel: text("canal"),
        procedure_code: code,
        procedure_unit: unit,
        procedure_skill: skill,
        text: text("texte"),
        district: text("quartier"),
        address: text("adresse"),
        requester_kind: text("qui"),
        language: text("langue"),
        ..ExplainRoutingRequest::default()
    };
    let mut errors = Errors::default();
    match answer(desk.page.state.routing()?.explain_routing(desk.call(request)).await) {
        Ok(decision) => form(&desk, &values, &errors, Some(outcome(decision))).await,
        Err(error) if error.kind() == ErrorKind::Invalid => {
            for violation in error.violations() {
                errors.add("texte", sentences::of_field(violation));
            }
            form(&desk, &values, &errors, None).await
        }
        Err(error) => Err(refused(error)),
    }
}

fn outcome(decision: Decision) -> Outcome {
    let (kept, others) = StepView::of(&decision.steps, "rule").into_iter().partition(|step| step.kept);
    Outcome {
        agent: if decision.agent.is_empty() {
            "Personne maintenant : la demande attendrait dans la file".to_owned()
        } else {
            decision.agent_name
        },
        priority: format::priority(&decision.priority).to_owned(),
        candidates: StepView::of(&decision.steps, "candidate"),
        unit: decision.unit_name,
        summary: decision.summary,
        kept,
        others,
    }
}

async fn form(desk: &Desk, values: &Values, errors: &Errors, outcome: Option<Outcome>) -> Answer {
    let state = &desk.page.state;
    let (procedures, directory) = tokio::join!(
        async { answer(state.intake()?.list_procedures(desk.call(ListProceduresRequest::default())).await) },
        async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
    );
    let directory = directory.unwrap_or_default();
    let mut choices = vec![Choice::new("", "Aucune : demande libre")];
    choices.extend(procedures.unwrap_or_default().procedures.into_iter().map(|procedure| Choice {
        value: procedure.code,
        label: procedure.title,
        hint: String::new(),
        group: format::theme(&procedure.theme).to_owned(),
    }));
    let fields = fields(choices, &directory).into_iter().map(|field| field.fill(values, errors)).collect();
    let (shell, tabs) = frame(desk, "Essayer une orientation").await;
    let lines = errors.lines(&["texte"]);
    let shell = shell.with_errors(lines.len());
    let status = if lines.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &TrialPage { shell, tabs, errors: lines, fields, outcome })
}

fn fields(procedures: Vec<Choice>, directory: &Directory) -> Vec<Field> {
    let select = |name: &str, label: &str, choices: Vec<Choice>| {
        Field::new(name, label, Input::Select).depends().choices(choices)
    };
    let channels = Channel::ALL.iter().map(|it| Choice::new(it.as_str(), format::channel(it.as_str()))).collect();
    let mut districts = vec![Choice::new("", "D'après l'adresse")];
    districts.extend(directory.districts.iter().map(|it| Choice::new(&it.code, &it.name)));
    let kinds = vec![
        Choice::new("person", "Particulier"),
        Choice::new("organization", "Association, entreprise, organisme"),
        Choice::new("anonymous", "Sans nom"),
    ];
    let languages = languages::ALL.map(|(code, name)| Choice::new(code, format::capital(name))).into();
    vec![
        Field::new("texte", "Ce que dit la demande", Input::Area(4)).depends().max_length(20_000),
        select("demarche", "Démarche", procedures),
        select("canal", "Canal", channels),
        Field::new("adresse", "Adresse", Input::Line("text")).optional(),
        select("quartier", "Quartier", districts),
        select("qui", "Demandeur", kinds),
        select("langue", "Langue", languages),
    ]
}
