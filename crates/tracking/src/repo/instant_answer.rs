//! Questions answered on the spot: only counted.

use parvis_kernel::Result;
use parvis_store::rows;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel, sea_query::OnConflict};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "instant_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub day: i32,
        pub unit: String,
        pub channel: String,
        pub theme: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
pub(super) use entity::{Column, Entity};

/// Keeps those not known yet.
pub async fn insert(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    let known = OnConflict::columns([Column::Tenant, Column::Id]).do_nothing().to_owned();
    rows::insert(rows).over(known).write(conn).await?;
    Ok(())
}
