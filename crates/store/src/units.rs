//! What a role was told of the authority's units: their present names, and whether their cases are closed to everybody
//! else. Routing owns the directory and says it; this is what a role that asks the policy needs of it.

use std::collections::BTreeMap;

use parvis_kernel::{Result, TenantId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter,
    sea_query::{Alias, Expr, OnConflict},
};

use crate::{error::db_error, rows};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "described_unit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub sensitive: bool,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// A unit as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether its cases are closed to everybody else.
    pub sensitive: bool,
}

/// Keeps what directory `version` says. What a later one said stays; a unit that is no longer there keeps what was last
/// said of it.
pub async fn keep(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    version: u64,
    units: impl IntoIterator<Item = DescribedUnit>,
) -> Result<()> {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    let rows = units.into_iter().map(|unit| ActiveModel {
        tenant: Set(tenant.to_string()),
        code: Set(unit.code),
        name: Set(unit.name),
        sensitive: Set(unit.sensitive),
        version: Set(version),
    });
    let excluded = Expr::col((Alias::new("excluded"), Column::Version));
    let over = OnConflict::columns([Column::Tenant, Column::Code])
        .update_columns([Column::Name, Column::Sensitive, Column::Version])
        .action_and_where(Expr::col((Entity, Column::Version)).lte(excluded))
        .to_owned();
    rows::insert(rows).over(over).write(conn).await?;
    Ok(())
}

/// Whether the cases of `unit` are closed to everybody else: yes where nothing was said of it.
pub async fn is_sensitive(conn: &impl ConnectionTrait, tenant: &TenantId, unit: &str) -> Result<bool> {
    let known = Entity::find_by_id((tenant.to_string(), unit.to_owned())).one(conn).await.map_err(db_error)?;
    Ok(known.is_none_or(|unit| unit.sensitive))
}

/// Every unit that was told of, by its code.
pub async fn all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<BTreeMap<String, DescribedUnit>> {
    let rows = Entity::find().filter(Column::Tenant.eq(tenant.as_str())).all(conn).await.map_err(db_error)?;
    let unit = |row: entity::Model| DescribedUnit { code: row.code, name: row.name, sensitive: row.sensitive };
    Ok(rows.into_iter().map(|row| (row.code.clone(), unit(row))).collect())
}
