//! The table `access_log`: who read which case, when, and why. Appended, never changed, deleted once old; apart from the history.
//!
//! A reader waits until their line is kept, so none is lost; the lines of those who read at the same time are kept
//! together, so that reading costs a share of a commit and not one each.

use parvis_kernel::{CaseId, Error, EventId, Result, TenantId, Timestamp};
use parvis_store::{Store, db_error, from_db_time, pieces, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use tokio::sync::{mpsc, oneshot};

/// Lines kept together at most.
const BATCH: usize = 256;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_log")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: i64,
        pub actor: String,
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The authority.
    pub tenant: TenantId,
    /// The case read.
    pub case_id: CaseId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why, where somebody at the counter says it to read the text; empty for the others.
    pub reason: String,
}

type Waiting = (Access, oneshot::Sender<Result<()>>);

/// Where readings are told.
#[derive(Clone)]
pub struct AccessLog(mpsc::Sender<Waiting>);

impl AccessLog {
    /// Starts writing in `store`, until the last copy of this is dropped.
    pub fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(BATCH);
        tokio::spawn(write(store, receiver));
        Self(sender)
    }

    /// Keeps one reading; returns once it is.
    ///
    /// # Errors
    /// "Unavailable" where it cannot be kept: what was to be read must then not be shown.
    pub async fn record(&self, access: Access) -> Result<()> {
        let stopped = || Error::unavailable("the access log does not answer; try again");
        let (done, answer) = oneshot::channel();
        self.0.send((access, done)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

async fn write(store: Store, mut receiver: mpsc::Receiver<Waiting>) {
    while let Some(first) = receiver.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(another) = receiver.try_recv()
        {
            batch.push(another);
        }
        let kept = keep(&store, &batch).await;
        if let Err(error) = &kept {
            tracing::error!(%error, "the access log cannot be written");
        }
        for (_, done) in batch {
            let answer = match &kept {
                Ok(_) => Ok(()),
                Err(_) => Err(Error::unavailable("the access log cannot be written; try again")),
            };
            // A reader that gave up meanwhile needs no answer; the line stays: it may have read.
            let _ = done.send(answer);
        }
    }
}

/// In one commit, whatever the number of statements.
async fn keep(store: &Store, batch: &[Waiting]) -> Result<()> {
    let pieces: Vec<&[Waiting]> = pieces(store.write(), batch).collect();
    if let [all] = pieces[..] {
        return insert(store.write(), all).await;
    }
    let tx = store.begin().await?;
    for piece in pieces {
        insert(tx.conn(), piece).await?;
    }
    tx.commit().await
}

async fn insert(conn: &impl ConnectionTrait, lines: &[Waiting]) -> Result<()> {
    let rows = lines.iter().map(|(access, _)| ActiveModel {
        tenant: Set(access.tenant.to_string()),
        case_id: Set(access.case_id.0),
        id: Set(EventId::new().0),
        at: Set(to_db_time(access.at)),
        actor: Set(access.actor.clone()),
        reason: Set(access.reason.clone()),
    });
    rows::insert(rows).write(conn).await?;
    Ok(())
}

/// Who read one case, oldest first.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Vec<Access>> {
    let rows = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(id.0))
        .order_by_asc(Column::At)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter()
        .map(|row| {
            Ok(Access {
                tenant: TenantId::parse(&row.tenant)?,
                case_id: parvis_kernel::RequestId(row.case_id),
                at: from_db_time(row.at),
                actor: row.actor,
                reason: row.reason,
            })
        })
        .collect()
}

/// Deletes the oldest of those before `before`, of every tenant, at most `limit`. Returns how many.
///
/// One statement, by the whole key: the index on `at` gives the oldest and the primary key finds each again, so that it
/// costs what it deletes, whatever else the table holds.
pub async fn purge(conn: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<u64> {
    let oldest = Entity::find()
        .select_only()
        .columns([Column::Tenant, Column::CaseId, Column::Id])
        .filter(Column::At.lt(to_db_time(before)))
        .order_by_asc(Column::At)
        .limit(limit)
        .into_query();
    let key = Expr::tuple([Expr::col(Column::Tenant), Expr::col(Column::CaseId), Expr::col(Column::Id)]);
    let deleted = Entity::delete_many().filter(key.in_subquery(oldest)).exec(conn).await.map_err(db_error)?;
    Ok(deleted.rows_affected)
}
