//! What each agent has in hand, and whether they are away.

use std::collections::BTreeMap;

use parvis_kernel::{AgentId, Result, TenantId};
use parvis_store::{Tx, db_error};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::CHUNK;
use crate::domain::AgentState;

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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// The state of every agent who ever received a case or said something.
pub async fn all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<BTreeMap<AgentId, AgentState>> {
    let rows = entity::Entity::find().filter(Column::Tenant.eq(tenant.as_str())).all(conn).await.map_err(db_error)?;
    let state = |row: entity::Model| {
        let load = u32::try_from(row.load).unwrap_or(0);
        let state = AgentState { away: row.away, load, last_assigned_at: row.last_assigned_at };
        Ok((AgentId::parse(&row.agent)?, state))
    };
    rows.into_iter().map(state).collect()
}

/// Keeps loads and last assignments; presence is left as it is. The caller holds the lock.
pub async fn save_loads(tx: &Tx, tenant: &TenantId, states: &BTreeMap<AgentId, AgentState>) -> Result<()> {
    put(tx, tenant, states, &[Column::Load, Column::LastAssignedAt]).await
}

/// Keeps presence; the rest is left as it is. The caller holds the lock.
pub async fn save_presence(tx: &Tx, tenant: &TenantId, agent: &AgentId, away: bool) -> Result<()> {
    let state = AgentState { away, ..AgentState::default() };
    put(tx, tenant, &BTreeMap::from([(agent.clone(), state)]), &[Column::Away]).await
}

async fn put(tx: &Tx, tenant: &TenantId, states: &BTreeMap<AgentId, AgentState>, columns: &[Column]) -> Result<()> {
    let states: Vec<_> = states.iter().collect();
    for chunk in states.chunks(CHUNK) {
        let rows = chunk.iter().map(|(agent, state)| entity::ActiveModel {
            tenant: Set(tenant.to_string()),
            agent: Set(agent.to_string()),
            away: Set(state.away),
            load: Set(i32::try_from(state.load).unwrap_or(i32::MAX)),
            last_assigned_at: Set(state.last_assigned_at),
        });
        entity::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([Column::Tenant, Column::Agent]).update_columns(columns.iter().copied()).to_owned(),
            )
            .exec_without_returning(tx.conn())
            .await
            .map_err(db_error)?;
    }
    Ok(())
}
