//! Counts a day.

use parvis_kernel::{Result, TenantId};
use parvis_store::{db_error, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "usage_count")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub number: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is counted: on which day (days since 1970 in the authority's time), what, under which name (may be empty).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counted {
    /// Whose.
    pub tenant: TenantId,
    /// Days since 1970.
    pub day: i32,
    /// `search`, `no_result`, `opened`, `helped`, `not_helped`, `not_filed`.
    pub kind: &'static str,
    /// A page's slug or a question's words.
    pub name: String,
}

/// A sum over some days.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Sum {
    /// What.
    pub kind: String,
    /// Under which name.
    pub name: String,
    /// How many.
    pub number: i64,
}

/// Adds to the counts. Sorted, so that two processes take the rows in the same order.
pub async fn add(conn: &impl ConnectionTrait, mut counts: Vec<(Counted, u64)>) -> Result<()> {
    counts.sort();
    let rows = counts.iter().map(|(counted, number)| entity::ActiveModel {
        tenant: Set(counted.tenant.to_string()),
        day: Set(counted.day),
        kind: Set(counted.kind.to_owned()),
        name: Set(counted.name.clone()),
        number: Set(i64::try_from(*number).unwrap_or(i64::MAX)),
    });
    let key = [entity::Column::Tenant, entity::Column::Day, entity::Column::Kind, entity::Column::Name];
    let sum = Expr::col((entity::Entity, entity::Column::Number)).add(Expr::cust("excluded.number"));
    let over = OnConflict::columns(key).value(entity::Column::Number, sum).to_owned();
    rows::insert(rows).over(over).write(conn).await?;
    Ok(())
}

/// The sum of one kind since `day`, over every name.
pub async fn total(conn: &impl ConnectionTrait, tenant: &TenantId, day: i32, kind: &str) -> Result<u64> {
    let sum: Option<Option<i64>> = entity::Entity::find()
        .select_only()
        .column_as(Expr::cust("CAST(SUM(number) AS BIGINT)"), "number")
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Day.gte(day))
        .filter(entity::Column::Kind.eq(kind))
        .into_tuple()
        .one(conn)
        .await
        .map_err(db_error)?;
    Ok(sum.flatten().and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0))
}

/// The names of one kind counted most since `day`, those with a name, `limit` at most.
pub async fn most(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    day: i32,
    kind: &str,
    limit: u64,
) -> Result<Vec<Sum>> {
    entity::Entity::find()
        .select_only()
        .column(entity::Column::Kind)
        .column(entity::Column::Name)
        .column_as(Expr::cust("CAST(SUM(number) AS BIGINT)"), "number")
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Day.gte(day))
        .filter(entity::Column::Kind.eq(kind))
        .filter(entity::Column::Name.ne(""))
        .group_by(entity::Column::Kind)
        .group_by(entity::Column::Name)
        .order_by_desc(Expr::cust("SUM(number)"))
        .order_by_asc(entity::Column::Name)
        .limit(limit)
        .into_model::<Sum>()
        .all(conn)
        .await
        .map_err(db_error)
}

/// Forgets the days before `day`, of every authority.
pub async fn purge(conn: &impl ConnectionTrait, day: i32) -> Result<u64> {
    let result =
        entity::Entity::delete_many().filter(entity::Column::Day.lt(day)).exec(conn).await.map_err(db_error)?;
    Ok(result.rows_affected)
}
