//! Leases in the role's database, one statement at a time: no transaction is held.

use std::collections::BTreeSet;

use parvis_kernel::{PARTITIONS, Result, Timestamp};
use parvis_store::{Store, db_error, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

mod lease {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "partition_lease")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub partition: i16,
        pub owner: String,
        pub leased_until: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod owner {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lease_owner")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner: String,
        pub alive_until: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The leases of one role as one process sees them.
pub(super) struct Table {
    pub(super) role: String,
    pub(super) owner: String,
    pub(super) store: Store,
}

impl Table {
    /// Says that we live until `until`; returns how many live, us included.
    pub(super) async fn announce(&self, now: Timestamp, until: Timestamp) -> Result<u64> {
        use owner::Column;
        let row = owner::ActiveModel {
            consumer: Set(self.role.clone()),
            owner: Set(self.owner.clone()),
            alive_until: Set(to_db_time(until)),
        };
        owner::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::Consumer, Column::Owner]).update_column(Column::AliveUntil).to_owned(),
            )
            .exec_without_returning(self.store.write())
            .await
            .map_err(db_error)?;
        owner::Entity::delete_many()
            .filter(Column::Consumer.eq(&self.role))
            .filter(Column::AliveUntil.lt(to_db_time(now)))
            .exec(self.store.write())
            .await
            .map_err(db_error)?;
        owner::Entity::find().filter(Column::Consumer.eq(&self.role)).count(self.store.write()).await.map_err(db_error)
    }

    /// Those we hold, and those nobody holds.
    pub(super) async fn ours_and_free(&self, now: Timestamp) -> Result<(BTreeSet<u8>, BTreeSet<u8>)> {
        let rows = lease::Entity::find()
            .filter(lease::Column::Consumer.eq(&self.role))
            .all(self.store.write())
            .await
            .map_err(db_error)?;
        let held = |mine: bool| {
            rows.iter()
                .filter(move |row| row.leased_until >= to_db_time(now) && (row.owner == self.owner) == mine)
                .filter_map(|row| u8::try_from(row.partition).ok())
        };
        let ours: BTreeSet<u8> = held(true).collect();
        let theirs: BTreeSet<u8> = held(false).collect();
        let free = (0..PARTITIONS).filter(|p| !ours.contains(p) && !theirs.contains(p)).collect();
        Ok((ours, free))
    }

    /// Keeps what we hold until `until`.
    pub(super) async fn renew(&self, now: Timestamp, until: Timestamp) -> Result<()> {
        use lease::Column;
        lease::Entity::update_many()
            .col_expr(Column::LeasedUntil, Expr::value(to_db_time(until)))
            .filter(Column::Consumer.eq(&self.role))
            .filter(Column::Owner.eq(&self.owner))
            .filter(Column::LeasedUntil.gte(to_db_time(now)))
            .exec(self.store.write())
            .await
            .map_err(db_error)?;
        Ok(())
    }

    /// Takes `partition` unless another was faster.
    pub(super) async fn claim(&self, partition: u8, now: Timestamp, until: Timestamp) -> Result<()> {
        use lease::Column;
        let row = lease::ActiveModel {
            consumer: Set(self.role.clone()),
            partition: Set(i16::from(partition)),
            owner: Set(self.owner.clone()),
            leased_until: Set(to_db_time(until)),
        };
        let ended = Expr::col((lease::Entity, Column::LeasedUntil)).lt(to_db_time(now));
        lease::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::Consumer, Column::Partition])
                    .update_columns([Column::Owner, Column::LeasedUntil])
                    .action_and_where(ended)
                    .to_owned(),
            )
            .exec_without_returning(self.store.write())
            .await
            .map_err(db_error)?;
        Ok(())
    }

    /// Lets go of `partitions`.
    pub(super) async fn release(&self, partitions: &BTreeSet<u8>) -> Result<()> {
        use lease::Column;
        if partitions.is_empty() {
            return Ok(());
        }
        lease::Entity::delete_many()
            .filter(Column::Consumer.eq(&self.role))
            .filter(Column::Owner.eq(&self.owner))
            .filter(Column::Partition.is_in(partitions.iter().map(|p| i16::from(*p))))
            .exec(self.store.write())
            .await
            .map_err(db_error)?;
        Ok(())
    }

    /// Lets go of everything: we are no more.
    pub(super) async fn leave(&self) -> Result<()> {
        self.release(&(0..PARTITIONS).collect()).await?;
        owner::Entity::delete_by_id((self.role.clone(), self.owner.clone()))
            .exec(self.store.write())
            .await
            .map_err(db_error)?;
        Ok(())
    }
}
