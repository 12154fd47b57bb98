//! The counter's form.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use parvis_proto::{
    identity::Citizen,
    intake::{ListProceduresRequest, Procedure},
};

use super::Work;
use crate::{
    pages::{
        field::{Choice, Field, Input},
        filing, format,
        knowledge::suggest::Suggestions,
        page::{Desk, show_with},
        requester::{self, Audience, RequesterFields},
        shell::{Area, Shell},
        upload::Kept,
        values::ErrorLine,
    },
    problem::Problem,
    state::answer,
};

/// Somebody already known.
struct PersonView {
    id: String,
    name: String,
    contact: String,
    requests: String,
}

#[derive(Template)]
#[template(path = "agent/counter.html")]
struct CounterPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    key: String,
    channel: Field,
    received_on: Field,
    search: Field,
    searched: String,
    people: Option<Vec<PersonView>>,
    requester: RequesterFields,
    mandate: Field,
    procedures: Field,
    shown: String,
    shown_title: String,
    documents: Vec<String>,
    answers: Vec<Field>,
    text: Field,
    address: Field,
    files: Vec<Field>,
    kept: Vec<Kept>,
    suggestions: Suggestions,
}

/// The page.
pub(super) async fn render(desk: &Desk, work: Work) -> Result<Response, Problem> {
    let listed = answer(desk.page.state.intake()?.list_procedures(desk.call(ListProceduresRequest::default())).await)?;
    let page = view(desk, work, listed.procedures).await;
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &page)
}

async fn view(desk: &Desk, work: Work, procedures: Vec<Procedure>) -> CounterPage {
    let Work { filled, mut errors, procedure, found, suggestions, key } = work;
    let arrived = errors.of("received_at").to_owned();
    if !arrived.is_empty() {
        errors.add("recu_le", arrived);
    }
    let values = &filled.values;
    let chosen = procedure.as_ref();
    let answers = chosen.map(|it| filing::answer_fields(it, values, &errors)).unwrap_or_default();
    let files = filing::file_fields(chosen, &errors);
    let requester = requester::fields(Audience::of(chosen), true, values, &errors);
    let lines = {
        let named = |fields: &'_ [Field]| fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
        let (asked, joined) = (named(&answers), named(&files));
        let mut known = vec!["canal", "recu_le", "recherche"];
        known.extend(requester::NAMES.into_iter().chain(["mandat", "demarche"]));
        known.extend(asked.iter().map(String::as_str).chain(["text", "address"]));
        known.extend(joined.iter().map(String::as_str));
        let mut lines = errors.lines(&known);
        filing::name_questions(&mut lines, &answers);
        // Said once, beside the day.
        lines.retain(|line| !(line.id.is_empty() && line.text == errors.of("recu_le") && !line.text.is_empty()));
        lines
    };
    let fill = |field: Field| field.fill(values, &errors);
    let text =
        Field::new("text", "La demande, avec les mots de la personne", Input::Area(5)).max_length(filing::MAX_TEXT);
    let address = Field::new("address", "Lieu concerné", Input::Line("text")).optional();
    CounterPage {
        suggestions,
        errors: lines.clone(),
        channel: fill(channel()),
        received_on: fill(
            Field::new("recu_le", "Arrivé le", Input::Line("date"))
                .depends()
                .hint("Pour un courrier ou un courriel. Laissez vide s'il est d'aujourd'hui."),
        ),
        search: fill(
            Field::new("recherche", "Chercher une personne déjà connue", Input::Line("text"))
                .depends()
                .no_spelling()
                .autocomplete("off")
                .hint("Nom, courriel ou téléphone."),
        ),
        searched: values.first("cherche").to_owned(),
        people: found.map(|found| found.into_iter().map(person).collect()),
        mandate: fill(
            Field::new("mandat", "La personne agit pour quelqu'un d'autre, avec un mandat", Input::Tick).depends(),
        ),
        procedures: fill(procedures_field(procedures)),
        shown: chosen.map(|it| it.code.clone()).unwrap_or_default(),
        shown_title: chosen.map(|it| it.title.clone()).unwrap_or_default(),
        documents: chosen.map(documents).unwrap_or_default(),
        text: fill(if chosen.is_some() { text.optional() } else { text }),
        address: fill(address),
        shell: desk.shell(Area::Agent, "Accueil du public").await.with_errors(lines.len()),
        key: if key.is_empty() { desk.page.form_key() } else { key },
        kept: filled.files.clone(),
        requester,
        answers,
        files,
    }
}

fn channel() -> Field {
    let choices = ["counter", "phone", "letter", "email"].map(|code| Choice::new(code, format::channel(code))).into();
    Field::new("canal", "La demande vient par", Input::Radios(true)).choices(choices)
}

fn procedures_field(procedures: Vec<Procedure>) -> Field {
    let mut choices = vec![Choice::new("", "Aucune : demande libre")];
    choices.extend(procedures.into_iter().map(|procedure| Choice {
        value: procedure.code,
        label: procedure.title,
        hint: procedure.keywords.join(" "),
        group: format::theme(&procedure.theme).to_owned(),
    }));
    Field::new("demarche", "Démarche", Input::Select).depends().choices(choices)
}

fn documents(procedure: &Procedure) -> Vec<String> {
    let required = procedure.documents.iter().filter(|document| document.required);
    required.map(|document| document.label.clone()).collect()
}

fn person(citizen: Citizen) -> PersonView {
    let who = citizen.requester.unwrap_or_default();
    let contact = [&who.email, &who.phone, &who.postal_address];
    let contact = contact.into_iter().filter(|it| !it.is_empty()).map(|it| it.replace('\n', ", "));
    PersonView {
        id: citizen.id,
        name: requester::name(&who),
        contact: contact.collect::<Vec<_>>().join(" · "),
        requests: format::plural(citizen.requests, "demande", "demandes"),
    }
}
