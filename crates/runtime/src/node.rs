//! One process running some roles: an orderly start (settings, ports, databases, roles) and an orderly stop.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use parvis_bus::{
    Bus, Consumer, Relay,
    lease::{LeaseKeeper, Leases},
    nats::{NatsBus, NatsOptions},
};
use parvis_kernel::{Clock, Error, Result};
use parvis_store::{Store, StoreOptions, StoreUrl, inbox, migrate, outbox};
use sea_orm::DbBackend;
use tokio::{net::TcpListener, runtime::Handle, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::KeySet,
    behind::Behind,
    client::Networks,
    config::{BusConfig, BusKind, Config, ServerConfig},
    connections::{self, Connections},
    grants::{self, GrantKeys},
    health::Health,
    http,
    jobs::Job,
    jwks, key_file,
    limits::RateLimiter,
    memberships::Memberships,
    role::{DOORS, Deps, RoleParts, RoleSpec},
    rpc::{Guarded, Peers, RpcContext},
    safety,
    tenants::Tenants,
    tls::Tls,
    transport::{Clients, local},
};

/// Connections to the probes: those who look, and no crowd.
const PROBES: usize = 64;
/// Calls at the same time on one gRPC connection: a gateway has one to each role.
const STREAMS: u32 = 1_024;
/// Calls that a client began and took back, not yet looked at, before its connection ends.
const RESETS: usize = 64;

/// A running process.
pub struct Node {
    /// Where pages and REST are.
    pub http: SocketAddr,
    /// Where probes and metrics are.
    pub probes: SocketAddr,
    /// Where gRPC is.
    pub grpc: SocketAddr,
    shutdown: CancellationToken,
    hard: CancellationToken,
    tasks: JoinSet<()>,
    background: JoinSet<()>,
    behind: Behind,
    stores: Vec<(&'static str, Store)>,
    health: Health,
    grace: Duration,
}

impl Node {
    /// Opens the database of `role` as configured, without touching its schema.
    pub async fn open_store(config: &Config, role: &str, clock: Arc<dyn Clock>) -> Result<Store> {
        let mut url = StoreUrl::for_role(&config.store.url, role)?;
        if !config.store.password_file.is_empty() {
            url = url.with_password(&key_file::password(&config.store.password_file, role)?)?;
        }
        let mut options = StoreOptions::new(url);
        if config.store.max_connections > 0 {
            options.max_connections = config.store.max_connections;
        }
        Store::connect(&options, clock).await
    }

    /// Starts `roles`: binds the ports, opens the databases, refuses a schema it does not know, creates the roles and
    /// serves.
    pub async fn start(
        config: Config,
        roles: &[RoleSpec],
        clock: Arc<dyn Clock>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self> {
        safety::require_own_secrets(&config)?;
        let tenants = Tenants::load(Path::new(&config.tenants_file))?;
        let tls = Tls::load(&config.tls)?;
        let http_listener = bind(config.server.http_listen, "server.http_listen").await?;
        let grpc_listener = bind(config.server.grpc_listen, "server.grpc_listen").await?;
        let probes_listener = bind(config.server.probes_listen, "server.probes_listen").await?;
        let shutdown = CancellationToken::new();
        let hard = CancellationToken::new();
        let mut background = JoinSet::new();
        let behind = Behind::start(roles.iter().any(|role| DOORS.contains(&role.name)))?;
        let mut stores = Vec::new();
        for role in roles {
            let Some(migrations) = role.migrations else { continue };
            let store = open_where_it_belongs(&behind, &config, role.name, clock.clone()).await.map_err(|error| {
                Error::new(error.kind(), format!("the database of {} cannot be opened: {error}", role.name))
            })?;
            migrate::require_current(&store, migrations, role.name).await?;
            stores.push((role.name, store));
        }
        let bus = if stores.is_empty() {
            None
        } else {
            Some(open_bus(&config, clock.clone(), &hard, &mut background).await?)
        };
        let keys = KeySet::default();
        let all_stores: Vec<Store> = stores.iter().map(|(_, store)| store.clone()).collect();
        jwks::load_cached(&keys, &all_stores).await;
        let grants = GrantKeys::new(all_stores.clone(), clock.clone());
        grants.load_cached().await;

        let keeping = stores.iter().filter(|(name, _)| *name != "identity").map(|(_, store)| store.clone()).collect();
        let memberships = Memberships::new(keeping, clock.clone());
        let limiter = Arc::new(RateLimiter::new(config.gateway_rate_per_minute()?));
        let context = RpcContext {
            keys: keys.clone(),
            grants: grants.clone(),
            tenants: tenants.clone(),
            clock: clock.clone(),
            memberships: memberships.clone(),
            peers: Peers {
                trusted: Networks::parse(&config.server.trusted_callers, "server.trusted_callers")?,
                limiter: limiter.clone(),
            },
        };
        let mut created = Vec::new();
        let mut near = HashMap::new();
        let mut grpc_routes = axum::Router::new();
        // The gateway comes last: it calls the others.
        let mut ordered: Vec<&RoleSpec> = roles.iter().collect();
        ordered.sort_by_key(|role| role.name == "gateway");
        for role in ordered {
            let store = stores.iter().find(|(name, _)| *name == role.name).map(|(_, store)| store.clone());
            let clients = Clients::with_tls(near.clone(), &config.services, tls.as_ref())?;
            let deps = Deps {
                store,
                clock: clock.clone(),
                tenants: tenants.clone(),
                config: config.clone(),
                keys: keys.clone(),
                grants: grants.clone(),
                memberships: memberships.clone(),
                limiter: limiter.clone(),
                clients,
                shutdown: shutdown.clone(),
            };
            let parts = (role.create)(deps).await?;
            if let Some(grpc) = &parts.grpc {
                near.insert(
                    role.name,
                    local(Guarded::new(tonic::service::Routes::from(grpc.clone()).prepare(), context.clone())),
                );
                grpc_routes = grpc_routes.merge(grpc.clone().reset_fallback());
            }
            created.push((role.name, parts));
        }
        let clients = Clients::with_tls(near, &config.services, tls.as_ref())?;
        let signers = [(grants::Kind::Follow, "intake"), (grants::Kind::Files, "casework")];
        grants.ask_at(signers.into_iter().filter_map(|(kind, role)| Some((kind, clients.to(role).ok()?))).collect());
        if let Ok(identity) = clients.to("identity") {
            memberships.ask_at(identity.clone());
            let fresh = jwks::keep_fresh(keys, identity, all_stores, clock.clone(), hard.clone());
            background.spawn(fresh);
        }

        if let Some(metrics) = metrics.clone() {
            background.spawn(keep_small(metrics, hard.clone()));
        }
        let health = Health::new(stores.clone(), bus.clone());
        let mut node = Self {
            http: http_listener.local_addr().map_err(Error::internal)?,
            probes: probes_listener.local_addr().map_err(Error::internal)?,
            grpc: grpc_listener.local_addr().map_err(Error::internal)?,
            shutdown,
            hard,
            tasks: JoinSet::new(),
            background,
            behind,
            stores,
            health,
            grace: Duration::from_secs(config.server.shutdown_grace_seconds),
        };
        let mut pages = None;
        for (name, parts) in created {
            pages = node.launch(name, parts, bus.clone(), &config).or(pages);
        }
        node.serve_http(http_listener, http::pages(pages), door(&config.server));
        let few = Connections::new(PROBES, PROBES, Networks::default());
        node.serve_http(probes_listener, http::probes(node.health.clone(), metrics), few);
        let server = &config.server;
        let callers = context.peers.trusted.clone();
        let places = Connections::new(server.max_connections, server.max_connections_by_address, callers);
        let is_told = server.grpc_reflection || server.is_demonstration();
        node.serve_grpc(grpc_listener, grpc_routes, context, places, is_told, tls).await?;
        Ok(node)
    }

    /// Starts what a role does by itself; gives back its pages.
    fn launch(
        &mut self,
        role: &'static str,
        parts: RoleParts,
        bus: Option<Arc<dyn Bus>>,
        config: &Config,
    ) -> Option<axum::Router> {
        // A door's own stay there: they hold the writer of its database, which whoever stands at it waits for.
        let place = if DOORS.contains(&role) { Handle::current() } else { self.behind.handle().clone() };
        for job in parts.jobs {
            self.tasks.spawn_on(job.run_until(self.shutdown.clone()), &place);
        }
        let store = self.stores.iter().find(|(name, _)| *name == role).map(|(_, store)| store.clone());
        if let (Some(store), Some(bus)) = (store, bus) {
            let leases = self.leases(role, &store, config);
            if !parts.subscriptions.is_empty() {
                let consumer = Consumer::new(role, parts.subscriptions, store.clone(), bus.clone(), leases);
                self.tasks.spawn_on(consumer.run(self.shutdown.clone()), &place);
            }
            // The relay outlives the others: what they commit last is published too.
            self.background.spawn(Relay::new(role, store.clone(), bus).run(self.hard.clone()));
            for job in [gauges(role, store.clone()), housekeeping(store, config.store.outbox_keep_days)] {
                self.tasks.spawn_on(job.run_until(self.shutdown.clone()), &place);
            }
        }
        parts.http
    }

    /// Which partitions this process reads for `role`: with SQLite it is alone, with PostgreSQL it takes its share.
    fn leases(&mut self, role: &'static str, store: &Store, config: &Config) -> Arc<Leases> {
        if store.backend() == DbBackend::Sqlite {
            return Arc::new(Leases::all());
        }
        let keeper = LeaseKeeper::new(role, store.clone(), process_name(config));
        let leases = keeper.leases();
        self.background.spawn(keeper.run(self.hard.clone()));
        leases
    }

    fn serve_http(&mut self, listener: TcpListener, router: axum::Router, places: Arc<Connections>) {
        self.tasks.spawn(connections::serve_http(listener, router, places, self.shutdown.clone()));
    }

    async fn serve_grpc(
        &mut self,
        listener: TcpListener,
        routes: axum::Router,
        context: RpcContext,
        places: Arc<Connections>,
        is_told: bool,
        tls: Option<Tls>,
    ) -> Result<()> {
        let (reporter, health) = tonic_health::server::health_reporter();
        let reflection = is_told.then(|| {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(parvis_proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .build_v1()
        });
        let reflection = reflection.transpose().map_err(|error| Error::internal(error.to_string()))?;
        reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
        let mut open = tonic::service::Routes::new(health);
        if let Some(reflection) = reflection {
            open = open.add_service(reflection);
        }
        let open = open.into_axum_router();
        let routes = tonic::service::Routes::from(routes.merge(open));
        let shutdown = self.shutdown.clone();
        let incoming = connections::incoming(listener, places);
        let mut server = tonic::transport::Server::builder();
        if let Some(tls) = tls {
            server = server
                .tls_config(tls.server())
                .map_err(|error| Error::invalid("tls", format!("these certificates cannot be used: {error}")))?;
        }
        let server = server
            .http2_keepalive_interval(Some(Duration::from_secs(20)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .max_concurrent_streams(STREAMS)
            .http2_max_pending_accept_reset_streams(Some(RESETS))
            .http2_max_local_error_reset_streams(Some(RESETS))
            .http2_max_header_list_size(parvis_proto::MAX_HEADERS)
            .max_connection_age(Duration::from_secs(300))
            .max_connection_age_grace(Duration::from_secs(30))
            .layer(tower::layer::layer_fn(move |inner| Guarded::new(inner, context.clone())))
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, shutdown.cancelled_owned());
        self.tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the gRPC server stopped");
            }
        });
        Ok(())
    }

    /// Stops: not ready, no new work, what is in hand is finished within the grace period, events are published.
    pub async fn stop(mut self) {
        self.health.drain();
        self.shutdown.cancel();
        let finish = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.grace, finish).await.is_err() {
            tracing::warn!("the grace period is over; what was not finished will be at the next start");
            self.tasks.abort_all();
        }
        self.hard.cancel();
        let finish = async { while self.background.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(5), finish).await.is_err() {
            tracing::warn!("some events were not published; they will be at the next start");
        }
        for (_, store) in &self.stores {
            store.close().await;
        }
    }
}

/// Measures wait in memory until somebody reads them, and perhaps nobody does: folds them together now and then.
async fn keep_small(metrics: PrometheusHandle, hard: CancellationToken) {
    while tokio::time::timeout(Duration::from_secs(5), hard.cancelled()).await.is_err() {
        metrics.run_upkeep();
    }
}

/// The places of the pages' port. Behind proxies every connection is theirs: they count their clients.
fn door(server: &ServerConfig) -> Arc<Connections> {
    let by_address =
        if server.trusted_proxies > 0 { server.max_connections } else { server.max_connections_by_address };
    Connections::new(server.max_connections, by_address, Networks::default())
}

fn optional_path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| text.into())
}

/// A name that no other process of the same roles has, and that stays through a container's restarts.
fn process_name(config: &Config) -> String {
    if !config.server.name.is_empty() {
        return config.server.name.clone();
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Error::invalid(setting, format!("{address} cannot be listened to ({error}): is Parvis running already?"))
    })
}

/// Opens the database of `role`. A connection to SQLite is a thread, of the priority of whoever opens it.
async fn open_where_it_belongs(
    behind: &Behind,
    config: &Config,
    role: &'static str,
    clock: Arc<dyn Clock>,
) -> Result<Store> {
    if DOORS.contains(&role) {
        return Node::open_store(config, role, clock).await;
    }
    let config = config.clone();
    let opened = behind.handle().spawn(async move { Node::open_store(&config, role, clock).await });
    opened.await.map_err(Error::internal)?
}

async fn open_bus(
    config: &Config,
    clock: Arc<dyn Clock>,
    hard: &CancellationToken,
    background: &mut JoinSet<()>,
) -> Result<Arc<dyn Bus>> {
    match config.bus.kind {
        BusKind::Embedded => {
            let options = StoreOptions::new(StoreUrl::Sqlite(config.bus.path.clone().into()));
            let bus = parvis_bus::embedded::EmbeddedBus::open(Store::connect(&options, clock).await?).await?;
            background.spawn(bus.clone().run(jiff::SignedDuration::from_hours(72), hard.clone()));
            Ok(Arc::new(bus))
        }
        BusKind::Nats => Ok(Arc::new(NatsBus::connect(&nats_options(&config.bus)).await?)),
    }
}

/// How to connect to NATS as configured.
pub fn nats_options(bus: &BusConfig) -> NatsOptions {
    let mut options = NatsOptions::new(bus.url.clone());
    options.make_streams = bus.make_streams;
    options.replicas = bus.replicas;
    options.max_bytes = i64::from(bus.max_gigabytes) << 30;
    if !bus.user.is_empty() {
        options.user = Some((bus.user.clone(), bus.password.clone()));
    }
    options.credentials_file = optional_path(&bus.credentials_file);
    options.root_certificates = optional_path(&bus.root_certificates);
    options
}

/// Drops what is old in a role's outbox and inbox.
fn housekeeping(store: Store, keep_days: u32) -> Job {
    Job::new("housekeeping", Duration::from_secs(600), move |shutdown| {
        let store = store.clone();
        async move {
            let now = store.clock().now();
            let outbox_before = now - jiff::SignedDuration::from_hours(24 * i64::from(keep_days));
            // Longer than any outbox keeps a row that could come again.
            let inbox_before = outbox_before - jiff::SignedDuration::from_hours(48);
            while !shutdown.is_cancelled()
                && outbox::purge(&store, outbox_before, 1000).await? + inbox::purge(&store, inbox_before, 1000).await?
                    > 0
            {}
            Ok(())
        }
    })
}

/// Says what of a role waits to be published or to be looked at.
fn gauges(role: &'static str, store: Store) -> Job {
    Job::new("gauges", Duration::from_secs(15), move |_| {
        let store = store.clone();
        async move {
            let backlog = outbox::backlog(&store).await?;
            metrics::gauge!("parvis_outbox_waiting", "role" => role).set(backlog.waiting as f64);
            metrics::gauge!("parvis_dead_letters", "role" => role)
                .set(parvis_bus::dead_letter::count(&store).await? as f64);
            Ok(())
        }
    })
}
