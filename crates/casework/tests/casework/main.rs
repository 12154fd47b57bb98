//! The role over SQLite and over PostgreSQL, through its consumers and its service.

mod access;
mod citizen;
mod events;
mod life;
mod lists;
mod property;
mod support;
mod timers;
mod transfers;

/// Runs one test over each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::World::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::World::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;
