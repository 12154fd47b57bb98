//! The layers around every gRPC service, near or far: who calls, by when, in which trace, how it went.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use parvis_kernel::{Caller, Clock, Error, ErrorKind, Refusal, Result, TenantId, reason::Thing};
use parvis_proto::status_from_error;
use tonic::{Status, transport::server::TcpConnectInfo};
use tower::Service;
use tracing::Instrument as _;

use crate::{
    auth::KeySet,
    client::{self, Client, Networks},
    grants::{self, GrantKeys},
    limits::{Limit, RateLimiter},
    memberships::Memberships,
    tenants::Tenants,
};

/// Header that names the tenant of an anonymous call.
pub const TENANT_HEADER: &str = "x-parvis-tenant";
/// What says which units an agent sees.
const GET_MEMBERSHIP: &str = "/parvis.identity.v1.IdentityService/GetMembership";
/// All that a token opens whose owner must set up a second factor first.
const MAY_ENROL: [&str; 2] = [
    "/parvis.identity.v1.IdentityService/BeginSecondFactor",
    "/parvis.identity.v1.IdentityService/ConfirmSecondFactor",
];
/// How long a call may take when the caller set no deadline.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
/// How long a call may take whatever its caller asks for: as long as a file may take to arrive.
pub const LONGEST_DEADLINE: Duration = Duration::from_secs(120);

/// The verified caller of a request.
///
/// # Errors
/// "Unauthenticated" where the call carried neither a token nor a tenant.
pub fn caller<T>(request: &tonic::Request<T>) -> Result<Caller> {
    request.extensions().get::<Arc<Caller>>().map(|caller| Caller::clone(caller)).ok_or_else(|| {
        Error::unauthenticated("a token is needed, or the header x-parvis-tenant for a public call")
            .refused(Refusal::SignInNeeded)
    })
}

/// Where a caller works, by the token; empty for whoever has no site.
#[derive(Clone, Debug, Default)]
struct CallerSite(String);

/// The site in the verified token of a request; empty where it names none.
pub fn caller_site<T>(request: &tonic::Request<T>) -> String {
    request.extensions().get::<CallerSite>().map(|site| site.0.clone()).unwrap_or_default()
}

/// A request with the credentials of whoever is behind it: a token, else a tenant; with the current trace.
pub fn call_as<T>(message: T, token: Option<&str>, tenant: &TenantId) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let metadata = request.metadata_mut();
    if let Some(value) = token.and_then(|token| format!("Bearer {token}").parse().ok()) {
        metadata.insert("authorization", value);
    } else if let Ok(value) = tenant.as_str().parse() {
        metadata.insert(TENANT_HEADER, value);
    }
    let client = Client::current().unwrap_or_default();
    let (address, browser) = client.write();
    if let Ok(value) = address.parse() {
        metadata.insert(client::CLIENT_HEADER, value);
    }
    if let Some(value) = browser.parse().ok().filter(|_| !browser.is_empty()) {
        metadata.insert(client::BROWSER_HEADER, value);
    }
    if let Ok(value) = parvis_store::outbox::current_traceparent().parse::<tonic::metadata::MetadataValue<_>>()
        && !value.is_empty()
    {
        metadata.insert("traceparent", value);
    }
    request
}

/// An error as a status; what is ours to mend goes to the log first.
pub fn internal_status(error: Error) -> Status {
    if error.kind() == ErrorKind::Internal {
        tracing::error!(%error, "internal error");
    }
    status_from_error(&error)
}

/// What the layers need.
#[derive(Clone)]
pub struct RpcContext {
    /// Public keys.
    pub keys: KeySet,
    /// Those of grants.
    pub grants: GrantKeys,
    /// Known tenants.
    pub tenants: Tenants,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Which units agents see.
    pub memberships: Memberships,
    /// Whose word counts, and how much the others may do.
    pub peers: Peers,
}

/// Whose word counts about for whom they call, and how much the others may do.
#[derive(Clone, Default)]
pub struct Peers {
    /// Callers that are doors of the same installation: they count what people do themselves.
    pub trusted: Networks,
    /// Counts what each other address does.
    pub limiter: Arc<RateLimiter>,
}

impl Peers {
    /// For whom a call is made, and whether the door has counted them.
    ///
    /// # Errors
    /// "Exhausted" where its address does too much.
    fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>, method: &str) -> Result<(Client, bool)> {
        let (client, counted) = client::of_call(headers, peer, &self.trusted);
        let limit = Limit::of_method(method).filter(|_| !counted);
        if let (Some(limit), Some(address)) = (limit, client.address)
            && let Err(wait) = self.limiter.check(limit, address)
        {
            metrics::counter!("parvis_rpc_limited_total").increment(1);
            let message = format!("too many calls from this address; try again in {} s", wait.as_secs() + 1);
            return Err(Error::new(ErrorKind::Exhausted, message).refused(Refusal::Busy));
        }
        Ok((client, counted))
    }
}

impl RpcContext {
    async fn caller(&self, path: &str, headers: &HeaderMap) -> Result<Option<(Caller, CallerSite)>> {
        if let Some(value) = headers.get(http::header::AUTHORIZATION) {
            let token = value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
                .ok_or_else(|| {
                    Error::unauthenticated("the authorization header must be: Bearer TOKEN")
                        .refused(Refusal::TokenRefused)
                })?;
            let token = token.trim();
            let elsewhere = || {
                Error::unauthenticated("the token is for an authority that is not served here")
                    .refused(Refusal::TokenRefused)
            };
            if grants::is_follow(token) {
                let grant = self.grants.verify(grants::Kind::Follow, token).await?;
                self.tenants.get(&grant.tenant).ok_or_else(elsewhere)?;
                return Ok(Some((grant.into_caller(), CallerSite::default())));
            }
            let mut claims = self.keys.verify(token, self.clock.now())?;
            if claims.enrol && !MAY_ENROL.contains(&path) {
                return Err(Error::denied("set up a second factor first").refused(Refusal::SecondFactorFirst));
            }
            let site = CallerSite(claims.site.clone());
            self.tenants.get(&claims.tenant).ok_or_else(elsewhere)?;
            // That call is how they are known.
            if path != GET_MEMBERSHIP {
                claims.units = self.memberships.of(&claims, token).await?.to_vec();
            }
            return Ok(Some((claims.into_caller()?, site)));
        }
        let Some(value) = headers.get(TENANT_HEADER) else { return Ok(None) };
        let tenant = TenantId::parse(value.to_str().unwrap_or_default())?;
        if self.tenants.get(&tenant).is_none() {
            return Err(Error::no_such(Thing::Authority, "no such authority is served here"));
        }
        Ok(Some((Caller::anonymous(tenant), CallerSite::default())))
    }
}

/// A gRPC service with the layers around it.
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    context: RpcContext,
}

impl<S> Guarded<S> {
    /// Puts the layers around `inner`.
    pub fn new(inner: S, context: RpcContext) -> Self {
        Self { inner, context }
    }
}

impl<S, B> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<tonic::body::Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let context = self.context.clone();
        let method = Method::of(request.uri().path());
        let peer = request.extensions().get::<TcpConnectInfo>().map(|peer| {
            // A connection that is gone already has no address: it is nobody's that is trusted.
            peer.remote_addr().map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip())
        });
        let (client, counted) = match self.context.peers.client(request.headers(), peer, method.name) {
            Ok(known) => known,
            Err(error) => {
                let response = internal_status(error).into_http();
                return Box::pin(async move { Ok(response) });
            }
        };
        let span = tracing::info_span!("rpc", service = method.service, method = method.name, otel.kind = "server");
        if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
            if counted {
                crate::telemetry::set_parent(&span, parent);
            } else {
                crate::telemetry::link(&span, parent);
            }
        }
        let deadline = grpc_timeout(request.headers()).unwrap_or(DEFAULT_DEADLINE).min(LONGEST_DEADLINE);
        Box::pin(
            async move {
                let start = Instant::now();
                // Apart: a body may not be shared between threads, and headers may.
                let found = {
                    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
                    context.caller(&path, &headers).await
                };
                match found {
                    Ok(Some((caller, site))) => {
                        request.extensions_mut().insert(Arc::new(caller));
                        request.extensions_mut().insert(site);
                    }
                    Ok(None) => {}
                    Err(error) => return Ok(internal_status(error).into_http()),
                }
                let response = match tokio::time::timeout(deadline, client.scope(inner.call(request))).await {
                    Ok(response) => response?,
                    Err(_) => Status::deadline_exceeded("the call took too long").into_http(),
                };
                let code = response.headers().get("grpc-status").map_or("0", |code| code.to_str().unwrap_or("2"));
                let labels = [
                    ("service", method.service.to_owned()),
                    ("method", method.name.to_owned()),
                    ("code", code.to_owned()),
                ];
                metrics::counter!("parvis_rpc_total", &labels).increment(1);
                metrics::histogram!("parvis_rpc_seconds", &labels[..2]).record(start.elapsed().as_secs_f64());
                Ok(response)
            }
            .instrument(span),
        )
    }
}

/// A method's name with a bounded number of values: what clients invent must not become labels.
struct Method {
    service: &'static str,
    name: &'static str,
}

impl Method {
    fn of(path: &str) -> Self {
        static KNOWN: std::sync::LazyLock<std::collections::HashMap<String, (String, String)>> =
            std::sync::LazyLock::new(known_methods);
        KNOWN.get(path).map_or(Self { service: "unknown", name: "unknown" }, |(service, name)| Self { service, name })
    }
}

fn known_methods() -> std::collections::HashMap<String, (String, String)> {
    use prost::Message as _;
    let Ok(set) = prost_types_descriptor::FileDescriptorSet::decode(parvis_proto::DESCRIPTORS) else {
        return std::collections::HashMap::new();
    };
    let mut methods = std::collections::HashMap::new();
    for file in set.file {
        for service in file.service {
            for method in service.method {
                let path = format!("/{}.{}/{}", file.package, service.name, method.name);
                methods.insert(path, (service.name.clone(), method.name));
            }
        }
    }
    methods
}

/// The few fields of `google.protobuf.FileDescriptorSet` that are read here.
mod prost_types_descriptor {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct FileDescriptorSet {
        #[prost(message, repeated, tag = "1")]
        pub file: Vec<File>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct File {
        #[prost(string, tag = "2")]
        pub package: String,
        #[prost(message, repeated, tag = "6")]
        pub service: Vec<Service>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Service {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(message, repeated, tag = "2")]
        pub method: Vec<Method>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Method {
        #[prost(string, tag = "1")]
        pub name: String,
    }
}

/// Reads `grpc-timeout` (gRPC over HTTP/2: at most 8 digits and a unit).
fn grpc_timeout(headers: &HeaderMap<HeaderValue>) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    let value: u64 = (digits.len() <= 8).then(|| digits.parse().ok()).flatten()?;
    Some(match unit {
        'H' => Duration::from_secs(value * 3600),
        'M' => Duration::from_secs(value * 60),
        'S' => Duration::from_secs(value),
        'm' => Duration::from_millis(value),
        'u' => Duration::from_micros(value),
        'n' => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const SUBMIT: &str = "/parvis.intake.v1.IntakeService/SubmitRequest";
    const SIGN_IN: &str = "/parvis.identity.v1.IdentityService/SignIn";
    const LIST: &str = "/parvis.intake.v1.IntakeService/ListProcedures";

    fn context(per_minute: u32) -> RpcContext {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/tenants.toml");
        RpcContext {
            keys: KeySet::default(),
            grants: GrantKeys::new(Vec::new(), Arc::new(parvis_kernel::SystemClock)),
            tenants: Tenants::load(&file).unwrap(),
            clock: Arc::new(parvis_kernel::SystemClock),
            memberships: Memberships::new(Vec::new(), Arc::new(parvis_kernel::SystemClock)),
            peers: Peers {
                trusted: Networks::parse("10.0.0.0/8", "x").unwrap(),
                limiter: Arc::new(RateLimiter::new(per_minute)),
            },
        }
    }

    /// What a call through the layers is answered by a service that takes `takes`: the gRPC status, "0" where none is
    /// given before the end.
    async fn call(
        context: &RpcContext,
        (method, peer): (&str, &str),
        headers: &[(&'static str, &'static str)],
        takes: Duration,
    ) -> String {
        let service = tower::service_fn(move |_: Request<()>| async move {
            tokio::time::sleep(takes).await;
            Ok::<_, Infallible>(Response::new(tonic::body::Body::empty()))
        });
        let mut request = Request::new(());
        *request.uri_mut() = method.parse().unwrap();
        request.extensions_mut().insert(TcpConnectInfo { local_addr: None, remote_addr: peer.parse().ok() });
        for &(name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let response = Guarded::new(service, context.clone()).call(request).await.unwrap();
        response.headers().get("grpc-status").map_or("0", |status| status.to_str().unwrap()).to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn no_caller_has_longer_than_the_longest_deadline() {
        let context = context(0);
        for (asked, takes, expected) in [
            ("99999999H", LONGEST_DEADLINE * 2, "4"),
            ("99999999H", LONGEST_DEADLINE / 2, "0"),
            ("1S", Duration::from_secs(2), "4"),
        ] {
            let answer = call(&context, (LIST, "192.0.2.1:5"), &[("grpc-timeout", asked)], takes).await;
            assert_eq!(answer, expected, "{asked} {takes:?}");
        }
        assert_eq!(call(&context, (LIST, "192.0.2.1:5"), &[], DEFAULT_DEADLINE * 2).await, "4");
    }

    #[tokio::test]
    async fn an_address_is_limited_at_this_door_too() {
        let context = context(60);
        let passed = async |method: &'static str, peer: &'static str, headers: &[(&'static str, &'static str)]| {
            let mut passed = 0;
            for _ in 0..80 {
                passed += u32::from(call(&context, (method, peer), headers, Duration::ZERO).await == "0");
            }
            passed
        };
        assert!((60..70).contains(&passed(SUBMIT, "192.0.2.1:5", &[]).await));
        assert!((30..40).contains(&passed(SIGN_IN, "192.0.2.1:5", &[]).await));
        assert_eq!(passed(LIST, "192.0.2.1:5", &[]).await, 80, "reading is free");
        // Whatever a stranger claims, the address of the connection counts.
        assert!(passed(SUBMIT, "192.0.2.1:6", &[(client::CLIENT_HEADER, "203.0.113.9")]).await < 10);
        // A door of the installation counts its people itself; whoever is beside it and no door is counted.
        assert_eq!(passed(SUBMIT, "10.0.0.9:5", &[(client::CLIENT_HEADER, "203.0.113.9")]).await, 80);
        assert!((60..70).contains(&passed(SUBMIT, "10.0.0.9:5", &[]).await));
    }
}
