//! What every handler shares: settings, tenants, keys, and a typed client of each role.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parvis_kernel::{Clock, Error, Result, TenantId};
use parvis_proto::{
    casework::casework_service_client::CaseworkServiceClient, error_from_status,
    identity::identity_service_client::IdentityServiceClient, intake::intake_service_client::IntakeServiceClient,
    knowledge::knowledge_service_client::KnowledgeServiceClient,
    notification::notification_service_client::NotificationServiceClient,
    routing::routing_service_client::RoutingServiceClient, tracking::tracking_service_client::TrackingServiceClient,
};
use parvis_runtime::{
    Clients, Deps, KeySet, Memberships, Tenant, Tenants, Transport, call_as, config::ServerConfig, grants::GrantKeys,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use crate::{
    config::{GatewayConfig, KEY_BYTES},
    limits::RateLimiter,
    session::Refresher,
    streams::Streams,
};

/// How long a role may take to answer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a file may take to arrive: a citizen's line may be slow.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(120);
/// The largest message of a role that is read.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// Live timelines followed at the same time by one process.
const MAX_STREAMS: usize = 2_048;
/// Those of one address: a library, a school.
const MAX_STREAMS_OF_ADDRESS: usize = 64;
/// Those of one request, whoever follows it.
const MAX_STREAMS_OF_REQUEST: usize = 16;

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    config: GatewayConfig,
    server: ServerConfig,
    clock: Arc<dyn Clock>,
    tenants: Tenants,
    shared_tenants: HashMap<TenantId, Arc<Tenant>>,
    keys: KeySet,
    grants: GrantKeys,
    memberships: Memberships,
    roles: Roles,
    session_key: [u8; KEY_BYTES],
    refresher: Refresher,
    limiter: Arc<RateLimiter>,
    streams: Streams,
    shutdown: CancellationToken,
    forwarded_unasked: AtomicBool,
}

/// A transport to each role; absent where none is configured.
struct Roles {
    identity: Option<Transport>,
    intake: Option<Transport>,
    casework: Option<Transport>,
    routing: Option<Transport>,
    knowledge: Option<Transport>,
    notification: Option<Transport>,
    tracking: Option<Transport>,
}

impl Roles {
    fn new(clients: &Clients) -> Self {
        Self {
            identity: clients.to("identity").ok(),
            intake: clients.to("intake").ok(),
            casework: clients.to("casework").ok(),
            routing: clients.to("routing").ok(),
            knowledge: clients.to("knowledge").ok(),
            notification: clients.to("notification").ok(),
            tracking: clients.to("tracking").ok(),
        }
    }
}

macro_rules! client {
    ($(#[$doc:meta])* $role:ident, $client:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// "Unavailable" where the role is neither in this process nor configured.
        pub fn $role(&self) -> Result<$client<Transport>> {
            let transport = self.0.roles.$role.clone().ok_or_else(|| {
                Error::unavailable(concat!(stringify!($role), " is neither in this process nor configured"))
            })?;
            Ok($client::new(transport)
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(MAX_MESSAGE_BYTES))
        }
    };
}

impl AppState {
    /// From what the process gives.
    pub fn new(deps: &Deps) -> Result<Self> {
        let config: GatewayConfig = deps.config.section("gateway")?;
        config.check()?;
        let session_key = config.key()?;
        let shared_tenants =
            deps.tenants.all().iter().map(|tenant| (tenant.slug.clone(), Arc::new(tenant.clone()))).collect();
        Ok(Self(Arc::new(Inner {
            limiter: deps.limiter.clone(),
            config,
            server: deps.config.server.clone(),
            clock: deps.clock.clone(),
            tenants: deps.tenants.clone(),
            shared_tenants,
            keys: deps.keys.clone(),
            grants: deps.grants.clone(),
            memberships: deps.memberships.clone(),
            roles: Roles::new(&deps.clients),
            session_key,
            refresher: Refresher::default(),
            streams: Streams::new(MAX_STREAMS, MAX_STREAMS_OF_ADDRESS, MAX_STREAMS_OF_REQUEST),
            shutdown: deps.shutdown.clone(),
            forwarded_unasked: AtomicBool::new(false),
        })))
    }

    client! {
        /// Accounts and tokens.
        identity, IdentityServiceClient
    }
    client! {
        /// Procedures, requests, attachments.
        intake, IntakeServiceClient
    }
    client! {
        /// Cases.
        casework, CaseworkServiceClient
    }
    client! {
        /// Directory, rules, queues, decisions.
        routing, RoutingServiceClient
    }
    client! {
        /// Articles, fiches, templates.
        knowledge, KnowledgeServiceClient
    }
    client! {
        /// Notices.
        notification, NotificationServiceClient
    }
    client! {
        /// Timelines and figures.
        tracking, TrackingServiceClient
    }

    /// Settings of the doors.
    pub fn config(&self) -> &GatewayConfig {
        &self.0.config
    }

    /// Settings of the server.
    pub fn server(&self) -> &ServerConfig {
        &self.0.server
    }

    /// Notes that a forwarded address came though no proxy is trusted: said once, counted always, believed never.
    pub fn note_forwarded_unasked(&self) {
        metrics::counter!("parvis_forwarded_headers_ignored_total").increment(1);
        if !self.0.forwarded_unasked.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "X-Forwarded-For or Forwarded came, and server.trusted_proxies is 0: if a proxy is in front, everybody has \
                 its address and one limit; set it"
            );
        }
    }

    /// What links begin with, without a slash at the end.
    pub fn public_url(&self) -> &str {
        self.0.server.public_url.trim_end_matches('/')
    }

    /// Whether cookies need HTTPS.
    pub fn secure_cookies(&self) -> bool {
        self.0.server.has_secure_cookies()
    }

    /// The time.
    pub fn now(&self) -> parvis_kernel::Timestamp {
        self.0.clock.now()
    }

    /// Authorities served.
    pub fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    /// One authority, to keep.
    pub fn tenant(&self, slug: &TenantId) -> Option<Arc<Tenant>> {
        self.0.shared_tenants.get(slug).cloned()
    }

    /// Public keys that verify follow grants.
    pub fn grants(&self) -> &GrantKeys {
        &self.0.grants
    }

    /// Public keys that verify tokens.
    pub fn keys(&self) -> &KeySet {
        &self.0.keys
    }

    /// Which units agents see.
    pub fn memberships(&self) -> &Memberships {
        &self.0.memberships
    }

    /// The key that signs forms.
    pub fn session_key(&self) -> &[u8; KEY_BYTES] {
        &self.0.session_key
    }

    /// Renews sessions, each once.
    pub fn refresher(&self) -> &Refresher {
        &self.0.refresher
    }

    /// Counts what each address does.
    pub fn limiter(&self) -> &RateLimiter {
        &self.0.limiter
    }

    /// Places for live timelines.
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// Cancelled when the process is to stop.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }
}

/// A call on behalf of whoever is behind it (a token, else a tenant), with a deadline and the current trace.
pub fn call<T>(message: T, token: Option<&str>, tenant: &TenantId) -> Request<T> {
    let mut request = call_as(message, token, tenant);
    request.set_timeout(CALL_TIMEOUT);
    request
}

/// The message of an answer, or the kernel's error. A connection lost in the middle of a call comes as "unknown", or
/// with the failure that the transport met; no role ever says either.
pub fn answer<T>(response: Result<Response<T>, Status>) -> Result<T> {
    response.map(Response::into_inner).map_err(|status| {
        if status.code() == Code::Unknown || std::error::Error::source(&status).is_some() {
            return Error::unavailable("the connection to a role was lost").with_source(status);
        }
        error_from_status(&status)
    })
}
