//! Directories that change under running cases.

use std::path::Path;

use parvis_kernel::{ErrorKind, Role, TenantId};

use super::{
    on_both,
    world::{World, caller, tenants},
};
use crate::{
    domain::town,
    import_directory, parse_directory,
    usecase::{ExplainRouting, explain_routing, list_decisions},
};

on_both!(
    the_same_file_again_changes_nothing,
    a_retired_agent_s_cases_move,
    a_retired_unit_s_cases_move,
    old_explanations_use_the_rules_of_their_time,
    the_demonstration_towns_route,
);

/// The town without one of its tables.
fn without(start: &str) -> String {
    let at = town::TOWN.find(start).unwrap();
    let end = town::TOWN[at + 2..].find("\n[[").map_or(town::TOWN.len(), |end| at + 2 + end + 1);
    format!("{}{}", &town::TOWN[..at], &town::TOWN[end..])
}

async fn the_same_file_again_changes_nothing(world: World) {
    let again = world.import(&format!("# imported again\n{}", town::TOWN)).await;
    assert_eq!((again.version, again.changed, again.rule_set), (1, false, 1));
    let renamed = world.import(&town::TOWN.replace("\"Voirie\"", "\"Voirie et ponts\"")).await;
    assert_eq!((renamed.version, renamed.changed, renamed.rule_set), (2, true, 1));
    let ruled = world.import(&town::TOWN.replace("« matelas »", "").replace("\"matelas\",", "\"sommier\",")).await;
    assert_eq!((ruled.version, ruled.rule_set), (3, 2));
    let stranger = parse_directory("d.toml", &town::TOWN.replace("clairval\"", "ailleurs\"")).unwrap();
    let error = import_directory(&world.store, &tenants(), &stranger).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    // The running router decides by the new one at once.
    let id = world.open("un matelas").await;
    assert_eq!(world.case(id).await.need.unwrap().unit.as_str(), "accueil");
}

async fn a_retired_agent_s_cases_move(mut world: World) {
    let id = world.open("un trou rue du Port").await;
    let waiting = [world.open("un trou rue du Port").await, world.open("un trou rue du Port").await];
    assert_eq!(world.holder(id).await, Some(town::agent("alice-roy")));
    let text =
        without("[[agent]]\ncode = \"alice-roy\"").replace("unit = \"voirie\"\nteam = \"nord\"", "unit = \"voirie\"");
    let summary = world.import(&text).await;
    assert_eq!((summary.retired_agents.len(), summary.to_reroute), (1, 2));
    world.assignments();
    world.drain().await;
    // The team is still asked for, and nobody is in it any more: the queue has all three.
    assert_eq!(world.holder(id).await, None);
    assert_eq!(world.waiting().await, 3);
    assert!(
        world
            .assignments()
            .iter()
            .all(|said| said.cause == "agent_gone" && said.unit.as_ref().unwrap().code == "voirie")
    );
    world.import(town::TOWN).await;
    world.drain().await;
    let mut held = 0;
    for id in [id, waiting[0], waiting[1]] {
        held += u32::from(world.holder(id).await.is_some());
    }
    assert_eq!((held, world.waiting().await), (2, 1));
}

async fn a_retired_unit_s_cases_move(world: World) {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(world.open("un matelas").await);
    }
    let text = town::TOWN
        .replace("unit = \"proprete\"", "unit = \"accueil\"")
        .replace("units = [\"voirie\", \"proprete\"]", "units = [\"voirie\"]")
        .replace("[[unit]]\ncode = \"proprete\"\nname = \"Propreté\"\nparent = \"voirie\"\n", "");
    let summary = world.import(&text).await;
    assert_eq!((summary.retired_units.len(), summary.to_reroute), (1, 4));
    world.drain().await;
    for id in ids {
        assert_eq!(world.case(id).await.need.unwrap().unit.as_str(), "accueil");
        assert_eq!(world.holder(id).await, Some(town::agent("chloe-blanc")));
    }
    assert_eq!(world.waiting().await, 0);
}

async fn old_explanations_use_the_rules_of_their_time(world: World) {
    let id = world.open("un matelas").await;
    world.import(&without("[[rule]]\ncode = \"bruit\"").replace("Encombrants", "Gros objets")).await;
    let admin = caller("nadia-r", &[Role::Administrator], &["proprete"]);
    let refused = list_decisions(&world.router, &admin, id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "the explanation quotes the request");
    let worker = caller("bruno-petit", &[Role::CaseWorker], &["proprete"]);
    let decisions = list_decisions(&world.router, &worker, id).await.unwrap();
    let rules: Vec<_> = decisions[0].steps.iter().filter(|step| step.kind == "rule").collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert_eq!((rules[0].subject.as_str(), rules[0].kept), ("bruit", false));
    assert_eq!((rules[1].label.as_str(), rules[1].kept), ("Encombrants", true));
}

async fn the_demonstration_towns_route(world: World) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo");
    for slug in ["clairval", "petit-ormeau"] {
        let text = std::fs::read_to_string(demo.join(slug).join("directory.toml")).unwrap();
        assert!(world.import(&text).await.changed);
        let mut supervisor = caller("chef", &[Role::Supervisor], &[]);
        supervisor.tenant = TenantId::parse(slug).unwrap();
        let request =
            ExplainRouting { text: "Ma carte d'identité est perdue".to_owned(), ..ExplainRouting::default() };
        let view = explain_routing(&world.router, &supervisor, &request).await.unwrap();
        assert!(!view.steps.is_empty() && !view.decided.summary.is_empty());
    }
}
