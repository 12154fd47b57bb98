//! From a commit in one role to its effect in another.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use anyhow::Result;
use parvis_bus::dead_letter;
use parvis_kernel::{Error, Timestamp};
use parvis_store::outbox;
use parvis_testkit::wait_until;

use crate::{
    broker::TestBroker,
    harness::{DEADLINE, SOURCE, TwoRoles, number},
};

pub async fn what_is_committed_is_heard_and_what_is_rolled_back_is_not(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|_| Ok(()));
    roles.say(0..10, true).await?;
    roles.say(10..20, false).await?;
    roles.say(20..30, true).await?;
    assert!(roles.wait_for_effects(20).await.into_iter().eq((0..10).chain(20..30)));
    roles.stop().await;
    assert_eq!(outbox::backlog(&roles.speaker).await?.waiting, 0);
    assert_eq!(roles.effects().await.len(), 20);
    Ok(())
}

pub async fn what_was_committed_before_a_relay_ran_is_heard(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.say(0..3000, true).await?;
    outbox::republish(&roles.speaker, Timestamp::UNIX_EPOCH).await?;
    roles.start_relay().await?;
    roles.start_listening(|_| Ok(()));
    assert!(roles.wait_for_effects(3000).await.into_iter().eq(0..3000));
    roles.stop().await;
    assert_eq!(outbox::backlog(&roles.speaker).await?.waiting, 0);
    Ok(())
}

pub async fn a_poison_event_is_put_aside_and_the_others_go_on(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|event| match number(event) {
        3 => Err(Error::internal("no such procedure")),
        _ => Ok(()),
    });
    roles.say(0..10, true).await?;
    assert!(roles.wait_for_effects(9).await.into_iter().eq((0..10).filter(|n| *n != 3)));
    roles.stop().await;
    let letters = dead_letter::list(&roles.listener, 10).await?;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.source.as_str(), letter.subject.as_str(), letter.attempts), (SOURCE, "request-3", 4));
    assert!(letter.error.contains("no such procedure"));
    assert_eq!(dead_letter::count(&roles.listener).await?, 1);
    Ok(())
}

pub async fn an_event_that_always_conflicts_does_not_hold_up_the_others(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|event| match number(event) {
        3 => Err(Error::conflict("somebody changed it first")),
        _ => Ok(()),
    });
    roles.say(0..10, true).await?;
    assert_eq!(roles.wait_for_effects(9).await.len(), 9);
    wait_until("it is put aside", DEADLINE, async || dead_letter::count(&roles.listener).await.unwrap() == 1).await;
    roles.stop().await;
    Ok(())
}

pub async fn a_dead_letter_is_handled_when_asked(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = mended.clone();
    roles.start_listening(move |event| match number(event) {
        1 if !is_mended.load(Ordering::SeqCst) => Err(Error::internal("not mended")),
        _ => Ok(()),
    });
    roles.say(0..3, true).await?;
    assert_eq!(roles.wait_for_effects(2).await, [0, 2]);
    assert_eq!(dead_letter::request_replay(&roles.listener, None).await?, 1);
    let failed_again = async || dead_letter::list(&roles.listener, 1).await.unwrap()[0].attempts == 5;
    wait_until("the replay fails", DEADLINE, failed_again).await;
    let letter = dead_letter::list(&roles.listener, 1).await?.remove(0);
    assert!(!letter.replay_requested);
    mended.store(true, Ordering::SeqCst);
    assert_eq!(dead_letter::request_replay(&roles.listener, Some(letter.event)).await?, 1);
    assert_eq!(roles.wait_for_effects(3).await, [0, 2, 1]);
    assert_eq!(dead_letter::count(&roles.listener).await?, 0);
    roles.stop().await;
    Ok(())
}

pub async fn a_panic_is_a_failure_like_another(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|event| {
        assert_ne!(number(event), 0, "this handler knows no zero");
        Ok(())
    });
    roles.say(0..4, true).await?;
    assert_eq!(roles.wait_for_effects(3).await, [1, 2, 3]);
    roles.stop().await;
    assert!(dead_letter::list(&roles.listener, 10).await?[0].error.contains("panicked"));
    Ok(())
}

pub async fn a_part_that_is_down_is_waited_for(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    roles.start_listening(move |event| match number(event) {
        // More often than a failure of the event's own would be tried.
        2 if count.fetch_add(1, Ordering::SeqCst) < 6 => Err(Error::unavailable("the mail server is down")),
        _ => Ok(()),
    });
    roles.say(0..5, true).await?;
    assert_eq!(roles.wait_for_effects(5).await, [0, 1, 2, 3, 4]);
    roles.stop().await;
    assert!(tries.load(Ordering::SeqCst) >= 7);
    assert_eq!(dead_letter::count(&roles.listener).await?, 0);
    Ok(())
}

pub async fn a_crash_before_the_marks_publishes_again_without_effect(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.say(0..50, true).await?;
    // A relay that published and died before it marked anything…
    outbox::republish(&roles.speaker, Timestamp::UNIX_EPOCH).await?;
    let claimed = outbox::claim(&roles.speaker, roles.speaker.clock().now(), 100).await?;
    crate::harness::publish(&*roles.bus, &claimed).await?;
    roles.start_listening(|_| Ok(()));
    roles.wait_for_effects(50).await;
    // … and the next one, once the lease has ended.
    outbox::republish(&roles.speaker, Timestamp::UNIX_EPOCH).await?;
    roles.start_relay().await?;
    let all_sent = async || outbox::backlog(&roles.speaker).await.unwrap().waiting == 0;
    wait_until("all is sent", DEADLINE, all_sent).await;
    roles.start_own_relay();
    roles.say(50..51, true).await?;
    assert!(roles.wait_for_effects(51).await.into_iter().eq(0..51));
    roles.stop().await;
    Ok(())
}

pub async fn a_wiped_broker_is_refilled_and_effects_stay_once(broker: TestBroker) -> Result<()> {
    let mut roles = TwoRoles::new(&broker).await?;
    roles.start_own_relay();
    roles.start_listening(|_| Ok(()));
    roles.say(0..40, true).await?;
    roles.wait_for_effects(40).await;
    if let TestBroker::Embedded { .. } = broker {
        // It lives in the process, which ends with it.
        roles.stop().await;
        broker.close(roles.bus.clone()).await?;
        broker.wipe().await?;
        roles.bus = broker.open().await?;
        roles.start_listening(|_| Ok(()));
        roles.start_relay().await?;
    } else {
        broker.wipe().await?;
    }
    roles.say(40..50, true).await?;
    assert_eq!(outbox::republish(&roles.speaker, Timestamp::UNIX_EPOCH).await?, 50);
    assert!(roles.wait_for_effects(50).await.into_iter().take(40).eq(0..40));
    let all_sent = async || outbox::backlog(&roles.speaker).await.unwrap().waiting == 0;
    wait_until("all is sent", DEADLINE, all_sent).await;
    // A last one behind them: when it had its effect, those sent again had none.
    roles.say(50..51, true).await?;
    outbox::republish(&roles.speaker, Timestamp::UNIX_EPOCH).await?;
    let mut effects = roles.wait_for_effects(51).await;
    roles.stop().await;
    effects.sort_unstable();
    assert!(effects.into_iter().eq(0..51));
    Ok(())
}
