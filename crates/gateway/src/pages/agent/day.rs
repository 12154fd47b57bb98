//! `/agent`: what one has to do today.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use parvis_kernel::Role;
use parvis_proto::{
    casework::{ListCasesRequest, ListCasesResponse},
    common::PageRequest,
    routing::GetQueuesRequest,
};

use super::{
    offers::{self, OfferView},
    row::{CaseRow, CasesTable},
};
use crate::{
    pages::{
        format,
        page::{Desk, or_down, show},
        shell::{Area, Shell},
    },
    problem::Problem,
    state::answer,
};

/// Cases read to count; beyond, « 200 et plus ».
const READ: u32 = 200;
/// Lines shown of each list.
const SHOWN: usize = 12;

struct QueueView {
    unit: String,
    waiting: String,
    oldest: String,
}

#[derive(Template)]
#[template(path = "agent/day.html")]
struct DayPage {
    shell: Shell,
    mine: String,
    waiting: String,
    pressing: String,
    late: bool,
    unread: String,
    todo: CasesTable,
    queue: CasesTable,
    queues: Vec<QueueView>,
    supervises: bool,
    offers: Vec<OfferView>,
    down: Vec<String>,
}

/// The page. Those who handle nothing have another first page.
async fn show_day(desk: &Desk) -> Result<Response, Problem> {
    let list = |view: &str| ListCasesRequest {
        view: view.to_owned(),
        page: Some(PageRequest { size: READ, token: String::new() }),
        ..ListCasesRequest::default()
    };
    let state = &desk.page.state;
    let (mine, queue, queues, offers) = tokio::join!(
        async { answer(state.casework()?.list_cases(desk.call(list("mine"))).await) },
        async { answer(state.casework()?.list_cases(desk.call(list("queue"))).await) },
        async { answer(state.routing()?.get_queues(desk.call(GetQueuesRequest {})).await) },
        offers::of(desk),
    );
    let mut down = Vec::new();
    let mut rows = |answered: parvis_kernel::Result<ListCasesResponse>, part: &str| match or_down(answered, part) {
        Ok(listed) => rows(desk, listed),
        Err(said) => {
            down.push(said);
            (Vec::new(), "–".to_owned())
        }
    };
    let (mut mine, mine_count) = rows(mine, "Vos dossiers");
    let (mut queue, queue_count) = rows(queue, "La file du service");
    let zone = desk.page.zone();
    let now = desk.page.now();
    let queues = match or_down(queues, "Les files d'attente") {
        Ok(listed) => listed.queues,
        Err(said) => {
            down.push(said);
            Vec::new()
        }
    };
    let queues = queues.into_iter().filter(|queue| queue.waiting > 0).map(|queue| QueueView {
        unit: queue.unit_name,
        waiting: format::plural(queue.waiting, "dossier", "dossiers"),
        oldest: format::relative(format::instant(queue.oldest.as_ref()), now, &zone),
    });
    let pressing = mine.iter().filter(|row| row.presses()).count() as u64;
    let late = mine.iter().any(|row| row.due_class == "late");
    let unread = mine.iter().filter(|row| row.unread).count() as u64;
    // What the citizen wrote comes before the rest, whose order is casework's.
    mine.sort_by_key(|row| !row.unread);
    mine.truncate(SHOWN);
    queue.truncate(SHOWN);
    show(&DayPage {
        shell: desk.shell(Area::Agent, "Ma journée").await,
        mine: mine_count,
        waiting: queue_count,
        pressing: format::count(pressing),
        late,
        unread: format::count(unread),
        todo: CasesTable {
            caption: "À faire d'abord".to_owned(),
            empty: "Aucun dossier ne vous est confié.".to_owned(),
            under_heading: true,
            with_handler: false,
            rows: mine,
        },
        queue: CasesTable {
            caption: "En attente dans vos services".to_owned(),
            empty: "Aucun dossier n'attend.".to_owned(),
            under_heading: true,
            with_handler: true,
            rows: queue,
        },
        queues: queues.collect(),
        supervises: desk.has(&[Role::Supervisor]),
        offers,
        down,
    })
}

/// The cases as lines, and how many there are.
fn rows(desk: &Desk, listed: ListCasesResponse) -> (Vec<CaseRow>, String) {
    let zone = desk.page.zone();
    let today = format::day_of(desk.page.now(), &zone);
    let more = if listed.next_page_token.is_empty() { "" } else { " et plus" };
    let count = format!("{}{more}", format::count(listed.cases.len() as u64));
    (listed.cases.into_iter().map(|case| CaseRow::new(case, today, &zone)).collect(), count)
}

/// The handler.
pub async fn show_or_lead(desk: Desk) -> Result<Response, Problem> {
    if !desk.handles() {
        let home = if desk.has(&[Role::ElectedOfficial]) { "/elus" } else { "/admin" };
        return Ok(Redirect::to(home).into_response());
    }
    show_day(&desk).await
}
