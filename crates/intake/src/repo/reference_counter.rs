//! How many references of each authority have been reserved.

use parvis_kernel::{Error, Result, TenantId};
use parvis_store::{Store, db_error};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reference_counter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub next_rank: i64,
        pub permutation_key: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ranks of one authority that belong to one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first.
    pub start: u64,
    /// One past the last.
    pub end: u64,
    /// What permutes the ranks of this authority.
    pub key: u64,
}

/// Takes the next `size` ranks. One statement: two processes never get the same.
pub async fn reserve(store: &Store, tenant: &TenantId, size: u32, new_key: i64) -> Result<Block> {
    let row = entity::ActiveModel { tenant: Set(tenant.to_string()), next_rank: Set(0), permutation_key: Set(new_key) };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Tenant).do_nothing().to_owned())
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    let updated = entity::Entity::update_many()
        .col_expr(entity::Column::NextRank, Expr::col(entity::Column::NextRank).add(i64::from(size)))
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .exec_with_returning(store.write())
        .await
        .map_err(db_error)?;
    let row = updated.first().ok_or_else(|| Error::internal("the counter of references is missing"))?;
    let end = u64::try_from(row.next_rank).map_err(|_| Error::internal("the counter of references is damaged"))?;
    Ok(Block { start: end.saturating_sub(u64::from(size)), end, key: row.permutation_key as u64 })
}
