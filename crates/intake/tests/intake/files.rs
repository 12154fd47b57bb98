//! Files of procedures: all or nothing, versions, retirement.

use std::time::Duration;

use parvis_intake::{ImportSummary, import_procedures, parse_procedures};
use parvis_kernel::{Caller, ErrorKind};

use crate::world::{FORM, World, by_form, citizen, demo, on_both, tenant};

const OTHER: &str = r#"
[[procedure]]
code = "autre"
title = "Carte d'électeur"
theme = "elections"
kind = "information"
silence = "none"
anonymous = true
keywords = ["voter", "Élections"]
"#;

async fn codes(world: &World, query: &str) -> Vec<String> {
    let found = world.intake.list_procedures(&citizen(), query, false).await.unwrap();
    found.into_iter().map(|procedure| format!("{}/{}", procedure.code, procedure.version)).collect()
}

async fn seen(world: &World, expected: &[&str]) {
    let as_expected = async || codes(world, "").await == expected;
    parvis_testkit::wait_until("the import to be seen", Duration::from_secs(10), as_expected).await;
}

on_both!(versions_follow_the_content, world => {
    assert!(world.import(FORM).await.is_empty());
    assert_eq!(world.count("procedure_version").await, 1);
    assert_eq!(codes(&world, "").await, ["essai/1"]);

    let both = format!("{FORM}{OTHER}");
    assert_eq!(world.import(&both).await, ImportSummary { added: 1, unchanged: 1, ..ImportSummary::default() });
    seen(&world, &["essai/1", "autre/1"]).await;
    assert_eq!(codes(&world, "ELECTIONS voter").await, ["autre/1"]);
    assert_eq!(world.import(&both).await, ImportSummary { unchanged: 2, ..ImportSummary::default() });

    let changed = both.replace("Carte d'électeur", "Votre carte d'électeur");
    assert_eq!(world.import(&changed).await, ImportSummary { changed: 1, unchanged: 1, ..ImportSummary::default() });
    seen(&world, &["essai/1", "autre/2"]).await;

    assert_eq!(world.import(FORM).await, ImportSummary { retired: 1, unchanged: 1, ..ImportSummary::default() });
    seen(&world, &["essai/1"]).await;
    let caller = citizen();
    let get = |version| world.intake.get_procedure(&caller, "autre", version);
    assert_eq!(get(0).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(get(1).await.unwrap().title, "Carte d'électeur");
    assert_eq!(get(9).await.unwrap_err().kind(), ErrorKind::NotFound);

    assert_eq!(world.import(&changed).await, ImportSummary { restored: 1, unchanged: 1, ..ImportSummary::default() });
    seen(&world, &["essai/1", "autre/2"]).await;
});

fn citizen_of(slug: &str) -> Caller {
    Caller::anonymous(tenant(slug))
}

on_both!(one_town_s_procedures_are_not_another_s, world => {
    let elsewhere = citizen_of("petit-ormeau");
    assert!(world.intake.list_procedures(&elsewhere, "", true).await.unwrap().is_empty());
    assert_eq!(world.intake.get_procedure(&elsewhere, "essai", 1).await.unwrap_err().kind(), ErrorKind::NotFound);
    let error = world.intake.submit_request(&elsewhere, by_form("k")).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "procedure_code");
    assert!(world.intake.get_procedure(&citizen(), "essai", 0).await.unwrap().fields.len() == 1);
    for (with_forms, fields) in [(false, 0), (true, 1)] {
        let listed = world.intake.list_procedures(&citizen(), "", with_forms).await.unwrap();
        assert_eq!(listed[0].fields.len(), fields);
    }
    assert_eq!(world.intake.get_procedure(&citizen(), "../x", 0).await.unwrap_err().kind(), ErrorKind::NotFound);
});

on_both!(a_town_that_is_not_served_is_refused_and_nothing_is_written, world => {
    let file = parse_procedures("ici.toml", &FORM.replace("clairval", "nulle-part")).unwrap();
    let error = import_procedures(&world.store, &world.tenants, &file).await.unwrap_err();
    assert!(error.message().contains("ici.toml:2: tenant: « nulle-part »"), "{error}");
    assert_eq!(world.count("procedure_version").await, 1);
});

on_both!(the_demonstration_towns_load, world => {
    for town in ["clairval", "petit-ormeau"] {
        let name = format!("{town}/procedures.toml");
        let text = std::fs::read_to_string(demo(&name)).unwrap();
        let file = match parse_procedures(&name, &text) {
            Ok(file) => file,
            Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        };
        let summary = import_procedures(&world.store, &world.tenants, &file).await.unwrap();
        assert_eq!(summary.added, file.procedures().len());
        let again = import_procedures(&world.store, &world.tenants, &file).await.unwrap();
        assert!(again.is_empty(), "{again:?}");
        assert!(!file.units_named().is_empty());
    }
});
