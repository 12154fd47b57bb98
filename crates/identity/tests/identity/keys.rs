//! Tokens and the keys behind them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use parvis_identity::{crypto::key_ring::StoredKey, domain::key_schedule, repo::signing_keys, usecase};
use parvis_kernel::{ErrorKind, Role};
use parvis_runtime::memberships::digest_of;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::town::{PASSWORD, Town, kind};

crate::over_both!(
    a_token_says_who_signed_in,
    forged_tokens_are_refused,
    a_new_key_is_known_before_it_signs_and_the_old_one_until_its_last_token_ends,
    two_processes_make_one_key,
);

async fn a_token_says_who_signed_in(town: Town) {
    let town = town.with_accounts().await;
    let tokens = town.sign_in("sophie-lemaire", PASSWORD).await.unwrap();
    let claims = town.claims(&tokens);
    assert_eq!(claims.sub, "sophie-lemaire");
    assert_eq!(claims.roles, [Role::Supervisor].into());
    assert_eq!(claims.site, "mairie");
    assert_eq!(claims.exp - claims.iat, 600);
    assert!(claims.units.is_empty(), "a token names no unit");
    let caller = claims.clone().into_caller().unwrap();
    let units = usecase::get_membership(&town.identity, &caller).await.unwrap();
    assert_eq!(claims.membership, digest_of(&units));
    let units: Vec<_> = units.iter().map(|unit| unit.as_str()).collect();
    assert_eq!(units, ["eclairage", "technique", "voirie"]);
    let caller = town.caller(&tokens);
    assert_eq!(caller.actor_key(), "agent:sophie-lemaire");

    let keys = town.keys();
    town.advance(599);
    assert!(keys.verify(tokens.access.token.expose_secret(), town.now()).is_ok());
    town.advance(1);
    assert_eq!(kind(keys.verify(tokens.access.token.expose_secret(), town.now())), ErrorKind::Unauthenticated);
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn forged_tokens_are_refused(town: Town) {
    let town = town.with_accounts().await;
    let genuine = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let genuine = genuine.access.token.expose_secret().to_owned();
    let keys = town.keys();
    let claims = keys.verify(&genuine, town.now()).unwrap();
    let jwks: Value = serde_json::from_str(&town.identity.keys.jwks(town.now())).unwrap();
    let jwk = &jwks["keys"][0];
    assert_eq!(
        (&jwk["kty"], &jwk["crv"], &jwk["use"], &jwk["alg"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("sig"), &json!("EdDSA"))
    );
    assert!(!jwks.to_string().contains("\"d\""), "a private key is published");
    let kid = jwk["kid"].as_str().unwrap().to_owned();
    let x = jwk["x"].as_str().unwrap();
    let public = URL_SAFE_NO_PAD.decode(x).unwrap();
    let [header, payload, signature] = genuine.split('.').collect::<Vec<_>>().try_into().unwrap();

    let mut forged = Vec::new();
    for alg in ["none", "None", "NONE", ""] {
        let header = part(&json!({ "alg": alg, "typ": "JWT", "kid": kid }));
        forged.push(format!("{header}.{payload}."));
        forged.push(format!("{header}.{payload}.{signature}"));
    }
    let hs256 = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    for secret in [public.as_slice(), x.as_bytes(), jwk.to_string().as_bytes()] {
        forged.push(jsonwebtoken::encode(&hs256, &claims, &EncodingKey::from_secret(secret)).unwrap());
    }
    // Another's key under our kid, and our kid's absence.
    let times = key_schedule::KeyTimes { generation: 1, activates_at: town.now(), retires_at: None };
    let stranger = StoredKey::draw(times).unwrap();
    let stranger = EncodingKey::from_ed_der(stranger.private_key.expose_secret());
    for kid in [Some(kid), Some("unknown".to_owned()), None] {
        let header = Header { kid, ..Header::new(Algorithm::EdDSA) };
        forged.push(jsonwebtoken::encode(&header, &claims, &stranger).unwrap());
    }
    let mut other: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    other["tenant"] = json!("petitbourg");
    forged.push(format!("{header}.{}.{signature}", part(&other)));
    forged.push(format!("{header}.{payload}"));
    forged.push(format!("{header}.{payload}.{}", &signature[1..]));
    forged.push(String::new());
    for token in forged {
        assert_eq!(kind(keys.verify(&token, town.now())), ErrorKind::Unauthenticated, "{token}");
    }
    assert!(keys.verify(&genuine, town.now()).is_ok());
}

async fn a_new_key_is_known_before_it_signs_and_the_old_one_until_its_last_token_ends(town: Town) {
    let town = town.with_accounts().await;
    let verifier_of_before = town.keys();
    let count = || {
        serde_json::from_str::<Value>(&town.identity.keys.jwks(town.now())).unwrap()["keys"].as_array().unwrap().len()
    };
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let first = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    usecase::rotate_keys(&town.identity).await.unwrap();
    assert_eq!(count(), 1, "nothing was due");

    town.advance(30 * 86_400);
    usecase::rotate_keys(&town.identity).await.unwrap();
    usecase::rotate_keys(&town.identity).await.unwrap();
    assert_eq!(count(), 2);
    let verifier = town.keys();
    town.advance(599);
    let last_of_old = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    assert_eq!(kid(last_of_old.expose_secret()), kid(first.expose_secret()));
    assert!(verifier_of_before.verify(last_of_old.expose_secret(), town.now()).is_ok());
    town.advance(1);
    let new = town.sign_in("claire-martin", PASSWORD).await.unwrap().access.token;
    assert_ne!(kid(new.expose_secret()), kid(first.expose_secret()));
    assert!(verifier.verify(new.expose_secret(), town.now()).is_ok(), "known before it signed");
    assert_eq!(kind(verifier_of_before.verify(new.expose_secret(), town.now())), ErrorKind::Unauthenticated);
    // Its last token lives on.
    usecase::rotate_keys(&town.identity).await.unwrap();
    town.advance(590);
    assert!(town.keys().verify(last_of_old.expose_secret(), town.now()).is_ok());
    town.advance(2 * 3600);
    usecase::rotate_keys(&town.identity).await.unwrap();
    assert_eq!(count(), 1);
    assert_eq!(signing_keys::all(town.store.read()).await.unwrap().len(), 1);
}

async fn two_processes_make_one_key(town: Town) {
    let (a, b) = (town.another().await, town.another().await);
    town.advance(40 * 86_400);
    let rotations = (0..8).map(|i| {
        let identity = if i % 2 == 0 { a.clone() } else { b.clone() };
        tokio::spawn(async move { usecase::rotate_keys(&identity).await })
    });
    for done in futures::future::join_all(rotations).await {
        done.unwrap().unwrap();
    }
    usecase::rotate_keys(&a).await.unwrap();
    usecase::rotate_keys(&b).await.unwrap();
    assert_eq!(signing_keys::all(town.store.read()).await.unwrap().len(), 2);
    town.advance(3600);
    assert_eq!(a.keys.jwks(town.now()), b.keys.jwks(town.now()));
}
