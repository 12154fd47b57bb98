//! `/admin/echecs`: notices that did not arrive, so that somebody calls or writes instead.

use askama::Template;
use axum::extract::Query;
use parvis_proto::{common::PageRequest, notification::ListFailuresRequest};
use serde::Deserialize;

use super::{Answer, ORGANISERS, frame};
use crate::{
    pages::{
        agent::resend::{FAILURES, ResendView},
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

const PAGE: u32 = 50;

struct FailureView {
    reference: String,
    kind: String,
    mode: String,
    when: String,
    attempts: String,
    detail: String,
    recipient: String,
    resend: Option<ResendView>,
}

#[derive(Template)]
#[template(path = "admin/failures.html")]
struct FailuresPage {
    shell: Shell,
    tabs: Vec<Link>,
    failures: Vec<FailureView>,
    next: String,
}

/// Where the list goes on.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    page: String,
}

/// The page.
pub async fn show(desk: Desk, Query(From { page }): Query<From>) -> Answer {
    desk.require(&ORGANISERS)?;
    let request = ListFailuresRequest { page: Some(PageRequest { size: PAGE, token: page }) };
    let listed = answer(desk.page.state.notification()?.list_failures(desk.call(request)).await).map_err(refused)?;
    let zone = desk.page.zone();
    let failures = listed.notices.into_iter().map(|notice| {
        let last = notice.attempts.last();
        let at = last.and_then(|attempt| attempt.at.as_ref()).or(notice.created_at.as_ref());
        FailureView {
            when: format::date_time(format::instant(at), &zone),
            attempts: format::plural(notice.attempts.len() as u64, "essai", "essais"),
            detail: last.map(|attempt| format::failure(&attempt.detail)).unwrap_or_default(),
            resend: ResendView::of(&notice, FAILURES),
            recipient: notice.recipient,
            kind: format::notice_kind(&notice.kind).to_owned(),
            mode: format::notice_mode(&notice.mode).to_owned(),
            reference: notice.reference,
        }
    });
    let failures = failures.collect();
    let (shell, tabs) = frame(&desk, "Avis non parvenus").await;
    render(&FailuresPage { shell, tabs, failures, next: listed.next_page_token })
}
