//! Two small towns to test in.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parvis_identity::{
    Identity, IdentityConfig, MIGRATIONS,
    crypto::sealing::{Sealing, SealingKey},
    domain::origin::Origin,
    repo::security_events,
    usecase,
};
use parvis_kernel::{AgentId, Caller, Clock, ErrorKind, SettableClock, TenantId};
use parvis_runtime::{Claims, KeySet, Tenant, Tenants};
use parvis_testkit::TestStore;
use secrecy::{ExposeSecret as _, SecretString};

pub const PASSWORD: &str = "une phrase assez longue";

pub struct Town {
    pub store: TestStore,
    pub clock: SettableClock,
    pub identity: Identity,
    pub tenants: Tenants,
}

pub fn tenant(slug: &str) -> TenantId {
    TenantId::parse(slug).unwrap()
}

pub fn config() -> IdentityConfig {
    IdentityConfig {
        access_token_minutes: 10,
        session_hours: 12,
        session_idle_minutes: 720,
        key_rotation_days: 30,
        access_log_days: 365,
        sealing_key: SecretString::from(""),
        sealing_key_file: String::new(),
        sealing_key_before: SecretString::from(""),
        demo_password: SecretString::from(""),
        demonstration: true,
    }
}

/// A key of the tests, of this letter, as it is written in settings: 32 bytes, whatever the letter.
pub fn sealing_text(letter: char) -> String {
    format!("{}A=", String::from(letter).repeat(42))
}

pub fn sealing_key(letter: char) -> SealingKey {
    SealingKey::parse(&sealing_text(letter).into(), "identity.sealing_key").unwrap()
}

pub fn sealing() -> Sealing {
    Sealing::new(sealing_key('k'), None)
}

pub fn tenants() -> Tenants {
    let one = |slug: &str| Tenant {
        slug: tenant(slug),
        name: slug.to_owned(),
        insee: "49999".to_owned(),
        population: 0,
        hosts: vec![format!("{slug}.localhost")],
        holidays: "metropole".to_owned(),
        timezone: "Europe/Paris".to_owned(),
        email: String::new(),
        phone: String::new(),
        address: String::new(),
        website: String::new(),
        second_factor: Vec::new(),
    };
    Tenants::new(vec![one("grandville"), one("petitbourg")]).unwrap()
}

fn start() -> SettableClock {
    SettableClock::at("2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap())
}

impl Town {
    pub async fn sqlite() -> Self {
        let clock = start();
        Self::on(TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(), clock).await
    }

    pub async fn postgres() -> Self {
        let clock = start();
        Self::on(TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(), clock).await
    }

    async fn on(store: TestStore, clock: SettableClock) -> Self {
        let identity = Identity::new((*store).clone(), config(), tenants(), sealing()).await.unwrap();
        Self { store, clock, identity, tenants: tenants() }
    }

    /// The same role in another process.
    pub async fn another(&self) -> Identity {
        self.another_with(sealing()).await.unwrap()
    }

    /// The same, with sealing keys of its own.
    pub async fn another_with(&self, sealing: Sealing) -> parvis_kernel::Result<Identity> {
        Identity::new(self.store.another().await.unwrap(), config(), tenants(), sealing).await
    }

    pub async fn import(&self, file: &str) -> usecase::ImportSummary {
        let file = parvis_directory::parse("directory.toml", file).unwrap();
        usecase::import_accounts(&self.store, &self.tenants, &file, Some(PASSWORD.into())).await.unwrap()
    }

    pub async fn with_accounts(self) -> Self {
        self.import(&directory("grandville", "")).await;
        self
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub fn keys(&self) -> KeySet {
        let keys = KeySet::default();
        keys.replace(&self.identity.keys.jwks(self.now())).unwrap();
        keys
    }

    pub fn claims(&self, tokens: &usecase::Tokens) -> Claims {
        self.keys().verify(tokens.access.token.expose_secret(), self.now()).unwrap()
    }

    pub fn caller(&self, tokens: &usecase::Tokens) -> Caller {
        self.claims(tokens).into_caller().unwrap()
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> parvis_kernel::Result<usecase::Tokens> {
        self.sign_in_at("grandville", login, password).await
    }

    pub async fn sign_in_at(&self, town: &str, login: &str, password: &str) -> parvis_kernel::Result<usecase::Tokens> {
        let command = usecase::SignIn {
            login: login.to_owned(),
            password: password.into(),
            code: String::new(),
            origin: Origin::new("192.0.2.0/24", "", "Firefox, Linux"),
        };
        in_one_step(usecase::sign_in(&self.identity, &Caller::anonymous(tenant(town)), command).await)
    }

    /// The same, from elsewhere.
    pub async fn sign_in_from(
        &self,
        (network, device): (&str, &str),
        login: &str,
        password: &str,
    ) -> parvis_kernel::Result<usecase::Tokens> {
        let origin = Origin::new(network, device, "Firefox");
        let command =
            usecase::SignIn { login: login.to_owned(), password: password.into(), code: String::new(), origin };
        in_one_step(usecase::sign_in(&self.identity, &Caller::anonymous(tenant("grandville")), command).await)
    }

    /// The codes of what was kept of accounts, the oldest first.
    pub async fn events(&self) -> Vec<String> {
        let mut kept = security_events::latest(self.store.read(), &tenant("grandville"), 1000).await.unwrap();
        kept.reverse();
        kept.into_iter().map(|event| format!("{} {} {}", event.code, event.account, event.network)).collect()
    }

    pub async fn refresh(&self, token: &SecretString) -> parvis_kernel::Result<usecase::Tokens> {
        let command = usecase::RefreshTokens { token: token.clone(), origin: Origin::default() };
        usecase::refresh_tokens(&self.identity, &Caller::anonymous(tenant("grandville")), command).await
    }

    /// An agent, without a sign-in and without a role.
    pub fn caller_of(&self, code: &str) -> Caller {
        Caller {
            actor: parvis_kernel::Actor::Agent(AgentId::parse(code).unwrap()),
            ..Caller::anonymous(tenant("grandville"))
        }
    }

    /// An agent of this role, without a sign-in.
    pub fn agent(&self, town: &str, code: &str, role: parvis_kernel::Role) -> Caller {
        Caller {
            actor: parvis_kernel::Actor::Agent(AgentId::parse(code).unwrap()),
            roles: [role].into(),
            ..Caller::anonymous(tenant(town))
        }
    }
}

/// The session of an account without a second factor.
fn in_one_step(signed_in: parvis_kernel::Result<usecase::SignedIn>) -> parvis_kernel::Result<usecase::Tokens> {
    match signed_in? {
        usecase::SignedIn::Tokens(tokens) => Ok(*tokens),
        usecase::SignedIn::CodeNeeded(_) => Err(parvis_kernel::Error::internal("a code is asked for")),
    }
}

pub fn kind<T>(result: parvis_kernel::Result<T>) -> ErrorKind {
    result.err().expect("a refusal was expected").kind()
}

/// A directory file, with `more` at its end.
pub fn directory(town: &str, more: &str) -> String {
    let agents = [
        ("claire-martin", "Claire", "claire.martin@exemple.fr", "case_worker", "etat-civil"),
        ("karim-benali", "Karim", "partage@exemple.fr", "case_worker", "voirie"),
        ("lea-petit", "Léa", "partage@exemple.fr", "front_desk", "accueil"),
        ("sophie-lemaire", "Sophie", "sophie@exemple.fr", "supervisor", "technique"),
        ("nadia-roussel", "Nadia", "nadia@exemple.fr", "administrator", "accueil"),
    ];
    let mut file = format!("tenant = \"{town}\"\ndefault_unit = \"accueil\"\n");
    file += "[[site]]\ncode = \"mairie\"\nname = \"Mairie\"\naddress = \"1 place\"\nphone = \"02 61 91 00 00\"\n";
    file += "[[calendar]]\ncode = \"bureaux\"\nname = \"Bureaux\"\nmonday = [\"08:30-12:00\"]\n";
    for (code, parent) in
        [("accueil", ""), ("etat-civil", ""), ("technique", ""), ("voirie", "technique"), ("eclairage", "voirie")]
    {
        let parent = if parent.is_empty() { String::new() } else { format!("parent = \"{parent}\"\n") };
        file += &format!(
            "[[unit]]\ncode = \"{code}\"\nname = \"{code}\"\n{parent}email = \"{code}@exemple.fr\"\n\
             phone = \"02 61 91 00 00\"\naddress = \"1 place\"\nsite = \"mairie\"\ncalendar = \"bureaux\"\n"
        );
    }
    for (code, first, email, role, unit) in agents {
        file += &format!(
            "[[agent]]\ncode = \"{code}\"\nfirst_name = \"{first}\"\nlast_name = \"X\"\nemail = \"{email}\"\n\
             job_title = \"Agent\"\nroles = [\"{role}\"]\nunits = [\"{unit}\"]\nskills = {{}}\nlanguages = [\"fr\"]\n\
             site = \"mairie\"\ncalendar = \"bureaux\"\ncapacity = 0\n"
        );
    }
    file + more
}
