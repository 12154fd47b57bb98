//! What is said of rules that are wrong.

use parvis_kernel::UnitId;

use super::{at, error, findings, rule, set, then, to, when};
use crate::domain::{
    rules::{ActionText, BodyText, ConditionText, Finding, RuleSetText, Severity, check, read},
    town,
};

#[test]
fn the_rules_of_a_directory_file_are_sound() {
    let text = RuleSetText::from_directory(&town::directory(), Vec::new());
    let (set, findings) = read(&text);
    assert_eq!(findings, []);
    assert_eq!((set.rules.len(), set.default.unit), (3, UnitId::parse("accueil").ok()));
}

#[test]
fn each_mistake_is_named_by_rule_and_field() {
    let unit = || vec![then("unit", "voirie"), then("stop", "")];
    let one = |condition: ConditionText| error(&set(vec![rule("une", vec![condition], unit())]));
    assert_eq!(one(when("channel", "", "", &["pigeon"])), at(1, "conditions[1].values"));
    assert_eq!(one(when("channel", "", "", &[])), at(1, "conditions[1].values"));
    assert_eq!(one(when("colour", "", "", &["red"])), at(1, "conditions[1].kind"));
    assert_eq!(one(when("procedure", "", "", &["inconnue"])), at(1, "conditions[1].values"));
    assert_eq!(one(when("district", "", "", &["ailleurs"])), at(1, "conditions[1].values"));
    assert_eq!(one(when("words", "", "", &["…"])), at(1, "conditions[1].values"));
    assert_eq!(one(when("hours", "nuit", "inside", &[])), at(1, "conditions[1].subject"));
    assert_eq!(one(when("hours", "", "around", &[])), at(1, "conditions[1].test"));
    assert_eq!(one(when("dates", "", "", &["2026-12-31", "2026-01-01"])), at(1, "conditions[1].values"));
    let half = findings(&set(vec![rule("une", vec![when("dates", "", "", &["2026-12-31", ""])], unit())]));
    assert!(half[0].message.starts_with("Donnez deux jours"), "{half:?}");
    assert_eq!(one(when("load", "nowhere", "more", &["80"])), at(1, "conditions[1].subject"));
    assert_eq!(one(when("load", "voirie", "more", &["beaucoup"])), at(1, "conditions[1].values"));
    // Types.
    assert_eq!(one(when("field", "nature", "more", &["3"])), at(1, "conditions[1].test"));
    assert_eq!(one(when("field", "nature", "equals", &["porte"])), at(1, "conditions[1].test"));
    assert_eq!(one(when("field", "surface", "equals", &["grande"])), at(1, "conditions[1].test"));
    assert_eq!(one(when("field", "hauteur", "present", &[])), at(1, "conditions[1].subject"));
    assert_eq!(one(when("field", "nature", "equals", &["mur", "toit"])), at(1, "conditions[1].values"));
    // Names of the dead.
    let does =
        |actions: Vec<ActionText>| error(&set(vec![rule("une", vec![when("channel", "", "", &["web"])], actions)]));
    assert_eq!(does(vec![then("unit", "nowhere")]), at(1, "actions.unit"));
    assert_eq!(does(vec![then("unit", "proprete"), then("team", "nord")]), at(1, "actions.team"));
    assert_eq!(does(vec![then("unit", "voirie"), then("skill", "plongee")]), at(1, "actions.skill"));
    assert_eq!(does(vec![then("transfer", "caf")]), at(1, "actions.transfer"));
    assert_eq!(does(vec![then("team", "nord")]), at(1, "actions.unit"));
    assert_eq!(does(vec![then("priority", "tiède")]), at(1, "actions[1].value"));
    assert_eq!(does(vec![then("unit", "voirie"), then("unit", "accueil")]), at(1, "actions[2].kind"));
}

#[test]
fn a_set_ends_with_its_default_rule() {
    let unit = || vec![then("unit", "voirie")];
    let without = RuleSetText { rules: vec![rule("une", Vec::new(), unit())], ..RuleSetText::default() };
    assert_eq!(error(&without), at(0, "rules"));
    let mut conditional = set(Vec::new());
    conditional.rules[0].conditions.push(when("channel", "", "", &["web"]));
    assert_eq!(error(&conditional), at(1, "conditions"));
    let mut homeless = set(Vec::new());
    homeless.rules[0].actions = vec![then("flag", "à trier")];
    assert_eq!(error(&homeless), at(1, "actions.unit"));
    let twice = set(vec![rule("default", vec![when("channel", "", "", &["web"])], unit())]);
    assert!(findings(&twice).iter().any(|finding| finding.rule == 1 && finding.field == "code"));
    let reserved = set(vec![rule("manual", vec![when("channel", "", "", &["web"])], unit())]);
    assert_eq!(error(&reserved), at(1, "code"));
}

#[test]
fn a_rule_hidden_by_an_earlier_one_is_named() {
    let stop = || vec![then("unit", "voirie"), then("stop", "")];
    let words = |words: &[&str]| when("words", "", "", words);
    let pair =
        |a: Vec<ConditionText>, b: Vec<ConditionText>| set(vec![rule("une", a, stop()), rule("deux", b, stop())]);
    let web = || when("channel", "", "", &["web"]);
    assert_eq!(error(&pair(Vec::new(), vec![web()])), at(2, "conditions"));
    assert_eq!(error(&pair(vec![web()], vec![web(), words(&["bruit"])])), at(2, "conditions"));
    assert_eq!(error(&pair(vec![words(&["carte", "bruit"])], vec![words(&["Carte grise"])])), at(2, "conditions"));
    let more = |value: &str| when("field", "surface", "more", &[value]);
    assert_eq!(error(&pair(vec![more("10")], vec![more("20")])), at(2, "conditions"));
    for (a, b) in [
        (vec![more("20")], vec![more("10")]),
        (vec![words(&["carte grise"])], vec![words(&["carte"])]),
        // Those naming a procedure come first, wherever they stand.
        (Vec::new(), vec![when("procedure", "", "", &["permis"])]),
    ] {
        assert!(!Finding::forbid(&findings(&pair(a, b))));
    }
    // What only adds hides nothing.
    let adds = rule("une", Vec::new(), vec![then("priority", "high")]);
    assert!(!Finding::forbid(&findings(&set(vec![adds, rule("deux", vec![web()], stop())]))));
}

#[test]
fn contradictions_overlaps_and_loops_are_named() {
    let both = vec![when("hours", "", "inside", &[]), when("hours", "", "outside", &[])];
    assert_eq!(error(&set(vec![rule("une", both, to("voirie"))])), at(1, "conditions"));
    let day = vec![when("dates", "", "", &["2026-11-16", "2026-11-17"]), when("day", "", "", &["sunday"])];
    assert_eq!(error(&set(vec![rule("une", day, to("voirie"))])), at(1, "conditions"));
    let nature = vec![when("field", "nature", "equals", &["mur"]), when("field", "nature", "equals", &["toit"])];
    assert_eq!(error(&set(vec![rule("une", nature, to("voirie"))])), at(1, "conditions"));
    // Several answers at once: it may be.
    let days = vec![when("field", "jours", "equals", &["lundi"]), when("field", "jours", "equals", &["mardi"])];
    assert!(!Finding::forbid(&findings(&set(vec![rule("une", days, to("voirie"))]))));

    let words = |words: &[&str]| vec![when("words", "", "", words)];
    let overlap = set(vec![
        rule("une", words(&["bruit", "tapage"]), to("voirie")),
        rule("deux", words(&["bruit", "chien"]), to("proprete")),
    ]);
    let all = findings(&overlap);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].severity, all[0].rule), (Severity::Warning, 2));

    let full = |unit: &str| vec![when("load", unit, "more", &["90"])];
    let round = set(vec![rule("une", full("voirie"), to("proprete")), rule("deux", full("proprete"), to("voirie"))]);
    let all = findings(&round);
    assert_eq!(all.iter().map(|f| f.rule).collect::<Vec<_>>(), [1, 2], "{all:?}");
    assert!(all.iter().all(|finding| finding.message.starts_with("Boucle")));
}

#[test]
fn rules_that_hide_a_later_one_together_are_told() {
    let hidden = |conditions: &[Vec<ConditionText>], units: &[&str]| {
        let rules = conditions.iter().zip(units).enumerate();
        let text = set(rules.map(|(at, (when, unit))| rule(&format!("rule-{at}"), when.clone(), to(unit))).collect());
        let all = findings(&text);
        assert!(!Finding::forbid(&all), "{all:?}");
        let together = all.into_iter().filter(|finding| finding.message.starts_with("Jamais atteinte"));
        together.map(|finding| (finding.rule, finding.message)).collect::<Vec<_>>()
    };
    let units = ["voirie", "proprete", "voirie", "accueil"];
    let channel = |any: &[&str]| when("channel", "", "", any);
    let words = |any: &[&str]| when("words", "", "", any);
    let by_channel = [
        vec![channel(&["web"])],
        vec![channel(&["phone", "letter"])],
        vec![channel(&["counter"]), words(&["trou"])],
        vec![channel(&["web", "phone"]), words(&["trou"])],
    ];
    let told = hidden(&by_channel, &units);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == 4 && told[0].1.contains("les règles 1, 2 prennent ensemble"), "{told:?}");
    // A channel that nobody takes before: it is reached.
    let mut more = by_channel.clone();
    more[3] = vec![channel(&["web", "phone", "email"])];
    assert_eq!(hidden(&more, &units), []);
    // So is one by whoever asks, as a rule before asks something more of it.
    let mut narrower = by_channel;
    narrower[1].push(when("language", "", "", &["en"]));
    assert_eq!(hidden(&narrower, &units), []);
    // By field, by words, by requester.
    let field = |any: &[&str]| vec![when("field", "nature", "one_of", any)];
    assert_eq!(hidden(&[field(&["mur"]), field(&["toit"]), field(&["mur", "toit"])], &units).len(), 1);
    let said = |any: &[&str]| vec![words(any)];
    assert_eq!(hidden(&[said(&["matelas"]), said(&["carte"]), said(&["un matelas", "carte grise"])], &units).len(), 1);
    let who = |any: &[&str]| vec![when("requester", "", "", any)];
    let people = [who(&["person"]), who(&["organization"]), who(&["person", "organization"])];
    assert_eq!(hidden(&people, &units).len(), 1);
    // A rule that only adds something hides nothing.
    let mut text = set(vec![
        rule("une", said(&["matelas"]), vec![then("priority", "high")]),
        rule("deux", said(&["carte"]), to("voirie")),
        rule("trois", said(&["matelas", "carte"]), to("proprete")),
    ]);
    assert!(!findings(&text).iter().any(|finding| finding.message.starts_with("Jamais")));
    text.rules[0].actions.push(then("stop", ""));
    assert!(findings(&text).iter().any(|finding| finding.message.starts_with("Jamais")));
}

#[test]
fn a_rule_about_a_district_whose_outline_crosses_itself_is_refused() {
    let mut directory = town::directory();
    let corners = ["47.21,-1.56", "47.22,-1.55", "47.22,-1.56", "47.21,-1.55"];
    directory.districts[0].polygon = corners.iter().map(|corner| corner.parse().unwrap()).collect();
    let code = directory.districts[0].code.clone();
    let text = set(vec![
        rule("autre", vec![when("words", "", "", &["trou"])], to("voirie")),
        rule("ici", vec![when("district", "", "", &[&code])], to("voirie")),
    ]);
    let (rules, findings) = read(&text);
    let found = check(&rules, &directory, None, findings);
    let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!((errors[0].rule, errors[0].code.as_str()), (2, "ici"));
    assert_eq!(errors[0].field, "conditions[1].values");
    for side in
        ["côté 1 (47.210000,-1.560000 → 47.220000,-1.550000)", "côté 3 (47.220000,-1.560000 → 47.210000,-1.550000)"]
    {
        assert!(errors[0].message.contains(side), "{}", errors[0].message);
    }
}

#[test]
fn a_body_is_written_to_at_an_address_that_is_one() {
    for (email, errors) in [(" demandes@caf.example ", 0), ("", 0), ("3230", 1), ("a@b.example, c@d.example", 1)] {
        let (code, name, phone) = ("caf".to_owned(), "CAF".to_owned(), "3230".to_owned());
        let body = BodyText { code, name, phone, email: email.to_owned(), ..BodyText::default() };
        let (_, found) = read(&RuleSetText { bodies: vec![body], ..set(vec![]) });
        let fields: Vec<_> = found.iter().map(|finding| finding.field.as_str()).collect();
        assert_eq!(fields, ["bodies[1].email"][..errors], "{email}");
    }
}
