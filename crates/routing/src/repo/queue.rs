//! How many wait, by unit and by what their agent must have. Counted as cases come and go, so that a sweep over a
//! hundred thousand waiting cases reads a handful of rows.

use std::collections::BTreeMap;

use parvis_kernel::{Result, TenantId, Timestamp, UnitId};
use parvis_store::{Tx, db_error, from_db_time, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::case;
use crate::domain::Lane;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "queue_lane")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub lane: String,
        pub waiting: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// Some waiting cases that need the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingLane {
    /// Whose queue.
    pub unit: UnitId,
    /// What their agent must have.
    pub lane: Lane,
    /// How many.
    pub waiting: u64,
}

/// The lanes of one authority in which somebody waits.
pub async fn lanes(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<WaitingLane>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Expr::cust("waiting > 0"))
        .all(conn)
        .await
        .map_err(db_error)?;
    let lane = |row: entity::Model| {
        let waiting = u64::try_from(row.waiting).unwrap_or(0);
        Ok(WaitingLane { unit: UnitId::parse(&row.unit)?, lane: Lane::from_key(&row.lane), waiting })
    };
    rows.into_iter().map(lane).collect()
}

/// The authorities in which somebody waits.
pub async fn tenants_with_waiting(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    entity::Entity::find()
        .select_only()
        .column(Column::Tenant)
        .distinct()
        .filter(Expr::cust("waiting > 0"))
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)
}

/// Since when the oldest waits, by unit.
pub async fn oldest(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<BTreeMap<UnitId, Timestamp>> {
    let rows: Vec<(String, i64)> = case::entity::Entity::find()
        .select_only()
        .column(case::entity::Column::Unit)
        .expr(case::entity::Column::Since.min())
        .filter(case::entity::Column::Tenant.eq(tenant.as_str()))
        .filter(Expr::cust("is_open"))
        .filter(case::entity::Column::Agent.is_null())
        .filter(case::entity::Column::Unit.ne(""))
        .group_by(case::entity::Column::Unit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(|(unit, since)| Ok((UnitId::parse(&unit)?, from_db_time(since)))).collect()
}

/// Adds to the counts. The caller holds the lock.
pub async fn add(tx: &Tx, tenant: &TenantId, deltas: &BTreeMap<(UnitId, Lane), i64>) -> Result<()> {
    let rows = deltas.iter().map(|((unit, lane), delta)| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        unit: Set(unit.to_string()),
        lane: Set(lane.key()),
        waiting: Set(*delta),
    });
    let sum = Expr::col((entity::Entity, Column::Waiting)).add(Expr::cust("excluded.waiting"));
    let over = OnConflict::columns([Column::Tenant, Column::Unit, Column::Lane]).value(Column::Waiting, sum).to_owned();
    rows::insert(rows).over(over).write(tx.conn()).await?;
    Ok(())
}
