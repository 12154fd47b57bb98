//! The units of agents as a role last knew them, so that it serves agents after a restart while identity is down.

use parvis_kernel::{AgentId, Result, TenantId, UnitId};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Store, error::db_error};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "membership_cache")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub agent: String,
        pub digest: String,
        pub units: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The units last kept of an agent, if any.
pub async fn load(store: &Store, tenant: &TenantId, agent: &AgentId) -> Result<Option<Vec<UnitId>>> {
    let key = (tenant.to_string(), agent.to_string());
    let row = entity::Entity::find_by_id(key).one(store.read()).await.map_err(db_error)?;
    row.map(|row| row.units.split_whitespace().map(UnitId::parse).collect()).transpose()
}

/// Keeps an agent's units, and the digest of them that tokens carry.
pub async fn save(store: &Store, tenant: &TenantId, agent: &AgentId, digest: &str, units: &[UnitId]) -> Result<()> {
    let units: Vec<&str> = units.iter().map(UnitId::as_str).collect();
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        agent: Set(agent.to_string()),
        digest: Set(digest.to_owned()),
        units: Set(units.join(" ")),
    };
    entity::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([entity::Column::Tenant, entity::Column::Agent])
                .update_columns([entity::Column::Digest, entity::Column::Units])
                .to_owned(),
        )
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    Ok(())
}
