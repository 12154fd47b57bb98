//! Events a role could not handle, kept in its own database (in the same commit as the inbox's mark, which no broker's
//! stream could give), visible, and handled again on request.

use parvis_kernel::{Error, EventId, Result, TenantId};
use parvis_store::{Store, Tx, db_error, from_db_time, inbox, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use uuid::Uuid;

use crate::{Event, Refused};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dead_letter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub source: String,
        pub tenant: String,
        pub kind: String,
        pub partition: i16,
        pub subject: String,
        pub traceparent: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub payload: Vec<u8>,
        pub said_at: i64,
        pub failed_at: i64,
        pub attempts: i32,
        pub error: String,
        pub replay_requested: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A dead letter, for whoever looks.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The event.
    pub event: EventId,
    /// The role that said it.
    pub source: String,
    /// The authority it is about.
    pub tenant: String,
    /// Its name.
    pub kind: String,
    /// The request it is about.
    pub subject: String,
    /// When it was given up.
    pub failed_at: parvis_kernel::Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last try said.
    pub error: String,
    /// Whether it is to be tried again.
    pub replay_requested: bool,
}

/// The attempts of what was refused unread.
const NEVER_TRIED: i32 = 0;

/// Puts `event` aside.
pub async fn put(store: &Store, source: &str, event: &Event, attempts: i32, error: &Error) -> Result<()> {
    let tx = store.begin().await?;
    inbox::mark_new(&tx, &[event.id]).await?;
    let row = entity::ActiveModel {
        event_id: Set(event.id.0),
        source: Set(source.to_owned()),
        tenant: Set(event.tenant.to_string()),
        kind: Set(event.kind.clone()),
        partition: Set(i16::from(event.partition)),
        subject: Set(event.subject.clone()),
        traceparent: Set(event.traceparent.clone()),
        payload: Set(event.payload.to_vec()),
        said_at: Set(to_db_time(event.at)),
        failed_at: Set(to_db_time(tx.now())),
        attempts: Set(attempts),
        error: Set(error.to_string()),
        replay_requested: Set(false),
    };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::EventId).do_nothing().to_owned())
        .exec_without_returning(tx.conn())
        .await
        .map_err(db_error)?;
    tx.commit().await
}

/// Puts aside what no role can have published, never to be handled: it was not tried once. Its own id is not used: that
/// is its writer's choice, and would have an event of that id taken for handled.
pub async fn refuse(store: &Store, refused: &Refused) -> Result<()> {
    let Refused { source, sequence, .. } = refused;
    // The same when it comes again, and another for another of that number in a stream made anew.
    let name = [format!("parvis:refused:{source}:{sequence}:").as_bytes(), &refused.payload].concat();
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, &name);
    let now = to_db_time(store.clock().now());
    let row = entity::ActiveModel {
        event_id: Set(id),
        source: Set(source.clone()),
        tenant: Set(refused.tenant.clone()),
        kind: Set(refused.kind.clone()),
        partition: Set(i16::from(refused.partition)),
        subject: Set(String::new()),
        traceparent: Set(String::new()),
        payload: Set(refused.payload.to_vec()),
        said_at: Set(now),
        failed_at: Set(now),
        attempts: Set(NEVER_TRIED),
        error: Set(format!("message {sequence} of {source} is not from it, and is never handled: {}", refused.why)),
        replay_requested: Set(false),
    };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::EventId).do_nothing().to_owned())
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The dead letters of a role, newest first, at most `limit`.
pub async fn list(store: &Store, limit: u64) -> Result<Vec<DeadLetter>> {
    let rows = entity::Entity::find()
        .order_by_desc(entity::Column::FailedAt)
        .limit(limit)
        .all(store.read())
        .await
        .map_err(db_error)?;
    Ok(rows
        .into_iter()
        .map(|row| DeadLetter {
            event: EventId(row.event_id),
            source: row.source,
            tenant: row.tenant,
            kind: row.kind,
            subject: row.subject,
            failed_at: from_db_time(row.failed_at),
            attempts: row.attempts,
            error: row.error,
            replay_requested: row.replay_requested,
        })
        .collect())
}

/// How many there are, for the metrics.
pub async fn count(store: &Store) -> Result<u64> {
    entity::Entity::find().count(store.read()).await.map_err(db_error)
}

/// Asks that `event`, or all with `None`, be handled again by the running role; never what [`refuse`] put aside. Returns
/// how many.
pub async fn request_replay(store: &Store, event: Option<EventId>) -> Result<u64> {
    let mut update = entity::Entity::update_many()
        .col_expr(entity::Column::ReplayRequested, Expr::value(true))
        .filter(entity::Column::Attempts.gt(NEVER_TRIED));
    if let Some(event) = event {
        update = update.filter(entity::Column::EventId.eq(event.0));
    }
    Ok(update.exec(store.write()).await.map_err(db_error)?.rows_affected)
}

pub(crate) async fn to_replay(store: &Store, source: &str) -> Result<Vec<Event>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::ReplayRequested.eq(true))
        .filter(entity::Column::Attempts.gt(NEVER_TRIED))
        .filter(entity::Column::Source.eq(source))
        .order_by_asc(entity::Column::SaidAt)
        .limit(100)
        .all(store.read())
        .await
        .map_err(db_error)?;
    rows.into_iter()
        .map(|row| {
            Ok(Event {
                id: EventId(row.event_id),
                tenant: TenantId::parse(&row.tenant)?,
                kind: row.kind,
                partition: u8::try_from(row.partition).unwrap_or(0),
                subject: row.subject,
                traceparent: row.traceparent,
                at: from_db_time(row.said_at),
                payload: row.payload.into(),
            })
        })
        .collect()
}

pub(crate) async fn remove(tx: &Tx, event: EventId) -> Result<bool> {
    let deleted = entity::Entity::delete_by_id(event.0).exec(tx.conn()).await.map_err(db_error)?;
    Ok(deleted.rows_affected == 1)
}

pub(crate) async fn failed_again(store: &Store, event: EventId, error: &Error) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(entity::Column::ReplayRequested, Expr::value(false))
        .col_expr(entity::Column::Attempts, Expr::col(entity::Column::Attempts).add(1))
        .col_expr(entity::Column::Error, Expr::value(error.to_string()))
        .filter(entity::Column::EventId.eq(event.0))
        .exec(store.write())
        .await
        .map_err(db_error)?;
    Ok(())
}
