//! `partner`

use parvis_kernel::{Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "partner")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub client_id: String,
        pub name: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub secret_hash: Vec<u8>,
        pub created_at: i64,
        pub created_by: String,
        pub revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// A partner's system.
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its client id.
    pub client_id: String,
    /// Its name, as shown.
    pub name: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When an administrator revoked it.
    pub revoked_at: Option<Timestamp>,
}

fn from_row(row: entity::Model) -> Partner {
    Partner {
        client_id: row.client_id,
        name: row.name,
        secret_hash: row.secret_hash,
        created_at: from_db_time(row.created_at),
        revoked_at: row.revoked_at.map(from_db_time),
    }
}

/// All of a tenant, by client id.
pub async fn list(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<Partner>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(Column::ClientId)
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Revokes one. Whether it was in force.
pub async fn revoke(conn: &impl ConnectionTrait, tenant: &TenantId, client_id: &str, now: Timestamp) -> Result<bool> {
    let updated = entity::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(to_db_time(now)))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::RevokedAt.is_null())
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// One by its client id.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, client_id: &str) -> Result<Option<Partner>> {
    let key = (tenant.to_string(), client_id.to_owned());
    let row = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map(from_row))
}

/// Adds one. Whether its client id was free.
pub async fn add(conn: &impl ConnectionTrait, tenant: &TenantId, partner: &Partner, by: &str) -> Result<bool> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        client_id: Set(partner.client_id.clone()),
        name: Set(partner.name.clone()),
        secret_hash: Set(partner.secret_hash.clone()),
        created_at: Set(to_db_time(partner.created_at)),
        created_by: Set(by.to_owned()),
        revoked_at: Set(None),
    };
    let rows = entity::Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::Tenant, Column::ClientId]).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(rows == 1)
}
