//! Tests that run on SQLite and on PostgreSQL.

/// Runs tests over a `World` on each database: `World::sqlite()` and `World::postgres()`, in scope where it is called.
///
/// Either one test with its body, `on_both!(name, world => { … })`; or functions that take a world,
/// `on_both!(one, another)`.
#[macro_export]
macro_rules! on_both {
    ($name:ident, $world:ident => $body:block) => {
        mod $name {
            use super::*;

            async fn run($world: World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(World::postgres().await).await;
            }
        }
    };
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::World::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::World::postgres().await).await;
            })+
        }
    };
}
