//! Cases as routed now. The key makes it one assignment a case at most.

use std::collections::BTreeSet;

use parvis_directory::Priority;
use parvis_kernel::{AgentId, CaseId, DecisionId, Error, RequestId, Result, SiteId, TenantId, UnitId};
use parvis_store::{Tx, db_error, from_db_time, one_of, pieces, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::domain::{Known, Lane, Need, Offer, RoutedCase};

pub(super) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "routed_case")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub reference: String,
        pub is_open: bool,
        pub is_stranded: bool,
        pub case_version: i64,
        pub unit: String,
        pub lane: String,
        pub language: String,
        pub priority: i16,
        pub since: i64,
        pub requester_key: String,
        pub agent: Option<String>,
        pub rule: String,
        pub decision_id: Option<Uuid>,
        pub sequence: i64,
        pub channel: String,
        pub site: String,
        pub weight: i32,
        pub next_timer_at: Option<i64>,
        pub rung: i32,
        pub acted: bool,
        pub offer_id: Option<Uuid>,
        pub offered_to: Option<String>,
        pub offered_until: Option<i64>,
        pub declined: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// How a priority is kept: the most pressing first in an index.
pub(super) fn rank(priority: Priority) -> i16 {
    match priority {
        Priority::Urgent => 0,
        Priority::High => 1,
        Priority::Normal => 2,
        Priority::Low => 3,
    }
}

pub(super) fn priority(rank: i16) -> Priority {
    match rank {
        0 => Priority::Urgent,
        1 => Priority::High,
        2 => Priority::Normal,
        _ => Priority::Low,
    }
}

/// One case.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Option<RoutedCase>> {
    Ok(find_many(conn, tenant, &[id]).await?.pop())
}

/// Those of `ids` that are known.
pub async fn find_many(conn: &impl ConnectionTrait, tenant: &TenantId, ids: &[CaseId]) -> Result<Vec<RoutedCase>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in pieces(conn, ids) {
        let these = one_of(conn, Column::CaseId, chunk.iter().map(|id| id.0));
        for row in of(tenant).filter(these).all(conn).await.map_err(db_error)? {
            found.push(from_model(row)?);
        }
    }
    Ok(found)
}

/// Who has open cases of the persons named by `keys`.
pub async fn known(conn: &impl ConnectionTrait, tenant: &TenantId, keys: &BTreeSet<&str>) -> Result<Known> {
    let mut known = Known::default();
    let keys: Vec<&str> = keys.iter().copied().filter(|key| !key.is_empty()).collect();
    for chunk in pieces(conn, &keys) {
        let rows: Vec<(Uuid, String, String, String)> = of(tenant)
            .select_only()
            .columns([Column::CaseId, Column::RequesterKey, Column::Unit, Column::Agent])
            .filter(one_of(conn, Column::RequesterKey, chunk.iter().copied()))
            // Written as in the index, so that the index serves.
            .filter(Expr::cust("requester_key <> ''"))
            .filter(Expr::cust("is_open"))
            .filter(Column::Agent.is_not_null())
            .into_tuple()
            .all(conn)
            .await
            .map_err(db_error)?;
        for (case, key, unit, agent) in rows {
            known.add(&key, &UnitId::parse(&unit)?, RequestId(case), &AgentId::parse(&agent)?);
        }
    }
    Ok(known)
}

/// Some of those to be decided again because their agent or unit is gone.
pub async fn stranded(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<RoutedCase>> {
    let rows = of(tenant)
        .filter(Expr::cust("is_stranded"))
        .order_by_asc(Column::CaseId)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// The authorities that have some.
pub async fn tenants_with_stranded(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    entity::Entity::find()
        .select_only()
        .column(Column::Tenant)
        .distinct()
        .filter(Expr::cust("is_stranded"))
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)
}

/// Marks the open cases of units and agents that are gone. Returns how many.
pub async fn strand(tx: &Tx, tenant: &TenantId, units: &[UnitId], agents: &[AgentId]) -> Result<u64> {
    if units.is_empty() && agents.is_empty() {
        return Ok(0);
    }
    let gone = Condition::any()
        .add(Column::Unit.is_in(units.iter().map(UnitId::as_str)))
        .add(Column::Agent.is_in(agents.iter().map(AgentId::as_str)));
    let result = entity::Entity::update_many()
        .col_expr(Column::IsStranded, Expr::value(true))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Expr::cust("is_open"))
        .filter(gone)
        .exec(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected)
}

/// Keeps cases as they are now. The caller holds the lock.
pub async fn save(tx: &Tx, tenant: &TenantId, cases: &[RoutedCase]) -> Result<()> {
    use sea_orm::Iterable as _;
    let rows = cases.iter().map(|case| to_model(tenant, case)).collect::<Result<Vec<_>>>()?;
    let changing = Column::iter().filter(|column| !matches!(column, Column::Tenant | Column::CaseId));
    let over = OnConflict::columns([Column::Tenant, Column::CaseId]).update_columns(changing).to_owned();
    rows::insert(rows).over(over).write(tx.conn()).await?;
    Ok(())
}

pub(super) fn of(tenant: &TenantId) -> sea_orm::Select<entity::Entity> {
    entity::Entity::find().filter(Column::Tenant.eq(tenant.as_str()))
}

fn to_model(tenant: &TenantId, case: &RoutedCase) -> Result<entity::ActiveModel> {
    let need = case.need.as_ref();
    Ok(entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(case.case_id.0),
        reference: Set(case.reference.clone()),
        is_open: Set(case.is_open),
        is_stranded: Set(case.is_stranded),
        case_version: Set(i64::try_from(case.case_version).map_err(Error::internal)?),
        unit: Set(need.map_or_else(String::new, |need| need.unit.to_string())),
        lane: Set(need.map_or_else(String::new, |need| need.lane.key())),
        language: Set(case.language.clone()),
        priority: Set(rank(need.map_or(Priority::Normal, |need| need.priority))),
        since: Set(to_db_time(case.since)),
        requester_key: Set(case.requester_key.clone()),
        agent: Set(case.agent.as_ref().map(ToString::to_string)),
        rule: Set(need.map_or_else(String::new, |need| need.rule.clone())),
        decision_id: Set(case.decision.map(|id| id.0)),
        sequence: Set(i64::try_from(case.sequence).map_err(Error::internal)?),
        channel: Set(case.channel.map(|channel| channel.to_string()).unwrap_or_default()),
        site: Set(case.site.as_ref().map(ToString::to_string).unwrap_or_default()),
        weight: Set(i32::try_from(case.weight).unwrap_or(i32::MAX)),
        next_timer_at: Set(case.next_timer.map(to_db_time)),
        rung: Set(i32::from(case.rung)),
        acted: Set(case.acted),
        offer_id: Set(case.offer.as_ref().map(|offer| offer.id.0)),
        offered_to: Set(case.offer.as_ref().map(|offer| offer.agent.to_string())),
        offered_until: Set(case.offer.as_ref().map(|offer| to_db_time(offer.until))),
        declined: Set(case.declined.iter().map(AgentId::as_str).collect::<Vec<_>>().join(",")),
    })
}

pub(super) fn from_model(row: entity::Model) -> Result<RoutedCase> {
    let need = if row.unit.is_empty() {
        None
    } else {
        let lane = Lane::from_key(&row.lane);
        Some(Need { unit: UnitId::parse(&row.unit)?, lane, priority: priority(row.priority), rule: row.rule })
    };
    let offer = match (row.offer_id, &row.offered_to, row.offered_until) {
        (Some(id), Some(agent), Some(until)) => {
            Some(Offer { id: DecisionId(id), agent: AgentId::parse(agent)?, until: from_db_time(until) })
        }
        _ => None,
    };
    Ok(RoutedCase {
        case_id: RequestId(row.case_id),
        reference: row.reference,
        is_open: row.is_open,
        is_stranded: row.is_stranded,
        case_version: u64::try_from(row.case_version).unwrap_or(0),
        need,
        language: row.language,
        since: from_db_time(row.since),
        requester_key: row.requester_key,
        agent: row.agent.as_deref().map(AgentId::parse).transpose()?,
        decision: row.decision_id.map(DecisionId),
        sequence: u64::try_from(row.sequence).unwrap_or(0),
        // What a later version of the contract may say is nothing here.
        channel: row.channel.parse().ok(),
        site: SiteId::parse(&row.site).ok(),
        weight: u32::try_from(row.weight).unwrap_or(0),
        next_timer: row.next_timer_at.map(from_db_time),
        rung: u16::try_from(row.rung).unwrap_or(u16::MAX),
        acted: row.acted,
        offer,
        declined: row.declined.split(',').filter(|code| !code.is_empty()).map(AgentId::parse).collect::<Result<_>>()?,
    })
}
