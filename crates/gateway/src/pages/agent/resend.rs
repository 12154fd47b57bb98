//! `POST /agent/avis/{id}/renvoi`: the address of a notice that failed is put right, and the notice goes again.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::{ErrorKind, Reference, Role};
use parvis_proto::notification::{Notice, ResendNoticeRequest};

use crate::{
    csrf::CsrfFields,
    pages::{
        field::{Field, Input},
        format,
        page::{Desk, refused, show_with},
        shell::{Area, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

const SENDERS: [Role; 4] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::Administrator];

/// Where the list of failures is.
pub const FAILURES: &str = "echecs";

/// What a list shows of a failed notice, to mend it.
pub struct ResendView {
    /// The notice.
    pub id: String,
    /// Where it was sent to; empty: the reader does not see it, or it is no longer kept.
    pub address: String,
    /// Why it failed, in words.
    pub why: String,
    /// Where the form leads back to.
    pub back: String,
}

impl ResendView {
    /// Of a notice; `None` where it is none that can be sent again.
    pub fn of(notice: &Notice, back: &str) -> Option<Self> {
        if notice.state != "failed" || notice.mode != "email" {
            return None;
        }
        let why = notice.attempts.last().map(|attempt| format::failure(&attempt.detail)).unwrap_or_default();
        // The name, a comma, the address.
        let address = notice.recipient.rsplit(", ").next().unwrap_or_default().to_owned();
        Some(Self { id: notice.id.clone(), address, why, back: back.to_owned() })
    }
}

#[derive(Template)]
#[template(path = "agent/resend.html")]
struct ResendPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    id: String,
    back: String,
    email: Field,
}

/// Sends it again.
pub async fn act(desk: Desk, Path(id): Path<String>, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&SENDERS)?;
    let values = Values(fields.0);
    let back = values.first("retour").to_owned();
    let request = ResendNoticeRequest { notice_id: id.clone(), email: values.first("email").to_owned() };
    let to = match back.parse::<Reference>() {
        Ok(reference) => format!("/agent/dossiers/{reference}"),
        Err(_) if back == FAILURES => "/admin/echecs".to_owned(),
        Err(_) => "/agent".to_owned(),
    };
    match answer(desk.page.state.notification()?.resend_notice(desk.call(request)).await) {
        Ok(_) => Ok(Redirect::to(&format!("{to}?fait=renvoye")).into_response()),
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::FailedPrecondition) => {
            Ok(Redirect::to(&format!("{to}?fait=non-renvoye")).into_response())
        }
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let mut errors = Errors::default();
            for violation in error.violations() {
                errors.add("email", sentences::of_field(violation));
            }
            let email = Field::new("email", "Adresse électronique", Input::Line("text")).no_spelling();
            let page = ResendPage {
                shell: desk.shell(Area::Agent, "Corriger une adresse").await,
                errors: errors.lines(&["email"]),
                email: email.fill(&values, &errors),
                id,
                back,
            };
            show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(refused(error)),
    }
}

#[cfg(test)]
mod tests {
    use parvis_proto::notification::Attempt;

    use super::*;

    #[test]
    fn only_a_failed_mail_is_mended_with_its_address_and_why() {
        let detail = "recipient.email is not an e-mail address".to_owned();
        let failed = Notice {
            state: "failed".into(),
            mode: "email".into(),
            recipient: "Zoé Petit, Les Lilas, mailto:zoe@exemple.fr".into(),
            attempts: vec![Attempt { detail, ..Attempt::default() }],
            ..Notice::default()
        };
        let view = ResendView::of(&failed, FAILURES).unwrap();
        assert_eq!(view.address, "mailto:zoe@exemple.fr");
        assert!(view.why.contains("adresse"), "{}", view.why);
        for other in [Notice { state: "sent".into(), ..failed.clone() }, Notice { mode: "letter".into(), ..failed }] {
            assert!(ResendView::of(&other, FAILURES).is_none());
        }
    }
}
