//! The second factor: set up, demanded, lost.

use jiff::SignedDuration;
use parvis_identity::{
    Identity,
    domain::{attempts::LOCK_AFTER, origin::Origin, second_factor::Authenticator},
    repo::second_factors,
    usecase::{self, AccountChange, AnswerChallenge, SignIn, SignedIn, Tokens},
};
use parvis_kernel::{AgentId, Caller, ErrorKind, Refusal, Result, Role};
use parvis_runtime::Tenants;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use crate::town::{PASSWORD, Town, kind, sealing, sealing_key, tenant};

crate::over_both!(
    a_sign_in_takes_two_steps,
    a_code_is_good_once,
    codes_are_counted_like_passwords,
    a_recovery_code_opens_once,
    a_stolen_session_sets_nothing_up,
    a_town_demands_it_by_role,
    an_administrator_takes_it_off,
    its_secret_is_sealed_and_sealed_again,
);

impl Town {
    async fn steps(&self, code: &str) -> Result<SignedIn> {
        let command = SignIn {
            login: "claire-martin".into(),
            password: PASSWORD.into(),
            code: code.into(),
            origin: Origin::new("192.0.2.0/24", "", ""),
        };
        usecase::sign_in(&self.identity, &Caller::anonymous(tenant("grandville")), command).await
    }

    async fn challenge(&self) -> SecretString {
        match self.steps("").await.unwrap() {
            SignedIn::CodeNeeded(challenge) => challenge,
            SignedIn::Tokens(_) => panic!("a code was to be asked for"),
        }
    }

    async fn answer(&self, challenge: &SecretString, code: &str) -> Result<Tokens> {
        let origin = Origin::new("192.0.2.0/24", "", "");
        let command = AnswerChallenge { challenge: challenge.clone(), code: code.into(), origin };
        usecase::answer_challenge(&self.identity, &Caller::anonymous(tenant("grandville")), command).await
    }

    async fn begin(&self, caller: &Caller, password: &str) -> Result<SecretString> {
        usecase::begin_second_factor(&self.identity, caller, password.into(), &Origin::default()).await
    }

    async fn confirm(&self, caller: &Caller, code: &str) -> Result<Vec<SecretString>> {
        usecase::confirm_second_factor(&self.identity, caller, code, &Origin::default()).await
    }

    /// Sets Claire's up; half a minute later its next code is fresh.
    async fn set_up(&self) -> (Authenticator, Vec<SecretString>) {
        let claire = self.caller_of("claire-martin");
        let secret = self.begin(&claire, PASSWORD).await.unwrap();
        let authenticator = Authenticator::of_text(secret.expose_secret()).unwrap();
        assert!(self.sign_in("claire-martin", PASSWORD).await.is_ok(), "nothing changes before it is confirmed");
        let codes = self.confirm(&claire, &authenticator.code_at(self.now())).await.unwrap();
        assert_eq!(codes.len(), 10);
        self.advance(30);
        (authenticator, codes)
    }
}

async fn a_sign_in_takes_two_steps(town: Town) {
    let town = town.with_accounts().await;
    let (authenticator, _) = town.set_up().await;
    let challenge = town.challenge().await;
    let tokens = town.answer(&challenge, &authenticator.code_at(town.now())).await.unwrap();
    assert!(town.refresh(&tokens.refresh.token).await.is_ok());
    town.advance(30);
    let code = authenticator.code_at(town.now());
    assert_eq!(kind(town.answer(&challenge, &code).await), ErrorKind::Unauthenticated, "it was answered");
    // Or in one, for a program.
    assert!(matches!(town.steps(&code).await.unwrap(), SignedIn::Tokens(_)));
    town.advance(30);
    let late = town.challenge().await;
    town.advance(301);
    assert_eq!(kind(town.answer(&late, &authenticator.code_at(town.now())).await), ErrorKind::Unauthenticated);
    for nonsense in ["", "x", &"A".repeat(43)] {
        assert_eq!(kind(town.answer(&nonsense.into(), "123456").await), ErrorKind::Unauthenticated);
    }
    usecase::purge(&town.identity, &CancellationToken::new()).await.unwrap();
}

async fn a_code_is_good_once(town: Town) {
    let town = town.with_accounts().await;
    let (authenticator, _) = town.set_up().await;
    let code = authenticator.code_at(town.now());
    let (one, two) = (town.challenge().await, town.challenge().await);
    let answers = tokio::join!(town.answer(&one, &code), town.answer(&two, &code));
    assert_eq!(i32::from(answers.0.is_ok()) + i32::from(answers.1.is_ok()), 1);
    town.advance(30);
    let before = authenticator.code_at(town.now() - SignedDuration::from_secs(30));
    assert_eq!(kind(town.answer(&town.challenge().await, &before).await), ErrorKind::Unauthenticated, "used");
}

async fn codes_are_counted_like_passwords(town: Town) {
    let town = town.with_accounts().await;
    let (authenticator, _) = town.set_up().await;
    // The right password does not begin the count again.
    let mut tried = 0;
    let locked = loop {
        let step = town.steps("").await;
        let answered = match step {
            Ok(SignedIn::CodeNeeded(challenge)) => {
                town.advance(65);
                town.answer(&challenge, "000000").await.map(drop)
            }
            other => other.map(drop),
        };
        match answered {
            Err(error) if error.kind() == ErrorKind::Exhausted => break error,
            Err(error) => assert_eq!(error.refusal(), Some(&Refusal::WrongCode)),
            Ok(()) => panic!("a wrong code opened"),
        }
        tried += 1;
        assert!(tried < LOCK_AFTER, "codes are guessed without end");
        town.advance(65);
    };
    assert_eq!(locked.refusal(), Some(&Refusal::TooManyAttempts));
    let right = authenticator.code_at(town.now());
    town.change(&town.admin(), "claire-martin", AccountChange::Unlock).await.unwrap();
    assert!(matches!(town.steps(&right).await.unwrap(), SignedIn::Tokens(_)));
}

async fn a_recovery_code_opens_once(town: Town) {
    let town = town.with_accounts().await;
    let (_, codes) = town.set_up().await;
    let typed = codes[3].expose_secret().to_lowercase();
    assert!(town.answer(&town.challenge().await, &typed).await.is_ok());
    assert_eq!(kind(town.answer(&town.challenge().await, &typed).await), ErrorKind::Unauthenticated);
    let challenge = town.challenge().await;
    town.advance(2);
    assert!(town.answer(&challenge, codes[4].expose_secret()).await.is_ok());
    assert!(town.events().await.iter().any(|line| line.starts_with("recovery_code_used claire-martin")));
}

async fn a_stolen_session_sets_nothing_up(town: Town) {
    let town = town.with_accounts().await;
    let claire = town.caller_of("claire-martin");
    assert_eq!(kind(town.begin(&claire, "pas le mot de passe").await), ErrorKind::Invalid);
    assert_eq!(kind(town.confirm(&claire, "123456").await), ErrorKind::Invalid, "nothing was begun");
    let anyone = Caller::anonymous(tenant("grandville"));
    assert_eq!(kind(town.begin(&anyone, PASSWORD).await), ErrorKind::Unauthenticated);
    town.set_up().await;
    let again = town.begin(&claire, PASSWORD).await.unwrap_err();
    assert_eq!(again.refusal(), Some(&Refusal::SecondFactorSet), "one in place is not exchanged");
}

async fn a_town_demands_it_by_role(town: Town) {
    let mut town = town.with_accounts().await;
    let mut towns = town.tenants.all().to_vec();
    towns[0].second_factor = vec![Role::CaseWorker];
    town.identity.tenants = Tenants::new(towns).unwrap();
    let tokens = town.sign_in("claire-martin", PASSWORD).await.unwrap();
    let claims = town.claims(&tokens);
    assert!(claims.enrol && claims.roles.is_empty() && claims.units.is_empty());
    assert!(!town.claims(&town.sign_in("nadia-roussel", PASSWORD).await.unwrap()).enrol, "another role");
    town.set_up().await;
    let tokens = town.refresh(&tokens.refresh.token).await.unwrap();
    let claims = town.claims(&tokens);
    assert!(!claims.enrol && claims.roles.contains(&Role::CaseWorker));
}

async fn an_administrator_takes_it_off(town: Town) {
    let town = town.with_accounts().await;
    town.set_up().await;
    let open = town.challenge().await;
    let nadia = town.agent("grandville", "nadia-roussel", Role::Administrator);
    let listed = usecase::list_accounts(&town.identity, &nadia).await.unwrap();
    let with: Vec<_> = listed.iter().filter(|it| it.second_factor).map(|it| it.account.profile.code.as_str()).collect();
    assert_eq!(with, ["claire-martin"]);
    town.change(&town.admin(), "claire-martin", AccountChange::ResetSecondFactor).await.unwrap();
    assert_eq!(kind(town.answer(&open, "123456").await), ErrorKind::Unauthenticated);
    assert!(matches!(town.steps("").await.unwrap(), SignedIn::Tokens(_)));
    town.set_up().await;
}

async fn its_secret_is_sealed_and_sealed_again(town: Town) {
    let town = town.with_accounts().await;
    let (authenticator, _) = town.set_up().await;
    let claire = AgentId::parse("claire-martin").unwrap();
    let here = tenant("grandville");
    let kept = async || second_factors::find(town.store.read(), &here, &claire).await.unwrap().unwrap();
    let before = kept().await;
    assert_eq!(before.sealed_by, sealing().current_id());
    let turned = parvis_identity::crypto::sealing::Sealing::new(sealing_key('n'), Some(sealing_key('k')));
    let id = turned.current_id().to_owned();
    let next: Identity = town.another_with(turned).await.unwrap();
    assert_eq!(kept().await.sealed_by, id);
    let command = SignIn {
        login: "claire-martin".into(),
        password: PASSWORD.into(),
        code: authenticator.code_at(town.now()),
        origin: Origin::default(),
    };
    let signed_in = usecase::sign_in(&next, &Caller::anonymous(tenant("grandville")), command).await.unwrap();
    assert!(matches!(signed_in, SignedIn::Tokens(_)));
}
