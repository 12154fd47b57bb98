//! The installation's secret, from which tracking codes are made: drawn once, shared by every process.

use parvis_kernel::{Error, Result};
use parvis_store::{Store, db_error};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "intake_secret")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub secret: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The secret kept; `candidate` becomes it where there is none yet. Of two processes that start together, the first
/// to insert wins and both read the same.
pub async fn load_or_keep(store: &Store, candidate: [u8; 32]) -> Result<[u8; 32]> {
    let row = entity::ActiveModel { id: Set(1), secret: Set(candidate.to_vec()) };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Id).do_nothing().to_owned())
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    let kept = entity::Entity::find_by_id(1).one(store.write()).await.map_err(db_error)?;
    kept.and_then(|row| row.secret.try_into().ok()).ok_or_else(|| Error::internal("the secret of intake is damaged"))
}
