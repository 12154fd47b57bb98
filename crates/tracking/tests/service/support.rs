//! A role without its process, and events as the other roles say them.

use std::sync::Arc;

use parvis_bus::{Event, EventHandler as _};
use parvis_kernel::{
    Actor, AgentId, Caller, EventId, RequestId, Role, RoleSet, SettableClock, TenantId, Timestamp, UnitId,
    tracking_code,
};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged},
    common::{ProcedureSnapshot, UnitContact},
    events,
    intake::{InstantAnswerGiven, RequestReceived, SubmittedRequest},
    notification::NotificationOutcome,
    routing::{CaseAssigned, DescribedUnit, TransferProposed, TransferRefused, UnitsDescribed},
    to_proto_time,
};
use parvis_runtime::Tenants;
use parvis_store::{Store, inbox};
use parvis_testkit::TestStore;
use parvis_tracking::{MIGRATIONS, TimelineConsumer, Watchers};

pub const CODE: &str = "K7R-2MQ-9XB-4TD";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn clock() -> SettableClock {
    SettableClock::at(at("2026-03-20T11:00:00Z"))
}

/// One database of each sort.
pub async fn stores(clock: &SettableClock) -> Vec<TestStore> {
    vec![
        TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(),
        TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(),
    ]
}

pub fn tenant() -> TenantId {
    TenantId::parse("clairval").unwrap()
}

/// What the bus's consumer does with a batch.
pub async fn consume(store: &Store, watchers: &Watchers, events: &[Event]) {
    let handler = TimelineConsumer::new(Tenants::default(), watchers.clone());
    let mut tx = store.begin().await.unwrap();
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    let mut new = inbox::mark_new(&tx, &ids).await.unwrap();
    let fresh: Vec<_> = events.iter().filter(|event| new.remove(&event.id)).cloned().collect();
    handler.handle(&mut tx, &fresh).await.unwrap();
    tx.commit().await.unwrap();
}

fn event(tenant: &TenantId, id: RequestId, kind: &str, said_at: Timestamp, message: &impl prost::Message) -> Event {
    Event {
        id: EventId::new(),
        tenant: tenant.clone(),
        kind: kind.into(),
        partition: id.partition(),
        subject: id.to_string(),
        traceparent: String::new(),
        at: said_at,
        payload: message.encode_to_vec().into(),
    }
}

/// A request, whose events are made one by one.
#[derive(Clone)]
pub struct Request {
    pub tenant: TenantId,
    pub id: RequestId,
    pub reference: String,
    pub channel: &'static str,
    pub theme: &'static str,
    pub received_at: Timestamp,
    pub service_due_on: &'static str,
}

impl Request {
    pub fn new(rank: u64, received_at: Timestamp) -> Self {
        Self {
            tenant: tenant(),
            id: RequestId::new(),
            reference: parvis_kernel::Reference::of_rank(rank, 7).unwrap().to_string(),
            channel: "web",
            theme: "voirie",
            received_at,
            service_due_on: "",
        }
    }

    fn procedure(&self) -> ProcedureSnapshot {
        ProcedureSnapshot {
            code: "nid".into(),
            title: "Nid-de-poule".into(),
            theme: self.theme.into(),
            ..ProcedureSnapshot::default()
        }
    }

    pub fn received(&self) -> Event {
        let request = SubmittedRequest {
            request_id: self.id.to_string(),
            reference: self.reference.clone(),
            received_at: Some(to_proto_time(self.received_at)),
            channel: self.channel.into(),
            procedure: Some(self.procedure()),
            acted_by: "citizen".into(),
            acted_by_name: "Zoé Élan".into(),
            ..SubmittedRequest::default()
        };
        let message = RequestReceived {
            request: Some(request),
            tracking_code: CODE.into(),
            tracking_code_sha256: tracking_code::sha256(CODE),
        };
        event(&self.tenant, self.id, events::REQUEST_RECEIVED, self.received_at, &message)
    }

    fn case(&self, version: u64, state: &str) -> CaseSnapshot {
        CaseSnapshot {
            id: self.id.to_string(),
            reference: self.reference.clone(),
            version,
            state: state.into(),
            channel: self.channel.into(),
            received_at: Some(to_proto_time(self.received_at)),
            procedure: Some(self.procedure()),
            title: "Nid-de-poule".into(),
            service_due_on: self.service_due_on.into(),
            ..CaseSnapshot::default()
        }
    }

    pub fn opened(&self) -> Event {
        let message = CaseOpened { case: Some(self.case(1, "new")) };
        event(&self.tenant, self.id, events::CASE_OPENED, self.received_at, &message)
    }

    pub fn changed(&self, version: u64, kind: &str, state: &str, when: Timestamp) -> Event {
        let message = CaseStatusChanged {
            case: Some(self.case(version, state)),
            kind: kind.into(),
            actor: "agent:claire-martin".into(),
            actor_name: "Claire Martin".into(),
            detail: format!("{kind} par Claire Martin."),
            public_detail: if kind == "closed" { "Votre demande est close.".into() } else { String::new() },
            at: Some(to_proto_time(when)),
            ..CaseStatusChanged::default()
        };
        event(&self.tenant, self.id, events::CASE_STATUS_CHANGED, when, &message)
    }

    pub fn assigned(&self, sequence: u64, unit: &str, agent: &str, cause: &str, when: Timestamp) -> Event {
        let message = CaseAssigned {
            case_id: self.id.to_string(),
            sequence,
            at: Some(to_proto_time(when)),
            cause: cause.into(),
            unit: Some(UnitContact { code: unit.into(), name: unit.to_uppercase(), ..UnitContact::default() }),
            agent: agent.into(),
            agent_name: if agent.is_empty() { String::new() } else { "Claire Martin".into() },
            reference: self.reference.clone(),
            ..CaseAssigned::default()
        };
        event(&self.tenant, self.id, events::CASE_ASSIGNED, when, &message)
    }

    pub fn transfer_proposed(&self, body: &str, when: Timestamp) -> Event {
        let message = TransferProposed {
            case_id: self.id.to_string(),
            at: Some(to_proto_time(when)),
            name: body.into(),
            ..TransferProposed::default()
        };
        event(&self.tenant, self.id, events::TRANSFER_PROPOSED, when, &message)
    }

    pub fn transfer_refused(&self, body: &str, when: Timestamp) -> Event {
        let message = TransferRefused {
            case_id: self.id.to_string(),
            at: Some(to_proto_time(when)),
            name: body.into(),
            actor: "agent:claire-martin".into(),
            actor_name: "Claire Martin".into(),
            reason: "Zoé Élan n’y est pas connue.".into(),
            ..TransferRefused::default()
        };
        event(&self.tenant, self.id, events::TRANSFER_REFUSED, when, &message)
    }

    pub fn acknowledged(&self, when: Timestamp) -> Event {
        let message = NotificationOutcome {
            case_id: self.id.to_string(),
            kind: "acknowledgment".into(),
            mode: "email".into(),
            state: "sent".into(),
            at: Some(to_proto_time(when)),
            ..NotificationOutcome::default()
        };
        event(&self.tenant, self.id, events::NOTIFICATION_DELIVERED, when, &message)
    }
}

pub fn instant_answer(unit: &str, when: Timestamp) -> Event {
    let id = RequestId::new();
    let message = InstantAnswerGiven {
        id: id.to_string(),
        at: Some(to_proto_time(when)),
        channel: "phone".into(),
        unit: unit.into(),
        ..InstantAnswerGiven::default()
    };
    event(&tenant(), id, events::INSTANT_ANSWER_GIVEN, when, &message)
}

/// What routing says that units are called now.
pub fn described(units: &[(&str, &str)]) -> Event {
    let unit = |(code, name): &(&str, &str)| DescribedUnit {
        code: (*code).into(),
        name: (*name).into(),
        ..DescribedUnit::default()
    };
    let message = UnitsDescribed { version: 1, units: units.iter().map(unit).collect() };
    event(&tenant(), RequestId::new(), events::UNITS_DESCRIBED, at("2026-03-20T10:00:00Z"), &message)
}

pub fn agent(roles: &[Role], units: &[&str]) -> Caller {
    Caller {
        tenant: tenant(),
        actor: Actor::Agent(AgentId::parse("anne-blanc").unwrap()),
        name: "Anne Blanc".into(),
        roles: roles.iter().copied().collect::<RoleSet>(),
        units: units.iter().map(|unit| UnitId::parse(unit).unwrap()).collect(),
    }
}
