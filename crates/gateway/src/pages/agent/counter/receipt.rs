//! `/agent/accueil/recu/{reference}`: the reference to read aloud, and a receipt to print.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use parvis_kernel::{Error, Reference};
use parvis_proto::intake::GetRequestRequest;

use crate::{
    pages::{
        agent::HANDLERS,
        filing, format,
        page::{Desk, refused, show},
        requester,
        shell::{Area, Shell},
    },
    problem::Problem,
    state::answer,
};

#[derive(Template)]
#[template(path = "agent/receipt.html")]
struct ReceiptPage {
    shell: Shell,
    reference: String,
    aloud: String,
    code: String,
    title: String,
    received: String,
    name: String,
    how: String,
    promise: Option<String>,
    silence: Option<String>,
    missing: Vec<String>,
    files: Vec<String>,
    agent: String,
    follow_at: String,
}

/// The page; it lasts two hours in the browser that registered.
pub async fn receipt(desk: Desk, Path(reference): Path<String>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let Some(grant) = desk.page.receipts.of(&reference).cloned() else {
        // What is no reference may not even be an address.
        let unknown = |_| refused(Error::not_found("no such request"));
        let reference = reference.parse::<Reference>().map_err(unknown)?;
        return Ok(Redirect::to(&format!("/agent/dossiers/{reference}")).into_response());
    };
    let who = desk.page.follower(&grant).await.map_err(refused)?;
    let request = GetRequestRequest { reference: grant.reference.clone(), ..GetRequestRequest::default() };
    let filed = answer(desk.page.state.intake()?.get_request(who.call(request)).await).map_err(refused)?;
    let procedure = filed.procedure.unwrap_or_default();
    let who = filed.requester.unwrap_or_default();
    let shell = desk.shell(Area::Agent, "Demande enregistrée").await.under(&[("/agent/accueil", "Accueil du public")]);
    show(&ReceiptPage {
        shell,
        aloud: aloud(&filed.reference),
        reference: filed.reference,
        code: grant.code,
        title: if procedure.title.is_empty() { "Demande libre".to_owned() } else { procedure.title },
        received: format::date_time(format::instant(filed.received_at.as_ref()), &desk.page.zone()),
        name: requester::name(&who),
        how: format::contact_mode(&who.contact_mode).to_lowercase(),
        promise: filing::promise(procedure.service_level_days),
        silence: format::silence(&procedure.silence, procedure.silence_months),
        missing: filed.missing_documents,
        files: filed.attachments.into_iter().map(|file| file.file_name).collect(),
        agent: desk.session.claims().name.clone(),
        follow_at: format!("{}/suivi", desk.page.state.public_url()),
    })
}

/// A reference as one dictates it: « 412, 873, 956, lettre P ».
fn aloud(reference: &str) -> String {
    let parts: Vec<&str> = reference.split('-').collect();
    match parts[..] {
        [a, b, c, letter] => format!("{a}, {b}, {c}, lettre {letter}"),
        _ => reference.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::aloud;

    #[test]
    fn a_reference_is_dictated_in_threes() {
        assert_eq!(aloud("412-873-952-K"), "412, 873, 952, lettre K");
    }
}
