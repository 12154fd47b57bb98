//! A role without its process: its database, its consumer, its courier.

use std::{path::Path, sync::Arc};

use parvis_bus::{Event, EventHandler as _};
use parvis_kernel::{
    Actor, AgentId, Caller, EventId, NoticeId, RequestId, Role, RoleSet, SettableClock, TenantId, Timestamp, UnitId,
};
use parvis_notification::{MIGRATIONS, NoticeConsumer, NotificationApi, NotificationConfig, usecase::Courier};
use parvis_proto::{
    casework::NoticeRequested,
    common::{FieldValue, Requester, UnitContact},
    events,
    notification::{
        ListNoticesRequest, Notice, NotificationOutcome, notification_service_server::NotificationService as _,
    },
    routing::{CaseEscalated, DescribedUnit, ToldAgent, UnitsDescribed},
};
use parvis_runtime::{Tenant, Tenants};
use parvis_store::{OutboxRow, Store, inbox};
use parvis_testkit::TestStore;
use prost::Message as _;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

pub const CODE: &str = "K7R-2MQ-9XB-4TD";

pub fn clock() -> SettableClock {
    SettableClock::at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap())
}

/// One database of each sort, reading the time from `clock`.
pub async fn stores(clock: &SettableClock) -> Vec<TestStore> {
    vec![
        TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(),
        TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(),
    ]
}

pub fn tenant() -> TenantId {
    TenantId::parse("clairval").unwrap()
}

pub fn tenants() -> Tenants {
    let town = |slug: &str, name: &str| Tenant {
        slug: TenantId::parse(slug).unwrap(),
        name: name.into(),
        insee: "49999".into(),
        population: 0,
        hosts: vec![],
        holidays: "metropole".into(),
        timezone: "Europe/Paris".into(),
        email: "mairie@clairval.example".into(),
        phone: "02 00 00 00 00".into(),
        address: "1 place de la Mairie".into(),
        website: String::new(),
        second_factor: Vec::new(),
    };
    Tenants::new(vec![town("clairval", "Ville de Clairval"), town("autreville", "Autreville")]).unwrap()
}

pub fn config(smtp_url: &str, folder: &Path) -> NotificationConfig {
    NotificationConfig {
        smtp_url: smtp_url.to_owned().into(),
        eml_dir: folder.display().to_string(),
        from: "Parvis <ne-pas-repondre@parvis.example>".into(),
        attempts: 8,
        unverified_per_hour: 6,
        body_days: 365,
    }
}

pub fn courier(store: &Store, config: &NotificationConfig) -> Courier {
    Courier::new(store.clone(), tenants(), config).unwrap()
}

pub async fn deliver(courier: &Courier) -> usize {
    courier.deliver_due(&CancellationToken::new()).await.unwrap()
}

pub fn reference() -> String {
    parvis_kernel::Reference::of_rank(0, 7).unwrap().to_string()
}

pub fn notice(kind: &str, mode: &str) -> NoticeRequested {
    NoticeRequested {
        notice_id: NoticeId::new().to_string(),
        kind: kind.into(),
        case_id: RequestId::new().to_string(),
        reference: reference(),
        tracking_code: CODE.into(),
        recipient: Some(Requester {
            kind: "person".into(),
            first_name: "Zoé".into(),
            last_name: "Élan".into(),
            email: "zoe@example.org".into(),
            phone: "06 00 00 00 00".into(),
            postal_address: "12 rue des Lilas".into(),
            contact_mode: mode.into(),
            ..Requester::default()
        }),
        fields: [("title", "Nid-de-poule"), ("received_on", "2026-03-01"), ("message", "Bonjour.")]
            .map(|(name, value)| FieldValue { name: name.into(), value: value.into() })
            .to_vec(),
        unit: Some(UnitContact {
            code: "voirie".into(),
            name: "Voirie".into(),
            email: "voirie@clairval.example".into(),
            phone: "02 00 00 00 30".into(),
            postal_address: "3 rue du Port".into(),
        }),
        recipient_verified: true,
        ..NoticeRequested::default()
    }
}

pub fn event(tenant: &TenantId, message: &NoticeRequested) -> Event {
    let case: RequestId = message.case_id.parse().unwrap();
    Event {
        id: EventId::new(),
        tenant: tenant.clone(),
        kind: events::NOTICE_REQUESTED.into(),
        partition: case.partition(),
        subject: case.to_string(),
        traceparent: String::new(),
        at: clock_start(),
        payload: message.encode_to_vec().into(),
    }
}

/// What routing says of units: their code, and whether they are sensitive.
pub fn described(version: u64, units: &[(&str, bool)]) -> Event {
    let unit = |(code, sensitive): &(&str, bool)| DescribedUnit {
        code: (*code).into(),
        name: (*code).into(),
        sensitive: *sensitive,
    };
    let message = UnitsDescribed { version, units: units.iter().map(unit).collect() };
    Event {
        id: EventId::new(),
        tenant: tenant(),
        kind: events::UNITS_DESCRIBED.into(),
        partition: 0,
        subject: "directory".into(),
        traceparent: String::new(),
        at: clock_start(),
        payload: message.encode_to_vec().into(),
    }
}

/// A step of a ladder, told to these: code and e-mail.
pub fn escalated(case: RequestId, step: &str, told: &[(&str, &str)]) -> Event {
    let message = CaseEscalated {
        case_id: case.to_string(),
        reference: reference(),
        step: step.into(),
        unit: notice("message", "email").unit,
        priority: "urgent".into(),
        summary: "Signalé à Sophie Lemaire, responsable : le dossier attend une suite.".into(),
        told: told
            .iter()
            .map(|(agent, email)| ToldAgent {
                agent: (*agent).into(),
                name: "Sophie Lemaire".into(),
                email: (*email).into(),
            })
            .collect(),
        ..CaseEscalated::default()
    };
    Event {
        id: EventId::new(),
        tenant: tenant(),
        kind: events::CASE_ESCALATED.into(),
        partition: case.partition(),
        subject: case.to_string(),
        traceparent: String::new(),
        at: clock_start(),
        payload: message.encode_to_vec().into(),
    }
}

pub fn clock_start() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

/// What the bus's consumer does with a batch.
pub async fn consume(store: &Store, events: &[Event]) {
    let handler = NoticeConsumer::new(tenants(), "http://localhost:8080/", Arc::new(Notify::new()));
    let mut tx = store.begin().await.unwrap();
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    let mut new = inbox::mark_new(&tx, &ids).await.unwrap();
    let fresh: Vec<_> = events.iter().filter(|event| new.remove(&event.id)).cloned().collect();
    handler.handle(&mut tx, &fresh).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the role said.
pub struct Said(mpsc::UnboundedReceiver<Vec<OutboxRow>>);

impl Said {
    pub fn of(store: &Store) -> Self {
        Self(store.take_committed().unwrap())
    }

    /// Since last asked: the event's name, and what it says.
    pub fn take(&mut self) -> Vec<(String, NotificationOutcome)> {
        let mut all = Vec::new();
        while let Ok(rows) = self.0.try_recv() {
            for row in rows {
                let outcome = NotificationOutcome::decode(row.payload.as_slice()).unwrap();
                let case: RequestId = outcome.case_id.parse().unwrap();
                assert_eq!((row.partition, row.subject), (case.partition(), outcome.case_id.clone()));
                all.push((row.kind, outcome));
            }
        }
        all
    }
}

/// A call of the service by `caller`.
pub fn call<T>(caller: &Caller, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.extensions_mut().insert(Arc::new(caller.clone()));
    request
}

/// The notices of a case, through the service.
pub async fn views_of(store: &Store, case: &str, caller: Caller) -> Vec<Notice> {
    let message = ListNoticesRequest { case_id: case.into(), ..ListNoticesRequest::default() };
    let api = NotificationApi::new(store.clone());
    api.list_notices(call(&caller, message)).await.unwrap().into_inner().notices
}

pub fn agent(roles: &[Role], units: &[&str]) -> Caller {
    Caller {
        tenant: tenant(),
        actor: Actor::Agent(AgentId::parse("claire-martin").unwrap()),
        name: "Claire Martin".into(),
        roles: roles.iter().copied().collect::<RoleSet>(),
        units: units.iter().map(|unit| UnitId::parse(unit).unwrap()).collect(),
    }
}

/// Whoever holds a follow grant of a request.
pub fn follower(tenant: TenantId, case_id: &str) -> Caller {
    Caller { actor: Actor::Citizen([case_id.parse().unwrap()].into()), ..Caller::anonymous(tenant) }
}
