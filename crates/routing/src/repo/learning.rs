//! Corrections of agents, and the models that were trained.

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId, Timestamp, UnitId};
use parvis_store::{Tx, db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use super::past_case;
use crate::domain::{Correction, Measured};

mod correction {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "correction")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub at: i64,
        pub unit: String,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod model {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guesser_model")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub trained_at: i64,
        pub examples: i64,
        pub corrections: i64,
        pub score: i32,
        pub before_score: i32,
        pub is_promoted: bool,
        pub content_hash: String,
        pub learnt_until: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A model that was trained.
#[derive(Clone, Debug)]
pub struct TrainedModel {
    /// From 1.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// From how many examples.
    pub examples: u64,
    /// How many corrections there were, those that only measure too.
    pub corrections: u64,
    /// When the last of them was made; 1970: there was none. Corrections are forgotten and made again, so their number
    /// does not tell which a model has learnt from.
    pub learnt_until: Timestamp,
    /// How many measuring corrections it, and the one before it, were right about.
    pub measured: Measured,
    /// Whether it took service.
    pub is_promoted: bool,
    /// What identifies it.
    pub content_hash: String,
}

/// Remembers that agents sent this case to `unit`; nothing where what it said is no longer kept.
pub async fn correct(tx: &Tx, tenant: &TenantId, case: CaseId, unit: &UnitId) -> Result<()> {
    use correction::Column;
    let Some(past) = past_case::find(tx.conn(), tenant, case).await? else { return Ok(()) };
    let text = if past.facts.title.is_empty() {
        past.facts.text
    } else {
        format!("{}\n{}", past.facts.title, past.facts.text)
    };
    let row = correction::ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(case.0),
        at: Set(to_db_time(tx.now())),
        unit: Set(unit.to_string()),
        text: Set(text),
    };
    correction::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Tenant, Column::CaseId]).update_columns([Column::At, Column::Unit]).to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The latest corrections, oldest first.
pub async fn corrections(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<Correction>> {
    let rows = correction::Entity::find()
        .filter(correction::Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(correction::Column::At)
        .order_by_desc(correction::Column::CaseId)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    let read = |row: correction::Model| {
        Ok(Correction {
            case_id: RequestId(row.case_id),
            at: from_db_time(row.at),
            unit: UnitId::parse(&row.unit)?,
            text: row.text,
        })
    };
    rows.into_iter().rev().map(read).collect()
}

/// How many there are.
pub async fn count_corrections(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<u64> {
    let of = correction::Entity::find().filter(correction::Column::Tenant.eq(tenant.as_str()));
    of.count(conn).await.map_err(db_error)
}

/// How many were made after `after`.
pub async fn count_corrections_after(conn: &impl ConnectionTrait, tenant: &TenantId, after: Timestamp) -> Result<u64> {
    let of = correction::Entity::find().filter(correction::Column::Tenant.eq(tenant.as_str()));
    of.filter(correction::Column::At.gt(to_db_time(after))).count(conn).await.map_err(db_error)
}

/// Forgets those older than `before`.
pub async fn forget(tx: &Tx, tenant: &TenantId, before: Timestamp) -> Result<u64> {
    let deleted = correction::Entity::delete_many()
        .filter(correction::Column::Tenant.eq(tenant.as_str()))
        .filter(correction::Column::At.lt(to_db_time(before)))
        .exec(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}

/// The latest models, latest first.
pub async fn models(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<TrainedModel>> {
    let rows = model::Entity::find()
        .filter(model::Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(model::Column::Version)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    let number = |kept: i64| u64::try_from(kept).unwrap_or(0);
    let small = |kept: i32| u32::try_from(kept).unwrap_or(0);
    let read = |row: model::Model| TrainedModel {
        version: number(row.version),
        at: from_db_time(row.trained_at),
        examples: number(row.examples),
        corrections: number(row.corrections),
        measured: Measured { corrections: 0, candidate: small(row.score), in_service: small(row.before_score) },
        is_promoted: row.is_promoted,
        content_hash: row.content_hash,
        learnt_until: from_db_time(row.learnt_until),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Until when corrections were learnt from, were it by a model that was refused; 1970: from none.
pub fn tried_until(models: &[TrainedModel]) -> Timestamp {
    models.iter().map(|model| model.learnt_until).max().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Keeps that a model was trained. `false`: another process said so first.
pub async fn put(tx: &Tx, tenant: &TenantId, trained: &TrainedModel) -> Result<bool> {
    use model::Column;
    let row = model::ActiveModel {
        tenant: Set(tenant.to_string()),
        version: Set(i64::try_from(trained.version).map_err(Error::internal)?),
        trained_at: Set(to_db_time(trained.at)),
        examples: Set(i64::try_from(trained.examples).map_err(Error::internal)?),
        corrections: Set(i64::try_from(trained.corrections).map_err(Error::internal)?),
        score: Set(i32::try_from(trained.measured.candidate).unwrap_or(i32::MAX)),
        before_score: Set(i32::try_from(trained.measured.in_service).unwrap_or(i32::MAX)),
        is_promoted: Set(trained.is_promoted),
        content_hash: Set(trained.content_hash.clone()),
        learnt_until: Set(to_db_time(trained.learnt_until)),
    };
    let rows = model::Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::Tenant, Column::Version]).do_nothing().to_owned())
        .exec_without_returning(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(rows > 0)
}
