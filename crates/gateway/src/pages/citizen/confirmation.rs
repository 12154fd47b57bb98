//! `/confirmation/{reference}`: what was filed, how to follow it, what happens now. To print or to copy.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use parvis_proto::{
    from_proto_time,
    intake::{GetRequestRequest, SubmittedRequest},
};

use crate::{
    pages::{
        filing, format,
        page::{Page, refused, show as render},
        requester,
        shell::Shell,
    },
    problem::Problem,
    state::answer,
};

#[derive(Template)]
#[template(path = "citizen/confirmation.html")]
struct ConfirmationPage {
    shell: Shell,
    title: String,
    reference: String,
    code: String,
    received: String,
    name: String,
    next: String,
    promise: Option<String>,
    silence: Option<String>,
    missing: Vec<String>,
    files: Vec<String>,
}

/// The page; without the right to see it, the way to get it.
pub async fn show(page: Page, Path(reference): Path<String>) -> Result<Response, Problem> {
    let Some(grant) = page.grants.of(&reference).cloned() else {
        return Ok(Redirect::to("/suivi").into_response());
    };
    let who = page.follower(&grant).await.map_err(refused)?;
    let request = GetRequestRequest { reference: grant.reference.clone(), ..GetRequestRequest::default() };
    let filed = answer(page.state.intake()?.get_request(who.call(request)).await).map_err(refused)?;
    let procedure = filed.procedure.clone().unwrap_or_default();
    let received = from_proto_time(filed.received_at.as_ref(), "received_at").ok().flatten().unwrap_or_default();
    let who = filed.requester.clone().unwrap_or_default();
    render(&ConfirmationPage {
        shell: page.shell(title(&filed)).private(),
        title: procedure.title.clone(),
        reference: filed.reference.clone(),
        code: grant.code,
        received: format::date_time(received, &page.zone()),
        name: requester::name(&who),
        next: next(&who.contact_mode).to_owned(),
        promise: filing::promise(procedure.service_level_days),
        silence: format::silence(&procedure.silence, procedure.silence_months),
        missing: filed.missing_documents.clone(),
        files: filed.attachments.iter().map(|file| file.file_name.clone()).collect(),
    })
}

fn title(filed: &SubmittedRequest) -> &'static str {
    match filed.procedure.as_ref().map(|procedure| procedure.kind.as_str()) {
        Some("declaration") => "Votre déclaration est enregistrée",
        Some("complaint") => "Votre réclamation est enregistrée",
        Some("incident") => "Votre signalement est enregistré",
        Some("information") => "Votre question est enregistrée",
        _ => "Votre demande est enregistrée",
    }
}

fn next(mode: &str) -> &'static str {
    match mode {
        "email" => "Vous recevez un accusé de réception par courriel, puis notre réponse à la même adresse.",
        "phone" => "Un agent vous appellera au numéro que vous avez donné.",
        "sms" => "Vous recevrez nos messages par SMS.",
        "letter" => "Vous recevrez un accusé de réception puis notre réponse par courrier postal.",
        _ => "Notre réponse s'affichera sur votre page de suivi : revenez-y avec la référence et le code ci-dessus.",
    }
}
