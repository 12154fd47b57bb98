//! Filing requests: once a key, together, never with another's reference.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::future::join_all;
use jiff::SignedDuration;
use parvis_kernel::{Actor, Caller, ErrorKind, Role, RoleSet, tracking_code};
use parvis_proto::intake::{
    GetRequestRequest, OpenFollowGrantRequest, RecordInstantAnswerRequest, RequestReceived, SubmitRequestRequest,
    SubmitRequestResponse,
};
use parvis_runtime::{
    client::Client,
    grants::{GrantKeys, Kind},
};
use parvis_store::outbox;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use crate::world::{World, agent, by_form, citizen, follower, free_text, on_both, tenant};

async fn file(world: &World, message: SubmitRequestRequest) -> parvis_kernel::Result<SubmitRequestResponse> {
    world.intake.submit_request(&citizen(), message).await
}

async fn events(world: &World) -> Vec<outbox::OutboxRow> {
    let later = world.store.clock().now() + SignedDuration::from_secs(60);
    outbox::claim(&world.store, later, 10_000).await.unwrap()
}

on_both!(a_request_is_answered_kept_and_said, world => {
    let mut rows = world.store.take_committed().unwrap();
    let answer = file(&world, by_form("k1")).await.unwrap();
    assert!(!answer.replayed);
    assert_eq!(answer.missing_documents, ["Pièce d'identité"]);
    assert!(answer.next_step.contains("par courriel sous 5 jours ouvrés"), "{}", answer.next_step);
    assert!(answer.reference.parse::<parvis_kernel::Reference>().is_ok());
    assert!(tracking_code::is_normalized(&tracking_code::normalize(&answer.tracking_code)));

    let said = RequestReceived::decode(rows.recv().await.unwrap()[0].payload.as_slice()).unwrap();
    assert_eq!(said.tracking_code, answer.tracking_code);
    let request = said.request.unwrap();
    assert_eq!((request.request_id.as_str(), request.reference.as_str()), (answer.request_id.as_str(), answer.reference.as_str()));
    assert_eq!(request.procedure.as_ref().unwrap().service_level_days, 5);

    let by_reference = GetRequestRequest {
        reference: answer.reference.to_lowercase().replace('-', " "),
        ..GetRequestRequest::default()
    };
    let by_id = GetRequestRequest { request_id: answer.request_id.clone(), ..Default::default() };
    let person = follower(tenant("clairval"), &answer.request_id);
    for asked in [&by_reference, &by_id] {
        assert_eq!(world.intake.get_request(&person, asked).await.unwrap(), request);
        for caller in [
            citizen(),
            follower(tenant("clairval"), "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11"),
            follower(tenant("petit-ormeau"), &answer.request_id),
            // Agents read it through the case, whatever their role.
            agent("clairval", Role::CaseWorker),
            agent("clairval", Role::ElectedOfficial),
            agent("petit-ormeau", Role::CaseWorker),
        ] {
            assert_eq!(world.intake.get_request(&caller, asked).await.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
});

on_both!(a_code_is_exchanged_for_a_grant_of_its_request, world => {
    let keys = GrantKeys::new(Vec::new(), Arc::new(world.clock.clone()));
    let open = async |reference: &str, code: &str, former: &str| {
        let asked = OpenFollowGrantRequest {
            reference: reference.into(), tracking_code: code.into(), grant: former.into(), ..Default::default()
        };
        world.intake.open_follow_grant(&citizen(), &asked).await
    };
    let one = file(&world, by_form("k1")).await.unwrap();
    let two = file(&world, by_form("k2")).await.unwrap();
    let typed = one.tracking_code.to_lowercase().replace('-', " ");
    let first = open(&one.reference, &typed, "").await.unwrap();
    keys.replace(Kind::Follow, &world.intake.grant_keys().await.unwrap()).unwrap();
    let said = keys.verify(Kind::Follow, &first.grant).await.unwrap();
    let ids = |answers: &[&SubmitRequestResponse]| -> Vec<parvis_kernel::RequestId> {
        answers.iter().map(|answer| answer.request_id.parse().unwrap()).collect()
    };
    assert_eq!((said.tenant.as_str(), said.requests), ("clairval", ids(&[&one])));
    // The next opens both, the same once.
    let both = open(&two.reference, &two.tracking_code, &first.grant).await.unwrap();
    let again = open(&one.reference, &one.tracking_code, &both.grant).await.unwrap();
    assert_eq!(keys.verify(Kind::Follow, &again.grant).await.unwrap().requests, ids(&[&two, &one]));

    // Nothing tells which is wrong; a former grant that is none is as if there were none.
    let elsewhere = Caller::anonymous(tenant("petit-ormeau"));
    for (caller, reference, code) in [
        (citizen(), &one.reference, ""),
        (citizen(), &one.reference, two.tracking_code.as_str()),
        (citizen(), &"412-873-952-K".to_owned(), one.tracking_code.as_str()),
        (elsewhere, &one.reference, one.tracking_code.as_str()),
    ] {
        let asked = OpenFollowGrantRequest { reference: reference.clone(), tracking_code: code.into(), ..Default::default() };
        let error = world.intake.open_follow_grant(&caller, &asked).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "no request has this reference and this tracking code"));
    }
    let alone = open(&two.reference, &two.tracking_code, "pas.un.jeton").await.unwrap();
    assert_eq!(keys.verify(Kind::Follow, &alone.grant).await.unwrap().requests, ids(&[&two]));

    // It is no grant of files, and it ends.
    assert!(keys.verify(Kind::Files, &first.grant).await.is_err());
    world.clock.advance(jiff::SignedDuration::from_mins(121));
    assert_eq!(keys.verify(Kind::Follow, &again.grant).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
});

on_both!(one_key_makes_one_request_whatever_races, world => {
    let other = world.another().await;
    let tasks = (0..100).map(|at| {
        let intake = if at % 2 == 0 { world.intake.clone() } else { other.clone() };
        tokio::spawn(async move { intake.submit_request(&citizen(), by_form("same")).await.unwrap() })
    });
    let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    let first = SubmitRequestResponse { replayed: true, ..answers[0].clone() };
    for answer in answers {
        assert_eq!(SubmitRequestResponse { replayed: true, ..answer }, first);
    }
    assert_eq!((world.count("request").await, world.count("idempotency").await, events(&world).await.len()), (1, 1, 1));

    let error = file(&world, free_text("same", "autre chose")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    // The same key of another caller, or in another town, is another key.
    let clerk = agent("clairval", Role::FrontDesk);
    assert!(!world.intake.submit_request(&clerk, by_form("same")).await.unwrap().replayed);
    let elsewhere = Caller::anonymous(tenant("petit-ormeau"));
    assert!(!world.intake.submit_request(&elsewhere, free_text("same", "x")).await.unwrap().replayed);
    assert_eq!(world.count("request").await, 3);
});

on_both!(bodies_that_race_with_one_key_make_one_request, world => {
    let tasks = (0..40).map(|at| {
        let intake = world.intake.clone();
        tokio::spawn(async move { intake.submit_request(&citizen(), free_text("k", &format!("texte {}", at % 4))).await })
    });
    let outcomes: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let filed: HashSet<_> = outcomes.iter().flatten().map(|answer| answer.reference.clone()).collect();
    assert_eq!(filed.len(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| error.kind() == ErrorKind::AlreadyExists));
    assert_eq!(world.count("request").await, 1);
});

on_both!(two_processes_never_give_the_same_reference, world => {
    let other = world.another().await;
    let tasks = (0..1300).map(|at| {
        let intake = if at % 2 == 0 { world.intake.clone() } else { other.clone() };
        tokio::spawn(async move {
            intake.submit_request(&citizen(), free_text(&format!("k{at}"), "x")).await.unwrap()
        })
    });
    let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let references: HashSet<_> = answers.iter().map(|answer| &answer.reference).collect();
    let codes: HashSet<_> = answers.iter().map(|answer| &answer.tracking_code).collect();
    assert_eq!((references.len(), codes.len()), (1300, 1300));
    assert_eq!((world.count("request").await, events(&world).await.len()), (1300, 1300));
});

on_both!(a_caller_who_leaves_leaves_a_whole_request_or_none, world => {
    for at in 0..30 {
        let intake = world.intake.clone();
        let message = free_text(&format!("k{at}"), "x");
        let caller = citizen();
        let leaving = intake.submit_request(&caller, message.clone());
        let _ = tokio::time::timeout(Duration::from_micros(at * 50), leaving).await;
        intake.submit_request(&citizen(), message).await.unwrap();
    }
    assert_eq!((world.count("request").await, world.count("idempotency").await, events(&world).await.len()), (30, 30, 30));
});

on_both!(what_was_accepted_stays_answered_the_same, world => {
    let first = file(&world, by_form("k1")).await.unwrap();
    let changed = crate::world::FORM.replace("label = \"Nom\"", "label = \"Votre nom\"");
    world.import(&changed).await;
    let caller = citizen();
    let seen = async || world.intake.get_procedure(&caller, "essai", 0).await.unwrap().version == 2;
    parvis_testkit::wait_until("the import to be seen", Duration::from_secs(10), seen).await;
    let error = file(&world, by_form("k2")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert!(error.message().contains("which is 2"), "{error}");
    let replay = file(&world, by_form("k1")).await.unwrap();
    assert_eq!(replay, SubmitRequestResponse { replayed: true, ..first });
    let other = SubmitRequestRequest { text: "plus".into(), ..by_form("k1") };
    assert_eq!(file(&world, other).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
});

on_both!(each_door_has_its_keeper, world => {
    let partner = Caller {
        actor: Actor::Partner("urbanis".into()),
        roles: RoleSet::from([Role::Partner]),
        ..citizen()
    };
    let clerk = agent("clairval", Role::FrontDesk);
    let elected = agent("clairval", Role::ElectedOfficial);
    for (channel, allowed) in [
        ("web", [true, true, true, true]),
        ("phone", [false, true, false, false]),
        ("counter", [false, true, false, false]),
        ("letter", [false, true, false, false]),
        ("email", [false, true, false, false]),
        ("api", [false, false, false, true]),
        ("partner", [false, false, false, true]),
        ("open311", [false, false, false, true]),
    ] {
        for (at, caller) in [&citizen(), &clerk, &elected, &partner].into_iter().enumerate() {
            let message = SubmitRequestRequest { channel: channel.into(), ..free_text(channel, "x") };
            let outcome = world.intake.submit_request(caller, message).await;
            let refused = outcome.as_ref().err().map(parvis_kernel::Error::kind);
            assert_eq!(outcome.is_ok(), allowed[at], "{channel} {at} {outcome:?}");
            assert!(matches!(refused, None | Some(ErrorKind::Denied | ErrorKind::Unauthenticated)));
        }
    }
    let fax = SubmitRequestRequest { channel: "fax".into(), ..free_text("f", "x") };
    assert_eq!(file(&world, fax).await.unwrap_err().violations()[0].field, "channel");
});

on_both!(instant_answers_are_counted_once_by_day_and_agent, world => {
    let clerk = agent("clairval", Role::FrontDesk);
    let message = |key: &str| RecordInstantAnswerRequest {
        idempotency_key: key.into(),
        channel: "counter".into(),
        theme: "voirie".into(),
        procedure_code: "essai".into(),
        ..RecordInstantAnswerRequest::default()
    };
    // 23:30 where the town is.
    world.clock.set("2026-05-31T21:30:00Z".parse().unwrap());
    let first = world.intake.record_instant_answer(&clerk, "mairie", &message("a")).await.unwrap();
    assert_eq!(first.today, 1);
    let again = world.intake.record_instant_answer(&clerk, "mairie", &message("a")).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(world.intake.record_instant_answer(&clerk, "mairie", &message("b")).await.unwrap().today, 2);
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(world.intake.record_instant_answer(&clerk, "mairie", &message("c")).await.unwrap().today, 1);
    assert_eq!(events(&world).await.len(), 3);

    let other = RecordInstantAnswerRequest { theme: "sport".into(), ..message("a") };
    let error = world.intake.record_instant_answer(&clerk, "", &other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let wrong = RecordInstantAnswerRequest {
        channel: "web".into(), theme: "meteo".into(), procedure_code: "rien".into(), unit: "U".into(), note: "x".repeat(501), ..message("")
    };
    let error = world.intake.record_instant_answer(&clerk, "", &wrong).await.unwrap_err();
    assert_eq!(error.violations().len(), 6);
    assert_eq!(world.intake.record_instant_answer(&citizen(), "", &message("d")).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
});

on_both!(keys_are_forgotten_after_three_months, world => {
    let clerk = agent("clairval", Role::FrontDesk);
    file(&world, free_text("old", "x")).await.unwrap();
    let answer = RecordInstantAnswerRequest { idempotency_key: "i".into(), channel: "phone".into(), theme: "sport".into(), ..Default::default() };
    world.intake.record_instant_answer(&clerk, "", &answer).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24 * 89));
    file(&world, free_text("young", "x")).await.unwrap();
    let never = CancellationToken::new();
    assert_eq!(world.intake.purge_keys(&never).await.unwrap(), 0);
    world.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(world.intake.purge_keys(&never).await.unwrap(), 2);
    assert_eq!((world.count("idempotency").await, world.count("request").await, world.count("instant_answer").await), (1, 2, 0));
});

/// `cargo test --release … -- --ignored throughput --nocapture` on a machine at rest.
async fn throughput(world: World) {
    const CALLERS: usize = 32;
    const EACH: usize = 1000;
    file(&world, by_form("warm")).await.unwrap();
    let start = std::time::Instant::now();
    let tasks = (0..CALLERS).map(|caller| {
        let intake: Arc<_> = world.intake.clone();
        tokio::spawn(async move {
            for at in 0..EACH {
                intake.submit_request(&citizen(), by_form(&format!("{caller}-{at}"))).await.unwrap();
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    let rate = (CALLERS * EACH) as f64 / start.elapsed().as_secs_f64();
    eprintln!("{:?}: {rate:.0} submissions a second at {CALLERS} callers", world.store.backend());
    assert_eq!(world.count("request").await, (CALLERS * EACH) as i64 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, not a check"]
async fn throughput_sqlite() {
    throughput(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, not a check"]
async fn throughput_postgres() {
    throughput(World::postgres().await).await;
}

on_both!(a_guessed_key_gives_nothing_of_anothers, world => {
    let from = async |address: &str, browser: &str| {
        let client = Client { address: address.parse().ok(), browser: browser.into() };
        client.scope(world.intake.submit_request(&citizen(), free_text("1234", "Bonjour"))).await.unwrap()
    };
    let first = from("192.0.2.1", "").await;
    let stranger = from("198.51.100.7", "").await;
    assert!(!stranger.replayed && stranger.tracking_code != first.tracking_code);
    assert!(!from("192.0.2.1", "one").await.replayed);
    // The same browser may have moved to another network; without one, the network is who it is.
    assert!(from("203.0.113.9", "one").await.replayed);
    assert_eq!(from("192.0.2.1", "").await.tracking_code, first.tracking_code);
});
