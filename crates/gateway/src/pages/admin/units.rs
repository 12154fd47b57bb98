//! `/admin`: the tree of services, with what waits in each.

use std::collections::HashMap;

use askama::Template;
use parvis_proto::routing::{Directory, GetDirectoryRequest, GetQueuesRequest, Unit};

use super::{Answer, ORGANISERS, frame};
use crate::{
    pages::{
        format,
        page::{Desk, or_down, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

/// Levels of a tree at most; the import refuses cycles, and the page does not depend on it.
const DEEPEST: usize = 12;

/// A service and those below.
#[derive(Template)]
#[template(path = "admin/unit.html")]
struct UnitView {
    name: String,
    code: String,
    contact: String,
    teams: String,
    waiting: String,
    below: Vec<UnitView>,
}

struct SiteView {
    name: String,
    address: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "admin/units.html")]
struct UnitsPage {
    shell: Shell,
    tabs: Vec<Link>,
    down: Vec<String>,
    roots: Vec<UnitView>,
    sites: Vec<SiteView>,
    districts: String,
    default_unit: String,
    counts: String,
}

/// The page.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    let state = &desk.page.state;
    let (directory, queues) = tokio::join!(
        async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
        async { answer(state.routing()?.get_queues(desk.call(GetQueuesRequest {})).await) },
    );
    let directory = directory.map_err(refused)?;
    let mut down = Vec::new();
    let queues = or_down(queues, "Les files d'attente").unwrap_or_else(|said| {
        down.push(said);
        Default::default()
    });
    let waiting = queues.queues.into_iter().map(|queue| (queue.unit, queue.waiting)).collect();
    let counts = format!(
        "{}, {}, {}",
        format::plural(directory.units.len() as u64, "service", "services"),
        format::plural(directory.teams.len() as u64, "équipe", "équipes"),
        format::plural(directory.sites.len() as u64, "lieu d'accueil", "lieux d'accueil"),
    );
    let default_unit = format::unit_name(&directory, &directory.default_unit);
    let (shell, tabs) = frame(&desk, "Services").await;
    render(&UnitsPage {
        shell,
        tabs,
        down,
        roots: tree(&directory, &waiting),
        districts: directory.districts.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "),
        default_unit,
        counts,
        sites: directory
            .sites
            .into_iter()
            .map(|site| SiteView { name: site.name, address: site.postal_address, phone: site.phone })
            .collect(),
    })
}

fn tree(directory: &Directory, waiting: &HashMap<String, u64>) -> Vec<UnitView> {
    let known = |code: &str| directory.units.iter().any(|unit| unit.code == code);
    let roots = directory.units.iter().filter(|unit| unit.parent.is_empty() || !known(&unit.parent));
    roots.map(|unit| branch(directory, waiting, unit, 0)).collect()
}

fn branch(directory: &Directory, waiting: &HashMap<String, u64>, unit: &Unit, depth: usize) -> UnitView {
    let children = directory.units.iter().filter(|child| depth < DEEPEST && child.parent == unit.code);
    let teams: Vec<_> =
        directory.teams.iter().filter(|team| team.unit == unit.code).map(|team| team.name.as_str()).collect();
    let contact = [unit.phone.as_str(), unit.email.as_str()];
    UnitView {
        name: unit.name.clone(),
        code: unit.code.clone(),
        contact: contact.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · "),
        teams: teams.join(", "),
        waiting: match waiting.get(&unit.code) {
            Some(count) if *count > 0 => format!("{} en attente", format::count(*count)),
            _ => String::new(),
        },
        below: children.map(|child| branch(directory, waiting, child, depth + 1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_or_a_lost_parent_does_not_hang_the_page() {
        let unit = |code: &str, parent: &str| Unit { code: code.into(), parent: parent.into(), ..Unit::default() };
        let directory = Directory {
            units: vec![unit("a", ""), unit("b", "a"), unit("x", "y"), unit("y", "x"), unit("perdu", "absent")],
            ..Directory::default()
        };
        let roots = tree(&directory, &HashMap::from([("b".to_owned(), 3)]));
        let codes: Vec<_> = roots.iter().map(|root| root.code.as_str()).collect();
        assert_eq!(codes, ["a", "perdu"]);
        assert_eq!(roots[0].below[0].waiting, "3 en attente");
    }
}
