//! What time does, over a real database: ladders, timers that survive, live work offered.

use jiff::SignedDuration;
use parvis_kernel::{CaseId, ErrorKind, RequestId, Role};
use parvis_proto::casework::CaseSnapshot;

use super::{
    on_both,
    world::{World, caller, changed, clairval, deliver, opened, snapshot, tenants},
};
use crate::{
    Router,
    domain::town,
    repo::{agent, waiting},
    usecase::{AnswerOffer, answer_offer, list_offers, set_presence},
};

on_both!(
    a_waiting_case_goes_up_and_is_told_of,
    timers_survive_a_stop_and_are_fired_once,
    an_agent_who_does_not_begin_is_reminded,
    live_work_is_offered_and_comes_back,
    an_offer_is_for_one_agent_once,
    a_unit_that_takes_another_s_place_has_its_cases,
    cases_from_before_timers_get_one,
);

/// The town whose street unit offers telephone calls, which weigh more.
fn offering() -> String {
    let calls = "weights = { phone = 150 }\ndefault_unit = \"accueil\"";
    let text = town::TOWN.replace("default_unit = \"accueil\"", calls);
    text.replace("name = \"Voirie\"\n", "name = \"Voirie\"\noffer = [\"phone\"]\noffer_seconds = 60\n")
}

async fn call(world: &World) -> CaseId {
    let id = RequestId::new();
    let procedure = parvis_proto::common::ProcedureSnapshot {
        code: "chaussee".to_owned(),
        unit: "voirie".to_owned(),
        ..Default::default()
    };
    let case = CaseSnapshot { channel: "phone".to_owned(), procedure: Some(procedure), ..snapshot(id, "un trou") };
    deliver(&world.router, &[opened(&clairval(), case)]).await.unwrap();
    id
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

async fn a_waiting_case_goes_up_and_is_told_of(mut world: World) {
    let bruno = caller("bruno-petit", &[Role::CaseWorker, Role::Supervisor], &["voirie", "proprete"]);
    set_presence(&world.router, &bruno, None, "away").await.unwrap();
    let id = world.open("un matelas").await;
    assert_eq!(world.holder(id).await, None);
    world.fire().await;
    assert_eq!(world.escalations().len(), 0);
    // A working day later Alice, of the unit above, is asked; she has not the skill.
    world.at(town::monday() + hours(25));
    world.fire().await;
    let said = world.escalations();
    assert_eq!((said.len(), said[0].step.as_str(), said[0].to.as_str()), (1, "widened", ""));
    // Then it is more pressing, Bruno is told of it, and at last any supervisor may take it.
    for days in 2..6 {
        world.at(town::monday() + hours(days * 24));
        world.fire().await;
    }
    let said = world.escalations();
    let steps: Vec<_> = said.iter().map(|said| said.step.as_str()).collect();
    assert_eq!(steps, ["priority_raised", "escalated"], "{said:?}");
    assert_eq!((said[0].priority.as_str(), said[1].to.as_str()), ("urgent", "bruno-petit"));
    assert!(said[1].summary.contains("Bruno Petit") && said[1].to_email.contains('@'));
    let told: Vec<_> = said[1].told.iter().map(|told| (told.agent.as_str(), told.email.contains('@'))).collect();
    assert_eq!(told, [("bruno-petit", true)]);
    assert!(said[0].told.is_empty(), "a priority is nobody's in particular");
    assert_eq!(world.waiting().await, 1);
    world.at(town::monday() + hours(8 * 24));
    set_presence(&world.router, &bruno, None, "present").await.unwrap();
    world.drain().await;
    assert_eq!(world.holder(id).await, Some(town::agent("bruno-petit")));
    assert_eq!(world.waiting().await, 0);
    assert!(waiting::without_timer(world.store.read(), &clairval()).await.unwrap().is_empty());
}

async fn timers_survive_a_stop_and_are_fired_once(mut world: World) {
    let bruno = caller("bruno-petit", &[Role::CaseWorker], &["voirie"]);
    set_presence(&world.router, &bruno, None, "away").await.unwrap();
    for _ in 0..20 {
        world.open("un matelas").await;
    }
    world.at(town::monday() + hours(25));
    // Several processes of the role, all of them started since.
    let mut firing = Vec::new();
    for _ in 0..4 {
        let router = Router::new(world.store.another().await.unwrap(), tenants());
        firing.push(tokio::spawn(async move {
            let shutdown = tokio_util::sync::CancellationToken::new();
            for _ in 0..20 {
                match crate::usecase::fire_timers(&router, &shutdown).await {
                    Ok(()) => return,
                    Err(error) => assert!(error.is_transient(), "{error}"),
                }
            }
            panic!("the database never came back");
        }));
    }
    for task in firing {
        task.await.unwrap();
    }
    world.fire().await;
    let unit = parvis_kernel::UnitId::parse("proprete").unwrap();
    let kept = waiting::of_unit(world.store.read(), &clairval(), &unit, 50).await.unwrap();
    assert_eq!(kept.len(), 20);
    assert!(kept.iter().all(|case| case.rung == 1 && case.next_timer.is_some()), "{:?}", kept[0]);
    world.escalations();
}

async fn an_agent_who_does_not_begin_is_reminded(mut world: World) {
    let begun = world.open("un matelas").await;
    let idle = world.open("un matelas").await;
    let acted = CaseSnapshot { state: "in_progress".to_owned(), version: 2, ..snapshot(begun, "") };
    let mut event = changed(&clairval(), acted.clone(), "started");
    let message = parvis_proto::casework::CaseStatusChanged {
        case: Some(acted),
        kind: "started".to_owned(),
        actor: "agent:bruno-petit".to_owned(),
        ..Default::default()
    };
    event.payload = prost::Message::encode_to_vec(&message).into();
    deliver(&world.router, &[event]).await.unwrap();
    world.at(town::monday() + hours(3 * 24));
    world.fire().await;
    let said = world.escalations();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].case_id.as_str(), said[0].step.as_str()), (idle.to_string().as_str(), "reminded"));
    assert_eq!((said[0].to.as_str(), said[0].agent.as_str()), ("bruno-petit", "bruno-petit"));
    assert!(world.case(begun).await.acted && world.case(begun).await.rung == 0);
    // On Monday 21 December Bruno is absent, and nobody else can: the cases stay, with a time to look again.
    world.at(town::monday() + hours(35 * 24));
    world.fire().await;
    for id in [begun, idle] {
        let case = world.case(id).await;
        assert!(case.next_timer.unwrap() > town::monday() + hours(35 * 24));
    }
}

async fn live_work_is_offered_and_comes_back(mut world: World) {
    world.import(&offering()).await;
    let alice = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let bruno = caller("bruno-petit", &[Role::CaseWorker], &["voirie", "proprete"]);
    let id = call(&world).await;
    let said = world.assignments();
    assert_eq!((said.len(), said[0].agent.as_str()), (1, ""));
    assert!(said[0].summary.starts_with("Proposé"), "{}", said[0].summary);
    let offers = list_offers(&world.router, &alice).await.unwrap();
    assert_eq!((offers.len(), offers[0].case.case_id, offers[0].unit_name.as_str()), (1, id, "Voirie"));
    assert!(list_offers(&world.router, &bruno).await.unwrap().is_empty());
    // It weighs on Alice meanwhile, and waits in no queue.
    let load = async |world: &World, code: &str| {
        let states = agent::all(world.store.read(), &clairval()).await.unwrap();
        states.get(&town::agent(code)).map_or((0, 0), |state| (state.load, state.weight))
    };
    assert_eq!(load(&world, "alice-roy").await, (0, 150));
    assert_eq!(world.waiting().await, 0);
    // She says nothing: it is Bruno's turn, then, declined, the queue's.
    world.at(town::monday() + SignedDuration::from_secs(60));
    assert!(list_offers(&world.router, &alice).await.unwrap().is_empty());
    world.fire().await;
    assert_eq!((load(&world, "alice-roy").await, load(&world, "bruno-petit").await), ((0, 0), (0, 150)));
    let offer = list_offers(&world.router, &bruno).await.unwrap().remove(0).case.offer.unwrap();
    let answer = AnswerOffer { case_id: id.to_string(), offer_id: offer.id.to_string(), accept: false };
    assert_eq!(answer_offer(&world.router, &bruno, &answer).await.unwrap(), None);
    world.drain().await;
    assert_eq!((load(&world, "bruno-petit").await, world.waiting().await), ((0, 0), 1));
    // After the next step of the ladder they are asked again.
    world.at(town::monday() + hours(25));
    world.fire().await;
    let offer = list_offers(&world.router, &alice).await.unwrap().remove(0).case.offer.unwrap();
    let answer = AnswerOffer { case_id: id.to_string(), offer_id: offer.id.to_string(), accept: true };
    assert_eq!(answer_offer(&world.router, &alice, &answer).await.unwrap(), Some(town::agent("alice-roy")));
    assert_eq!((load(&world, "alice-roy").await, world.waiting().await), ((1, 150), 0));
    let said = world.assignments().pop().unwrap();
    assert_eq!(
        (said.cause.as_str(), said.agent.as_str(), said.actor.as_str()),
        ("accepted", "alice-roy", "agent:alice-roy")
    );
    world.close(id, 2).await;
    assert_eq!(load(&world, "alice-roy").await, (0, 0));
}

async fn an_offer_is_for_one_agent_once(world: World) {
    world.import(&offering()).await;
    let alice = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let bruno = caller("bruno-petit", &[Role::CaseWorker], &["voirie"]);
    let id = call(&world).await;
    let offer = list_offers(&world.router, &alice).await.unwrap().remove(0).case.offer.unwrap();
    let answer = AnswerOffer { case_id: id.to_string(), offer_id: offer.id.to_string(), accept: true };
    let kind = async |caller: &parvis_kernel::Caller, answer: &AnswerOffer| {
        answer_offer(&world.router, caller, answer).await.map_err(|error| error.kind())
    };
    assert_eq!(kind(&bruno, &answer).await, Err(ErrorKind::NotFound));
    let elected = caller("alice-roy", &[Role::ElectedOfficial], &["voirie"]);
    assert_eq!(kind(&elected, &answer).await, Err(ErrorKind::Denied));
    let wrong = AnswerOffer { offer_id: "x".to_owned(), ..answer.clone() };
    assert_eq!(kind(&alice, &wrong).await, Err(ErrorKind::Invalid));
    assert_eq!(kind(&alice, &answer).await, Ok(Some(town::agent("alice-roy"))));
    assert_eq!(kind(&alice, &answer).await, Err(ErrorKind::Conflict));
    // Over, and not yet swept: too late all the same.
    let id = call(&world).await;
    let offer = world.case(id).await.offer.unwrap();
    assert_eq!(offer.agent, town::agent("bruno-petit"));
    world.at(offer.until);
    let late = AnswerOffer { case_id: id.to_string(), offer_id: offer.id.to_string(), accept: true };
    assert_eq!(kind(&bruno, &late).await, Err(ErrorKind::Conflict));
    // Closed while offered: nobody has it, and nothing weighs.
    world.close(id, 2).await;
    let states = agent::all(world.store.read(), &clairval()).await.unwrap();
    assert_eq!(states[&town::agent("bruno-petit")].weight, 0);
}

async fn a_unit_that_takes_another_s_place_has_its_cases(world: World) {
    let id = world.open("un matelas").await;
    let text = town::TOWN
        .replace("unit = \"proprete\"", "unit = \"voirie\"")
        .replace("units = [\"voirie\", \"proprete\"]", "units = [\"voirie\"]")
        .replace("[[unit]]\ncode = \"proprete\"\nname = \"Propreté\"\nparent = \"voirie\"\n", "")
        .replace("name = \"Voirie\"\n", "name = \"Voirie\"\nreplaces = [\"proprete\"]\n");
    assert_eq!(world.import(&text).await.to_reroute, 1);
    world.drain().await;
    assert_eq!(world.case(id).await.need.unwrap().unit.as_str(), "voirie");
}

async fn cases_from_before_timers_get_one(mut world: World) {
    use sea_orm::ConnectionTrait as _;
    let id = world.open("un matelas").await;
    let tx = world.store.begin().await.unwrap();
    tx.conn().execute_unprepared("UPDATE routed_case SET next_timer_at = 0").await.unwrap();
    tx.commit().await.unwrap();
    world.fire().await;
    assert!(world.case(id).await.next_timer.unwrap() > town::monday());
    assert_eq!(world.escalations().len(), 0);
}
