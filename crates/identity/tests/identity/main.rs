//! Identity over SQLite and over PostgreSQL.

mod accounts;
mod citizens;
mod door;
mod keys;
mod memberships;
mod origins;
mod sealing;
mod second_factor;
mod sessions;
mod town;

/// Runs each test over both databases.
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::town::Town::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::town::Town::postgres().await).await;
            })+
        }
    };
}
pub(crate) use over_both;
