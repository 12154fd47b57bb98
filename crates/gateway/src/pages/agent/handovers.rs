//! `/agent/avis-a-remettre`: letters to post, calls to make; whoever did one marks it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use parvis_kernel::ErrorKind;
use parvis_proto::{
    common::PageRequest,
    notification::{ListHandoversRequest, ListNoticesResponse, MarkHandedOverRequest, Notice, ReadHandoversRequest},
};
use serde::Deserialize;

use super::HANDLERS;
use crate::{
    csrf::CsrfFields,
    pages::{
        format,
        page::{Desk, refused, show},
        shell::{Area, Shell},
    },
    problem::Problem,
    state::answer,
};

const PAGE: u32 = 50;
const PRINTED_MOST: u32 = 200;

/// A notice that somebody must hand over.
pub struct HandoverView {
    id: String,
    reference: String,
    kind: String,
    recipient: String,
    body: String,
    since: String,
}

struct Split {
    letters: Vec<HandoverView>,
    calls: Vec<HandoverView>,
}

#[derive(Template)]
#[template(path = "agent/handovers.html")]
struct HandoversPage {
    shell: Shell,
    letters: Vec<HandoverView>,
    calls: Vec<HandoverView>,
    next: String,
}

#[derive(Template)]
#[template(path = "agent/letters.html")]
struct LettersPage {
    shell: Shell,
    letters: Vec<HandoverView>,
    count: String,
}

/// Where the list goes on.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    page: String,
}

/// The list.
pub async fn list(desk: Desk, Query(From { page }): Query<From>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let listed = ask(&desk, PAGE, page).await?;
    let next = listed.next_page_token.clone();
    let Split { letters, calls } = split(&desk, listed.notices);
    let shell = desk.shell(Area::Agent, "Avis à remettre").await;
    show(&HandoversPage { shell, letters, calls, next })
}

/// The letters, each on its page.
pub async fn print(desk: Desk) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let listed = ask(&desk, PRINTED_MOST, String::new()).await?;
    let letters = listed.notices.into_iter().filter(|notice| notice.mode == "letter").map(|notice| notice.id);
    let letters = split(&desk, read(&desk, letters.collect()).await?).letters;
    let count = format::plural(letters.len() as u64, "courrier", "courriers");
    let shell =
        desk.shell(Area::Agent, "Courriers à imprimer").await.under(&[("/agent/avis-a-remettre", "Avis à remettre")]);
    show(&LettersPage { shell, letters, count })
}

/// One, whole: to be read out or typed, once one knows whom one speaks to.
pub async fn whole(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let Split { mut letters, calls } = split(&desk, read(&desk, vec![id]).await?);
    letters.extend(calls);
    let shell =
        desk.shell(Area::Agent, "Avis à remettre").await.under(&[("/agent/avis-a-remettre", "Avis à remettre")]);
    show(&LettersPage { shell, letters, count: String::new() })
}

/// Marks one as done.
pub async fn done(desk: Desk, Path(id): Path<String>, _fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&HANDLERS)?;
    let request = MarkHandedOverRequest { notice_id: id };
    let code = match answer(desk.page.state.notification()?.mark_handed_over(desk.call(request)).await) {
        Ok(_) => "remis",
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::FailedPrecondition) => "deja-remis",
        Err(error) => return Err(refused(error)),
    };
    Ok(Redirect::to(&format!("/agent/avis-a-remettre?fait={code}")).into_response())
}

/// As the people get them: the one place where a tracking code is on an agent's screen, to be posted or said.
async fn read(desk: &Desk, notice_ids: Vec<String>) -> Result<Vec<Notice>, Problem> {
    if notice_ids.is_empty() {
        return Ok(Vec::new());
    }
    let request = desk.call(ReadHandoversRequest { notice_ids });
    Ok(answer(desk.page.state.notification()?.read_handovers(request).await).map_err(refused)?.notices)
}

async fn ask(desk: &Desk, size: u32, token: String) -> Result<ListNoticesResponse, Problem> {
    let request = ListHandoversRequest { page: Some(PageRequest { size, token }) };
    answer(desk.page.state.notification()?.list_handovers(desk.call(request)).await).map_err(refused)
}

fn split(desk: &Desk, notices: Vec<Notice>) -> Split {
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let (mut letters, mut calls) = (Vec::new(), Vec::new());
    for notice in notices {
        let list = if notice.mode == "letter" { &mut letters } else { &mut calls };
        list.push(HandoverView {
            kind: format::notice_kind(&notice.kind).to_owned(),
            since: format::relative(format::instant(notice.created_at.as_ref()), now, &zone),
            id: notice.id,
            reference: notice.reference,
            recipient: notice.recipient,
            body: notice.body,
        });
    }
    Split { letters, calls }
}
