//! Attempts counted by origin, sessions seen and ended, accounts and partners in an administrator's hands.

use parvis_identity::{
    IdentityConfig,
    domain::{
        attempts::{LOCK_AFTER, MOST_FROM_STRANGERS},
        origin::Origin,
    },
    usecase::{self, AccountChange, CreatePartner, EndSessions, IssuePartnerToken},
};
use parvis_kernel::{AgentId, Caller, ErrorKind, Refusal, Role};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use crate::town::{PASSWORD, Town, directory, kind, tenant};

crate::over_both!(
    who_guesses_elsewhere_locks_nobody_out,
    a_browser_that_signed_in_has_its_own_budget,
    many_networks_together_come_to_an_end,
    an_administrator_unlocks,
    an_idle_session_ends,
    one_sees_and_ends_ones_sessions,
    accounts_are_closed_and_opened_again,
    nobody_closes_the_last_door,
    a_revoked_partner_gets_no_token,
    a_demonstration_s_password_opens_nothing_elsewhere,
    what_happens_to_accounts_is_kept,
);

const OFFICE: (&str, &str) = ("192.0.2.0/24", "");
const ELSEWHERE: (&str, &str) = ("198.51.100.0/24", "");

fn code(text: &str) -> AgentId {
    AgentId::parse(text).unwrap()
}

impl Town {
    async fn fail(&self, from: (&str, &str), times: i32) {
        for _ in 0..times {
            let refused = self.sign_in_from(from, "claire-martin", "une mauvaise phrase").await;
            assert_eq!(kind(refused), ErrorKind::Unauthenticated);
            self.advance(65);
        }
    }

    pub fn admin(&self) -> Caller {
        self.agent("grandville", "nadia-roussel", Role::Administrator)
    }

    pub async fn change(&self, by: &Caller, of: &str, change: AccountChange) -> parvis_kernel::Result<()> {
        usecase::change_account(&self.identity, by, &code(of), change).await
    }
}

async fn who_guesses_elsewhere_locks_nobody_out(town: Town) {
    let town = town.with_accounts().await;
    town.fail(ELSEWHERE, LOCK_AFTER).await;
    assert_eq!(kind(town.sign_in_from(ELSEWHERE, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
    assert!(town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await.is_ok());
    assert_eq!(kind(town.sign_in_from(ELSEWHERE, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
}

async fn a_browser_that_signed_in_has_its_own_budget(town: Town) {
    let town = town.with_accounts().await;
    let first = town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await.unwrap();
    let device = first.device.unwrap();
    let browser = (OFFICE.0, device.expose_secret());
    assert!(town.sign_in_from(browser, "claire-martin", PASSWORD).await.unwrap().device.is_none(), "it has one");
    // Somebody in the same office.
    town.fail(OFFICE, LOCK_AFTER).await;
    assert_eq!(kind(town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
    assert!(town.sign_in_from(browser, "claire-martin", PASSWORD).await.is_ok());
    // Its budget is bounded too, and it is known for one account alone.
    town.fail((ELSEWHERE.0, browser.1), LOCK_AFTER).await;
    assert_eq!(kind(town.sign_in_from(browser, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
    let made_up = "x".repeat(43);
    for device in [browser.1, made_up.as_str()] {
        for _ in 0..LOCK_AFTER {
            let refused = town.sign_in_from((ELSEWHERE.0, device), "karim-benali", "une mauvaise phrase").await;
            assert_eq!(kind(refused), ErrorKind::Unauthenticated);
            town.advance(65);
        }
        assert_eq!(kind(town.sign_in_from(ELSEWHERE, "karim-benali", PASSWORD).await), ErrorKind::Exhausted);
        town.advance(901);
        town.change(&town.admin(), "karim-benali", AccountChange::Unlock).await.unwrap();
    }
}

async fn many_networks_together_come_to_an_end(town: Town) {
    let town = town.with_accounts().await;
    let known = town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await.unwrap().device.unwrap();
    for at in 0..MOST_FROM_STRANGERS {
        let network = format!("198.51.{at}.0/24");
        let refused = town.sign_in_from((&network, ""), "claire-martin", "une mauvaise phrase").await;
        assert_eq!(kind(refused), ErrorKind::Unauthenticated, "{at}");
    }
    let fresh = ("203.0.113.0/24", "");
    assert_eq!(kind(town.sign_in_from(fresh, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
    assert!(town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await.is_ok(), "the office is known");
    assert!(town.sign_in_from((fresh.0, known.expose_secret()), "claire-martin", PASSWORD).await.is_ok());
    town.advance(24 * 3600 + 1);
    assert!(town.sign_in_from(("203.0.114.0/24", ""), "claire-martin", PASSWORD).await.is_ok(), "a day forgets");
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
}

async fn an_administrator_unlocks(town: Town) {
    let town = town.with_accounts().await;
    town.fail(OFFICE, LOCK_AFTER).await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Administrator) {
        let caller = town.agent("grandville", "nadia-roussel", role);
        assert_eq!(kind(town.change(&caller, "claire-martin", AccountChange::Unlock).await), ErrorKind::Denied);
    }
    let stranger = town.agent("petitbourg", "nadia-roussel", Role::Administrator);
    assert_eq!(kind(town.change(&stranger, "claire-martin", AccountChange::Unlock).await), ErrorKind::NotFound);
    assert_eq!(kind(town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await), ErrorKind::Exhausted);
    town.change(&town.admin(), "claire-martin", AccountChange::Unlock).await.unwrap();
    assert!(town.sign_in_from(OFFICE, "claire-martin", PASSWORD).await.is_ok());
}

async fn an_idle_session_ends(town: Town) {
    let mut town = town.with_accounts().await;
    town.identity.config = IdentityConfig { session_idle_minutes: 60, ..town.identity.config };
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    assert_eq!(tokens.refresh.expires_at, town.now() + jiff::SignedDuration::from_mins(70));
    town.advance(69 * 60);
    let tokens = town.refresh(&tokens.refresh.token).await.unwrap();
    town.advance(70 * 60);
    let claire = town.caller_of("claire-martin");
    assert!(usecase::list_sessions(&town.identity, &claire).await.unwrap().is_empty());
    assert_eq!(kind(town.refresh(&tokens.refresh.token).await), ErrorKind::Unauthenticated);
}

async fn one_sees_and_ends_ones_sessions(town: Town) {
    let town = town.with_accounts().await;
    let here = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    town.advance(1);
    let there = town.sign_in_from(ELSEWHERE, "claire-martin", PASSWORD).await.unwrap();
    let other = town.sign_in("karim-benali", PASSWORD).await.unwrap();
    let claire = town.caller(&here);
    let listed = usecase::list_sessions(&town.identity, &claire).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.network.as_str()).collect::<Vec<_>>(), [ELSEWHERE.0, OFFICE.0]);
    assert_eq!(listed[1].browser, "Firefox, Linux");
    let end = async |which| usecase::end_sessions(&town.identity, &claire, which).await.unwrap();
    let karims = usecase::session_of(&town.claims(&other).jti).unwrap();
    assert_eq!(end(EndSessions::One(karims)).await, 0, "somebody else's");
    assert_eq!(end(EndSessions::Others(usecase::session_of(&town.claims(&here).jti))).await, 1);
    assert_eq!(kind(town.refresh(&there.refresh.token).await), ErrorKind::Unauthenticated);
    let here = town.refresh(&here.refresh.token).await.unwrap();
    let refused = usecase::end_sessions(&town.identity, &claire, EndSessions::Of(code("karim-benali"))).await;
    assert_eq!(kind(refused), ErrorKind::Denied);
    let ended = usecase::end_sessions(&town.identity, &town.admin(), EndSessions::Of(code("karim-benali"))).await;
    assert_eq!(ended.unwrap(), 1);
    assert_eq!(kind(town.refresh(&other.refresh.token).await), ErrorKind::Unauthenticated);
    assert!(town.refresh(&here.refresh.token).await.is_ok());
    let anyone = Caller::anonymous(tenant("grandville"));
    assert_eq!(kind(usecase::list_sessions(&town.identity, &anyone).await), ErrorKind::Unauthenticated);
}

async fn accounts_are_closed_and_opened_again(town: Town) {
    let town = town.with_accounts().await;
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    town.change(&town.admin(), "claire-martin", AccountChange::Close).await.unwrap();
    assert_eq!(kind(town.refresh(&tokens.refresh.token).await), ErrorKind::Unauthenticated);
    assert_eq!(kind(town.sign_in("claire-martin", PASSWORD).await), ErrorKind::Unauthenticated);
    let file = directory("grandville", "").replace("first_name = \"Claire\"", "first_name = \"Clara\"");
    town.import(&file).await;
    assert_eq!(
        kind(town.sign_in("claire-martin", PASSWORD).await),
        ErrorKind::Unauthenticated,
        "an import opens nothing"
    );
    town.change(&town.admin(), "claire-martin", AccountChange::Reopen).await.unwrap();
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok());
    assert_eq!(kind(town.change(&town.admin(), "nobody", AccountChange::Close).await), ErrorKind::NotFound);
}

async fn nobody_closes_the_last_door(town: Town) {
    let town = town.with_accounts().await;
    let refusal = |result: parvis_kernel::Result<()>| result.unwrap_err().refusal().cloned();
    let own = town.change(&town.admin(), "nadia-roussel", AccountChange::Close).await;
    assert_eq!(refusal(own), Some(Refusal::OwnAccount));
    // A token of somebody who was one until a moment ago.
    let former = town.agent("grandville", "claire-martin", Role::Administrator);
    let last = town.change(&former, "nadia-roussel", AccountChange::Close).await;
    assert_eq!(refusal(last), Some(Refusal::LastAdministrator));
    assert!(town.sign_in("nadia-roussel", PASSWORD).await.is_ok());
}

async fn a_revoked_partner_gets_no_token(town: Town) {
    let admin = town.admin();
    let create = CreatePartner { client_id: "app-ville".into(), name: "Appli".into() };
    let secret = usecase::create_partner(&town.identity, &admin, create).await.unwrap();
    let token = async || {
        let command = IssuePartnerToken { client_id: "app-ville".into(), client_secret: secret.clone() };
        usecase::issue_partner_token(&town.identity, &Caller::anonymous(tenant("grandville")), command).await
    };
    assert!(token().await.is_ok());
    let claire = town.agent("grandville", "claire-martin", Role::CaseWorker);
    assert_eq!(kind(usecase::revoke_partner(&town.identity, &claire, "app-ville").await), ErrorKind::Denied);
    assert_eq!(kind(usecase::list_partners(&town.identity, &claire).await), ErrorKind::Denied);
    let stranger = town.agent("petitbourg", "nadia-roussel", Role::Administrator);
    assert_eq!(kind(usecase::revoke_partner(&town.identity, &stranger, "app-ville").await), ErrorKind::NotFound);
    for _ in 0..2 {
        usecase::revoke_partner(&town.identity, &admin, "app-ville").await.unwrap();
        assert_eq!(kind(token().await), ErrorKind::Unauthenticated);
    }
    let listed = usecase::list_partners(&town.identity, &admin).await.unwrap();
    assert!(listed.len() == 1 && listed[0].revoked_at == Some(town.now()));
}

async fn a_demonstration_s_password_opens_nothing_elsewhere(town: Town) {
    let mut town = town.with_accounts().await;
    assert!(town.sign_in("claire-martin", PASSWORD).await.is_ok());
    town.identity.config.demonstration = false;
    assert_eq!(kind(town.sign_in("claire-martin", PASSWORD).await), ErrorKind::Unauthenticated);
    let set = async |password: &str| {
        let (tenant, code) = (tenant("grandville"), code("claire-martin"));
        usecase::set_password(&town.store, &town.tenants, &tenant, &code, password.into()).await
    };
    assert_eq!(kind(set("bienvenue-a-clairval").await), ErrorKind::Invalid);
    assert_eq!(kind(set("grandville2026").await), ErrorKind::Invalid);
    set("une phrase toute neuve").await.unwrap();
    town.advance(2);
    assert!(town.sign_in("claire-martin", "une phrase toute neuve").await.is_ok());
}

async fn what_happens_to_accounts_is_kept(town: Town) {
    let town = town.with_accounts().await;
    town.fail(ELSEWHERE, LOCK_AFTER).await;
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let change = usecase::ChangePassword {
        current: PASSWORD.into(),
        new: "une phrase toute neuve".into(),
        session: None,
        origin: Origin::new(OFFICE.0, "", ""),
    };
    usecase::change_password(&town.identity, &town.caller(&tokens), change).await.unwrap();
    town.change(&town.admin(), "claire-martin", AccountChange::Unlock).await.unwrap();
    town.change(&town.admin(), "claire-martin", AccountChange::Close).await.unwrap();
    let kept = town.events().await;
    let of = |code: &str| kept.iter().filter(|line| line.starts_with(&format!("{code} claire-martin"))).count();
    assert_eq!(of("sign_in_failed"), LOCK_AFTER as usize);
    assert_eq!((of("locked"), of("signed_in"), of("password_changed")), (1, 1, 1));
    assert_eq!((of("unlocked"), of("account_closed")), (1, 1));
    assert!(kept.contains(&format!("locked claire-martin {}", ELSEWHERE.0)), "{kept:?}");
    let promoted = directory("grandville", "").replacen("\"case_worker\"", "\"supervisor\"", 1);
    town.import(&promoted).await;
    assert!(town.events().await.iter().any(|line| line.starts_with("roles_changed claire-martin")));
    assert!(!format!("{kept:?}").contains("phrase"), "nothing that was typed");
    town.advance(366 * 86_400);
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
    assert!(town.events().await.is_empty());
}
