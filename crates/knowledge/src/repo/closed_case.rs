//! How cases ended: one row a case, without a word of it.

use parvis_kernel::{CaseId, Result, TenantId};
use parvis_store::{db_error, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_case")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub version: i64,
        pub day: i32,
        pub procedure_code: String,
        pub theme: String,
        pub outcome: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{Column, Entity};

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedCase {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub case_id: CaseId,
    /// Of the case when it was closed, or opened again.
    pub version: u64,
    /// Days since 1970 in the authority's time.
    pub day: i32,
    /// Empty: a free text.
    pub procedure: String,
    /// The procedure's theme.
    pub theme: String,
    /// Empty: it was opened again.
    pub outcome: String,
}

/// How many cases of one procedure ended in one way.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Ended {
    /// Its code; empty: free texts.
    pub procedure_code: String,
    /// Its theme.
    pub theme: String,
    /// How.
    pub outcome: String,
    /// How many.
    pub number: i64,
}

/// Keeps each case's latest end; one older than what is known is left. Name each case once.
pub async fn keep(conn: &impl ConnectionTrait, cases: &[ClosedCase]) -> Result<()> {
    let rows = cases.iter().map(|case| entity::ActiveModel {
        tenant: Set(case.tenant.to_string()),
        case_id: Set(case.case_id.0),
        version: Set(i64::try_from(case.version).unwrap_or(i64::MAX)),
        day: Set(case.day),
        procedure_code: Set(case.procedure.clone()),
        theme: Set(case.theme.clone()),
        outcome: Set(case.outcome.clone()),
    });
    let newer = Expr::col((Alias::new("excluded"), Column::Version));
    let over = OnConflict::columns([Column::Tenant, Column::CaseId])
        .update_columns([Column::Version, Column::Day, Column::ProcedureCode, Column::Theme, Column::Outcome])
        .action_and_where(Expr::col((Entity, Column::Version)).lt(newer))
        .to_owned();
    rows::insert(rows).over(over).write(conn).await?;
    Ok(())
}

/// How the cases closed since `day`, and not opened again, ended.
pub async fn ended(conn: &impl ConnectionTrait, tenant: &TenantId, day: i32) -> Result<Vec<Ended>> {
    Entity::find()
        .select_only()
        .column(Column::ProcedureCode)
        .column(Column::Theme)
        .column(Column::Outcome)
        .column_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "number")
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Day.gte(day))
        .filter(Column::Outcome.ne(""))
        .group_by(Column::ProcedureCode)
        .group_by(Column::Theme)
        .group_by(Column::Outcome)
        .into_model::<Ended>()
        .all(conn)
        .await
        .map_err(db_error)
}

/// Forgets the days before `day`, of every authority.
pub async fn purge(conn: &impl ConnectionTrait, day: i32) -> Result<u64> {
    let result = Entity::delete_many().filter(Column::Day.lt(day)).exec(conn).await.map_err(db_error)?;
    Ok(result.rows_affected)
}
