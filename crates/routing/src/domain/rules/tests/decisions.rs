//! What rules decide of a case.

use parvis_directory::GeoPoint;
use parvis_kernel::UnitId;

use super::{at, error, findings, rule, set, then, when};
use crate::domain::{
    RuleOutcome, Snapshot, place, place_by,
    rules::{BodyText, Compiled, ConditionText, RuleSetText, Severity, read},
    town,
};

fn snapshot(text: &RuleSetText) -> Snapshot {
    let (rules, findings) = read(text);
    assert_eq!(findings, []);
    let zone = parvis_calendar::HolidayZone::Metropole;
    Snapshot::with_rules(1, 1, town::directory(), rules, zone, town::paris())
}

fn half(_: &UnitId) -> Option<u32> {
    Some(50)
}

#[test]
fn what_several_rules_say_adds_up() {
    let text = set(vec![
        rule(
            "grave",
            vec![when("words", "", "", &["danger"])],
            vec![then("priority", "urgent"), then("flag", "Danger")],
        ),
        rule("route", vec![when("words", "", "", &["trou"])], vec![then("unit", "voirie"), then("priority", "low")]),
        rule("autre", vec![when("words", "", "", &["matelas"])], vec![then("unit", "proprete")]),
        rule("suite", vec![when("words", "", "", &["trou"])], vec![then("flag", "Voirie"), then("stop", "")]),
        rule("apres", Vec::new(), vec![then("flag", "jamais")]),
    ]);
    let snapshot = snapshot(&text);
    let placement = place(&snapshot, &town::facts("Danger, un trou et un matelas"), &half);
    assert_eq!((placement.need.unit.as_str(), placement.need.rule.as_str()), ("voirie", "route"));
    assert_eq!(placement.need.priority.as_str(), "urgent");
    assert_eq!(placement.flags, ["Danger", "Voirie"]);
    use RuleOutcome::{Kept, NotTried};
    assert_eq!(placement.rules, [Kept, Kept, NotTried, Kept, NotTried]);
}

#[test]
fn a_level_goes_with_its_skill() {
    let asked = vec![then("skill", "voirie"), then("level", "3")];
    let hole = || vec![when("words", "", "", &["trou"])];
    let text = set(vec![
        rule("expert", vec![when("words", "", "", &["danger"])], asked),
        rule("route", hole(), vec![then("unit", "voirie"), then("stop", "")]),
    ]);
    assert_eq!(findings(&text), []);
    let lane = |text: &RuleSetText, said: &str| place(&snapshot(text), &town::facts(said), &half).need.lane;
    let found = lane(&text, "Danger, un trou");
    assert_eq!((found.skill.as_deref(), found.level), (Some("voirie"), 3));
    assert_eq!(lane(&text, "un trou").level, 0);
    // Another skill, that of the rule that names the unit, is asked at no level.
    let mut other = text.clone();
    other.rules[1].actions.insert(1, then("skill", "proprete"));
    let found = lane(&other, "Danger, un trou");
    assert_eq!((found.skill.as_deref(), found.level), (Some("proprete"), 0));
    let level = |value: &str| {
        let actions = vec![then("unit", "voirie"), then("skill", "voirie"), then("level", value), then("stop", "")];
        set(vec![rule("une", hole(), actions)])
    };
    assert_eq!(error(&level("6")), at(1, "actions[3].value"));
    assert_eq!(
        error(&set(vec![rule("une", hole(), vec![then("unit", "voirie"), then("level", "2")])])),
        at(1, "actions.skill")
    );
    let high = findings(&level("5"));
    assert!(
        high.len() == 1 && high[0].severity == Severity::Warning && high[0].message.contains("niveau 5"),
        "{high:?}"
    );
}

#[test]
fn a_rule_that_cannot_be_told_is_seen_and_the_case_goes_on() {
    let big = vec![when("field", "surface", "more", &["100"])];
    let text = set(vec![
        rule("grand", big, vec![then("unit", "voirie"), then("stop", "")]),
        rule("perdu", vec![when("words", "", "", &["mur"])], vec![then("unit", "disparu"), then("stop", "")]),
        rule("mur", vec![when("words", "", "", &["mur"])], vec![then("unit", "proprete"), then("stop", "")]),
    ]);
    let snapshot = snapshot(&text);
    let mut facts = town::facts("un mur");
    facts.answers.insert("surface".to_owned(), vec!["très grand".to_owned()]);
    let placement = place(&snapshot, &facts, &half);
    assert_eq!(placement.need.rule, "mur");
    assert_eq!(placement.rules, [RuleOutcome::Failed, RuleOutcome::Failed, RuleOutcome::Kept]);
    let told: Vec<_> = placement.faults.iter().map(|(rule, fault)| (*rule, fault.kind())).collect();
    assert_eq!(told, [(0, "not_a_number"), (1, "no_unit")]);
    facts.answers.insert("surface".to_owned(), vec!["120,5".to_owned()]);
    assert_eq!(place(&snapshot, &facts, &half).need.rule, "grand");
}

#[test]
fn a_place_is_in_the_district_around_it() {
    let mut directory = town::directory();
    let corners = ["47.0,-1.0", "47.0,-0.9", "47.1,-0.9", "47.1,-1.0"];
    directory.districts[0].polygon = corners.iter().map(|corner| corner.parse().unwrap()).collect();
    let snapshot = town::snapshot_of(directory);
    let at = |point: &str| {
        let facts = crate::domain::CaseFacts { point: point.parse::<GeoPoint>().ok(), ..town::facts("un trou") };
        place(&snapshot, &facts, &half).need.rule
    };
    assert_eq!(at("47.05,-0.95"), "centre");
    assert_eq!(at("47.0,-0.95"), "centre", "on its edge");
    assert_eq!(at("47.05,-0.85"), "default");
    assert_eq!(at("95.0,-0.85"), "default", "nowhere on Earth");
}

#[test]
fn a_transfer_is_proposed_with_its_contact() {
    let mut text = set(vec![rule("caf", vec![when("words", "", "", &["allocation"])], vec![then("transfer", "caf")])]);
    text.bodies.push(BodyText {
        code: "caf".to_owned(),
        name: "Caisse d’allocations familiales".to_owned(),
        phone: "3230".to_owned(),
        ..BodyText::default()
    });
    let placement = place(&snapshot(&text), &town::facts("Mon allocation logement"), &half);
    let proposal = placement.transfer.unwrap();
    assert_eq!((proposal.body.as_str(), proposal.contact.as_str(), proposal.by.as_str()), ("caf", "3230", "caf"));
    // It stays here until an agent says so.
    assert_eq!(placement.need.unit.as_str(), "accueil");
}

#[test]
fn five_hundred_rules_are_read_at_once() {
    let words = |at: usize| vec![format!("mot{at}"), format!("expression rare {at}")];
    let rules = (0..500).map(|at| {
        let condition = ConditionText { kind: "words".to_owned(), values: words(at), ..ConditionText::default() };
        rule(&format!("rule-{at}"), vec![condition], vec![then("unit", UNITS[at % 3]), then("stop", "")])
    });
    let snapshot = snapshot(&set(rules.collect()));
    let compiled: &Compiled = &snapshot.rules;
    for at in [0, 77, 499] {
        let facts = town::facts(&format!("Bonjour, je vous écris pour une Expression  rare {at}, merci"));
        let placement = place_by(&snapshot, compiled, &facts, &half);
        assert_eq!(placement.need.rule, format!("rule-{at}"));
        let trace = crate::domain::Trace { rules: placement.rules, ..crate::domain::Trace::default() };
        let stored = trace.to_stored().unwrap();
        assert!(stored.len() < 40, "{stored}");
        assert_eq!(crate::domain::Trace::from_stored(&stored).unwrap().rules.len(), at + 1);
    }
}

const UNITS: [&str; 3] = ["accueil", "voirie", "proprete"];
