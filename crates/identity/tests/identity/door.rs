//! The same through gRPC, with the layers that every call passes.

use std::{collections::HashMap, sync::Arc};

use parvis_identity::{role, usecase};
use parvis_kernel::Clock;
use parvis_proto::identity::{
    ChangePasswordRequest, CreatePartnerRequest, GetJwksRequest, IssuePartnerTokenRequest, ListAccountsRequest,
    RefreshTokensRequest, SearchCitizensRequest, SignInRequest, SignOutRequest,
    identity_service_client::IdentityServiceClient,
};
use parvis_runtime::{
    Clients, Config, Deps, KeySet, Memberships, call_as, config::ServicesConfig, grants::GrantKeys, rpc, transport,
};
use tonic::{Code, Request};

use crate::town::{PASSWORD, Town, sealing_text, tenant};

crate::over_both!(the_whole_service_answers);

async fn the_whole_service_answers(town: Town) {
    let town = town.with_accounts().await;
    let keys = KeySet::default();
    let clock: Arc<dyn Clock> = Arc::new(town.clock.clone());
    let memberships = Memberships::new(Vec::new(), clock.clone());
    let deps = Deps {
        store: Some((*town.store).clone()),
        clock: clock.clone(),
        tenants: town.tenants.clone(),
        config: Config::load_with(
            None,
            &[("identity.sealing_key", sealing_text('k')), ("server.demonstration", "true".into())],
        )
        .unwrap(),
        keys: keys.clone(),
        grants: GrantKeys::new(Vec::new(), clock.clone()),
        memberships: memberships.clone(),
        limiter: Arc::default(),
        clients: Clients::new(HashMap::new(), &ServicesConfig::default()).unwrap(),
        shutdown: tokio_util::sync::CancellationToken::new(),
    };
    let parts = (role().create)(deps).await.unwrap();
    assert_eq!((parts.subscriptions.len(), parts.jobs.len()), (1, 3));
    let context = rpc::RpcContext {
        keys: keys.clone(),
        grants: GrantKeys::new(Vec::new(), clock.clone()),
        tenants: town.tenants.clone(),
        clock,
        memberships: memberships.clone(),
        peers: rpc::Peers::default(),
    };
    let routes = tonic::service::Routes::from(parts.grpc.unwrap()).prepare();
    let local = transport::local(rpc::Guarded::new(routes, context));
    memberships.ask_at(local.clone());
    let mut client = IdentityServiceClient::new(local);

    // Keys are anybody's: no token, no tenant.
    let jwks = client.get_jwks(Request::new(GetJwksRequest {})).await.unwrap().into_inner().jwks_json;
    keys.replace(&jwks).unwrap();
    let here = tenant("grandville");
    let sign_in =
        |login: &str| SignInRequest { login: login.into(), password: PASSWORD.into(), ..SignInRequest::default() };
    let nowhere = client.sign_in(Request::new(sign_in("nadia-roussel"))).await.unwrap_err();
    assert_eq!(nowhere.code(), Code::Unauthenticated);
    let pair = client.sign_in(call_as(sign_in("nadia-roussel"), None, &here)).await.unwrap().into_inner();
    let account = pair.account.clone().unwrap();
    assert_eq!(
        (account.code.as_str(), account.roles[0].as_str(), account.active),
        ("nadia-roussel", "administrator", true)
    );
    let token = Some(pair.access_token.as_str());

    let wrong = SignInRequest { password: "x".into(), ..sign_in("nadia-roussel") };
    assert_eq!(client.sign_in(call_as(wrong, None, &here)).await.unwrap_err().code(), Code::Unauthenticated);
    let list = client.list_accounts(call_as(ListAccountsRequest {}, token, &here)).await.unwrap().into_inner();
    assert_eq!(list.accounts.len(), 5);
    let anonymous = client.list_accounts(call_as(ListAccountsRequest {}, None, &here)).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let search = SearchCitizensRequest { query: "dupont".into() };
    assert_eq!(
        client.search_citizens(call_as(search.clone(), token, &here)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let desk = client.sign_in(call_as(sign_in("lea-petit"), None, &here)).await.unwrap().into_inner();
    let found = client.search_citizens(call_as(search, Some(&desk.access_token), &here)).await.unwrap().into_inner();
    assert!(found.citizens.is_empty());

    let create = CreatePartnerRequest { client_id: "app-ville".into(), name: "Appli".into() };
    let secret = client.create_partner(call_as(create, token, &here)).await.unwrap().into_inner().client_secret;
    let issue = IssuePartnerTokenRequest { client_id: "app-ville".into(), client_secret: secret };
    let partner = client.issue_partner_token(call_as(issue, None, &here)).await.unwrap().into_inner();
    assert!(partner.refresh_token.is_empty() && partner.account.is_none());
    assert!(keys.verify(&partner.access_token, town.now()).is_ok());

    // The session that a password is changed from goes on.
    let change = ChangePasswordRequest {
        current_password: PASSWORD.into(),
        new_password: "une phrase toute neuve".into(),
        origin: None,
    };
    client.change_password(call_as(change, token, &here)).await.unwrap();
    let refresh = RefreshTokensRequest { refresh_token: pair.refresh_token, origin: None };
    let pair = client.refresh_tokens(call_as(refresh, None, &here)).await.unwrap().into_inner();
    let claims = keys.verify(&pair.access_token, town.now()).unwrap();
    assert!(usecase::session_of(&claims.jti).is_some());
    let out = SignOutRequest { refresh_token: pair.refresh_token.clone() };
    client.sign_out(call_as(out, None, &here)).await.unwrap();
    let refresh = RefreshTokensRequest { refresh_token: pair.refresh_token, origin: None };
    assert_eq!(client.refresh_tokens(call_as(refresh, None, &here)).await.unwrap_err().code(), Code::Unauthenticated);
    let unknown = client.sign_in(call_as(sign_in("x"), None, &tenant("nowhere"))).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}
