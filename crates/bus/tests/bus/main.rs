//! What every bus must do: one suite over the embedded one and over JetStream.

mod broker;
mod driver;
mod harness;
mod leases;
mod nats;
mod reading;
mod walls;

/// One test a suite's function, over each bus.
macro_rules! over_each_bus {
    ($($suite:ident::$name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $name() -> anyhow::Result<()> {
                crate::$suite::$name(crate::broker::TestBroker::embedded().await?).await
            })*
        }
        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                crate::$suite::$name(crate::broker::TestBroker::nats().await?).await
            })*
        }
    };
}

over_each_bus! {
    reading::an_event_arrives_as_it_was_said,
    reading::order_is_kept_inside_a_partition,
    reading::only_the_kinds_asked_for_come,
    reading::a_position_survives_reopening,
    reading::a_batch_not_acknowledged_comes_again_first,
    reading::a_row_published_twice_is_read_once,
    reading::each_consumer_gets_everything,
    reading::a_backlog_is_read_in_order,
    reading::a_waiting_reader_is_served_at_once,
    reading::giving_up_the_wait_loses_nothing,
    reading::two_readers_of_one_topic_lose_nothing,
    driver::what_is_committed_is_heard_and_what_is_rolled_back_is_not,
    driver::what_was_committed_before_a_relay_ran_is_heard,
    driver::a_poison_event_is_put_aside_and_the_others_go_on,
    driver::an_event_that_always_conflicts_does_not_hold_up_the_others,
    driver::a_dead_letter_is_handled_when_asked,
    driver::a_panic_is_a_failure_like_another,
    driver::a_part_that_is_down_is_waited_for,
    driver::a_crash_before_the_marks_publishes_again_without_effect,
    driver::a_wiped_broker_is_refilled_and_effects_stay_once,
}
