//! The outbox: the log of everything a role has said.
//!
//! A row is inserted leased to the process that inserts it, which publishes it at once from memory; the lease only
//! spares the others the work. Rows whose lease ended are claimed by whoever looks next. Sent rows stay (30 days by
//! default), so a broker that lost its store can be refilled.

use jiff::SignedDuration;
use parvis_kernel::{EventId, Result, TenantId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use crate::{
    Store,
    error::db_error,
    from_db_time, pieces, purge_before,
    rows::{self, one_of},
    to_db_time,
};

/// How long the process that committed a row has to publish it before another may.
pub const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Something a role says.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The authority it is about.
    pub tenant: TenantId,
    /// The event's name, as in `parvis_proto::events`.
    pub kind: &'static str,
    /// Which partition keeps it in order, below `parvis_kernel::PARTITIONS`.
    pub partition: u8,
    /// What it is about: a request's id, without personal data.
    pub subject: String,
    /// The protobuf message, encoded.
    pub payload: Vec<u8>,
    /// W3C trace context of what caused it; empty: the current span's.
    pub traceparent: String,
}

/// An event as kept.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its id: the message's id on the bus.
    pub id: EventId,
    /// The authority it is about.
    pub tenant: TenantId,
    /// The event's name.
    pub kind: String,
    /// Its partition.
    pub partition: u8,
    /// What it is about.
    pub subject: String,
    /// W3C trace context of what caused it; empty outside a trace.
    pub traceparent: String,
    /// The protobuf message, encoded.
    pub payload: Vec<u8>,
    /// When it was said.
    pub at: Timestamp,
}

impl OutboxRow {
    pub(crate) fn new(event: NewEvent, at: Timestamp) -> Self {
        Self {
            id: EventId::new(),
            tenant: event.tenant,
            kind: event.kind.to_owned(),
            partition: event.partition,
            subject: event.subject,
            traceparent: if event.traceparent.is_empty() { current_traceparent() } else { event.traceparent },
            payload: event.payload,
            at,
        }
    }
}

/// The W3C `traceparent` of the current span; empty outside a sampled trace.
pub fn current_traceparent() -> String {
    use opentelemetry::trace::TraceContextExt as _;
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return String::new();
    }
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: String,
        pub kind: String,
        pub partition: i16,
        pub subject: String,
        pub traceparent: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub payload: Vec<u8>,
        pub created_at: i64,
        pub leased_until: i64,
        pub sent_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn from_model(model: entity::Model) -> Result<OutboxRow> {
    Ok(OutboxRow {
        id: EventId(model.id),
        tenant: TenantId::parse(&model.tenant)?,
        kind: model.kind,
        partition: u8::try_from(model.partition).unwrap_or(0),
        subject: model.subject,
        traceparent: model.traceparent,
        payload: model.payload,
        at: from_db_time(model.created_at),
    })
}

pub(crate) async fn insert(conn: &impl ConnectionTrait, rows: &[OutboxRow]) -> Result<()> {
    let models = rows.iter().map(|row| entity::ActiveModel {
        id: Set(row.id.0),
        tenant: Set(row.tenant.to_string()),
        kind: Set(row.kind.clone()),
        partition: Set(i16::from(row.partition)),
        subject: Set(row.subject.clone()),
        traceparent: Set(row.traceparent.clone()),
        payload: Set(row.payload.clone()),
        created_at: Set(to_db_time(row.at)),
        leased_until: Set(to_db_time(row.at + LEASE)),
        sent_at: Set(None),
    });
    rows::insert(models).write(conn).await?;
    Ok(())
}

/// Claims up to `limit` unsent rows whose lease has ended, oldest first.
pub async fn claim(store: &Store, now: Timestamp, limit: u64) -> Result<Vec<OutboxRow>> {
    use entity::Column;
    let unsent = Condition::all().add(Column::SentAt.is_null()).add(Column::LeasedUntil.lt(to_db_time(now)));
    let candidates: Vec<Uuid> = entity::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(unsent.clone())
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(store.read())
        .await
        .map_err(db_error)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    // The condition is repeated: another process may have claimed some of them since.
    let claimed = entity::Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(to_db_time(now + LEASE)))
        .filter(one_of(store.write(), Column::Id, candidates))
        .filter(unsent)
        .exec_with_returning(store.write())
        .await
        .map_err(db_error)?;
    let mut rows = claimed.into_iter().map(from_model).collect::<Result<Vec<_>>>()?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Marks rows as sent.
pub async fn mark_sent(store: &Store, ids: &[EventId], now: Timestamp) -> Result<()> {
    for chunk in pieces(store.write(), ids) {
        entity::Entity::update_many()
            .col_expr(entity::Column::SentAt, Expr::value(to_db_time(now)))
            .filter(one_of(store.write(), entity::Column::Id, chunk.iter().map(|id| id.0)))
            .exec(store.write())
            .await
            .map_err(db_error)?;
    }
    Ok(())
}

/// Makes every row said since `since` unsent again, to refill a broker that lost its store. Returns how many.
pub async fn republish(store: &Store, since: Timestamp) -> Result<u64> {
    let result = entity::Entity::update_many()
        .col_expr(entity::Column::SentAt, Expr::value(None::<i64>))
        .col_expr(entity::Column::LeasedUntil, Expr::value(0_i64))
        .filter(entity::Column::CreatedAt.gte(to_db_time(since)))
        .exec(store.write())
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected)
}

/// Makes the rows sent in the `last` stretch before the latest unsent again, what a broker that stopped may not have
/// written to its disk, and ends the leases of those not sent. Returns how many.
pub async fn republish_last(store: &Store, last: SignedDuration) -> Result<u64> {
    use entity::Column;
    let latest: Option<i64> = entity::Entity::find()
        .select_only()
        .column(Column::SentAt)
        .filter(Column::SentAt.is_not_null())
        .order_by_desc(Column::SentAt)
        .limit(1)
        .into_tuple()
        .one(store.read())
        .await
        .map_err(db_error)?;
    let since = latest.map_or(i64::MAX, |latest| to_db_time(from_db_time(latest) - last));
    let again = Condition::any().add(Column::SentAt.is_null()).add(Column::SentAt.gte(since));
    let result = entity::Entity::update_many()
        .col_expr(Column::SentAt, Expr::value(None::<i64>))
        .col_expr(Column::LeasedUntil, Expr::value(0_i64))
        .filter(again)
        .exec(store.write())
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected)
}

/// Deletes rows sent before `before`, at most `limit`. Returns how many.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    use entity::Column;
    purge_before::<entity::Entity>(store, (Column::Id, Column::SentAt), before, limit).await
}

/// What waits in an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    /// Rows not sent yet.
    pub waiting: i64,
    /// When the oldest of them was said, in microseconds since 1970.
    pub oldest: Option<i64>,
}

/// How much waits, for the metrics.
pub async fn backlog(store: &Store) -> Result<Backlog> {
    use entity::Column;
    entity::Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "waiting")
        .column_as(Column::CreatedAt.min(), "oldest")
        .filter(Column::SentAt.is_null())
        .into_model::<Backlog>()
        .one(store.read())
        .await
        .map_err(db_error)
        .map(|row| row.unwrap_or(Backlog { waiting: 0, oldest: None }))
}
