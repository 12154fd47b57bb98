//! Signing keys in the database, and what becomes of them when what seals them changes.

use parvis_identity::{
    Identity,
    crypto::sealing::{SealedKey, Sealing},
    repo::signing_keys,
    usecase,
};
use parvis_kernel::{ErrorKind, Result};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use secrecy::ExposeSecret as _;

use crate::town::{PASSWORD, Town, sealing, sealing_key};

crate::over_both!(
    keys_kept_in_clear_are_sealed_at_the_next_start_and_no_token_ends,
    a_wrong_key_stops_the_start_and_makes_nothing,
    the_sealing_key_is_changed_while_processes_run,
    keys_of_the_database_cannot_be_exchanged,
);

async fn kept(town: &Town) -> Vec<SealedKey> {
    signing_keys::all(town.store.read()).await.unwrap()
}

/// Writes a key as somebody with the database in hand would.
async fn write(town: &Town, kid: &str, private_key: Vec<u8>, public_key: Vec<u8>, sealed_by: &str) {
    let sql = match town.store.backend() {
        DbBackend::Postgres => {
            "UPDATE signing_key SET private_key = $1, public_key = $2, sealed_by = $3 WHERE kid = $4"
        }
        _ => "UPDATE signing_key SET private_key = ?, public_key = ?, sealed_by = ? WHERE kid = ?",
    };
    let values: [Value; 4] = [private_key.into(), public_key.into(), sealed_by.into(), kid.into()];
    let done = town.store.write().execute_raw(Statement::from_sql_and_values(town.store.backend(), sql, values)).await;
    assert_eq!(done.unwrap().rows_affected(), 1);
}

fn turning() -> Sealing {
    Sealing::new(sealing_key('n'), Some(sealing_key('k')))
}

fn turned() -> Sealing {
    Sealing::new(sealing_key('n'), None)
}

fn refusal(started: Result<Identity>) -> String {
    let error = started.err().expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.message().to_owned()
}

async fn keys_kept_in_clear_are_sealed_at_the_next_start_and_no_token_ends(town: Town) {
    let town = town.with_accounts().await;
    let sealed = kept(&town).await.remove(0);
    let clear = sealing().open(&sealed).unwrap().private_key;
    // As an earlier version left it.
    write(&town, &sealed.kid, clear.expose_secret().to_vec(), sealed.public_key.clone(), "").await;
    usecase::rotate_keys(&town.identity).await.unwrap();
    let token = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    write(&town, &sealed.kid, clear.expose_secret().to_vec(), sealed.public_key.clone(), "").await;

    let next = town.another().await;
    let keys = kept(&town).await;
    assert_eq!(keys.len(), 1);
    assert_eq!((keys[0].kid.as_str(), keys[0].sealed_by.as_str()), (sealed.kid.as_str(), sealed.sealed_by.as_str()));
    let secret = clear.expose_secret();
    assert!(!keys[0].private_key.windows(16).any(|part| secret.windows(16).any(|of| of == part)), "in clear");
    assert_eq!(next.keys.jwks(town.now()), town.identity.keys.jwks(town.now()));
    assert!(town.keys().verify(token.expose_secret(), town.now()).is_ok());
}

async fn a_wrong_key_stops_the_start_and_makes_nothing(town: Town) {
    let before = kept(&town).await;
    // A key is due: it would be drawn.
    town.advance(40 * 86_400);
    let said = refusal(town.another_with(turned()).await);
    assert!(said.contains("identity.sealing_key") && said.contains(&before[0].sealed_by), "{said}");
    let after = kept(&town).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].private_key, before[0].private_key);
    town.another().await;
    assert_eq!(kept(&town).await.len(), 2);
}

async fn the_sealing_key_is_changed_while_processes_run(town: Town) {
    let town = town.with_accounts().await;
    let old_process = &town.identity;
    let token = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    let new_process = town.another_with(turning()).await.unwrap();
    assert!(kept(&town).await.iter().all(|key| turned().open(key).is_ok()), "sealed again");
    // The old one cannot read them any more, and goes on with what it has in memory.
    assert!(usecase::rotate_keys(old_process).await.is_err());
    let signed = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    for token in [token, signed] {
        assert!(town.keys().verify(token.expose_secret(), town.now()).is_ok());
    }
    assert_eq!(new_process.keys.jwks(town.now()), old_process.keys.jwks(town.now()));
    // Everybody has started again.
    town.another_with(turned()).await.unwrap();
    refusal(town.another_with(sealing()).await);
}

async fn keys_of_the_database_cannot_be_exchanged(town: Town) {
    town.advance(40 * 86_400);
    usecase::rotate_keys(&town.identity).await.unwrap();
    let [one, two] = <[SealedKey; 2]>::try_from(kept(&town).await).unwrap();
    let stranger = [7; 32].to_vec();
    for (private_key, public_key) in [(two.private_key, one.public_key.clone()), (one.private_key.clone(), stranger)] {
        write(&town, &one.kid, private_key, public_key, &one.sealed_by).await;
        let said = refusal(town.another_with(sealing()).await);
        assert!(said.contains(&one.kid), "{said}");
    }
    write(&town, &one.kid, one.private_key, one.public_key, &one.sealed_by).await;
    town.another().await;
}
