//! What each agent has in hand, and whether they are away.

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::{AgentId, Result, TenantId};
use parvis_store::{Tx, db_error, one_of, rows};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::domain::{Account, AgentState};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "agent_state")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub agent: String,
        pub away: bool,
        pub load: i32,
        pub last_assigned_at: i64,
        pub weight: i32,
        pub work: i64,
        pub available: i64,
        pub counted_until: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// The state of every agent who ever received a case or said something.
pub async fn all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<BTreeMap<AgentId, AgentState>> {
    let rows = entity::Entity::find().filter(Column::Tenant.eq(tenant.as_str())).all(conn).await.map_err(db_error)?;
    states(rows)
}

/// The state of those of `agents` who have one.
pub async fn some(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    agents: &BTreeSet<AgentId>,
) -> Result<BTreeMap<AgentId, AgentState>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(one_of(conn, Column::Agent, agents.iter().map(AgentId::as_str)))
        .all(conn)
        .await
        .map_err(db_error)?;
    states(rows)
}

fn states(rows: Vec<entity::Model>) -> Result<BTreeMap<AgentId, AgentState>> {
    let state = |row: entity::Model| {
        let number = |kept: i64| u64::try_from(kept).unwrap_or(0);
        let account =
            Account { work: number(row.work), available: number(row.available), counted_until: row.counted_until };
        let state = AgentState {
            away: row.away,
            load: u32::try_from(row.load).unwrap_or(0),
            weight: u32::try_from(row.weight).unwrap_or(0),
            last_assigned_at: row.last_assigned_at,
            account,
        };
        Ok((AgentId::parse(&row.agent)?, state))
    };
    rows.into_iter().map(state).collect()
}

/// Keeps loads, last assignments and accounts; presence is left as it is. The caller holds the lock.
pub async fn save_loads(tx: &Tx, tenant: &TenantId, states: &BTreeMap<AgentId, AgentState>) -> Result<()> {
    put(tx, tenant, states, &LOADS).await
}

/// Keeps presence, and the account counted until it changed. The caller holds the lock.
pub async fn save_presence(tx: &Tx, tenant: &TenantId, agent: &AgentId, state: AgentState) -> Result<()> {
    let columns = [&[Column::Away][..], &LOADS[3..]].concat();
    put(tx, tenant, &BTreeMap::from([(agent.clone(), state)]), &columns).await
}

const LOADS: [Column; 6] =
    [Column::Load, Column::Weight, Column::LastAssignedAt, Column::Work, Column::Available, Column::CountedUntil];

async fn put(tx: &Tx, tenant: &TenantId, states: &BTreeMap<AgentId, AgentState>, columns: &[Column]) -> Result<()> {
    let rows = states.iter().map(|(agent, state)| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        agent: Set(agent.to_string()),
        away: Set(state.away),
        load: Set(i32::try_from(state.load).unwrap_or(i32::MAX)),
        last_assigned_at: Set(state.last_assigned_at),
        weight: Set(i32::try_from(state.weight).unwrap_or(i32::MAX)),
        work: Set(i64::try_from(state.account.work).unwrap_or(i64::MAX)),
        available: Set(i64::try_from(state.account.available).unwrap_or(i64::MAX)),
        counted_until: Set(state.account.counted_until),
    });
    let over = OnConflict::columns([Column::Tenant, Column::Agent]).update_columns(columns.iter().copied()).to_owned();
    rows::insert(rows).over(over).write(tx.conn()).await?;
    Ok(())
}
