//! A gateway over roles that answer as told.

use std::{collections::HashMap, sync::Arc};

use parvis_gateway::AppState;
use parvis_kernel::SettableClock;
use parvis_proto::{
    casework::casework_service_server::CaseworkServiceServer, identity::identity_service_server::IdentityServiceServer,
    intake::intake_service_server::IntakeServiceServer, knowledge::knowledge_service_server::KnowledgeServiceServer,
    notification::notification_service_server::NotificationServiceServer,
    routing::routing_service_server::RoutingServiceServer, tracking::tracking_service_server::TrackingServiceServer,
};
use parvis_runtime::{
    Claims, Clients, Config, Deps, KeySet, Memberships, Tenants, Transport,
    grants::{GrantKeys, Kind},
    limits::RateLimiter,
    rpc::{Guarded, Peers, RpcContext},
    transport::local,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::fakes::{Fake, NOW, Seen};

impl Seen {
    /// Remembers what a method was asked.
    pub fn saw(&self, method: &'static str, request: &impl prost::Message) {
        self.asked.lock().unwrap().push((method, request.encode_to_vec()));
    }

    /// What a method was asked, first to last.
    pub fn asked<T: prost::Message + Default>(&self, method: &str) -> Vec<T> {
        let asked = self.asked.lock().unwrap();
        let of = asked.iter().filter(|(name, _)| *name == method);
        of.map(|(_, bytes)| T::decode(bytes.as_slice()).unwrap()).collect()
    }
}

/// A gateway over fakes.
pub struct World {
    pub router: axum::Router,
    pub state: AppState,
    pub seen: Arc<Seen>,
    pub shutdown: CancellationToken,
    pub key: jsonwebtoken::EncodingKey,
}

pub fn claims(tenant: &str, from: i64, until: i64) -> Claims {
    let now = NOW.parse::<parvis_kernel::Timestamp>().unwrap().as_second();
    serde_json::from_value(serde_json::json!({
        "iss": "parvis", "aud": "parvis", "sub": "claire-martin", "kind": "agent", "tenant": tenant,
        "name": "Claire Martin", "roles": ["case_worker"], "units": ["etat-civil"],
        "iat": now + from, "exp": now + until, "jti": format!("{from}-{until}"),
    }))
    .unwrap()
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::over(Arc::default(), settings)
    }

    /// Over roles that remember in `seen`; those whose address is set are reached there.
    pub fn over(seen: Arc<Seen>, settings: &[(&str, &str)]) -> Self {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        use ed25519_dalek::pkcs8::EncodePrivateKey as _;
        let pair = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let key = jsonwebtoken::EncodingKey::from_ed_der(pair.to_pkcs8_der().unwrap().as_bytes());
        let x = URL_SAFE_NO_PAD.encode(pair.verifying_key().as_bytes());
        let keys = KeySet::default();
        let jwks =
            format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"k1","alg":"EdDSA","use":"sig"}}]}}"#);
        keys.replace(&jwks).unwrap();

        let file = tempfile::NamedTempFile::new().unwrap();
        let town = |slug: &str| {
            format!("[[tenant]]\nslug = \"{slug}\"\nname = \"{slug}\"\ninsee = \"49999\"\nhosts = [\"{slug}.test\"]\n")
        };
        std::fs::write(file.path(), town("clairval") + &town("bourg")).unwrap();
        let tenants = Tenants::load(file.path()).unwrap();
        let clock: Arc<dyn parvis_kernel::Clock> = Arc::new(SettableClock::at(NOW.parse().unwrap()));
        let fake = Fake(seen.clone());
        let memberships = Memberships::new(Vec::new(), clock.clone());
        let grants = GrantKeys::new(Vec::new(), clock.clone());
        let context = RpcContext {
            keys: keys.clone(),
            grants: grants.clone(),
            tenants: tenants.clone(),
            clock: clock.clone(),
            memberships: memberships.clone(),
            peers: Peers::default(),
        };
        let near = |routes: Routes| -> Transport { local(Guarded::new(routes, context.clone())) };
        let mut near = HashMap::from([
            ("intake", near(Routes::new(IntakeServiceServer::new(fake.clone())))),
            ("identity", near(Routes::new(IdentityServiceServer::new(fake.clone())))),
            ("casework", near(Routes::new(CaseworkServiceServer::new(fake.clone())))),
            ("routing", near(Routes::new(RoutingServiceServer::new(fake.clone())))),
            ("knowledge", near(Routes::new(KnowledgeServiceServer::new(fake.clone())))),
            ("notification", near(Routes::new(NotificationServiceServer::new(fake.clone())))),
            ("tracking", near(Routes::new(TrackingServiceServer::new(fake)))),
        ]);
        grants.ask_at(HashMap::from([(Kind::Follow, near["intake"].clone())]));
        let mut overrides = vec![("gateway.session_key", "ab".repeat(32)), ("gateway.rate_per_minute", "0".to_owned())];
        overrides.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = Config::load_with(None, &overrides).unwrap();
        near.retain(|role, _| config.services.of(role).is_empty());
        let shutdown = CancellationToken::new();
        let deps = Deps {
            store: None,
            clock,
            tenants,
            clients: Clients::new(near, &config.services).unwrap(),
            limiter: Arc::new(RateLimiter::new(config.text("gateway.rate_per_minute").unwrap().parse().unwrap())),
            config,
            keys,
            grants,
            memberships,
            shutdown: shutdown.clone(),
        };
        let state = AppState::new(&deps).unwrap();
        let world = Self { router: parvis_gateway::router(&state), state, seen, shutdown, key };
        let later = world.token(&claims("clairval", 60, 660));
        world.seen.tokens.lock().unwrap().insert("later", later);
        world
    }

    pub fn token(&self, claims: &Claims) -> String {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.kid = Some("k1".into());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// A valid agent's token of `tenant`.
    pub fn agent(&self, tenant: &str) -> String {
        format!("Bearer {}", self.token(&claims(tenant, 0, 600)))
    }
}
