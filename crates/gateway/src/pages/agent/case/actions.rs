//! `POST /agent/dossiers/{reference}/{action}`: does one thing, then shows the case again.
//!
//! Each form carries the version that was shown. Where somebody changed the case meanwhile, the page comes back as the
//! case is now, with what was typed still there.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::{Error, ErrorKind, Refusal, Result as KernelResult};
use parvis_proto::{
    casework::{
        AddNoteRequest, CloseCaseRequest, PostCitizenMessageRequest, ReopenCaseRequest, SendMessageRequest,
        StartCaseRequest,
    },
    routing::{ListDecisionsRequest, ReassignCaseRequest, RefuseTransferRequest, Transfer},
};

use super::{Opened, find, render};
use crate::{
    csrf::CsrfFields,
    pages::{
        agent::HANDLERS,
        page::Desk,
        values::{Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

/// Does it.
pub async fn act(
    desk: Desk,
    Path((reference, action)): Path<(String, String)>,
    fields: CsrfFields,
) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let values = Values(fields.0);
    let opened = Opened { reference: &reference, reason: "" };
    let mut errors = Errors::default();
    check(&action, &values, &mut errors);
    if !errors.is_empty() {
        return render(&desk, opened, &values, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let detail = find(&desk, &reference, "").await?;
    let id = detail.case.map(|case| case.id).unwrap_or_default();
    match perform(&desk, (&reference, &id), &action, &values).await {
        Ok(Some(done)) => {
            // A case handed on may no longer be the agent's to see.
            let to = match done {
                "transmis" => "/agent/dossiers".to_owned(),
                _ => format!("/agent/dossiers/{reference}"),
            };
            Ok(Redirect::to(&format!("{to}?fait={done}")).into_response())
        }
        Ok(None) => Err(Problem::not_found("Cette action n'existe pas.")),
        Err(error) => {
            let status = explain(&action, &error, &mut errors);
            render(&desk, opened, &values, &errors, status).await
        }
    }
}

fn check(action: &str, values: &Values, errors: &mut Errors) {
    let mut need = |name: &str, text: &str| {
        if values.first(name).is_empty() {
            errors.add(name, text);
        }
    };
    match action {
        "message" => need("message.texte", "Écrivez le message."),
        "note" => need("note.texte", "Écrivez la note."),
        "usager" => need("usager.texte", "Écrivez ce que dit l'usager."),
        "transmettre" => {
            need("transmettre.a", "Choisissez à qui transmettre le dossier.");
            need("transmettre.motif", "Dites pourquoi, en quelques mots.");
        }
        "clore" => {
            need("clore.issue", "Choisissez l'issue.");
            let outcome = values.first("clore.issue");
            if outcome != "closed_without_action" {
                need("clore.message", "Écrivez ce qui est dit à l'usager.");
            }
            if outcome == "rejected" {
                need("clore.motifs", "Un refus doit être motivé : écrivez les motifs.");
            }
        }
        "rouvrir" => need("rouvrir.motif", "Dites pourquoi, en quelques mots."),
        _ => {}
    }
}

/// Does it; the code of what was done, or nothing where there is no such action.
async fn perform(desk: &Desk, case: (&str, &str), action: &str, values: &Values) -> KernelResult<Option<&'static str>> {
    let expected_version = values.first("version").parse().unwrap_or_default();
    let (reference, id) = (case.0.to_owned(), case.1.to_owned());
    let text = |name: &str| values.first(name).to_owned();
    let state = &desk.page.state;
    let done = match action {
        "commencer" => {
            let request = StartCaseRequest { id, expected_version };
            answer(state.casework()?.start_case(desk.call(request)).await)?;
            "commence"
        }
        "message" => {
            let wait_for_citizen = values.first("message.attendre") == "true";
            let request = SendMessageRequest { id, expected_version, text: text("message.texte"), wait_for_citizen };
            answer(state.casework()?.send_message(desk.call(request)).await)?;
            if wait_for_citizen { "attente" } else { "message-agent" }
        }
        "note" => {
            let request = AddNoteRequest { id, expected_version, text: text("note.texte") };
            answer(state.casework()?.add_note(desk.call(request)).await)?;
            "note"
        }
        "usager" => {
            let request =
                PostCitizenMessageRequest { reference, text: text("usager.texte"), idempotency_key: text("cle") };
            answer(state.casework()?.post_citizen_message(desk.call(request)).await)?;
            "note-pour-usager"
        }
        "clore" => {
            let request = CloseCaseRequest {
                id,
                expected_version,
                outcome: text("clore.issue"),
                message: text("clore.message"),
                grounds: text("clore.motifs"),
                ..CloseCaseRequest::default()
            };
            answer(state.casework()?.close_case(desk.call(request)).await)?;
            "clos"
        }
        "confirmer-transmission" => {
            let transfer = proposed_transfer(desk, &id).await?;
            let sent = if transfer.email.trim().is_empty() { "transmis-a-poster" } else { "transmis-ailleurs" };
            let request = CloseCaseRequest {
                id,
                expected_version,
                outcome: "transferred_out".to_owned(),
                message: transfer_message(&transfer),
                transfer_to: transfer.body,
                ..CloseCaseRequest::default()
            };
            let sent_on = answer(state.casework()?.close_case(desk.call(request.clone())).await);
            match sent_on {
                Ok(_) => sent,
                // Casework was never told of a proposal this old: the case is closed, and the page says what to post.
                Err(error) if error.kind() == ErrorKind::FailedPrecondition => {
                    let request = CloseCaseRequest { transfer_to: String::new(), ..request };
                    answer(state.casework()?.close_case(desk.call(request)).await)?;
                    "transmis-a-envoyer"
                }
                Err(error) => return Err(error),
            }
        }
        "refuser-transmission" => {
            let request = RefuseTransferRequest { case_id: id, reason: String::new() };
            answer(state.routing()?.refuse_transfer(desk.call(request)).await)?;
            "garde"
        }
        "rouvrir" => {
            let request = ReopenCaseRequest { id, expected_version, reason: text("rouvrir.motif") };
            answer(state.casework()?.reopen_case(desk.call(request)).await)?;
            "rouvert"
        }
        "prendre" | "transmettre" => {
            let request = if action == "prendre" {
                let reason = "Pris dans la file du service".to_owned();
                ReassignCaseRequest { agent: desk.code().to_owned(), reason, ..ReassignCaseRequest::default() }
            } else {
                let request = target(values.first("transmettre.a"));
                ReassignCaseRequest { reason: text("transmettre.motif"), ..request }
            };
            let request = ReassignCaseRequest { case_id: id, expected_decision: text("decision"), ..request };
            answer(state.routing()?.reassign_case(desk.call(request)).await)?;
            if action == "prendre" { "pris" } else { "transmis" }
        }
        _ => return Ok(None),
    };
    Ok(Some(done))
}

/// The transfer that is proposed for a case.
async fn proposed_transfer(desk: &Desk, case_id: &str) -> KernelResult<Transfer> {
    let request = ListDecisionsRequest { case_id: case_id.to_owned() };
    let decisions = answer(desk.page.state.routing()?.list_decisions(desk.call(request)).await)?.decisions;
    let proposed = decisions.into_iter().rev().find_map(|decision| decision.transfer);
    proposed
        .filter(|transfer| transfer.state == "proposed")
        .ok_or_else(|| Error::precondition("no transfer is proposed any more").refused(Refusal::NoTransferProposed))
}

/// What the citizen is told of a transfer: to whom, and how to reach them (CRPA L114-2).
fn transfer_message(transfer: &Transfer) -> String {
    format!(
        "Votre demande ne relève pas de notre compétence. Nous la transmettons à l'organisme compétent : {}. Vous \
         pouvez le joindre : {}.",
        transfer.name, transfer.contact
    )
}

fn target(value: &str) -> ReassignCaseRequest {
    let mut request = ReassignCaseRequest::default();
    match value.split_once(':') {
        Some(("unit", code)) => code.clone_into(&mut request.unit),
        Some(("team", code)) => code.clone_into(&mut request.team),
        Some(("agent", code)) => code.clone_into(&mut request.agent),
        _ => {}
    }
    request
}

/// What went wrong, in French, beside the field that it is about.
fn explain(action: &str, error: &Error, errors: &mut Errors) -> StatusCode {
    let field = match action {
        "message" => "message.texte",
        "usager" => "usager.texte",
        "note" => "note.texte",
        "transmettre" => "transmettre.a",
        "clore" => "clore.message",
        "rouvrir" => "rouvrir.motif",
        _ => "",
    };
    let moving = matches!(action, "prendre" | "transmettre");
    match error.kind() {
        ErrorKind::Conflict => {
            errors.add(
                "",
                "Un collègue a modifié ce dossier pendant que vous l'aviez sous les yeux. Voici son état actuel. Ce que \
                 vous avez écrit est resté dans le formulaire : relisez, puis envoyez à nouveau.",
            );
            StatusCode::CONFLICT
        }
        ErrorKind::FailedPrecondition => {
            errors.add(if moving { field } else { "" }, sentences::of_whole(error));
            StatusCode::CONFLICT
        }
        ErrorKind::Denied => {
            errors.add("", sentences::of_whole(error));
            StatusCode::FORBIDDEN
        }
        ErrorKind::Invalid => {
            for violation in error.violations() {
                let field = match violation.field.as_str() {
                    "reason" if action == "transmettre" => "transmettre.motif",
                    "reason" => "rouvrir.motif",
                    "grounds" => "clore.motifs",
                    "outcome" => "clore.issue",
                    _ => field,
                };
                errors.add(field, sentences::of_field(violation));
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => {
            errors.add("", "L'action n'a pas pu se faire. Ce que vous avez écrit est resté ci-dessous : réessayez dans quelques instants.");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_needs_its_grounds_and_no_action_needs_no_message() {
        let checked = |pairs: &[(&str, &str)]| {
            let values = Values(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
            let mut errors = Errors::default();
            check("clore", &values, &mut errors);
            errors
        };
        assert!(!checked(&[("clore.issue", "rejected"), ("clore.message", "x")]).of("clore.motifs").is_empty());
        assert!(checked(&[("clore.issue", "closed_without_action")]).is_empty());
        assert!(!checked(&[("clore.issue", "answered")]).of("clore.message").is_empty());
    }

    #[test]
    fn a_case_goes_to_exactly_one() {
        let request = target("team:voirie-nord");
        assert_eq!((request.unit.as_str(), request.team.as_str(), request.agent.as_str()), ("", "voirie-nord", ""));
        assert_eq!(target("n'importe quoi"), ReassignCaseRequest::default());
    }

    #[test]
    fn a_conflict_is_said_and_keeps_its_status() {
        let mut errors = Errors::default();
        assert_eq!(explain("message", &Error::conflict("x"), &mut errors), StatusCode::CONFLICT);
        assert!(errors.of("").contains("Un collègue a modifié"));
    }
}
