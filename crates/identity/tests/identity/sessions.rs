//! Sign-in, refresh, sign-out, passwords.

use parvis_identity::{
    domain::{attempts::LOCK_AFTER, origin::Origin},
    usecase,
};
use parvis_kernel::{AgentId, Caller, ErrorKind, Role};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use crate::town::{PASSWORD, Town, directory, kind, tenant};

crate::over_both!(
    signing_in_is_refused_in_the_same_words,
    ten_failures_lock_an_account_and_nobody_alike,
    a_hundred_guesses_at_once_are_ten,
    a_spent_refresh_token_ends_the_session,
    two_tabs_refresh_at_once,
    sign_out_ends_the_session,
    sessions_end_in_time_and_are_purged,
    a_changed_password_ends_the_other_sessions,
    a_set_password_unlocks,
);

async fn signing_in_is_refused_in_the_same_words(town: Town) {
    let town = town.with_accounts().await;
    town.import(&directory("petitbourg", "")).await;
    assert!(town.sign_in(" Claire-Martin ", PASSWORD).await.is_ok());
    assert!(town.sign_in("CLAIRE.martin@exemple.fr", PASSWORD).await.is_ok());
    let mut words = std::collections::BTreeSet::new();
    for (login, password) in [
        ("claire-martin", "une autre phrase longue"),
        ("claire-martin", ""),
        ("nobody", PASSWORD),
        ("nobody@exemple.fr", PASSWORD),
        ("partage@exemple.fr", PASSWORD),
        ("", PASSWORD),
        ("a\0b", PASSWORD),
        ("x\0@exemple.fr", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ] {
        let error = town.sign_in(login, password).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{login:?}");
        words.insert(error.message().to_owned());
    }
    assert_eq!(words.len(), 1, "{words:?}");
    assert_eq!(kind(town.sign_in(&"x".repeat(400), PASSWORD).await), ErrorKind::Invalid);
    assert_eq!(kind(town.sign_in("claire-martin", &"x".repeat(400)).await), ErrorKind::Invalid);
    let there = town.sign_in_at("petitbourg", "claire-martin", PASSWORD).await.unwrap();
    assert_eq!(there.account.tenant, tenant("petitbourg"));
    assert_eq!(kind(town.refresh(&there.refresh.token).await), ErrorKind::Unauthenticated, "another town's session");
}

async fn ten_failures_lock_an_account_and_nobody_alike(town: Town) {
    let town = town.with_accounts().await;
    let mut told = Vec::new();
    for login in ["claire-martin", "nobody", "nobody@exemple.fr"] {
        let mut waits = Vec::new();
        for attempt in 1..=LOCK_AFTER {
            assert_eq!(kind(town.sign_in(login, "pas le bon mot de passe").await), ErrorKind::Unauthenticated);
            if attempt > 2 {
                // From the third on one must wait, with the right password too.
                let error = town.sign_in(login, PASSWORD).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Exhausted, "{login} {attempt}");
                waits.push(error.message().to_owned());
            }
            if attempt < LOCK_AFTER {
                town.advance(65);
            }
        }
        assert!(waits[7].contains("900 seconds"), "{waits:?}");
        told.push(waits);
        town.advance(899);
        assert_eq!(kind(town.sign_in(login, PASSWORD).await), ErrorKind::Exhausted, "{login}");
        town.advance(1);
    }
    assert!(told.iter().all(|waits| *waits == told[0]), "a lock says who exists: {told:?}");
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok());
    assert_eq!(kind(town.sign_in("claire-martin", "encore une erreur").await), ErrorKind::Unauthenticated);
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok(), "a success forgets the failures");
    assert_eq!(kind(town.sign_in("nobody", PASSWORD).await), ErrorKind::Unauthenticated);
}

async fn a_hundred_guesses_at_once_are_ten(town: Town) {
    let town = town.with_accounts().await;
    let guesses = (0..40).map(|i| {
        let identity = town.identity.clone();
        let command = usecase::SignIn {
            login: "claire-martin".into(),
            password: format!("mauvais mot {i}").into(),
            code: String::new(),
            origin: Origin::default(),
        };
        tokio::spawn(async move {
            usecase::sign_in(&identity, &Caller::anonymous(tenant("grandville")), command).await.err().map(|e| e.kind())
        })
    });
    let answers = futures::future::join_all(guesses).await;
    let tried = answers.into_iter().filter(|answer| matches!(answer, Ok(Some(ErrorKind::Unauthenticated)))).count();
    assert!((1..=3).contains(&tried), "{tried} were tried before any wait was over");
}

async fn a_spent_refresh_token_ends_the_session(town: Town) {
    let town = town.with_accounts().await;
    let first = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let other = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let second = town.refresh(&first.refresh.token).await.unwrap();
    assert_eq!(second.refresh.expires_at, first.refresh.expires_at);
    town.advance(11);
    let third = town.refresh(&second.refresh.token).await.unwrap();
    assert_eq!(kind(town.refresh(&first.refresh.token).await), ErrorKind::Unauthenticated);
    assert_eq!(kind(town.refresh(&third.refresh.token).await), ErrorKind::Unauthenticated, "the session has ended");
    assert!(town.refresh(&other.refresh.token).await.is_ok(), "another session goes on");
    for nonsense in ["", "x", &"A".repeat(43), "'"] {
        assert_eq!(kind(town.refresh(&nonsense.into()).await), ErrorKind::Unauthenticated);
    }
}

async fn two_tabs_refresh_at_once(town: Town) {
    let town = town.with_accounts().await;
    let first = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let (a, b) = tokio::join!(town.refresh(&first.refresh.token), town.refresh(&first.refresh.token));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(a.refresh.token.expose_secret(), b.refresh.token.expose_secret());
    town.advance(1);
    let a = town.refresh(&a.refresh.token).await.unwrap();
    town.refresh(&b.refresh.token).await.unwrap();
    assert_eq!(kind(town.refresh(&first.refresh.token).await), ErrorKind::Unauthenticated, "a third use");
    assert_eq!(kind(town.refresh(&a.refresh.token).await), ErrorKind::Unauthenticated, "so the session has ended");
}

async fn sign_out_ends_the_session(town: Town) {
    let town = town.with_accounts().await;
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let stranger = Caller::anonymous(tenant("petitbourg"));
    usecase::sign_out(&town.identity, &stranger, tokens.refresh.token.clone()).await.unwrap();
    let tokens = town.refresh(&tokens.refresh.token).await.unwrap();
    let anyone = Caller::anonymous(tenant("grandville"));
    usecase::sign_out(&town.identity, &anyone, tokens.refresh.token.clone()).await.unwrap();
    usecase::sign_out(&town.identity, &anyone, tokens.refresh.token.clone()).await.unwrap();
    assert_eq!(kind(town.refresh(&tokens.refresh.token).await), ErrorKind::Unauthenticated);
}

async fn sessions_end_in_time_and_are_purged(town: Town) {
    let town = town.with_accounts().await;
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    town.advance(12 * 3600 - 60);
    let tokens = town.refresh(&tokens.refresh.token).await.unwrap();
    assert_eq!(tokens.access.expires_at, tokens.refresh.expires_at, "no access token outlives its session");
    town.advance(60);
    assert_eq!(kind(town.refresh(&tokens.refresh.token).await), ErrorKind::Unauthenticated);
    let open = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    assert_eq!(kind(town.sign_in("nobody", PASSWORD).await), ErrorKind::Unauthenticated);
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
    assert_eq!(rows(&town, "session").await, 1);
    assert_eq!(rows(&town, "refresh_token").await, 1);
    assert_eq!(rows(&town, "attempt").await, 4, "nobody's, Claire's network and her two browsers");
    assert!(town.refresh(&open.refresh.token).await.is_ok());
    town.advance(25 * 3600);
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
    assert_eq!(rows(&town, "attempt").await, 3, "where somebody signed in stays known");
    assert_eq!(rows(&town, "refresh_token").await, 0);
}

async fn rows(town: &Town, table: &str) -> i64 {
    use sea_orm::{ConnectionTrait as _, Statement};
    let count = Statement::from_string(town.store.backend(), format!("SELECT COUNT(*) AS n FROM {table}"));
    town.store.write().query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn a_changed_password_ends_the_other_sessions(town: Town) {
    let town = town.with_accounts().await;
    let here = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let there = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let caller = town.caller(&here);
    let session = usecase::session_of(&town.claims(&here).jti);
    assert!(session.is_some());
    let change = |current: &str, new: &str| usecase::ChangePassword {
        current: current.into(),
        new: new.into(),
        session,
        origin: Origin::default(),
    };
    let change = async |caller: &Caller, current: &str, new: &str| {
        usecase::change_password(&town.identity, caller, change(current, new)).await
    };
    let new = "la nouvelle phrase";
    for (current, wanted, field) in [
        ("pas celui-là du tout", new, "current_password"),
        (PASSWORD, "trop court", "new_password"),
        (PASSWORD, "claire-martin", "new_password"),
    ] {
        let error = change(&caller, current, wanted).await.unwrap_err();
        assert_eq!(error.violations()[0].field, field);
    }
    let anyone = Caller::anonymous(tenant("grandville"));
    assert_eq!(kind(change(&anyone, PASSWORD, new).await), ErrorKind::Unauthenticated);
    change(&caller, PASSWORD, new).await.unwrap();
    assert!(town.refresh(&here.refresh.token).await.is_ok());
    assert_eq!(kind(town.refresh(&there.refresh.token).await), ErrorKind::Unauthenticated);
    assert_eq!(kind(town.sign_in("claire-martin", PASSWORD).await), ErrorKind::Unauthenticated);
    assert!(town.sign_in("claire-martin", new).await.is_ok());
}

async fn a_set_password_unlocks(town: Town) {
    let town = town.with_accounts().await;
    let claire = AgentId::parse("claire-martin").unwrap();
    for _ in 0..LOCK_AFTER {
        assert_eq!(kind(town.sign_in("claire-martin", "mauvaise phrase").await), ErrorKind::Unauthenticated);
        town.advance(65);
    }
    let nadia = town.agent("grandville", "nadia-roussel", Role::Administrator);
    let locked = usecase::list_accounts(&town.identity, &nadia).await.unwrap();
    let locked = locked.into_iter().find(|listed| listed.account.profile.code == claire).unwrap();
    assert!(locked.locked_until.is_some_and(|until| until > town.now()));
    let set = async |town_name: &str, code: &str, password: &str| {
        let code = AgentId::parse(code).unwrap();
        usecase::set_password(&town.store, &town.tenants, &tenant(town_name), &code, password.into()).await
    };
    assert_eq!(kind(set("petitbourg", "claire-martin", "une phrase toute neuve").await), ErrorKind::NotFound);
    assert_eq!(kind(set("grandville", "nobody", "une phrase toute neuve").await), ErrorKind::NotFound);
    assert_eq!(kind(set("grandville", "claire-martin", "court").await), ErrorKind::Invalid);
    set("grandville", "claire-martin", "une phrase toute neuve").await.unwrap();
    assert!(town.sign_in("claire-martin", "une phrase toute neuve").await.is_ok());
}
