//! `partner`

use parvis_kernel::{Result, TenantId, Timestamp};
use parvis_store::{db_error, to_db_time};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

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
}

/// One by its client id.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, client_id: &str) -> Result<Option<Partner>> {
    let key = (tenant.to_string(), client_id.to_owned());
    let row = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map(|row| Partner { client_id: row.client_id, name: row.name, secret_hash: row.secret_hash }))
}

/// Adds one. Whether its client id was free.
pub async fn add(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    partner: &Partner,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        client_id: Set(partner.client_id.clone()),
        name: Set(partner.name.clone()),
        secret_hash: Set(partner.secret_hash.clone()),
        created_at: Set(to_db_time(now)),
        created_by: Set(by.to_owned()),
    };
    let rows = entity::Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::Tenant, Column::ClientId]).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(rows == 1)
}
