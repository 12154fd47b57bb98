//! The servers start, keep what they wrote through a kill, and leave nothing behind.

use std::time::Duration;

use parvis_testkit::{NatsServer, PostgresServer, TestStore, wait_until};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_killed_postgres_starts_again_with_what_it_committed() -> anyhow::Result<()> {
    let server = PostgresServer::start().await?;
    let url = server.create_database("kept").await?;
    let mut options = ConnectOptions::new(&url);
    options.acquire_timeout(Duration::from_millis(500));
    let before = Database::connect(options).await?;
    before.execute_unprepared("CREATE TABLE kept (n INTEGER)").await?;
    server.kill();
    assert!(before.execute_unprepared("SELECT * FROM kept").await.is_err());
    server.restart().await?;
    Database::connect(&url).await?.execute_unprepared("INSERT INTO kept VALUES (1)").await?;
    Ok(())
}

#[tokio::test]
async fn nats_is_killed_restarted_and_wiped() -> anyhow::Result<()> {
    let server = NatsServer::start().await?;
    let address = server.url().replace("nats://", "");
    server.kill();
    let refused = async || TcpStream::connect(&address).await.is_err();
    wait_until("the port is closed", Duration::from_secs(5), refused).await;
    server.restart().await?;
    server.wipe()?;
    server.restart().await?;
    TcpStream::connect(&address).await?;
    drop(server);
    wait_until("the port is closed", Duration::from_secs(5), refused).await;
    Ok(())
}

#[tokio::test]
async fn stores_are_fresh_and_migrated() -> anyhow::Result<()> {
    for store in [TestStore::sqlite(&[]).await?, TestStore::postgres(&[]).await?, TestStore::postgres(&[]).await?] {
        store.write().execute_unprepared("CREATE TABLE mine (n INTEGER)").await?;
        store.another().await?.write().execute_unprepared("SELECT event_id FROM inbox").await?;
    }
    Ok(())
}
