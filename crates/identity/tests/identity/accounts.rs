//! Accounts and partners.

use parvis_identity::usecase::{self, CreatePartner, ImportSummary, IssuePartnerToken};
use parvis_kernel::{Actor, Caller, ErrorKind, Role};
use secrecy::ExposeSecret as _;

use crate::town::{PASSWORD, Town, directory, kind, tenant};

crate::over_both!(
    importing_again_changes_nothing,
    who_left_the_file_is_out,
    without_a_demonstration_nobody_has_a_password,
    lists_stop_at_what_one_may_see,
    a_partner_gets_a_token_for_its_secret,
);

async fn importing_again_changes_nothing(town: Town) {
    let file = directory("grandville", "");
    assert_eq!(town.import(&file).await, ImportSummary { added: 5, ..ImportSummary::default() });
    let before = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    assert_eq!(town.import(&file).await, ImportSummary::default());
    assert!(town.refresh(&before.refresh.token).await.is_ok());
    let renamed = file.replace("first_name = \"Claire\"", "first_name = \"Clara\"");
    assert_eq!(town.import(&renamed).await, ImportSummary { updated: 1, ..ImportSummary::default() });
    assert_eq!(town.sign_in("claire-martin", PASSWORD).await.unwrap().account.profile.name, "Clara X");
    let elsewhere = parvis_directory::parse("d.toml", &directory("nowhere", "")).unwrap();
    let refused = usecase::import_accounts(&town.store, &town.tenants, &elsewhere, None).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
}

async fn who_left_the_file_is_out(town: Town) {
    let town = town.with_accounts().await;
    town.import(&directory("petitbourg", "")).await;
    let whole = directory("grandville", "");
    let start = whole.find("[[agent]]\ncode = \"claire-martin\"").unwrap();
    let end = start + whole[start..].find("[[agent]]\ncode = \"karim-benali\"").unwrap();
    let without = format!("{}{}", &whole[..start], &whole[end..]);
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    assert_eq!(town.import(&without).await, ImportSummary { closed: 1, ..ImportSummary::default() });
    assert_eq!(kind(town.refresh(&tokens.refresh.token).await), ErrorKind::Unauthenticated);
    assert_eq!(kind(town.sign_in("claire-martin", PASSWORD).await), ErrorKind::Unauthenticated);
    assert!(town.sign_in_at("petitbourg", "claire-martin", PASSWORD).await.is_ok(), "the other town is untouched");
    assert_eq!(town.import(&without).await, ImportSummary::default());
    assert_eq!(town.import(&whole).await, ImportSummary { updated: 1, ..ImportSummary::default() });
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok(), "back, with the same password");
}

async fn without_a_demonstration_nobody_has_a_password(town: Town) {
    let file = parvis_directory::parse("d.toml", &directory("grandville", "")).unwrap();
    let import = async |password: Option<&str>| {
        usecase::import_accounts(&town.store, &town.tenants, &file, password.map(Into::into)).await
    };
    let summary = import(None).await.unwrap();
    assert_eq!((summary.added, summary.without_password), (5, 5));
    for password in ["", PASSWORD] {
        assert_eq!(kind(town.sign_in("claire-martin", password).await), ErrorKind::Unauthenticated);
    }
    assert_eq!(kind(import(Some("court")).await), ErrorKind::Invalid);
    assert_eq!(import(Some(PASSWORD)).await.unwrap(), ImportSummary::default());
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok());
}

async fn lists_stop_at_what_one_may_see(town: Town) {
    let town = town.with_accounts().await;
    town.import(&directory("petitbourg", "")).await;
    let codes = async |caller: &Caller| {
        let accounts = usecase::list_accounts(&town.identity, caller).await?;
        assert!(accounts.iter().all(|listed| listed.account.tenant == caller.tenant));
        parvis_kernel::Result::Ok(accounts.iter().map(|it| it.account.profile.code.to_string()).collect::<Vec<_>>())
    };
    let nadia = town.caller(&town.sign_in("nadia-roussel", PASSWORD).await.unwrap());
    assert_eq!(codes(&nadia).await.unwrap().len(), 5);
    let sophie = town.caller(&town.sign_in("sophie-lemaire", PASSWORD).await.unwrap());
    assert_eq!(codes(&sophie).await.unwrap(), ["karim-benali", "sophie-lemaire"]);
    let claire = town.caller(&town.sign_in("claire-martin", PASSWORD).await.unwrap());
    assert_eq!(kind(codes(&claire).await), ErrorKind::Denied);
    assert_eq!(kind(codes(&Caller::anonymous(tenant("grandville"))).await), ErrorKind::Unauthenticated);
}

async fn a_partner_gets_a_token_for_its_secret(town: Town) {
    let admin = town.agent("grandville", "nadia-roussel", Role::Administrator);
    let create = async |caller: &Caller, id: &str, name: &str| {
        let command = CreatePartner { client_id: id.into(), name: name.into() };
        usecase::create_partner(&town.identity, caller, command).await
    };
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Administrator) {
        let caller = town.agent("grandville", "nadia-roussel", role);
        assert_eq!(kind(create(&caller, "app-ville", "Appli").await), ErrorKind::Denied);
    }
    for (id, name) in [("App ville", "x"), ("app-ville", ""), ("app-ville", "a\nb"), ("app-ville", &"x".repeat(101))] {
        assert_eq!(kind(create(&admin, id, name).await), ErrorKind::Invalid);
    }
    let secret = create(&admin, "app-ville", "Appli de la ville").await.unwrap();
    assert_eq!(kind(create(&admin, "app-ville", "Encore").await), ErrorKind::AlreadyExists);
    let token = async |at: &str, id: &str, secret: &str| {
        let command = IssuePartnerToken { client_id: id.into(), client_secret: secret.into() };
        usecase::issue_partner_token(&town.identity, &Caller::anonymous(tenant(at)), command).await
    };
    let good = token("grandville", "app-ville", secret.expose_secret()).await.unwrap();
    let claims = town.keys().verify(good.token.expose_secret(), town.now()).unwrap();
    assert_eq!(claims.exp - claims.iat, 3600);
    let caller = claims.into_caller().unwrap();
    assert_eq!(caller.actor, Actor::Partner("app-ville".into()));
    assert_eq!(caller.roles, [Role::Partner].into());
    for (at, id, secret) in [
        ("petitbourg", "app-ville", secret.expose_secret()),
        ("grandville", "other-app", secret.expose_secret()),
        ("grandville", "app-ville", &"A".repeat(43)),
        ("grandville", "app-ville", ""),
        ("grandville", "a\0b", ""),
    ] {
        assert_eq!(kind(token(at, id, secret).await), ErrorKind::Unauthenticated);
    }
}
