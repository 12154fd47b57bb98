//! Which corrections the classifier has learnt from, over years.

use jiff::SignedDuration;
use parvis_kernel::{CaseId, RequestId, Role};
use tokio_util::sync::CancellationToken;

use super::{
    on_both,
    world::{World, caller, clairval, deliver, opened, snapshot, tenants},
};
use crate::{
    Router,
    domain::town,
    repo::learning,
    usecase::{ReassignCase, forget_past_cases, list_classifier_models, load_guesser, reassign_case, train_guessers},
};

on_both!(learning_goes_on_when_old_corrections_are_forgotten, the_latest_corrections_are_read);

const EVERY: usize = 4;
const BAG: (&str, &str) = ("un sac jaune éventré", "voirie");
/// What a model that knows of bags does not send there by itself.
const BELL: (&str, &str) = ("la cloche sonne trop tôt", "proprete");

/// Sorted, and sent elsewhere by an agent, a minute later than what came before. None only measures, so that a model
/// trained on them is not refused.
async fn correct(world: &World, (text, unit): (&str, &str), times: usize) -> Vec<CaseId> {
    let sorts = caller("chloe-blanc", &[Role::Supervisor], &["accueil", "voirie", "proprete"]);
    let mut corrected = Vec::new();
    for _ in 0..times {
        world.clock.advance(SignedDuration::from_mins(1));
        let drawn = std::iter::repeat_with(RequestId::new);
        let learnt = |id: &RequestId| id.0.as_bytes().iter().map(|byte| u32::from(*byte)).sum::<u32>() % 5 != 0;
        let id = drawn.take(1_000).find(learnt).unwrap();
        deliver(&world.router, &[opened(&clairval(), snapshot(id, text))]).await.unwrap();
        let command = ReassignCase {
            case_id: id.to_string(),
            unit: unit.to_owned(),
            reason: "Orientation proposée".to_owned(),
            ..ReassignCase::default()
        };
        reassign_case(&world.router, &sorts, &command).await.unwrap();
        corrected.push(id);
    }
    corrected
}

async fn learning_goes_on_when_old_corrections_are_forgotten(mut world: World) {
    world.router = world.router.clone().retraining_after(EVERY);
    let other = Router::new(world.router.store.clone(), tenants()).retraining_after(EVERY);
    let shutdown = CancellationToken::new();
    let in_service = |router: &Router| router.snapshots.guesser(&clairval()).version();
    let latest = async || learning::models(world.store.read(), &clairval(), 1).await.unwrap().remove(0);
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie"]);
    let fresh = async || list_classifier_models(&world.router, &supervisor).await.unwrap().new_corrections;
    correct(&world, BAG, 2 * EVERY).await;
    for router in [&world.router, &other] {
        train_guessers(router, &shutdown).await.unwrap();
        assert_eq!(in_service(router), 1);
    }
    assert_eq!((latest().await.corrections, fresh().await), (8, 0));
    // A year later nothing is left of them: fewer than were learnt from come after.
    world.clock.advance(SignedDuration::from_hours(24 * 366));
    forget_past_cases(&world.router, 365, &shutdown).await.unwrap();
    assert_eq!(learning::count_corrections(world.store.read(), &clairval()).await.unwrap(), 0);
    correct(&world, BELL, EVERY - 1).await;
    train_guessers(&world.router, &shutdown).await.unwrap();
    assert_eq!((in_service(&world.router), fresh().await), (1, 3));
    correct(&world, BELL, 2).await;
    train_guessers(&world.router, &shutdown).await.unwrap();
    let learnt = latest().await;
    assert_eq!((learnt.version, learnt.corrections, learnt.is_promoted), (2, 4, true));
    // The fifth is for the next time.
    assert_eq!((in_service(&world.router), fresh().await), (2, 1));
    let kept = learning::corrections(world.store.read(), &clairval(), 10).await.unwrap();
    assert_eq!(learnt.learnt_until, kept[3].at);
    // The other process has the same, and so has one that starts, or a command that only looks.
    train_guessers(&other, &shutdown).await.unwrap();
    assert_eq!((in_service(&other), latest().await.version), (2, 2));
    let started = Router::new(world.router.store.clone(), tenants()).retraining_after(EVERY);
    train_guessers(&started, &shutdown).await.unwrap();
    assert_eq!((in_service(&started), latest().await.version), (2, 2));
    let looking = Router::new(world.router.store.clone(), tenants()).retraining_after(EVERY);
    assert_eq!(load_guesser(&looking, &clairval()).await.unwrap(), 2);
}

async fn the_latest_corrections_are_read(world: World) {
    let corrected = correct(&world, BAG, 3).await;
    let kept = learning::corrections(world.store.read(), &clairval(), 2).await.unwrap();
    let kept: Vec<CaseId> = kept.iter().map(|correction| correction.case_id).collect();
    assert_eq!(kept, corrected[1..]);
    let until = town::monday() + SignedDuration::from_mins(2);
    assert_eq!(learning::count_corrections_after(world.store.read(), &clairval(), until).await.unwrap(), 1);
}
