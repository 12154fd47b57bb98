//! The directories in memory: one immutable snapshot an authority, replaced when its version moves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use parvis_directory::DirectoryFile;
use parvis_kernel::{Error, Refusal, Result, TenantId, UnitId};
use parvis_runtime::Tenants;
use parvis_store::Store;
use sea_orm::ConnectionTrait;
use tokio::time::Instant;

use crate::{
    domain::{GuesserSlot, Snapshot, rules::read},
    repo::{directory, rule_set},
};

/// How long a snapshot is taken for the current one by those who only read. Whoever decides always knows the version.
const TRUSTED: Duration = Duration::from_secs(1);

/// The snapshots of a process.
pub struct Snapshots {
    tenants: Tenants,
    cached: ArcSwap<HashMap<TenantId, Cached>>,
    guessers: Mutex<HashMap<TenantId, GuesserSlot>>,
}

#[derive(Clone)]
struct Cached {
    snapshot: Arc<Snapshot>,
    checked: Instant,
}

impl Snapshots {
    /// None yet.
    pub fn new(tenants: Tenants) -> Self {
        Self { tenants, cached: ArcSwap::default(), guessers: Mutex::default() }
    }

    /// The guesser of an authority, for every version of its directory.
    pub fn guesser(&self, tenant: &TenantId) -> GuesserSlot {
        let guessers = self.guessers.lock();
        guessers.map(|mut guessers| guessers.entry(tenant.clone()).or_default().clone()).unwrap_or_default()
    }

    /// The snapshot of `version`, which the caller read under the tenant's lock. Version 0 is an empty directory.
    pub async fn at(&self, conn: &impl ConnectionTrait, tenant: &TenantId, version: u64) -> Result<Arc<Snapshot>> {
        if let Some(cached) = self.cached.load().get(tenant).filter(|cached| cached.snapshot.version == version) {
            return Ok(cached.snapshot.clone());
        }
        let zone = self.tenants.get(tenant).map_or("metropole", |tenant| tenant.holidays.as_str()).parse()?;
        let tz = self.tenants.zone_of(tenant);
        let snapshot = match directory::find(conn, tenant, version).await? {
            Some(kept) => match rule_set::find(conn, tenant, kept.rule_set).await? {
                Some(rules) => {
                    // What cannot be read was refused when it was published; a directory's own rules always can.
                    let (rules, _) = read(&rules.text);
                    Snapshot::with_rules(version, kept.rule_set, kept.directory, rules, zone, tz)
                }
                None => Snapshot::new(version, kept.rule_set, kept.directory, zone, tz),
            },
            None if version == 0 => Snapshot::new(0, 0, empty(tenant)?, zone, tz),
            None => return Err(Error::internal(format!("directory {version} of {tenant} is not kept"))),
        };
        let snapshot = Arc::new(snapshot.guessing_with(self.guesser(tenant)));
        self.keep(tenant, &snapshot);
        Ok(snapshot)
    }

    /// The current snapshot, at most a second old.
    ///
    /// # Errors
    /// "Failed precondition" where no directory was imported.
    pub async fn current(&self, store: &Store, tenant: &TenantId) -> Result<Arc<Snapshot>> {
        let cached = self.cached.load().get(tenant).cloned();
        if let Some(cached) = cached.filter(|cached| cached.checked.elapsed() < TRUSTED && cached.snapshot.version > 0)
        {
            return Ok(cached.snapshot);
        }
        self.latest(store, tenant).await
    }

    /// The current snapshot, asked of the database.
    ///
    /// # Errors
    /// "Failed precondition" where no directory was imported.
    pub async fn latest(&self, store: &Store, tenant: &TenantId) -> Result<Arc<Snapshot>> {
        let version = directory::current(store.read(), tenant).await?;
        if version == 0 {
            return Err(Error::precondition(
                "no directory was imported for this authority: parvis import directory FILE",
            )
            .refused(Refusal::NoDirectory));
        }
        let snapshot = self.at(store.read(), tenant, version).await?;
        self.keep(tenant, &snapshot);
        Ok(snapshot)
    }

    fn keep(&self, tenant: &TenantId, snapshot: &Arc<Snapshot>) {
        self.cached.rcu(|cached| {
            let mut cached = HashMap::clone(cached);
            // A slower reader must not put an older version back.
            if cached.get(tenant).is_none_or(|kept| kept.snapshot.version <= snapshot.version) {
                cached.insert(tenant.clone(), Cached { snapshot: snapshot.clone(), checked: Instant::now() });
            }
            cached
        });
    }
}

fn empty(tenant: &TenantId) -> Result<DirectoryFile> {
    Ok(DirectoryFile {
        tenant: tenant.clone(),
        default_unit: UnitId::parse("none")?,
        weights: std::collections::BTreeMap::new(),
        sites: Vec::new(),
        calendars: Vec::new(),
        districts: Vec::new(),
        units: Vec::new(),
        teams: Vec::new(),
        agents: Vec::new(),
        absences: Vec::new(),
        rules: Vec::new(),
        warnings: Vec::new(),
    })
}
