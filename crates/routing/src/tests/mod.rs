//! The whole role over a real database: every test runs on SQLite and on PostgreSQL.

mod concurrency;
mod contract;
mod directories;
mod events;
mod learning;
mod live;
mod moves;
mod queues;
mod reassignments;
mod rule_sets;
mod transfers;
mod world;

/// Runs `async fn name(world: World)` over both databases.
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::tests::world::World::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::tests::world::World::postgres().await).await;
            })+
        }
    };
}
use on_both_stores;
