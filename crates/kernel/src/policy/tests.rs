use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{Actor, AgentId, RequestId, RoleSet, TenantId, UnitId};

const DOC: &str = include_str!("../../../../docs/reference/who-reads-what.md");

fn tenant() -> TenantId {
    TenantId::parse("clairval").unwrap()
}

fn left() -> Timestamp {
    Timestamp::from_second(1_000_000).unwrap()
}

fn caller(code: &str, roles: &[Role], units: &[&str]) -> Caller {
    Caller {
        tenant: tenant(),
        actor: Actor::Agent(AgentId::parse(code).unwrap()),
        name: String::new(),
        roles: roles.iter().copied().collect::<RoleSet>(),
        units: units.iter().map(|unit| UnitId::parse(unit).unwrap()).collect::<BTreeSet<_>>(),
    }
}

/// Who a line of the document is about, the case they look at and the reason they give.
fn line(who: &str, request: RequestId) -> (Caller, bool, bool, Option<ReadingReason>) {
    let (open, closed, sensitive, plain) = (true, false, true, false);
    let reason = Some(ReadingReason::PersonPresent);
    let counter = |units: &[&str]| caller("camille", &[Role::FrontDesk], units);
    let other = |actor| Caller { actor, ..Caller::anonymous(tenant()) };
    match who {
        "the person, or who acts for them" => (other(Actor::Citizen([request].into())), open, sensitive, None),
        "the agent in charge" => (caller("karim", &[Role::CaseWorker], &[]), open, sensitive, None),
        "an agent of the unit in charge who handles cases, its supervisor" => {
            (caller("sophie", &[Role::Supervisor], &["voirie"]), open, sensitive, None)
        }
        "an agent of the unit in charge who receives people" => (counter(&["voirie"]), open, sensitive, None),
        "an agent of a unit that had it, while it is open" => {
            (caller("ines", &[Role::CaseWorker], &["etat-civil"]), open, sensitive, None)
        }
        "an agent of a unit that had it, once it is closed" => {
            (caller("ines", &[Role::CaseWorker], &["etat-civil"]), closed, plain, None)
        }
        "who filed it for the person" => (caller("odile", &[Role::CaseWorker], &["ecole"]), open, sensitive, None),
        "somebody at the counter, without a reason" => (counter(&["accueil"]), open, plain, None),
        "somebody at the counter, with a reason" => (counter(&["accueil"]), open, plain, reason),
        "somebody at the counter, a sensitive unit's" => (counter(&["accueil"]), open, sensitive, reason),
        "an elected official, whatever else they are" => {
            let all = [Role::ElectedOfficial, Role::Supervisor, Role::FrontDesk, Role::CaseWorker];
            (caller("karim", &all, &["voirie", "etat-civil"]), open, plain, reason)
        }
        "an administrator, an operator, a data-protection officer" => {
            (caller("nadia", &[Role::Administrator], &["voirie", "etat-civil"]), open, plain, reason)
        }
        "a partner's system, anybody else" => (other(Actor::Partner("urbanis".into())), open, plain, reason),
        _ => panic!("no caller is known for « {who} »"),
    }
}

fn facts<'a>(tenant: &'a TenantId, request: RequestId, open: bool, sensitive: bool, had: &'a [Had]) -> CaseFacts<'a> {
    CaseFacts { tenant, request, open, unit: "voirie", sensitive, handler: "karim", filed_by: "odile", had }
}

fn verb(column: &str) -> Verb {
    match column {
        "that it exists" => Verb::ReadPublic,
        "text" => Verb::ReadText,
        "files" => Verb::ReadFiles,
        "notices" => Verb::ReadNotices,
        "internal notes" => Verb::ReadNotes,
        "why it went there" => Verb::ReadRouting,
        "add for the person" => Verb::AddForPerson,
        "add a note" => Verb::AddNote,
        "handle" => Verb::Handle,
        "decide" => Verb::Decide,
        "hand on" => Verb::HandOn,
        "carry a letter" => Verb::Carry,
        _ => panic!("no verb is known for « {column} »"),
    }
}

fn said(answer: Answer) -> &'static str {
    match answer {
        Answer::No => "no",
        Answer::WithReason => "with a reason",
        Answer::AsFiled => "what was filed",
        Answer::UpTo(until) if until == left() => "what existed then",
        Answer::UpTo(_) => "until another time",
        Answer::Yes => "yes",
    }
}

#[test]
fn the_document_says_what_the_policy_does() {
    let cells = |row: &'static str| -> Vec<&'static str> { row.trim_matches('|').split('|').map(str::trim).collect() };
    let (mut verbs, mut compared) = (Vec::new(), BTreeSet::new());
    let (tenant, request) = (tenant(), RequestId::new());
    let had = [Had { unit: "etat-civil".into(), until: left() }];
    for row in DOC.lines().filter(|row| row.starts_with('|') && !row.starts_with("|---")) {
        let cells = cells(row);
        if cells[0] == "who" {
            verbs = cells[1..].iter().map(|column| verb(column)).collect();
            continue;
        }
        let (caller, open, sensitive, reason) = line(cells[0], request);
        let facts = facts(&tenant, request, open, sensitive, &had);
        assert_eq!(cells.len(), verbs.len() + 1, "{row}");
        for (verb, cell) in verbs.iter().zip(&cells[1..]) {
            assert_eq!(said(may(&caller, &facts, *verb, reason)), *cell, "{} · {verb}", cells[0]);
            compared.insert((cells[0], *verb));
        }
    }
    assert_eq!(compared.len(), 13 * Verb::ALL.len(), "every verb is said of everybody");
}

fn any_caller() -> impl Strategy<Value = Caller> {
    let role = prop::sample::select(Role::ALL.to_vec());
    let unit = prop::sample::select(vec!["voirie", "etat-civil", "accueil"]);
    let code = prop::sample::select(vec!["karim", "odile", "camille"]);
    (code, prop::collection::vec(role, 0..4), prop::collection::vec(unit, 0..3))
        .prop_map(|(code, roles, units)| caller(code, &roles, &units))
}

proptest! {
    /// What nobody may ever have, whatever they are and whatever they say.
    #[test]
    fn what_is_closed_stays_closed(
        who in any_caller(), open: bool, sensitive: bool, verb in prop::sample::select(Verb::ALL.to_vec()),
        reason in prop::option::of(prop::sample::select(ReadingReason::ALL.to_vec())),
    ) {
        let (tenant, request) = (tenant(), RequestId::new());
        let had = [Had { unit: "etat-civil".into(), until: left() }];
        let facts = facts(&tenant, request, open, sensitive, &had);
        let answer = may(&who, &facts, verb, reason);
        // Elected officials, and whoever handles no requests, have nothing.
        if !handles_requests(&who) {
            prop_assert_eq!(answer, Answer::No);
        }
        // Who may do or read anything knows that it exists.
        if answer != Answer::No {
            prop_assert_eq!(may(&who, &facts, Verb::ReadPublic, reason), Answer::Yes);
        }
        // A reason never takes anything away, and opens nothing of a sensitive unit.
        let without = may(&who, &facts, verb, None);
        prop_assert!(answer >= without);
        if sensitive {
            prop_assert_eq!(answer, without);
        }
        // Another authority's agent stands nowhere.
        let stranger = Caller { tenant: TenantId::parse("petit-ormeau").unwrap(), ..who };
        prop_assert_eq!(may(&stranger, &facts, verb, reason), Answer::No);
    }
}

#[test]
fn a_grant_opens_what_it_names_and_nothing_else() {
    let (tenant, request) = (tenant(), RequestId::new());
    let facts = facts(&tenant, request, true, false, &[]);
    let holder = |of| Caller { actor: Actor::Citizen([of].into()), ..Caller::anonymous(tenant.clone()) };
    assert_eq!(may(&holder(request), &facts, Verb::ReadText, None), Answer::Yes);
    assert_eq!(may(&holder(RequestId::new()), &facts, Verb::ReadPublic, None), Answer::No);
    assert_eq!(may(&Caller::anonymous(tenant.clone()), &facts, Verb::ReadPublic, None), Answer::No);
}
