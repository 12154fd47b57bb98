//! The agents' lists: order, pages, searches.

use jiff::SignedDuration;
use parvis_kernel::{Caller, Role};
use parvis_proto::{
    casework::{self as proto, casework_service_server::CaseworkService as _},
    common::PageRequest,
    to_proto_time,
};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use crate::{
    on_both,
    support::{Filed, World, agent, as_caller, assigned, worker},
};

async fn list(world: &World, caller: &Caller, request: proto::ListCasesRequest) -> proto::ListCasesResponse {
    world.rpc.list_cases(as_caller(caller, request)).await.unwrap().into_inner()
}

fn view(view: &str, query: &str) -> proto::ListCasesRequest {
    proto::ListCasesRequest { view: view.into(), query: query.into(), ..Default::default() }
}

fn ids(response: &proto::ListCasesResponse) -> Vec<String> {
    response.cases.iter().map(|case| case.id.clone()).collect()
}

/// Thirty cases over three units, in every order of date, some in the queue, some closed, some overdue.
async fn fill(world: &World) -> Vec<Filed> {
    let units = ["petite-enfance", "sport", "voirie"];
    let now = parvis_kernel::Clock::now(&world.clock);
    let mut filed = Vec::new();
    for rank in 0..30_u64 {
        let days = i64::try_from(rank * 7 % 30).unwrap();
        filed.push(world.file("clairval", rank, |request| {
            request.received_at = Some(to_proto_time(now - SignedDuration::from_hours(24 * days)));
            let procedure = request.procedure.as_mut().unwrap();
            procedure.silence_months = 0;
            procedure.service_level_days = if rank % 4 == 0 { 0 } else { 15 };
            let requester = request.requester.as_mut().unwrap();
            requester.last_name = format!("Nom{}", char::from(b'a' + u8::try_from(rank).unwrap()));
            if rank % 5 == 0 {
                request.acted_by = "agent:odile".into();
            }
        }));
    }
    world.receive(&filed.iter().map(|filed| filed.event.clone()).collect::<Vec<_>>()).await;
    let decisions: Vec<_> = filed
        .iter()
        .enumerate()
        .map(|(rank, filed)| assigned(filed, 1, units[rank % 3], if rank % 2 == 0 { "" } else { "claire" }))
        .collect();
    world.assign(&decisions).await;
    let timers = std::sync::Arc::new(world.casework.clone());
    timers.run_timers(tokio_util::sync::CancellationToken::new()).await.unwrap();
    filed
}

async fn pages_are_the_list_whatever_their_size(world: World) {
    let filed = fill(&world).await;
    let chief = agent("clairval", "jeanne", &[Role::Supervisor], &["petite-enfance", "sport", "voirie"]);
    let all = list(&world, &chief, view("unit", "")).await;
    assert_eq!((all.cases.len(), all.next_page_token.as_str()), (30, ""));
    let key = |case: &proto::Case| {
        let due = if case.service_due_on.is_empty() { "9999".to_owned() } else { case.service_due_on.clone() };
        (!case.overdue, due, case.received_at.unwrap().seconds)
    };
    let keys: Vec<_> = all.cases.iter().map(key).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(keys.iter().any(|key| !key.0) && keys.iter().any(|key| key.0), "some are overdue, some not");
    for size in [1, 4, 29, 30, 31] {
        let mut paged = Vec::new();
        let mut token = String::new();
        loop {
            let page = Some(PageRequest { size, token });
            let response = list(&world, &chief, proto::ListCasesRequest { page, ..view("unit", "") }).await;
            assert!(response.cases.len() <= size as usize);
            paged.extend(ids(&response));
            token = response.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(paged, ids(&all), "pages of {size}");
    }
    let claire = worker("claire", "sport");
    assert_eq!(list(&world, &claire, view("mine", "")).await.cases.len(), 15);
    assert_eq!(list(&world, &claire, view("unit", "")).await.cases.len(), 10);
    let queue = list(&world, &claire, view("queue", "")).await;
    assert_eq!(queue.cases.len(), 5);
    assert!(queue.cases.iter().all(|case| case.agent.is_empty() && case.unit == "sport"));
    let odile = agent("clairval", "odile", &[Role::FrontDesk], &["accueil"]);
    assert_eq!(list(&world, &odile, view("filed", "")).await.cases.len(), 6);
    let other = proto::ListCasesRequest { unit: "voirie".into(), ..view("unit", "") };
    assert!(list(&world, &claire, other).await.cases.is_empty());
    assert_eq!(filed.len(), 30);
}

async fn closed_cases_are_asked_for(world: World) {
    let filed = fill(&world).await;
    let chief = agent("clairval", "jeanne", &[Role::Supervisor], &["petite-enfance", "sport", "voirie"]);
    for (minutes, filed) in filed.iter().take(4).enumerate() {
        world.clock.advance(SignedDuration::from_mins(1 + i64::try_from(minutes).unwrap()));
        let close = proto::CloseCaseRequest {
            id: filed.id.to_string(),
            expected_version: world.case(filed.id).await.version,
            outcome: "answered".into(),
            message: "Voilà.".into(),
            ..Default::default()
        };
        world.rpc.close_case(as_caller(&chief, close)).await.unwrap();
    }
    assert_eq!(list(&world, &chief, view("unit", "")).await.cases.len(), 26);
    let closed = proto::ListCasesRequest { states: vec!["closed".into()], ..view("unit", "") };
    let newest_first: Vec<_> = filed[..4].iter().rev().map(|filed| filed.id.to_string()).collect();
    assert_eq!(ids(&list(&world, &chief, closed).await), newest_first);
    let states = ["new", "assigned", "closed"].map(String::from).to_vec();
    let mut both = Vec::new();
    let mut token = String::new();
    loop {
        let page = Some(PageRequest { size: 7, token });
        let request = proto::ListCasesRequest { states: states.clone(), page, ..view("unit", "") };
        let response = list(&world, &chief, request).await;
        both.extend(ids(&response));
        token = response.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(both.len(), 30);
    assert_eq!(both[26..], newest_first);
}

async fn names_and_references_are_found(world: World) {
    let filed = fill(&world).await;
    let claire = worker("claire", "sport");
    // Rank 4: Nome, unit sport, in the queue.
    let case = filed[4].id.to_string();
    for query in ["NOMÉ", "nome z", "Nome Zoé", "zoe nome"] {
        assert_eq!(ids(&list(&world, &claire, view("unit", query)).await), [case.as_str()], "{query}");
    }
    assert_eq!(list(&world, &claire, view("unit", "nom")).await.cases.len(), 10);
    assert_eq!(list(&world, &claire, view("mine", "nom")).await.cases.len(), 15);
    assert_eq!(list(&world, &claire, view("queue", "nom")).await.cases.len(), 5);
    assert_eq!(list(&world, &claire, view("unit", "zo")).await.cases.len(), 10, "by the first name too");
    let page = Some(PageRequest { size: 4, token: String::new() });
    let first = list(&world, &claire, proto::ListCasesRequest { page, ..view("unit", "nom") }).await;
    let page = Some(PageRequest { size: 9, token: first.next_page_token.clone() });
    let rest = list(&world, &claire, proto::ListCasesRequest { page, ..view("unit", "nom") }).await;
    let whole = ids(&list(&world, &claire, view("unit", "nom")).await);
    assert_eq!([ids(&first), ids(&rest)].concat(), whole);
    // A reference, whatever the view; not what one may not read.
    let typed = filed[4].reference.replace('-', " ").to_lowercase();
    assert_eq!(ids(&list(&world, &claire, view("mine", &typed)).await), [case.as_str()]);
    assert!(list(&world, &claire, view("mine", &filed[0].reference)).await.cases.is_empty());
}

async fn people_are_found_however_they_are_typed(world: World) {
    let people = [
        ("Jean-Marie", "Dupont", "", "jm.dupont@mairie-évry.example", "0692 71 00 02"),
        ("Yann", "Le Goff", "", "", "06 12 34 56 78"),
        ("Aymar", "de La Tour du Pin", "", "", ""),
        ("Łukasz", "Wójcik", "Club de Voile", "l.wojcik@exemple.fr", ""),
        ("", "Li", "", "", ""),
    ];
    let filed: Vec<_> = people
        .iter()
        .zip(1..)
        .map(|((first, last, organization, email, phone), rank)| {
            world.file("clairval", rank, |request| {
                let requester = request.requester.as_mut().unwrap();
                requester.first_name = (*first).into();
                requester.last_name = (*last).into();
                requester.organization_name = (*organization).into();
                requester.email = (*email).into();
                requester.phone = (*phone).into();
                requester.siret = if organization.is_empty() { String::new() } else { "W751212517".into() };
            })
        })
        .collect();
    world.receive(&filed.iter().map(|filed| filed.event.clone()).collect::<Vec<_>>()).await;
    world.assign(&filed.iter().map(|filed| assigned(filed, 1, "sport", "")).collect::<Vec<_>>()).await;
    let claire = worker("claire", "sport");
    let found = async |query: &str| ids(&list(&world, &claire, view("unit", query)).await);
    for (query, rank) in [
        ("Jean-Marie Dupont", 0),
        ("dupont jeanmarie", 0),
        ("JM.Dupont@mairie-évry.example", 0),
        ("jm.dupont@xn--mairie-vry-h7a.example", 0),
        ("+262 692 71 00 02", 0),
        ("Goff", 1),
        ("Legoff", 1),
        ("(+33) 6 12 34 56 78", 1),
        ("La Tour du Pin", 2),
        ("latour", 2),
        ("lukasz wojcik", 3),
        ("voile", 3),
        ("W75 1212517", 3),
        ("Li", 4),
    ] {
        assert_eq!(found(query).await, [filed[rank].id.to_string()], "{query}");
    }
    for nobody in ["Dupont Yann", "jm.dupont@exemple.fr", "0692 71 00 03", "W751212518"] {
        assert!(found(nobody).await.is_empty(), "{nobody}");
    }
    let elsewhere = agent("autreville", "claire", &[Role::CaseWorker], &["sport"]);
    assert!(list(&world, &elsewhere, view("unit", "goff")).await.cases.is_empty());
}

async fn old_cases_get_their_words(world: World) {
    let filed = fill(&world).await;
    let claire = worker("claire", "sport");
    let forget = async || {
        for table in ["case_word", "case_word_progress"] {
            world.store.write().execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
        }
    };
    forget().await;
    assert!(list(&world, &claire, view("unit", "nom")).await.cases.is_empty());
    let shutdown = tokio_util::sync::CancellationToken::new();
    // Ids are made by the machine's clock, and those of the last minutes are left for later.
    let made = jiff::Timestamp::from_millisecond(
        i64::try_from(filed[29].id.0.get_timestamp().unwrap().to_unix().0).unwrap() * 1000,
    );
    world.clock.set(made.unwrap());
    world.casework.index_names(&shutdown).await.unwrap();
    assert!(list(&world, &claire, view("unit", "nom")).await.cases.is_empty());
    world.clock.advance(SignedDuration::from_hours(1));
    for _ in 0..2 {
        world.casework.index_names(&shutdown).await.unwrap();
        assert_eq!(list(&world, &claire, view("unit", "nom")).await.cases.len(), 10);
    }
}

async fn late_cases_are_counted_and_listed_by_unit_and_agent(world: World) {
    fill(&world).await;
    let chief = agent("clairval", "jeanne", &[Role::Supervisor], &["petite-enfance", "sport"]);
    let today =
        parvis_kernel::Clock::now(&world.clock).to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap()).date();
    let in_a_week = today.saturating_add(jiff::Span::new().days(7)).to_string();
    let all = list(&world, &chief, view("unit", "")).await.cases;
    let due = |case: &&proto::Case| !case.service_due_on.is_empty() && case.service_due_on <= in_a_week;
    let expected: Vec<&proto::Case> = all.iter().filter(due).collect();
    let late = expected.iter().filter(|case| case.service_due_on < today.to_string()).count() as u64;
    assert!(late > 0 && (expected.len() as u64) > late && expected.len() < all.len());

    let request = proto::CountDueCasesRequest { due_by: in_a_week.clone() };
    let counted = world.rpc.count_due_cases(as_caller(&chief, request)).await.unwrap().into_inner().counts;
    assert_eq!(counted.iter().map(|one| one.late).sum::<u64>(), late);
    assert_eq!(counted.iter().map(|one| one.late + one.near).sum::<u64>(), expected.len() as u64);
    assert!(counted.iter().all(|one| one.unit != "voirie"), "{counted:?}");
    assert!(counted.iter().map(|one| std::cmp::Reverse(one.late)).is_sorted(), "{counted:?}");
    for one in &counted {
        let request = proto::ListCasesRequest {
            unit: one.unit.clone(),
            agent: one.agent.clone(),
            due_by: in_a_week.clone(),
            ..view(if one.agent.is_empty() { "queue" } else { "unit" }, "")
        };
        let listed = list(&world, &chief, request).await.cases;
        assert_eq!(listed.len() as u64, one.late + one.near, "{one:?}");
        assert!(listed.iter().all(|case| case.unit == one.unit && case.agent == one.agent));
    }
    // Not another's units, nor another town's, and only for those who supervise.
    let elsewhere = agent("autreville", "jeanne", &[Role::Supervisor], &["sport"]);
    let none = world.rpc.count_due_cases(as_caller(&elsewhere, Default::default())).await.unwrap().into_inner();
    assert!(none.counts.is_empty());
    let worker = worker("claire", "sport");
    let refused = world.rpc.count_due_cases(as_caller(&worker, Default::default())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    for wrong in ["demain", "2020-01-01", "9999-01-01"] {
        let request = proto::CountDueCasesRequest { due_by: wrong.into() };
        let refused = world.rpc.count_due_cases(as_caller(&chief, request)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{wrong}");
    }
    for wrong in [
        proto::ListCasesRequest { due_by: "demain".into(), ..view("unit", "") },
        proto::ListCasesRequest { agent: "claire".into(), ..view("queue", "") },
    ] {
        assert_eq!(world.rpc.list_cases(as_caller(&chief, wrong)).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

async fn bad_questions_are_told(world: World) {
    let claire = worker("claire", "sport");
    let page = |token: &str| Some(PageRequest { size: 5, token: token.into() });
    for (request, field) in [
        (view("all", ""), "view"),
        (view("unit", "x"), "query"),
        (view("unit", &"x".repeat(101)), "query"),
        (view("unit", "412-873-956-Z"), "query"),
        (proto::ListCasesRequest { states: vec!["lost".into()], ..view("unit", "") }, "states"),
        (proto::ListCasesRequest { page: page("o.1"), ..view("unit", "") }, "page_token"),
        (proto::ListCasesRequest { page: page("o.1.'; DROP TABLE cases"), ..view("unit", "") }, "page_token"),
        // PostgreSQL does not even look for a NUL.
        (proto::ListCasesRequest { unit: "a\0b".into(), ..view("mine", "") }, "unit"),
        (proto::ListCasesRequest { agent: "a\0b".into(), ..view("unit", "") }, "agent"),
    ] {
        let refused = world.rpc.list_cases(as_caller(&claire, request.clone())).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{request:?}");
        let error = parvis_proto::error_from_status(&refused);
        assert_eq!(error.violations()[0].field, field, "{request:?}");
    }
    for roles in [&[Role::Administrator][..], &[Role::ElectedOfficial], &[Role::ElectedOfficial, Role::CaseWorker]] {
        let caller = agent("clairval", "ada", roles, &["sport"]);
        let refused = world.rpc.list_cases(as_caller(&caller, view("unit", ""))).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
}

on_both!(
    pages_are_the_list_whatever_their_size,
    closed_cases_are_asked_for,
    names_and_references_are_found,
    people_are_found_however_they_are_typed,
    old_cases_get_their_words,
    late_cases_are_counted_and_listed_by_unit_and_agent,
    bad_questions_are_told,
);
