//! Cases looked for by what they wait for: an agent, a time, an answer, a move.

use parvis_kernel::{AgentId, Result, TenantId, Timestamp, UnitId};
use parvis_store::{db_error, to_db_time};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Alias, Asterisk, Expr, Query, UnionType},
};

use super::case::{entity, from_model, of};
use crate::domain::{Lane, RoutedCase};

use entity::Column;

/// Lanes asked about in one statement: SQLite joins 500 selections at most.
const LANES_AT_ONCE: usize = 100;

/// The first `limit` of each of some lanes: most pressing, then oldest. Reads no others, however many wait.
pub async fn heads(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    lanes: &[(UnitId, Lane)],
    limit: u64,
) -> Result<Vec<RoutedCase>> {
    let mut cases = Vec::new();
    for chunk in lanes.chunks(LANES_AT_ONCE) {
        let mut selections = chunk.iter().map(|(unit, lane)| {
            let one = of(tenant)
                .filter(Column::Unit.eq(unit.as_str()))
                .filter(Column::Lane.eq(lane.key()))
                .filter(Expr::cust("is_open"))
                .filter(Column::Agent.is_null())
                .filter(Column::OfferedTo.is_null())
                .order_by_asc(Column::Priority)
                .order_by_asc(Column::Since)
                .limit(limit);
            Query::select().column(Asterisk).from_subquery(one.into_query(), Alias::new("lane_head")).to_owned()
        });
        let Some(mut all) = selections.next() else { continue };
        for more in selections {
            all.union(UnionType::All, more);
        }
        let statement = conn.get_database_backend().build(&all);
        let rows = entity::Entity::find().from_raw_sql(statement).all(conn).await.map_err(db_error)?;
        for row in rows {
            cases.push(from_model(row)?);
        }
    }
    Ok(cases)
}

/// Some of those whose timer is over at `now`, the longest over first.
pub async fn due(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<RoutedCase>> {
    let found = of(tenant)
        .filter(Expr::cust("is_open"))
        .filter(Column::NextTimerAt.lte(to_db_time(now)))
        .order_by_asc(Column::NextTimerAt)
        .limit(limit);
    read(conn, found).await
}

/// Open cases without a timer: there are none, unless something is wrong.
#[cfg(test)]
pub async fn without_timer(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<parvis_kernel::CaseId>> {
    let found = of(tenant).filter(Expr::cust("is_open")).filter(Column::NextTimerAt.is_null()).limit(100);
    Ok(read(conn, found).await?.into_iter().map(|case| case.case_id).collect())
}

/// What is offered to an agent, the first to end first.
pub async fn offered_to(conn: &impl ConnectionTrait, tenant: &TenantId, agent: &AgentId) -> Result<Vec<RoutedCase>> {
    let found = of(tenant)
        .filter(Column::OfferedTo.eq(agent.as_str()))
        // Written as in the index, so that the index serves.
        .filter(Column::OfferedTo.is_not_null())
        .order_by_asc(Column::OfferedUntil)
        .limit(100);
    read(conn, found).await
}

/// Open cases in the hands of an agent or offered to them, `limit` at most, the oldest first.
pub async fn held_by(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    agent: &AgentId,
    limit: u64,
) -> Result<Vec<RoutedCase>> {
    let theirs = Condition::any().add(Column::Agent.eq(agent.as_str())).add(Column::OfferedTo.eq(agent.as_str()));
    let found = of(tenant).filter(Expr::cust("is_open")).filter(theirs);
    read(conn, found.order_by_asc(Column::Since).order_by_asc(Column::CaseId).limit(limit)).await
}

/// How many those are.
pub async fn count_held_by(conn: &impl ConnectionTrait, tenant: &TenantId, agent: &AgentId) -> Result<u64> {
    let theirs = Condition::any().add(Column::Agent.eq(agent.as_str())).add(Column::OfferedTo.eq(agent.as_str()));
    of(tenant).filter(Expr::cust("is_open")).filter(theirs).count(conn).await.map_err(db_error)
}

/// How many open cases a unit has.
pub async fn count_of_unit(conn: &impl ConnectionTrait, tenant: &TenantId, unit: &UnitId) -> Result<u64> {
    let found = of(tenant).filter(Expr::cust("is_open")).filter(Column::Unit.eq(unit.as_str()));
    found.count(conn).await.map_err(db_error)
}

/// Open cases of a unit, `limit` at most, the oldest first.
pub async fn of_unit(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    unit: &UnitId,
    limit: u64,
) -> Result<Vec<RoutedCase>> {
    let found = of(tenant).filter(Expr::cust("is_open")).filter(Column::Unit.eq(unit.as_str()));
    read(conn, found.order_by_asc(Column::Since).order_by_asc(Column::CaseId).limit(limit)).await
}

async fn read(conn: &impl ConnectionTrait, found: sea_orm::Select<entity::Entity>) -> Result<Vec<RoutedCase>> {
    let rows = found.all(conn).await.map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}
