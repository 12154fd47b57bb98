//! Facts: one row a request.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use parvis_kernel::{RequestId, Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, one_of, pieces, rows, to_db_time};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    Iterable as _, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use crate::domain::Facts;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request_facts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reference: String,
        pub code_sha256: String,
        pub received_at: Option<i64>,
        pub received_day: Option<i32>,
        pub channel: String,
        pub procedure: String,
        pub theme: String,
        pub title: String,
        pub filed_by: String,
        pub case_version: i64,
        pub case_rank: i16,
        pub case_state: String,
        pub routing_sequence: i64,
        pub unit: String,
        pub unit_name: String,
        pub agent: String,
        pub first_routed_at: Option<i64>,
        pub first_assigned_at: Option<i64>,
        pub acknowledged_at: Option<i64>,
        pub last_closed_at: Option<i64>,
        pub last_closed_version: i64,
        pub closed_day: Option<i32>,
        pub is_open: bool,
        pub reopened: i32,
        pub reassigned: i32,
        pub service_due_day: Option<i32>,
        pub lines: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) use entity::{Column, Entity};

/// The facts of some requests, locked until the transaction ends: other processes, which read other streams about the
/// same requests, wait. Requests not known yet are there too, empty.
pub async fn lock(
    conn: &impl ConnectionTrait,
    keys: &BTreeSet<(TenantId, RequestId)>,
) -> Result<HashMap<(TenantId, RequestId), Facts>> {
    let mut found: HashMap<_, _> = keys.iter().map(|key| (key.clone(), Facts::new(key.0.clone(), key.1))).collect();
    if conn.get_database_backend() == DbBackend::Postgres {
        // What does not exist cannot be locked. Always in the order of the keys, so that nobody waits in a circle.
        // (SQLite has one writer.)
        let rows = keys.iter().map(|(tenant, id)| to_active(&Facts::new(tenant.clone(), *id), &TimeZone::UTC));
        let known = OnConflict::columns([Column::Tenant, Column::Id]).do_nothing().to_owned();
        rows::insert(rows).over(known).write(conn).await?;
    }
    let mut tenants: BTreeMap<&TenantId, Vec<uuid::Uuid>> = BTreeMap::new();
    for (tenant, id) in keys {
        tenants.entry(tenant).or_default().push(id.0);
    }
    for (tenant, ids) in tenants {
        for chunk in pieces(conn, &ids) {
            let rows = Entity::find()
                .filter(Column::Tenant.eq(tenant.as_str()))
                .filter(one_of(conn, Column::Id, chunk.iter().copied()))
                .order_by_asc(Column::Id)
                .lock_exclusive()
                .all(conn)
                .await
                .map_err(db_error)?;
            for row in rows {
                let facts = from_model(row)?;
                found.insert((facts.tenant.clone(), facts.id), facts);
            }
        }
    }
    Ok(found)
}

/// Writes facts, new or not. `zone` of each decides its days.
pub async fn save(conn: &impl ConnectionTrait, all: &[(Facts, TimeZone)]) -> Result<()> {
    let rows = all.iter().map(|(facts, zone)| to_active(facts, zone));
    let changing = Column::iter().filter(|column| !matches!(column, Column::Tenant | Column::Id));
    let over = OnConflict::columns([Column::Tenant, Column::Id]).update_columns(changing).to_owned();
    rows::insert(rows).over(over).write(conn).await?;
    Ok(())
}

/// One request's facts.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: RequestId) -> Result<Option<Facts>> {
    let row = Entity::find_by_id((tenant.to_string(), id.0)).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// One request's facts, by its reference.
pub async fn find_by_reference(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    reference: &str,
) -> Result<Option<Facts>> {
    let row = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Reference.eq(reference))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

fn to_active(facts: &Facts, zone: &TimeZone) -> entity::ActiveModel {
    let at = |at: Option<Timestamp>| at.map(to_db_time);
    let model = entity::Model {
        tenant: facts.tenant.to_string(),
        id: facts.id.0,
        reference: facts.reference.clone(),
        code_sha256: facts.code_sha256.clone(),
        received_at: at(facts.received_at),
        received_day: facts.received_day(zone),
        channel: facts.channel.clone(),
        procedure: facts.procedure.clone(),
        theme: facts.theme.clone(),
        title: facts.title.clone(),
        filed_by: facts.filed_by.clone(),
        case_version: facts.case_version,
        case_rank: facts.case_rank,
        case_state: facts.case_state.clone(),
        routing_sequence: facts.routing_sequence,
        unit: facts.unit.clone(),
        unit_name: facts.unit_name.clone(),
        agent: facts.agent.clone(),
        first_routed_at: at(facts.first_routed_at),
        first_assigned_at: at(facts.first_assigned_at),
        acknowledged_at: at(facts.acknowledged_at),
        last_closed_at: at(facts.last_closed_at),
        last_closed_version: facts.last_closed_version,
        closed_day: facts.closed_day(zone),
        is_open: facts.is_open(),
        reopened: facts.reopened,
        reassigned: facts.reassigned,
        service_due_day: facts.service_due_day,
        lines: facts.lines,
    };
    let (tenant, id) = (model.tenant.clone(), model.id);
    let mut row = model.into_active_model().reset_all();
    (row.tenant, row.id) = (Set(tenant), Set(id));
    row
}

fn from_model(row: entity::Model) -> Result<Facts> {
    let at = |at: Option<i64>| at.map(from_db_time);
    Ok(Facts {
        tenant: TenantId::parse(&row.tenant)?,
        id: RequestId(row.id),
        reference: row.reference,
        code_sha256: row.code_sha256,
        received_at: at(row.received_at),
        channel: row.channel,
        procedure: row.procedure,
        theme: row.theme,
        title: row.title,
        filed_by: row.filed_by,
        case_version: row.case_version,
        case_rank: row.case_rank,
        case_state: row.case_state,
        routing_sequence: row.routing_sequence,
        unit: row.unit,
        unit_name: row.unit_name,
        agent: row.agent,
        first_routed_at: at(row.first_routed_at),
        first_assigned_at: at(row.first_assigned_at),
        acknowledged_at: at(row.acknowledged_at),
        last_closed_at: at(row.last_closed_at),
        last_closed_version: row.last_closed_version,
        reopened: row.reopened,
        reassigned: row.reassigned,
        service_due_day: row.service_due_day,
        lines: row.lines,
    })
}
