//! A request that was another body's (CRPA L114-2): whether it went to it, and `…/transmission`, to print and post it.

use askama::Template;
use axum::{extract::Path, response::Response};
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
        page::{Desk, or_down, show as render},
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
}

impl Referral {
    /// Of a case closed as transferred; `notices` as notification lists them.
    pub fn of(state: &str, outcome: &str, notices: &[Notice]) -> Option<Self> {
        if state != "closed" || outcome != "transferred_out" {
            return None;
        }
        let Some(notice) = latest(notices) else {
            let text =
                "Rien n'a été envoyé à l'organisme compétent : transmettez-lui la demande, par courrier par exemple.";
            return Some(Self { text, to_do: true, to_mark: false });
        };
        let (text, to_do) = match notice.state.as_str() {
            "sent" => ("La demande a été envoyée par courriel à l'organisme compétent.", false),
            "handed_over" => ("La demande a été postée à l'organisme compétent.", false),
            "to_hand_over" => ("Aucun courriel n'est connu pour l'organisme compétent : postez-lui la demande.", true),
            "failed" => {
                ("Le courriel à l'organisme compétent n'est pas parvenu : envoyez-lui la demande par courrier.", true)
            }
            _ => ("La demande est en cours d'envoi par courriel à l'organisme compétent.", false),
        };
        Some(Self { text, to_do, to_mark: notice.state == "to_hand_over" })
    }
}

fn latest(notices: &[Notice]) -> Option<&Notice> {
    notices.iter().rfind(|notice| notice.kind == "referral")
}

#[derive(Template)]
#[template(path = "agent/referral.html")]
struct ReferralPage {
    shell: Shell,
    reference: String,
    advice: &'static str,
    body: String,
}

/// The page. What was sent or is to be posted, word for word; where nothing was, the request as the case has it.
pub async fn show(desk: Desk, Path(reference): Path<String>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let detail = find(&desk, &reference).await?;
    let case = detail.case.clone().unwrap_or_default();
    if case.outcome != "transferred_out" {
        return Err(Problem::not_found("Ce dossier n'est pas transmis à un autre organisme."));
    }
    let request = ListNoticesRequest { case_id: case.id.clone(), ..ListNoticesRequest::default() };
    let notices = answer(desk.page.state.notification()?.list_notices(desk.call(request)).await);
    let sent = or_down(notices, "").ok().and_then(|listed| latest(&listed.notices).map(|notice| notice.body.clone()));
    let advice = if detail.attachments.is_empty() {
        "Écrivez l'adresse de l'organisme sur l'enveloppe si elle n'est pas sur le courrier."
    } else {
        "Écrivez l'adresse de l'organisme sur l'enveloppe si elle n'est pas sur le courrier. Les fichiers joints se \
         téléchargent depuis le dossier : ajoutez ceux dont l'organisme a besoin."
    };
    let body = sent.filter(|body| !body.is_empty()).unwrap_or_else(|| written(&desk, &detail));
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
            let referral = Referral::of("closed", "transferred_out", notices).unwrap();
            (referral.to_do, referral.to_mark)
        };
        assert_eq!(told(&[notice("closed", "sent")]), (true, false), "nothing was sent to the body");
        assert_eq!(told(&[notice("referral", "pending")]), (false, false));
        assert_eq!(told(&[notice("referral", "failed"), notice("referral", "sent")]), (false, false));
        assert_eq!(told(&[notice("referral", "failed")]), (true, false));
        assert_eq!(told(&[notice("referral", "to_hand_over")]), (true, true));
        assert!(Referral::of("closed", "answered", &[]).is_none() && Referral::of("reopened", "", &[]).is_none());
    }
}
