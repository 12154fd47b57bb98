//! Counts over the facts. Each query reads, by index, the requests of the period or those open now, never all.

use parvis_kernel::{Result, TenantId};
use parvis_store::db_error;
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, FromQueryResult, PaginatorTrait as _, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::Expr,
};

use super::{
    facts::{Column, Entity},
    instant_answer,
};
use crate::domain::distribution::{self, Distribution};

/// What is counted: days are both included.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The authority.
    pub tenant: TenantId,
    /// First day.
    pub from: i32,
    /// Last day.
    pub until: i32,
    /// One unit only.
    pub unit: Option<String>,
}

/// Requests received, by what they have in common.
#[derive(Debug, FromQueryResult)]
pub struct Received {
    /// Door.
    pub channel: String,
    /// Unit in charge now.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// Theme.
    pub theme: String,
    /// How many.
    pub n: i64,
    /// Of which acknowledged.
    pub acknowledged: i64,
    /// Of which handed on at least once.
    pub reassigned: i64,
}

/// Requests of a day.
#[derive(Debug, FromQueryResult)]
pub struct OfDay {
    /// Which.
    pub day: i32,
    /// How many.
    pub n: i64,
}

/// Requests of a unit.
#[derive(Debug, FromQueryResult)]
pub struct OfUnit {
    /// Which.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// How many.
    pub n: i64,
    /// Of which past the day promised.
    pub overdue: i64,
}

impl Scope {
    fn facts(&self) -> Select<Entity> {
        let query = Entity::find().select_only().filter(Column::Tenant.eq(self.tenant.as_str()));
        match &self.unit {
            Some(unit) => query.filter(Column::Unit.eq(unit.as_str())),
            None => query,
        }
    }

    fn received(&self) -> Select<Entity> {
        self.facts().filter(Column::ReceivedDay.between(self.from, self.until))
    }

    fn closed(&self) -> Select<Entity> {
        self.facts().filter(Column::ClosedDay.between(self.from, self.until))
    }

    /// Received in the period.
    pub async fn count_received(&self, conn: &DatabaseConnection) -> Result<Vec<Received>> {
        self.received()
            .column(Column::Channel)
            .column(Column::Unit)
            .column(Column::Theme)
            .column_as(Column::UnitName.max(), "unit_name")
            .column_as(Expr::cust("COUNT(*)"), "n")
            .column_as(Expr::cust("COUNT(acknowledged_at)"), "acknowledged")
            .column_as(Expr::cust("COUNT(CASE WHEN reassigned > 0 THEN 1 END)"), "reassigned")
            .group_by(Column::Channel)
            .group_by(Column::Unit)
            .group_by(Column::Theme)
            .into_model()
            .all(conn)
            .await
            .map_err(db_error)
    }

    /// Received on each day.
    pub async fn received_by_day(&self, conn: &DatabaseConnection) -> Result<Vec<OfDay>> {
        by_day(self.received(), Column::ReceivedDay, conn).await
    }

    /// Closed on each day, and not reopened since.
    pub async fn closed_by_day(&self, conn: &DatabaseConnection) -> Result<Vec<OfDay>> {
        by_day(self.closed(), Column::ClosedDay, conn).await
    }

    /// Closed in the period by each unit.
    pub async fn closed_by_unit(&self, conn: &DatabaseConnection) -> Result<Vec<OfUnit>> {
        by_unit(self.closed(), Expr::cust("COUNT(CASE WHEN 1 = 0 THEN 1 END)"), conn).await
    }

    /// Open now in each unit, whenever received.
    pub async fn open_by_unit(&self, today: i32, conn: &DatabaseConnection) -> Result<Vec<OfUnit>> {
        // Written out, as the partial index is only used where its condition is.
        let open = self.facts().filter(Expr::cust("is_open"));
        let overdue = format!("COUNT(CASE WHEN service_due_day < {today} THEN 1 END)");
        by_unit(open, Expr::cust(overdue), conn).await
    }

    /// Instant answers given in the period.
    pub async fn count_instant_answers(&self, conn: &DatabaseConnection) -> Result<u64> {
        use instant_answer::{Column, Entity};
        let mut query = Entity::find()
            .filter(Column::Tenant.eq(self.tenant.as_str()))
            .filter(Column::Day.between(self.from, self.until));
        if let Some(unit) = &self.unit {
            query = query.filter(Column::Unit.eq(unit.as_str()));
        }
        query.count(conn).await.map_err(db_error)
    }

    /// From reception to the first agent, for what was received in the period.
    pub async fn to_assignment(&self, conn: &DatabaseConnection) -> Result<Distribution> {
        let known = self.received().filter(Column::FirstAssignedAt.is_not_null());
        spread(known, "first_assigned_at - received_at", conn).await
    }

    /// From reception to closing, for what was closed in the period.
    pub async fn to_closing(&self, conn: &DatabaseConnection) -> Result<Distribution> {
        let known = self.closed().filter(Column::ReceivedAt.is_not_null());
        spread(known, "last_closed_at - received_at", conn).await
    }
}

async fn by_day(query: Select<Entity>, day: Column, conn: &DatabaseConnection) -> Result<Vec<OfDay>> {
    query
        .column_as(day, "day")
        .column_as(Expr::cust("COUNT(*)"), "n")
        .group_by(day)
        .into_model()
        .all(conn)
        .await
        .map_err(db_error)
}

async fn by_unit(query: Select<Entity>, overdue: Expr, conn: &DatabaseConnection) -> Result<Vec<OfUnit>> {
    query
        .column(Column::Unit)
        .column_as(Column::UnitName.max(), "unit_name")
        .column_as(Expr::cust("COUNT(*)"), "n")
        .column_as(overdue, "overdue")
        .group_by(Column::Unit)
        .into_model()
        .all(conn)
        .await
        .map_err(db_error)
}

async fn spread(query: Select<Entity>, duration: &'static str, conn: &DatabaseConnection) -> Result<Distribution> {
    let micros: Vec<i64> = query
        .clone()
        .column_as(Expr::cust(duration), "micros")
        .limit(distribution::EXACT + 1)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    if micros.len() as u64 <= distribution::EXACT {
        return Ok(Distribution::of_micros(micros));
    }
    let minute = Expr::cust(format!("({duration}) / 60000000"));
    let minutes: Vec<(i64, i64)> = query
        .column_as(minute.clone(), "minute")
        .column_as(Expr::cust("COUNT(*)"), "n")
        .group_by(minute.clone())
        .order_by_asc(minute)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    let minutes: Vec<_> =
        minutes.into_iter().map(|(minute, n)| (minute, u64::try_from(n).unwrap_or(0))).collect();
    Ok(Distribution::of_minutes(&minutes))
}
