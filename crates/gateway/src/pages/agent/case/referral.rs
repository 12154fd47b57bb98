//! A request that was another body's (CRPA L114-2): whether it went to it, and `…/transmission`, to print and post it.

use askama::Template;
use axum::{extract::Path, response::Response};
use parvis_kernel::ErrorKind;
use parvis_proto::{
    casework::CaseDetail,
    notification::{ListNoticesRequest, Notice},
    routing::Transfer,
};

use super::find;
use crate::{
    pages::{
        agent::HANDLERS,
        format::{self, instant},
        page::{Desk, refused, show as render},
        requester,
        shell::{Area, Shell},
    },
    problem::Problem,
    state::answer,
};

/// A competent body to whom a transfer is proposed.
pub struct TransferView {
    /// Its name.
    pub name: String,
    /// How to reach it.
    pub contact: String,
    /// Where the request is sent; empty: a letter has to be posted.
    pub email: String,
}

impl TransferView {
    /// Of a transfer that nobody has confirmed or refused yet.
    pub fn proposed(transfer: Option<Transfer>) -> Option<Self> {
        let transfer = transfer.filter(|transfer| transfer.state == "proposed")?;
        Some(Self { name: transfer.name, contact: transfer.contact, email: transfer.email })
    }
}

/// What was sent to the body, and what an agent has to do still.
pub struct Referral {
    /// In a sentence.
    pub text: &'static str,
    /// Nothing reached it.
    pub to_do: bool,
    /// A letter is in the list of what is to be handed over.
    pub to_mark: bool,
    /// The page of what is to be printed is worth opening.
    pub to_print: bool,
    /// Why what was sent cannot be read again; empty: it can.
    pub removed: &'static str,
}

impl Referral {
    /// Of a case closed as transferred; `notices` as notification lists them, `None` where it did not.
    pub fn of(state: &str, outcome: &str, notices: Option<&[Notice]>) -> Option<Self> {
        if state != "closed" || outcome != "transferred_out" {
            return None;
        }
        let sending = notices.map_or(Sending::NotHeardOf, Sending::of);
        let to_mark = matches!(&sending, Sending::By(notice) if notice.state == "to_hand_over");
        let removed = if sending.was_removed() { format::TEXT_REMOVED } else { "" };
        let (text, to_do) = match sending {
            Sending::NotHeardOf => {
                return Some(Self { text: NOT_HEARD_OF, to_do: false, to_mark: false, to_print: false, removed: "" });
            }
            Sending::Nothing => (
                "Rien n'a été envoyé à l'organisme compétent : transmettez-lui la demande, par courrier par exemple.",
                true,
            ),
            Sending::By(notice) => match notice.state.as_str() {
                "sent" => ("La demande a été envoyée par courriel à l'organisme compétent.", false),
                "handed_over" => ("La demande a été postée à l'organisme compétent.", false),
                "to_hand_over" => {
                    ("Aucun courriel n'est connu pour l'organisme compétent : postez-lui la demande.", true)
                }
                "failed" => (
                    "Le courriel à l'organisme compétent n'est pas parvenu : envoyez-lui la demande par courrier.",
                    true,
                ),
                _ => ("La demande est en cours d'envoi par courriel à l'organisme compétent.", false),
            },
        };
        Some(Self { text, to_do, to_mark, to_print: removed.is_empty(), removed })
    }
}

const NOT_HEARD_OF: &str = "L'envoi à l'organisme n'est pas encore connu : rechargez la page dans un instant.";

/// What notification did with the last closing of a case.
enum Sending<'a> {
    /// It has not heard of the closing yet: whatever it did before is about an earlier one.
    NotHeardOf,
    /// It told the citizen and had nothing to send to the body.
    Nothing,
    /// It sends this.
    By(&'a Notice),
}

impl<'a> Sending<'a> {
    /// `notices`: those of the case, oldest first.
    fn of(notices: &'a [Notice]) -> Self {
        let since = notices.rsplit(|notice| notice.kind == "reopened").next().unwrap_or_default();
        match since.iter().rfind(|notice| notice.kind == "referral") {
            Some(notice) => Self::By(notice),
            None if since.iter().any(|notice| notice.kind == "closed") => Self::Nothing,
            None => Self::NotHeardOf,
        }
    }

    /// Whether it went, so long ago that its words are no longer kept. What never arrived is written anew.
    fn was_removed(&self) -> bool {
        matches!(self, Self::By(notice) if notice.text_removed_at.is_some() && notice.state != "failed")
    }
}

#[derive(Template)]
#[template(path = "agent/referral.html")]
struct ReferralPage {
    shell: Shell,
    reference: String,
    advice: &'static str,
    body: String,
}

/// The page. What was sent or is to be posted, word for word; where nothing was, the request as the case has it. What
/// was sent and is no longer kept is not made up.
pub async fn show(desk: Desk, Path(reference): Path<String>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let detail = find(&desk, &reference, "").await?;
    let case = detail.case.clone().unwrap_or_default();
    if case.outcome != "transferred_out" {
        return Err(Problem::not_found("Ce dossier n'est pas transmis à un autre organisme."));
    }
    let request = ListNoticesRequest { case_id: case.id.clone(), ..ListNoticesRequest::default() };
    let listed = match answer(desk.page.state.notification()?.list_notices(desk.call(request)).await) {
        Ok(listed) => listed.notices,
        // It has not heard of the case at all.
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(refused(error)),
    };
    // A letter of ours beside another that is on its way would make two: it is written only where there is none.
    let sending = Sending::of(&listed);
    if sending.was_removed() {
        return Err(Problem::gone(format!("{} La demande, elle, se lit dans le dossier.", format::TEXT_REMOVED)));
    }
    let body = match sending {
        Sending::NotHeardOf => return Err(Problem::unavailable(NOT_HEARD_OF)),
        Sending::By(notice) if !notice.body.is_empty() => notice.body.clone(),
        Sending::By(_) | Sending::Nothing => written(&desk, &detail),
    };
    let advice = if detail.attachments.is_empty() {
        "Écrivez l'adresse de l'organisme sur l'enveloppe si elle n'est pas sur le courrier."
    } else {
        "Écrivez l'adresse de l'organisme sur l'enveloppe si elle n'est pas sur le courrier. Les fichiers joints se \
         téléchargent depuis le dossier : ajoutez ceux dont l'organisme a besoin."
    };
    let title = format!("Transmission du dossier {}", case.reference);
    let shell =
        desk.shell(Area::Agent, title).await.under(&[("/agent", "Ma journée"), ("/agent/dossiers", "Dossiers")]);
    render(&ReferralPage { shell, reference: case.reference, advice, body })
}

/// A letter to a body whose name the agent writes.
fn written(desk: &Desk, detail: &CaseDetail) -> String {
    let case = detail.case.clone().unwrap_or_default();
    let who = detail.requester.clone().unwrap_or_default();
    let received = format::date_time(instant(case.received_at.as_ref()), &desk.page.zone());
    let mut lines = vec![
        "Madame, Monsieur,".to_owned(),
        String::new(),
        format!(
            "Nous avons reçu le {received} la demande ci-dessous, qui nous paraît relever de votre compétence. Nous vous la \
             transmettons en application de l'article L. 114-2 du code des relations entre le public et l'administration, et \
             nous en informons la personne."
        ),
        String::new(),
        format!("Notre référence : {}", case.reference),
        format!("Objet : {}", case.title),
        String::new(),
        requester::name(&who),
    ];
    for value in [&who.phone, &who.email, &who.postal_address] {
        if !value.is_empty() {
            lines.push(value.clone());
        }
    }
    lines.push(String::new());
    if !detail.text.is_empty() {
        lines.push(detail.text.clone());
        lines.push(String::new());
    }
    for given in &detail.answers {
        let shown = if given.display.is_empty() { &given.values } else { &given.display };
        lines.push(format!("{} : {}", given.label, shown.join(", ")));
    }
    if !detail.address.is_empty() {
        lines.push(format!("Lieu : {}", detail.address));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: &str, state: &str) -> Notice {
        Notice { kind: kind.into(), state: state.into(), ..Notice::default() }
    }

    #[test]
    fn an_agent_is_told_what_is_left_to_do() {
        let told = |notices: &[Notice]| {
            let referral = Referral::of("closed", "transferred_out", Some(notices)).unwrap();
            (referral.to_do, referral.to_mark)
        };
        assert_eq!(told(&[notice("closed", "sent")]), (true, false), "nothing was sent to the body");
        assert_eq!(told(&[notice("referral", "pending")]), (false, false));
        assert_eq!(told(&[notice("referral", "failed"), notice("referral", "sent")]), (false, false));
        assert_eq!(told(&[notice("referral", "failed")]), (true, false));
        assert_eq!(told(&[notice("referral", "to_hand_over")]), (true, true));
        assert!(Referral::of("closed", "answered", Some(&[])).is_none());
        assert!(Referral::of("reopened", "", Some(&[])).is_none());
    }

    #[test]
    fn nobody_is_told_to_send_what_may_have_been_sent() {
        let unknown = |notices: Option<&[Notice]>| {
            let referral = Referral::of("closed", "transferred_out", notices).unwrap();
            referral.text == NOT_HEARD_OF && !referral.to_do && !referral.to_print
        };
        assert!(unknown(None), "notification is down");
        assert!(unknown(Some(&[])) && unknown(Some(&[notice("acknowledgment", "sent")])), "it has not heard yet");
        let (sent, closed, reopened) =
            (notice("referral", "sent"), notice("closed", "sent"), notice("reopened", "sent"));
        let before = [closed.clone(), sent.clone(), reopened.clone()];
        assert!(unknown(Some(&before)), "it has not heard of the second closing");
        let told = |last: &[Notice]| {
            Referral::of("closed", "transferred_out", Some(&[before.as_slice(), last].concat())).unwrap().to_do
        };
        assert!(told(std::slice::from_ref(&closed)), "closed again, to nobody this time");
        assert!(told(&[closed.clone(), notice("referral", "failed")]) && !told(&[closed, sent]));
    }
}
