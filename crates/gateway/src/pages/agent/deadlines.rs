//! `/agent/dossiers/echeances`: for whoever supervises, what is late or will be, by service and by agent.

use askama::Template;
use axum::{extract::Query, response::Response};
use jiff::ToSpan as _;
use parvis_kernel::Role;
use parvis_proto::{
    casework::{CountDueCasesRequest, DueCases, ListCasesRequest},
    common::PageRequest,
    routing::{Directory, GetDirectoryRequest},
};
use serde::Deserialize;

use super::{
    row::{CasesTable, filtered, rows},
    tabs::{DEADLINES, tabs},
};
use crate::{
    pages::{
        field::Choice,
        format,
        page::{Desk, refused, show},
        shell::{Area, Link, Shell},
    },
    problem::Problem,
    state::answer,
};

const PAGE: u32 = 50;
/// How many days ahead may be looked.
const HORIZONS: [(u32, &str); 4] =
    [(0, "En retard, ou aujourd'hui"), (2, "Sous 2 jours"), (7, "Sous 7 jours"), (30, "Sous 30 jours")];
/// What stands for the queue, in the place of an agent.
const QUEUE: &str = "file";

/// Which cases.
#[derive(Clone, Default, Deserialize)]
pub struct Which {
    #[serde(default)]
    service: String,
    #[serde(default)]
    agent: String,
    #[serde(default)]
    sous: String,
    #[serde(default)]
    page: String,
}

/// What one agent, one queue or a whole service has.
struct Line {
    unit: String,
    who: String,
    late: String,
    near: String,
    is_late: bool,
    whole: bool,
    href: String,
}

#[derive(Template)]
#[template(path = "agent/deadlines.html")]
struct DeadlinesPage {
    shell: Shell,
    tabs: Vec<Link>,
    which: Which,
    horizons: Vec<(u32, &'static str, bool)>,
    units: Vec<Choice>,
    late: String,
    near: String,
    is_late: bool,
    lines: Vec<Line>,
    table: CasesTable,
    everybody: String,
    next: String,
}

/// The page.
pub async fn list(desk: Desk, Query(mut which): Query<Which>) -> Result<Response, Problem> {
    desk.require(&[Role::Supervisor])?;
    let days = which.sous.parse().ok().filter(|days| HORIZONS.iter().any(|(known, _)| known == days)).unwrap_or(7);
    which.sous = days.to_string();
    let today = format::day_of(desk.page.now(), &desk.page.zone());
    let due_by = today.saturating_add(i64::from(days).days()).to_string();
    let in_queue = which.agent == QUEUE;
    let request = ListCasesRequest {
        view: if in_queue { "queue" } else { "unit" }.to_owned(),
        unit: which.service.clone(),
        agent: if in_queue { String::new() } else { which.agent.clone() },
        due_by: due_by.clone(),
        page: Some(PageRequest { size: PAGE, token: which.page.clone() }),
        ..ListCasesRequest::default()
    };
    let state = &desk.page.state;
    let (counted, listed, directory) = tokio::join!(
        async { answer(state.casework()?.count_due_cases(desk.call(CountDueCasesRequest { due_by })).await) },
        async { answer(state.casework()?.list_cases(desk.call(request)).await) },
        async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
    );
    let counts = counted.map_err(refused)?.counts;
    let listed = listed.map_err(refused)?;
    // Without routing, services are shown by their codes.
    let directory = directory.unwrap_or_default();
    let total = |of: fn(&DueCases) -> u64| counts.iter().map(of).sum::<u64>();
    let (late, near) = (total(|one| one.late), total(|one| one.near));
    let next = match listed.next_page_token.as_str() {
        "" => String::new(),
        token => address(&Which { page: token.to_owned(), ..which.clone() }),
    };
    let whose = caption(&which, &counts, &directory);
    let mut shell = desk.shell(Area::Agent, "Échéances").await;
    DEADLINES.clone_into(&mut shell.path);
    show(&DeadlinesPage {
        shell,
        tabs: tabs(&desk, "echeances", false),
        horizons: HORIZONS.iter().map(|(code, label)| (*code, *label, *code == days)).collect(),
        units: units(&desk, &directory),
        late: format::count(late),
        near: format::count(near),
        is_late: late > 0,
        lines: lines(&counts, &directory, &which),
        table: CasesTable {
            caption: format!("{whose}, les plus en retard d'abord"),
            empty: "Aucun dossier en retard ni à échéance sur cette période.".to_owned(),
            under_heading: false,
            with_handler: true,
            rows: rows(&desk, listed.cases),
        },
        everybody: match (which.service.as_str(), which.agent.as_str()) {
            ("", "") => String::new(),
            _ => address(&Which { sous: which.sous.clone(), ..Which::default() }),
        },
        which,
        next,
    })
}

/// Services, most late first, each followed by those who have its cases.
fn lines(counts: &[DueCases], directory: &Directory, which: &Which) -> Vec<Line> {
    let line = |unit: &str, agent: &str, who: String, late: u64, near: u64, whole: bool| Line {
        unit: format::unit_name(directory, unit),
        who,
        late: format::count(late),
        near: format::count(near),
        is_late: late > 0,
        whole,
        href: address(&Which {
            service: unit.to_owned(),
            agent: agent.to_owned(),
            sous: which.sous.clone(),
            page: String::new(),
        }),
    };
    let mut units: Vec<(&str, u64, u64)> = Vec::new();
    for one in counts {
        match units.iter_mut().find(|(unit, ..)| *unit == one.unit) {
            Some((_, late, near)) => {
                *late += one.late;
                *near += one.near;
            }
            None => units.push((&one.unit, one.late, one.near)),
        }
    }
    units.sort_by_key(|(_, late, near)| (std::cmp::Reverse(*late), std::cmp::Reverse(*near)));
    let mut lines = Vec::new();
    for (unit, late, near) in units.into_iter().filter(|(unit, ..)| [*unit, ""].contains(&which.service.as_str())) {
        lines.push(line(unit, "", "Tout le service".to_owned(), late, near, true));
        for one in counts.iter().filter(|one| one.unit == unit) {
            let agent = if one.agent.is_empty() { QUEUE } else { &one.agent };
            lines.push(line(unit, agent, who(one), one.late, one.near, false));
        }
    }
    lines
}

fn who(one: &DueCases) -> String {
    match (one.agent.as_str(), one.agent_name.as_str()) {
        ("", _) => "Dans la file, sans agent".to_owned(),
        (code, "") => code.to_owned(),
        (_, name) => name.to_owned(),
    }
}

/// Whose cases the list shows.
fn caption(which: &Which, counts: &[DueCases], directory: &Directory) -> String {
    let unit = format::unit_name(directory, &which.service);
    match (which.service.as_str(), which.agent.as_str()) {
        ("", "") => "Dossiers de tous vos services".to_owned(),
        (_, "") => format!("Dossiers du service {unit}"),
        (_, QUEUE) => format!("Dossiers en attente d'un agent, {unit}"),
        (_, agent) => {
            let known = counts.iter().find(|one| one.agent == agent).map(who);
            format!("Dossiers de {}", known.unwrap_or_else(|| agent.to_owned()))
        }
    }
}

/// The services of whoever sees several.
fn units(desk: &Desk, directory: &Directory) -> Vec<Choice> {
    let mine = &desk.session.claims().units;
    if mine.len() < 2 {
        return Vec::new();
    }
    mine.iter().map(|code| Choice::new(code.as_str(), format::unit_name(directory, code.as_str()))).collect()
}

fn address(which: &Which) -> String {
    filtered(
        DEADLINES,
        &[("service", &which.service), ("agent", &which.agent), ("sous", &which.sous), ("page", &which.page)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_come_most_late_first_with_their_agents() {
        let count = |unit: &str, agent: &str, late, near| DueCases {
            unit: unit.into(),
            agent: agent.into(),
            agent_name: agent.to_uppercase(),
            late,
            near,
        };
        let counts = [count("sport", "ana", 3, 0), count("voirie", "bob", 2, 1), count("voirie", "", 2, 0)];
        let which = Which { sous: "7".into(), ..Which::default() };
        let all = lines(&counts, &Directory::default(), &which);
        let said: Vec<_> = all.iter().map(|it| format!("{} {} {} {}", it.unit, it.who, it.late, it.near)).collect();
        assert_eq!(
            said,
            [
                "voirie Tout le service 4 1",
                "voirie BOB 2 1",
                "voirie Dans la file, sans agent 2 0",
                "sport Tout le service 3 0",
                "sport ANA 3 0"
            ]
        );
        assert_eq!(all[2].href, "/agent/dossiers/echeances?service=voirie&agent=file&sous=7");
        let one = lines(&counts, &Directory::default(), &Which { service: "sport".into(), ..which });
        assert_eq!(one.len(), 2);
    }
}
