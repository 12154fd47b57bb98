//! A town, its router, and what a test says to it.

use std::{collections::BTreeSet, sync::Arc};

use parvis_bus::{Event, EventHandler as _};
use parvis_kernel::{
    Actor, AgentId, Caller, CaseId, EventId, RequestId, Role, SettableClock, TenantId, Timestamp, UnitId,
};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged},
    events::{CASE_ASSIGNED, CASE_ESCALATED, CASE_OPENED, CASE_STATUS_CHANGED, TRANSFER_PROPOSED, TRANSFER_REFUSED},
    routing::{CaseAssigned, CaseEscalated, TransferProposed, TransferRefused},
    to_proto_time,
};
use parvis_runtime::{Tenant, Tenants};
use parvis_store::OutboxRow;
use parvis_testkit::TestStore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::{
    MIGRATIONS, Router,
    consumer::CaseworkHandler,
    domain::{RoutedCase, town},
    import_directory, parse_directory,
    repo::{case, queue},
    usecase::{drain_queues, fire_timers},
};

pub(super) struct World {
    pub(super) store: TestStore,
    pub(super) router: Router,
    pub(super) clock: SettableClock,
    pub(super) said: UnboundedReceiver<Vec<OutboxRow>>,
    /// Heard and not yet asked for.
    pub(super) heard: Vec<OutboxRow>,
}

pub(super) fn tenants() -> Tenants {
    let tenant = |slug: &str| Tenant {
        slug: TenantId::parse(slug).unwrap(),
        name: slug.to_owned(),
        insee: "49999".to_owned(),
        population: 1,
        hosts: Vec::new(),
        holidays: "metropole".to_owned(),
        timezone: "Europe/Paris".to_owned(),
        email: String::new(),
        phone: String::new(),
        address: String::new(),
        website: String::new(),
        second_factor: Vec::new(),
    };
    Tenants::new(vec![tenant("clairval"), tenant("petit-ormeau")]).unwrap()
}

pub(super) fn clairval() -> TenantId {
    TenantId::parse("clairval").unwrap()
}

pub(super) fn snapshot(id: CaseId, text: &str) -> CaseSnapshot {
    CaseSnapshot {
        id: id.to_string(),
        reference: "412-873-952-K".to_owned(),
        version: 1,
        state: "new".to_owned(),
        channel: "web".to_owned(),
        received_at: Some(to_proto_time(town::monday())),
        requester_kind: "person".to_owned(),
        text: text.to_owned(),
        ..CaseSnapshot::default()
    }
}

pub(super) fn event(tenant: &TenantId, id: &str, kind: &str, message: &impl prost::Message) -> Event {
    Event {
        id: EventId::new(),
        tenant: tenant.clone(),
        kind: kind.to_owned(),
        partition: id.parse::<CaseId>().map_or(0, CaseId::partition),
        subject: id.to_owned(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        at: town::monday(),
        payload: message.encode_to_vec().into(),
    }
}

pub(super) fn opened(tenant: &TenantId, case: CaseSnapshot) -> Event {
    let id = case.id.clone();
    event(tenant, &id, CASE_OPENED, &CaseOpened { case: Some(case) })
}

pub(super) fn changed(tenant: &TenantId, case: CaseSnapshot, kind: &str) -> Event {
    let id = case.id.clone();
    let message = CaseStatusChanged { case: Some(case), kind: kind.to_owned(), ..CaseStatusChanged::default() };
    event(tenant, &id, CASE_STATUS_CHANGED, &message)
}

/// One batch, in one transaction, as the consumer's driver does it.
pub(super) async fn deliver(router: &Router, events: &[Event]) -> parvis_kernel::Result<()> {
    let mut tx = router.store.begin().await?;
    CaseworkHandler(router.clone()).handle(&mut tx, events).await?;
    tx.commit().await
}

pub(super) fn caller(agent: &str, roles: &[Role], units: &[&str]) -> Caller {
    Caller {
        tenant: clairval(),
        actor: Actor::Agent(town::agent(agent)),
        name: agent.to_owned(),
        roles: roles.iter().copied().collect(),
        units: units.iter().map(|unit| UnitId::parse(unit).unwrap()).collect::<BTreeSet<_>>(),
    }
}

impl World {
    pub(super) async fn sqlite() -> Self {
        let clock = SettableClock::at(town::monday());
        let store = TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        Self::new(store, clock).await
    }

    pub(super) async fn postgres() -> Self {
        let clock = SettableClock::at(town::monday());
        let store = TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        Self::new(store, clock).await
    }

    async fn new(store: TestStore, clock: SettableClock) -> Self {
        let said = store.take_committed().unwrap();
        let router = Router::new((*store).clone(), tenants());
        let world = Self { store, router, clock, said, heard: Vec::new() };
        world.import(town::TOWN).await;
        world
    }

    pub(super) async fn import(&self, text: &str) -> crate::ImportSummary {
        let file = parse_directory("town.toml", text).unwrap();
        import_directory(&self.store, &tenants(), &file).await.unwrap()
    }

    pub(super) fn at(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// A case with this text, routed; its id.
    pub(super) async fn open(&self, text: &str) -> CaseId {
        let id = RequestId::new();
        deliver(&self.router, &[opened(&clairval(), snapshot(id, text))]).await.unwrap();
        id
    }

    pub(super) async fn close(&self, id: CaseId, version: u64) {
        let case = CaseSnapshot { state: "closed".to_owned(), version, ..snapshot(id, "") };
        deliver(&self.router, &[changed(&clairval(), case, "closed")]).await.unwrap();
    }

    pub(super) async fn drain(&self) {
        drain_queues(&self.router, &CancellationToken::new()).await.unwrap();
    }

    pub(super) async fn case(&self, id: CaseId) -> RoutedCase {
        case::find(self.store.read(), &clairval(), id).await.unwrap().unwrap()
    }

    pub(super) async fn holder(&self, id: CaseId) -> Option<AgentId> {
        self.case(id).await.live_agent().cloned()
    }

    pub(super) async fn waiting(&self) -> u64 {
        queue::lanes(self.store.read(), &clairval()).await.unwrap().iter().map(|lane| lane.waiting).sum()
    }

    pub(super) async fn fire(&self) {
        fire_timers(&self.router, &CancellationToken::new()).await.unwrap();
    }

    /// Every decision said since last asked.
    pub(super) fn assignments(&mut self) -> Vec<CaseAssigned> {
        self.heard(CASE_ASSIGNED)
    }

    /// Every step of a ladder said since last asked.
    pub(super) fn escalations(&mut self) -> Vec<CaseEscalated> {
        self.heard(CASE_ESCALATED)
    }

    /// Every transfer proposed since last asked.
    pub(super) fn proposals(&mut self) -> Vec<TransferProposed> {
        self.heard(TRANSFER_PROPOSED)
    }

    /// Every transfer refused since last asked.
    pub(super) fn refusals(&mut self) -> Vec<TransferRefused> {
        self.heard(TRANSFER_REFUSED)
    }

    fn heard<M: prost::Message + Default>(&mut self, kind: &str) -> Vec<M> {
        while let Ok(rows) = self.said.try_recv() {
            self.heard.extend(rows);
        }
        let (asked, others) = std::mem::take(&mut self.heard).into_iter().partition(|row| row.kind == kind);
        self.heard = others;
        let asked: Vec<OutboxRow> = asked;
        asked.iter().map(|row| M::decode(row.payload.as_slice()).unwrap()).collect()
    }
}
