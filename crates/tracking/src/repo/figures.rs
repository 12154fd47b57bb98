//! Counts over the facts. Each query reads, by index, the requests of the period or those open now, never all.

use parvis_kernel::{Result, TenantId};
use parvis_store::db_error;
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, FromQueryResult, PaginatorTrait as _, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Expr,
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
    /// Day of reception.
    pub day: i32,
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
    /// Of which given to an agent.
    pub assigned: i64,
    /// Of which acknowledged.
    pub acknowledged: i64,
    /// Of which handed on at least once.
    pub reassigned: i64,
}

/// Requests closed, and not reopened since.
#[derive(Debug, FromQueryResult)]
pub struct Closed {
    /// Day of closing.
    pub day: i32,
    /// Unit in charge.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// How many.
    pub n: i64,
    /// Of which the reception is known.
    pub timed: i64,
}

/// Requests open now.
#[derive(Debug, FromQueryResult)]
pub struct Open {
    /// Unit in charge.
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

    fn of_reception(&self) -> Select<Entity> {
        self.facts().filter(Column::ReceivedDay.between(self.from, self.until))
    }

    fn of_closing(&self) -> Select<Entity> {
        self.facts().filter(Column::ClosedDay.between(self.from, self.until))
    }

    /// Received in the period.
    pub async fn received(&self, conn: &DatabaseConnection) -> Result<Vec<Received>> {
        let query = self
            .of_reception()
            .column_as(Column::ReceivedDay, "day")
            .column(Column::Channel)
            .column(Column::Unit)
            .column(Column::Theme)
            .column_as(Column::UnitName.max(), "unit_name")
            .column_as(Expr::cust("COUNT(*)"), "n")
            .column_as(Expr::cust("COUNT(first_assigned_at)"), "assigned")
            .column_as(Expr::cust("COUNT(acknowledged_at)"), "acknowledged")
            .column_as(Expr::cust("COUNT(CASE WHEN reassigned > 0 THEN 1 END)"), "reassigned")
            .group_by(Column::ReceivedDay)
            .group_by(Column::Channel)
            .group_by(Column::Unit)
            .group_by(Column::Theme);
        query.into_model().all(conn).await.map_err(db_error)
    }

    /// Closed in the period.
    pub async fn closed(&self, conn: &DatabaseConnection) -> Result<Vec<Closed>> {
        let query = self
            .of_closing()
            .column_as(Column::ClosedDay, "day")
            .column(Column::Unit)
            .column_as(Column::UnitName.max(), "unit_name")
            .column_as(Expr::cust("COUNT(*)"), "n")
            .column_as(Expr::cust("COUNT(received_at)"), "timed")
            .group_by(Column::ClosedDay)
            .group_by(Column::Unit);
        query.into_model().all(conn).await.map_err(db_error)
    }

    /// Open now, whenever received.
    pub async fn open(&self, today: i32, conn: &DatabaseConnection) -> Result<Vec<Open>> {
        let query = self
            .facts()
            // Written out, as the partial index is only used where its condition is.
            .filter(Expr::cust("is_open"))
            .column(Column::Unit)
            .column_as(Column::UnitName.max(), "unit_name")
            .column_as(Expr::cust("COUNT(*)"), "n")
            .column_as(Expr::cust(format!("COUNT(CASE WHEN service_due_day < {today} THEN 1 END)")), "overdue")
            .group_by(Column::Unit);
        query.into_model().all(conn).await.map_err(db_error)
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

    /// From reception to the first agent, for the `count` requests received in the period that have one.
    pub async fn to_assignment(&self, count: u64, conn: &DatabaseConnection) -> Result<Distribution> {
        let known = self.of_reception().filter(Column::FirstAssignedAt.is_not_null());
        spread(known, "first_assigned_at - received_at", count, conn).await
    }

    /// From reception to closing, for the `count` requests closed in the period whose reception is known.
    pub async fn to_closing(&self, count: u64, conn: &DatabaseConnection) -> Result<Distribution> {
        let known = self.of_closing().filter(Column::ReceivedAt.is_not_null());
        spread(known, "last_closed_at - received_at", count, conn).await
    }
}

async fn spread(
    query: Select<Entity>,
    duration: &'static str,
    count: u64,
    conn: &DatabaseConnection,
) -> Result<Distribution> {
    if count <= distribution::EXACT {
        let micros: Vec<i64> = query
            .column_as(Expr::cust(duration), "micros")
            // A few may have come since they were counted.
            .limit(distribution::EXACT)
            .into_tuple()
            .all(conn)
            .await
            .map_err(db_error)?;
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
    let minutes: Vec<_> = minutes.into_iter().map(|(minute, n)| (minute, u64::try_from(n).unwrap_or(0))).collect();
    Ok(Distribution::of_minutes(&minutes))
}
