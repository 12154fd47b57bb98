//! Units that a token does not name.

use std::sync::Arc;

use parvis_identity::{MIGRATIONS, usecase};
use parvis_kernel::{Clock, ErrorKind};
use parvis_runtime::{
    Clients, Config, Deps, KeySet, Memberships, config::ServicesConfig, grants::GrantKeys, rpc, transport,
};
use parvis_store::Store;
use parvis_testkit::TestStore;
use secrecy::ExposeSecret as _;

use crate::town::{PASSWORD, Town, directory, kind, sealing_text};

crate::over_both!(four_hundred_units_fit_and_a_lost_one_is_lost_within_a_minute);

/// So many units below "technique", which Sophie supervises.
fn units(count: usize) -> String {
    let unit = |at| {
        format!(
            "[[unit]]\ncode = \"equipe-{at}\"\nname = \"Équipe {at}\"\nparent = \"technique\"\n\
             email = \"e{at}@exemple.fr\"\nphone = \"02 61 91 00 00\"\naddress = \"1 place\"\nsite = \"mairie\"\n\
             calendar = \"bureaux\"\n"
        )
    };
    (0..count).map(unit).collect()
}

async fn identity_of(town: &Town) -> transport::Transport {
    let clock: Arc<dyn Clock> = Arc::new(town.clock.clone());
    let keys = KeySet::default();
    keys.replace(&town.identity.keys.jwks(town.now())).unwrap();
    let memberships = Memberships::new(Vec::new(), clock.clone());
    let deps = Deps {
        store: Some((*town.store).clone()),
        clock: clock.clone(),
        tenants: town.tenants.clone(),
        config: Config::load_with(None, &[("identity.sealing_key", sealing_text('k'))]).unwrap(),
        keys: keys.clone(),
        grants: GrantKeys::new(Vec::new(), clock.clone()),
        limiter: Arc::default(),
        memberships: memberships.clone(),
        clients: Clients::new(std::collections::HashMap::new(), &ServicesConfig::default()).unwrap(),
        shutdown: tokio_util::sync::CancellationToken::new(),
    };
    let parts = (parvis_identity::role().create)(deps).await.unwrap();
    let context = rpc::RpcContext {
        keys,
        grants: GrantKeys::new(Vec::new(), clock.clone()),
        tenants: town.tenants.clone(),
        clock,
        memberships,
        peers: rpc::Peers::default(),
    };
    transport::local(rpc::Guarded::new(tonic::service::Routes::from(parts.grpc.unwrap()).prepare(), context))
}

async fn four_hundred_units_fit_and_a_lost_one_is_lost_within_a_minute(town: Town) {
    town.import(&directory("grandville", &units(400))).await;
    let tokens = town.sign_in("sophie-lemaire", PASSWORD).await.unwrap();
    let token = tokens.access.token.expose_secret();
    assert!(token.len() < 1_000, "{} characters: a cookie holds 4,096", token.len());
    let claims = town.claims(&tokens);
    let clock: Arc<dyn Clock> = Arc::new(town.clock.clone());
    // A role's database.
    let kept = TestStore::sqlite_at(MIGRATIONS, clock.clone()).await.unwrap();
    let stores: Vec<Store> = vec![(*kept).clone()];
    let role = Memberships::new(stores.clone(), clock.clone());
    assert_eq!(kind(role.of(&claims, token).await), ErrorKind::Unavailable, "nobody to ask, and nothing known");
    role.ask_at(identity_of(&town).await);
    assert_eq!(role.of(&claims, token).await.unwrap().len(), 403);

    // A restart while identity is down.
    let alone = Memberships::new(stores, clock);
    assert_eq!(alone.of(&claims, token).await.unwrap().len(), 403);

    town.import(&directory("grandville", &units(200))).await;
    town.advance(60);
    assert_eq!(role.of(&claims, token).await.unwrap().len(), 203, "with the same token");
    // One given is there at the next renewal, without a wait.
    town.import(&directory("grandville", &units(300))).await;
    town.advance(1);
    assert_eq!(role.of(&claims, token).await.unwrap().len(), 203);
    let renewed = town.refresh(&tokens.refresh.token).await.unwrap();
    let token = renewed.access.token.expose_secret();
    assert_eq!(role.of(&town.claims(&renewed), token).await.unwrap().len(), 303);
    // Who is out sees nothing.
    let nadia = town.agent("grandville", "nadia-roussel", parvis_kernel::Role::Administrator);
    let sophie = parvis_kernel::AgentId::parse("sophie-lemaire").unwrap();
    usecase::change_account(&town.identity, &nadia, &sophie, usecase::AccountChange::Close).await.unwrap();
    town.advance(60);
    assert_eq!(kind(role.of(&town.claims(&renewed), token).await), ErrorKind::Unauthenticated);
}
