//! A role in a test: its store, a clock that stands, two towns, and what others would say to it.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use parvis_bus::{Event, EventHandler};
use parvis_casework::{
    MIGRATIONS,
    consumer::{OnIntake, OnNotification, OnRouting},
    grpc::CaseworkRpc,
    repo::access_log::AccessLog,
    towns::Towns,
    usecase::Casework,
};
use parvis_kernel::{
    Actor, AgentId, Caller, Clock, EventId, Reference, RequestId, Role, RoleSet, SettableClock, TenantId, UnitId,
};
use parvis_proto::{
    casework::{self as proto, casework_service_server::CaseworkService as _},
    common::{Answer, ProcedureSnapshot, Requester, UnitContact},
    events,
    intake::{RequestReceived, SubmittedRequest},
    routing::{CaseAssigned, DescribedUnit, UnitsDescribed},
    to_proto_time,
};
use parvis_runtime::{
    Tenants,
    grants::{GrantSigner, Kind},
};
use parvis_store::{OutboxRow, inbox};
use parvis_testkit::TestStore;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::UnboundedReceiver;

pub const CODE: &str = "K7R2MQ9XB4TD";

pub struct World {
    pub store: TestStore,
    pub clock: SettableClock,
    pub casework: Casework,
    pub rpc: CaseworkRpc,
    said: Mutex<UnboundedReceiver<Vec<OutboxRow>>>,
}

/// A request about to be received.
pub struct Filed {
    pub id: RequestId,
    pub reference: String,
    pub event: Event,
}

pub fn town(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn tenants() -> Tenants {
    #[derive(serde::Deserialize)]
    struct File {
        tenant: Vec<parvis_runtime::Tenant>,
    }
    let text = r#"{"tenant": [
        {"slug": "clairval", "name": "Ville de Clairval", "insee": "49999", "phone": "02 00 00 00 00",
         "email": "mairie@clairval.example", "address": "1 place de la Mairie"},
        {"slug": "autreville", "name": "Autreville", "insee": "49998"}
    ]}"#;
    let file: File = serde_json::from_str(text).unwrap();
    Tenants::new(file.tenant).unwrap()
}

/// Whoever holds a follow grant of a request.
pub fn follower(tenant: &str, filed: &Filed) -> Caller {
    Caller { actor: Actor::Citizen([filed.id].into()), ..Caller::anonymous(town(tenant)) }
}

impl World {
    pub async fn sqlite() -> Self {
        let clock = SettableClock::at(at("2026-03-02T09:00:00Z"));
        Self::over(TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(), clock)
    }

    pub async fn postgres() -> Self {
        let clock = SettableClock::at(at("2026-03-02T09:00:00Z"));
        Self::over(TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap(), clock)
    }

    fn over(store: TestStore, clock: SettableClock) -> Self {
        let said = Mutex::new(store.take_committed().unwrap());
        let casework = Casework {
            access_log: AccessLog::start(store.clone()),
            signer: GrantSigner::new(Kind::Files, store.clone()),
            towns: Towns::new(&tenants()).unwrap(),
            reopen_days: 60,
            store: store.clone(),
        };
        Self { rpc: CaseworkRpc(casework.clone()), casework, store, clock, said }
    }

    /// Delivers events as the driver does: those handled before are left out.
    pub async fn deliver(&self, handler: &dyn EventHandler, events: &[Event]) -> parvis_kernel::Result<()> {
        let mut tx = self.store.begin().await?;
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let mut new = inbox::mark_new(&tx, &ids).await?;
        let fresh: Vec<Event> = events.iter().filter(|event| new.remove(&event.id)).cloned().collect();
        handler.handle(&mut tx, &fresh).await?;
        tx.commit().await
    }

    pub async fn receive(&self, events: &[Event]) {
        self.deliver(&OnIntake(self.casework.clone()), events).await.unwrap();
    }

    pub async fn assign(&self, events: &[Event]) {
        self.deliver(&OnRouting(self.casework.clone()), events).await.unwrap();
    }

    pub async fn tell(&self, events: &[Event]) {
        self.deliver(&OnNotification(self.casework.clone()), events).await.unwrap();
    }

    /// What was said since the last time this was asked.
    pub fn said(&self) -> Vec<OutboxRow> {
        let mut said = self.said.lock().unwrap();
        let mut rows = Vec::new();
        while let Ok(more) = said.try_recv() {
            rows.extend(more);
        }
        rows
    }

    /// A case opened and given to an agent, and what was said of it forgotten.
    pub async fn assigned(&self, agent: &str, unit: &str) -> Filed {
        let filed = self.file("clairval", 1, |_| {});
        self.receive(std::slice::from_ref(&filed.event)).await;
        self.assign(&[assigned(&filed, 1, unit, agent)]).await;
        self.said();
        filed
    }

    /// A request, changed by `change` before it is received.
    pub fn file(&self, tenant: &str, rank: u64, change: impl FnOnce(&mut SubmittedRequest)) -> Filed {
        let id = RequestId::new();
        let reference = Reference::of_rank(rank, 7).unwrap().to_string();
        let mut request = SubmittedRequest {
            request_id: id.to_string(),
            reference: reference.clone(),
            received_at: Some(to_proto_time(self.clock.now())),
            channel: "web".into(),
            procedure: Some(ProcedureSnapshot {
                code: "place-creche".into(),
                version: 1,
                title: "Demander une place en crèche".into(),
                kind: "request".into(),
                unit: "petite-enfance".into(),
                silence: "reject".into(),
                silence_months: 2,
                silence_source: "CRPA L231-4".into(),
                service_level_days: 10,
                ..ProcedureSnapshot::default()
            }),
            text: "Je cherche une place pour septembre.".into(),
            answers: vec![Answer {
                field: "quartier".into(),
                label: "Quartier".into(),
                values: vec!["gare".into()],
                display: vec!["Quartier de la gare".into()],
            }],
            requester: Some(Requester {
                kind: "person".into(),
                first_name: "Zoé".into(),
                last_name: "Lefèvre".into(),
                email: "zoe@example.org".into(),
                contact_mode: "email".into(),
                ..Requester::default()
            }),
            acted_by: "citizen".into(),
            missing_documents: vec!["Justificatif de domicile".into()],
            ..SubmittedRequest::default()
        };
        change(&mut request);
        let message = RequestReceived {
            request: Some(request),
            tracking_code: CODE.into(),
            tracking_code_sha256: hex::encode(Sha256::digest(CODE.as_bytes())),
        };
        let event = event(tenant, id, events::REQUEST_RECEIVED, &message);
        Filed { id, reference, event }
    }

    pub async fn case(&self, id: RequestId) -> parvis_casework::domain::Case {
        self.case_of("clairval", id).await
    }

    pub async fn case_of(&self, tenant: &str, id: RequestId) -> parvis_casework::domain::Case {
        parvis_casework::repo::case::by_id(self.store.read(), &town(tenant), id).await.unwrap().unwrap()
    }

    /// That the history says what the case is.
    pub async fn check_history(&self, id: RequestId) {
        use parvis_casework::{domain::history::recompute, repo::history};
        let case = self.case(id).await;
        let lines = history::of_case(self.store.read(), &town("clairval"), id).await.unwrap();
        let told = recompute(&lines).unwrap();
        assert_eq!((told.version, told.state, told.outcome), (case.version, case.state, case.outcome));
        assert_eq!((told.unit, told.agent), (case.unit.code.clone(), case.agent.clone()));
        assert_eq!((told.priority, told.overdue), (case.priority, case.overdue));
        assert_eq!(case.next_timer_at.is_some(), case.state.is_open());
    }

    pub async fn get(&self, caller: &Caller, id: RequestId) -> Result<proto::CaseDetail, tonic::Status> {
        let message = proto::GetCaseRequest { id: id.to_string(), ..Default::default() };
        Ok(self.rpc.get_case(as_caller(caller, message)).await?.into_inner())
    }
}

/// An event of another role about one request.
pub fn event(tenant: &str, id: RequestId, kind: &str, message: &impl prost::Message) -> Event {
    Event {
        id: EventId::new(),
        tenant: town(tenant),
        kind: kind.into(),
        partition: id.partition(),
        subject: id.to_string(),
        traceparent: String::new(),
        at: at("2026-03-02T09:00:00Z"),
        payload: message.encode_to_vec().into(),
    }
}

/// Routing's decision; without an agent: the unit's queue.
pub fn assigned(filed: &Filed, sequence: u64, unit: &str, agent: &str) -> Event {
    let message = CaseAssigned {
        case_id: filed.id.to_string(),
        decision_id: RequestId::new().to_string(),
        sequence,
        unit: Some(UnitContact { code: unit.into(), name: format!("Service {unit}"), ..UnitContact::default() }),
        agent: agent.into(),
        agent_name: if agent.is_empty() { String::new() } else { format!("Agent {agent}") },
        priority: "normal".into(),
        reference: filed.reference.clone(),
        ..CaseAssigned::default()
    };
    event(filed.event.tenant.as_str(), filed.id, events::CASE_ASSIGNED, &message)
}

/// What routing says of units: their code, and whether they are sensitive.
pub fn described(tenant: &str, version: u64, units: &[(&str, bool)]) -> Event {
    let unit = |(code, sensitive): &(&str, bool)| DescribedUnit {
        code: (*code).into(),
        name: format!("Service {code}"),
        sensitive: *sensitive,
    };
    let message = UnitsDescribed { version, units: units.iter().map(unit).collect() };
    event(tenant, RequestId::new(), events::UNITS_DESCRIBED, &message)
}

pub fn agent(tenant: &str, code: &str, roles: &[Role], units: &[&str]) -> Caller {
    Caller {
        tenant: town(tenant),
        actor: Actor::Agent(AgentId::parse(code).unwrap()),
        name: format!("Agent {code}"),
        roles: roles.iter().copied().collect::<RoleSet>(),
        units: units.iter().map(|unit| UnitId::parse(unit).unwrap()).collect(),
    }
}

pub fn worker(code: &str, unit: &str) -> Caller {
    agent("clairval", code, &[Role::CaseWorker], &[unit])
}

pub fn as_caller<T>(caller: &Caller, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.extensions_mut().insert(Arc::new(caller.clone()));
    request
}

/// What was said, as `kind` or `kind:what`.
pub fn summary(rows: &[OutboxRow]) -> Vec<String> {
    rows.iter()
        .map(|row| match row.kind.as_str() {
            events::CASE_STATUS_CHANGED => {
                format!("status:{}", proto::CaseStatusChanged::decode(&*row.payload).unwrap().kind)
            }
            events::MESSAGE_POSTED => {
                format!("message:{}", proto::MessagePosted::decode(&*row.payload).unwrap().direction)
            }
            events::NOTICE_REQUESTED => format!("notice:{}", notice(row).kind),
            other => other.to_owned(),
        })
        .collect()
}

pub fn notice(row: &OutboxRow) -> proto::NoticeRequested {
    proto::NoticeRequested::decode(&*row.payload).unwrap()
}

pub fn notices(rows: &[OutboxRow]) -> Vec<proto::NoticeRequested> {
    rows.iter().filter(|row| row.kind == events::NOTICE_REQUESTED).map(notice).collect()
}

pub fn field<'a>(notice: &'a proto::NoticeRequested, name: &str) -> Option<&'a str> {
    notice.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}
