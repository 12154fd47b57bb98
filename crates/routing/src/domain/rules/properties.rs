//! What holds for any rules.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use parvis_directory::RequesterKind;
use parvis_kernel::{CaseId, Channel, UnitId};
use proptest::prelude::*;

use super::{
    ActionText, Compiled, ConditionText, PastCase, Reading, RuleSet, RuleSetText, RuleText, check, cover::Space, read,
    simulate,
};
use crate::domain::{CaseFacts, RuleOutcome, Snapshot, place, place_by, town};

const WORDS: [&str; 6] = ["matelas", "dépôt sauvage", "dépôt", "bruit", "la nuit", "arbre mort"];
const CHANNELS: [&str; 3] = ["web", "phone", "counter"];
const PROCEDURES: [&str; 2] = ["signaler-bruit", "permis"];
const UNITS: [&str; 3] = ["accueil", "voirie", "proprete"];

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(of.to_vec(), 1..=of.len().min(3))
        .prop_map(|values| values.into_iter().map(str::to_owned).collect())
}

pub(crate) fn condition() -> impl Strategy<Value = ConditionText> {
    let plain = |kind: &'static str, values: BoxedStrategy<Vec<String>>| {
        values.prop_map(move |values| ConditionText { kind: kind.to_owned(), values, ..ConditionText::default() })
    };
    let number = (proptest::sample::select(vec!["less", "at_most", "more", "at_least"]), -1i32..4);
    let compared = |kind: &'static str, subjects: Vec<&'static str>, scale: i32| {
        (number.clone(), proptest::sample::select(subjects)).prop_map(move |((test, value), subject)| ConditionText {
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            test: test.to_owned(),
            values: vec![(value * scale).to_string()],
        })
    };
    let field = (proptest::sample::select(vec!["one_of", "present", "absent"]), some(&["a", "b", "2"])).prop_map(
        |(test, values)| ConditionText {
            kind: "field".to_owned(),
            subject: "etat".to_owned(),
            test: test.to_owned(),
            values: if test == "one_of" { values } else { Vec::new() },
        },
    );
    let hours = proptest::sample::select(vec!["inside", "outside"]).prop_map(|test| ConditionText {
        kind: "hours".to_owned(),
        test: test.to_owned(),
        ..ConditionText::default()
    });
    prop_oneof![
        plain("channel", some(&CHANNELS).boxed()),
        plain("procedure", some(&PROCEDURES).boxed()),
        plain("words", some(&WORDS).boxed()),
        plain("words", some(&WORDS[..3]).boxed()),
        plain("requester", some(&["person", "organization"]).boxed()),
        plain("district", Just(vec!["centre".to_owned()]).boxed()),
        plain("language", some(&["fr", "en", "pt-BR"]).boxed()),
        plain("day", some(&["monday", "tuesday", "sunday"]).boxed()),
        plain("dates", Just(vec!["2026-11-16".to_owned(), "2026-11-17".to_owned()]).boxed()),
        compared("field", vec!["etat", "surface"], 1),
        compared("load", UNITS.to_vec(), 30),
        field,
        hours,
    ]
}

fn action(kind: &str, value: &str) -> ActionText {
    ActionText { kind: kind.to_owned(), value: value.to_owned() }
}

pub(crate) fn rule_set() -> impl Strategy<Value = RuleSetText> {
    let rule = (
        proptest::collection::vec(condition(), 0..4),
        proptest::option::weighted(0.7, proptest::sample::select(UNITS.to_vec())),
        proptest::option::of(proptest::sample::select(vec!["high", "urgent", "low"])),
        proptest::bool::weighted(0.6),
    );
    proptest::collection::vec(rule, 0..8).prop_map(|rules| {
        let mut texts: Vec<RuleText> = rules
            .into_iter()
            .enumerate()
            .map(|(at, (conditions, unit, priority, stop))| {
                let mut actions = vec![action("flag", &format!("vue par {at}"))];
                actions.extend(unit.map(|unit| action("unit", unit)));
                actions.extend(priority.map(|priority| action("priority", priority)));
                actions.extend(stop.then(|| action("stop", "")));
                RuleText { code: format!("rule-{at}"), name: format!("Règle {at}"), conditions, actions }
            })
            .collect();
        let actions = vec![action("unit", "accueil")];
        let default =
            RuleText { code: "default".to_owned(), name: "Défaut".to_owned(), actions, ..RuleText::default() };
        texts.push(default);
        RuleSetText { rules: texts, ..RuleSetText::default() }
    })
}

pub(crate) fn facts() -> impl Strategy<Value = CaseFacts> {
    let words = proptest::collection::vec(
        proptest::sample::select(vec![
            "matelas",
            "dépôt",
            "sauvage",
            "bruit",
            "la",
            "nuit",
            "mort",
            "arbre",
            "rue du Port",
        ]),
        0..5,
    );
    let answers = (
        proptest::collection::vec(proptest::sample::select(vec!["a", "b", "2", "-1"]), 0..2),
        proptest::option::of(proptest::sample::select(vec!["0", "2,5", "beaucoup"])),
    );
    (
        words,
        answers,
        proptest::sample::select(CHANNELS.to_vec()),
        proptest::option::of(proptest::sample::select(PROCEDURES.to_vec())),
        proptest::option::of(proptest::sample::select(UNITS.to_vec())),
        proptest::sample::select(vec!["", "fr", "en-GB", "pt"]),
        proptest::option::of(proptest::bool::ANY),
        0i64..200,
    )
        .prop_map(|(words, (state, surface), channel, procedure, unit, language, person, hours)| {
            let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
            if !state.is_empty() {
                answers.insert("etat".to_owned(), state.into_iter().map(str::to_owned).collect());
            }
            answers.extend(surface.map(|surface| ("surface".to_owned(), vec![surface.to_owned()])));
            CaseFacts {
                channel: channel.parse::<Channel>().ok(),
                procedure: procedure.and_then(town::procedure),
                procedure_unit: procedure.and(unit).and_then(|unit| UnitId::parse(unit).ok()),
                answers,
                language: language.to_owned(),
                requester_kind: person
                    .map(|person| if person { RequesterKind::Person } else { RequesterKind::Organization }),
                received_at: town::monday() + SignedDuration::from_hours(hours),
                ..town::facts(&words.join(" "))
            }
        })
}

/// Rules that ask few things alike, so that some hide a later one together, or nearly.
fn alike() -> impl Strategy<Value = RuleSetText> {
    let condition = |kind: &str, subject: &str, test: &str, values: Vec<String>| ConditionText {
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        test: test.to_owned(),
        values,
    };
    let first = prop_oneof![
        some(&CHANNELS[..2]).prop_map(move |any| condition("channel", "", "", any)),
        some(&["a", "b"]).prop_map(move |any| condition("field", "etat", "one_of", any)),
        some(&WORDS[..2]).prop_map(move |any| condition("words", "", "", any)),
    ];
    let more = prop_oneof![
        Just(condition("hours", "", "inside", Vec::new())),
        Just(condition("field", "etat", "present", Vec::new())),
        some(&["fr", "en"]).prop_map(move |any| condition("language", "", "", any)),
        some(&["person", "organization"]).prop_map(move |any| condition("requester", "", "", any)),
    ];
    let rule = (first, proptest::option::weighted(0.3, more), proptest::sample::select(UNITS.to_vec()));
    proptest::collection::vec(rule, 3..7).prop_map(|rules| {
        let mut texts: Vec<RuleText> = rules
            .into_iter()
            .enumerate()
            .map(|(at, (first, more, unit))| RuleText {
                code: format!("rule-{at}"),
                name: format!("Règle {at}"),
                conditions: std::iter::once(first).chain(more).collect(),
                actions: vec![action("unit", unit), action("stop", "")],
            })
            .collect();
        let actions = vec![action("unit", "accueil")];
        texts.push(RuleText { code: "default".to_owned(), name: "Défaut".to_owned(), actions, ..RuleText::default() });
        RuleSetText { rules: texts, ..RuleSetText::default() }
    })
}

fn compiled(text: &RuleSetText, snapshot: &Snapshot) -> Compiled {
    let (set, findings) = read(text);
    assert_eq!(findings, []);
    Compiled::new(set, &snapshot.directory)
}

/// Percents that differ by unit.
fn load(unit: &UnitId) -> Option<u32> {
    Some(u32::try_from(unit.as_str().len()).unwrap() * 10)
}

/// Whether the conditions of one rule hold, `None` where it cannot be told.
fn holds(snapshot: &Snapshot, text: &RuleText, facts: &CaseFacts) -> Option<bool> {
    let default = RuleText {
        code: "default".to_owned(),
        name: "d".to_owned(),
        actions: vec![action("unit", "accueil")],
        ..RuleText::default()
    };
    let alone = RuleSetText { rules: vec![text.clone(), default], ..RuleSetText::default() };
    let compiled = compiled(&alone, snapshot);
    let mut reading = Reading::new(&compiled, snapshot, facts, &load);
    reading.naming_the_procedure();
    reading.others();
    match reading.outcomes[0] {
        RuleOutcome::Kept => Some(true),
        RuleOutcome::Failed => None,
        _ => Some(false),
    }
}

fn unreachable_is_never_kept(text: &RuleSetText, cases: &[CaseFacts]) -> Result<(), TestCaseError> {
    let snapshot = town::snapshot_of(town::directory());
    let (set, findings) = read(text);
    let findings = check(&set, &snapshot.directory, None, findings);
    let dead = findings.iter().filter(|finding| finding.message.starts_with("Jamais atteinte"));
    let dead: Vec<usize> = dead.map(|finding| finding.rule - 1).collect();
    let compiled = compiled(text, &snapshot);
    for facts in cases {
        let placement = place_by(&snapshot, &compiled, facts, &load);
        // Unless the one that hides it could not be told for this request.
        if placement.faults.is_empty() {
            for rule in &dead {
                prop_assert_ne!(placement.rules[*rule], RuleOutcome::Kept);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_called_covered_is_covered(
        wide in proptest::collection::vec(condition(), 0..3),
        narrow in proptest::collection::vec(condition(), 0..4),
        cases in proptest::collection::vec(facts(), 30),
    ) {
        let snapshot = town::snapshot_of(town::directory());
        let rule = |conditions: &[ConditionText]| RuleText {
            code: "rule".to_owned(),
            name: "Règle".to_owned(),
            conditions: conditions.to_vec(),
            actions: vec![action("stop", "")],
        };
        let typed = |conditions: &[ConditionText]| {
            let text = RuleSetText { rules: vec![rule(conditions)], ..RuleSetText::default() };
            Space::of(&read(&text).0.rules[0].when)
        };
        // What holds of both together is within what holds of each.
        let both: Vec<_> = wide.iter().chain(&narrow).cloned().collect();
        prop_assert!(typed(&wide).covers(&typed(&both)));
        for (a, b) in [(&wide, &narrow), (&narrow, &wide), (&wide, &both)] {
            let (wider, within) = (typed(a), typed(b));
            let impossible = within.contradiction().is_some_and(|(_, certain)| certain);
            for facts in &cases {
                let held = holds(&snapshot, &rule(b), facts);
                if impossible {
                    prop_assert_ne!(held, Some(true));
                }
                // A rule that cannot be told takes nothing: the case goes on.
                if wider.covers(&within) && held == Some(true) {
                    prop_assert_ne!(holds(&snapshot, &rule(a), facts), Some(false));
                }
            }
        }
    }

    #[test]
    fn no_rule_called_unreachable_is_ever_kept(text in rule_set(), cases in proptest::collection::vec(facts(), 40)) {
        unreachable_is_never_kept(&text, &cases)?;
    }

    #[test]
    fn nor_is_one_that_others_hide_together(text in alike(), cases in proptest::collection::vec(facts(), 40)) {
        unreachable_is_never_kept(&text, &cases)?;
    }

    #[test]
    fn a_simulation_is_what_then_happens(
        before in rule_set(),
        draft in rule_set(),
        cases in proptest::collection::vec(facts(), 1..30),
    ) {
        let file = town::directory();
        let with = |set: RuleSet, number| {
            Snapshot::with_rules(number, number, file.clone(), set, parvis_calendar::HolidayZone::Metropole, town::paris())
        };
        let now = with(read(&before).0, 1);
        let past: Vec<PastCase> = cases
            .iter()
            .map(|facts| PastCase {
                case_id: CaseId::new(),
                reference: String::new(),
                decided_at: facts.received_at,
                // As they come back from the store.
                facts: serde_json::from_str(&serde_json::to_string(facts).unwrap()).unwrap(),
                loads: BTreeMap::new(),
            })
            .collect();
        let simulation = simulate(&now, &compiled(&draft, &now), &past, &load);
        let then = with(read(&draft).0, 2);
        let mut moved = simulation.moved.iter().peekable();
        for (facts, past) in cases.iter().zip(&past) {
            let (was, is) = (place(&now, facts, &load), place(&then, facts, &load));
            let differs = was.need.unit != is.need.unit
                || was.need.priority != is.need.priority
                || was.need.lane != is.need.lane
                || was.flags != is.flags;
            let said = moved.next_if(|moved| moved.case_id == past.case_id);
            prop_assert_eq!(differs, said.is_some());
            if let Some(said) = said {
                prop_assert_eq!(&said.from, &was.need);
                prop_assert_eq!(&said.to, &is.need);
            }
        }
        prop_assert!(moved.next().is_none());
    }

    #[test]
    fn every_case_has_a_place_and_the_first_word_wins(text in rule_set(), facts in facts()) {
        let snapshot = town::snapshot_of(town::directory());
        let rules = compiled(&text, &snapshot);
        let placement = place_by(&snapshot, &rules, &facts, &load);
        prop_assert!(snapshot.unit(&placement.need.unit).is_some());
        prop_assert_eq!(&placement, &place_by(&snapshot, &rules, &facts, &load));
        // A rule that could not be told is never passed in silence.
        let failed = placement.rules.iter().filter(|outcome| **outcome == RuleOutcome::Failed).count();
        prop_assert_eq!(failed, placement.faults.len());
        // The index changes nothing: each rule that was kept holds alone, and each that was not does not.
        for (at, outcome) in placement.rules.iter().enumerate() {
            match outcome {
                RuleOutcome::NotTried => {}
                RuleOutcome::Kept => prop_assert_eq!(holds(&snapshot, &text.rules[at], &facts), Some(true)),
                RuleOutcome::Failed => prop_assert_eq!(holds(&snapshot, &text.rules[at], &facts), None),
                _ => prop_assert_eq!(holds(&snapshot, &text.rules[at], &facts), Some(false)),
            }
        }
    }
}
