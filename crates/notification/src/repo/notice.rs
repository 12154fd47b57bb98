//! Notices.

use jiff::SignedDuration;
use parvis_kernel::{PageRequest, RequestId, Result, TenantId, Timestamp};
use parvis_store::{db_error, one_of, pieces, rows, to_db_time};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use crate::domain::{Kind, State};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: String,
        pub case_id: Uuid,
        pub reference: String,
        pub code_sha256: String,
        pub unit: String,
        pub kind: String,
        pub mode: String,
        pub state: String,
        pub subject: String,
        pub portal_body: String,
        pub body: String,
        pub recipient_name: String,
        pub recipient_address: String,
        pub reply_to: String,
        pub traceparent: String,
        pub created_at: i64,
        pub done_at: Option<i64>,
        pub tries: i16,
        pub claim: Option<Uuid>,
        pub due_at: Option<i64>,
        pub text_removed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{Column, Entity};

/// Notices of one case shown at most.
const OF_CASE: u64 = 200;

/// Inserts the notices that are not there yet; returns the ids of those.
pub async fn insert_new(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Uuid>> {
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    rows::insert(rows).over(OnConflict::column(Column::Id).do_nothing().to_owned()).keys(conn).await
}

/// Makes one that waits to be sent wait until `due`.
pub async fn hold(conn: &impl ConnectionTrait, id: Uuid, due: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(to_db_time(due)))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Pending.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// One notice.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: Uuid) -> Result<Option<Model>> {
    Entity::find_by_id(id).filter(Column::Tenant.eq(tenant.as_str())).one(conn).await.map_err(db_error)
}

/// Those of `ids` that are there, oldest first.
pub async fn of_ids(conn: &impl ConnectionTrait, tenant: &TenantId, ids: &[Uuid]) -> Result<Vec<Model>> {
    list_of(conn, tenant, one_of(conn, Column::Id, ids.iter().copied())).await
}

/// The notices of a case, oldest first.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, case: RequestId) -> Result<Vec<Model>> {
    list_of(conn, tenant, Column::CaseId.eq(case.0)).await
}

/// The notices of a case known by its reference, oldest first.
pub async fn of_reference(conn: &impl ConnectionTrait, tenant: &TenantId, reference: &str) -> Result<Vec<Model>> {
    list_of(conn, tenant, Column::Reference.eq(reference)).await
}

async fn list_of(conn: &impl ConnectionTrait, tenant: &TenantId, which: Expr) -> Result<Vec<Model>> {
    Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(which)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(OF_CASE)
        .all(conn)
        .await
        .map_err(db_error)
}

/// Which notices a list holds.
#[derive(Clone, Copy, Debug)]
pub enum Listed {
    /// Those that a person must carry.
    ToHandOver,
    /// Those that failed for good.
    Failed,
}

impl Listed {
    /// Written out, as a partial index is only used where its condition is.
    fn condition(self) -> Expr {
        match self {
            Self::ToHandOver => Expr::cust("state = 'to_hand_over'"),
            Self::Failed => Expr::cust("state = 'failed'"),
        }
    }
}

/// Whose notices a list holds; everybody's where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Whose {
    /// Only these units'.
    pub units: Option<Vec<String>>,
    /// Those that hold the request itself, only these units'.
    pub requests_of: Option<Vec<String>>,
}

impl Whose {
    fn condition(&self) -> Condition {
        let of = |units: &[String]| Column::Unit.is_in(units.iter().cloned());
        let requests = self
            .requests_of
            .as_deref()
            .map(|units| Condition::any().add(Column::Kind.ne(Kind::Referral.as_str())).add(of(units)));
        Condition::all().add_option(self.units.as_deref().map(of)).add_option(requests)
    }

    /// Whether `row` is among them.
    pub fn has(&self, row: &Model) -> bool {
        let of = |units: &Option<Vec<String>>| units.as_ref().is_none_or(|units| units.contains(&row.unit));
        of(&self.units) && (!row.holds_the_request() || of(&self.requests_of))
    }
}

impl Model {
    /// Whether its text is the request itself, which only those who read the case may see.
    pub fn holds_the_request(&self) -> bool {
        self.kind == Kind::Referral.as_str()
    }
}

/// A page of notices, oldest first, and the token of the next.
pub async fn page(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    listed: Listed,
    whose: &Whose,
    request: &PageRequest,
) -> Result<(Vec<Model>, String)> {
    let mut query =
        Entity::find().filter(Column::Tenant.eq(tenant.as_str())).filter(whose.condition().add(listed.condition()));
    if let Some((at, id)) = cursor(&request.token)? {
        let later = Condition::any()
            .add(Column::CreatedAt.gt(at))
            .add(Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.gt(id)));
        query = query.filter(later);
    }
    let limit = request.limit();
    let mut rows = query
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(limit + 1)
        .all(conn)
        .await
        .map_err(db_error)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| format!("{}.{}", row.created_at, row.id.simple())).unwrap_or_default();
    Ok((rows, next))
}

fn cursor(token: &str) -> Result<Option<(i64, Uuid)>> {
    if token.is_empty() {
        return Ok(None);
    }
    token
        .split_once('.')
        .and_then(|(at, id)| Some((at.parse().ok()?, Uuid::try_parse(id).ok()?)))
        .map(Some)
        .ok_or_else(|| parvis_kernel::page::bad_token("page_token"))
}

/// Marks a notice as handed over; `false` where it was not waiting for it any more.
pub async fn mark_handed_over(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    id: Uuid,
    now: Timestamp,
) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::HandedOver.as_str()))
        .col_expr(Column::DoneAt, Expr::value(to_db_time(now)))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::ToHandOver.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected == 1)
}

/// Makes a failed e-mail due again, to `address`; `false` where it is no longer a failed one.
pub async fn send_again(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    id: Uuid,
    address: &str,
    now: Timestamp,
) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Pending.as_str()))
        .col_expr(Column::RecipientAddress, Expr::value(address))
        .col_expr(Column::DoneAt, Expr::value(None::<i64>))
        .col_expr(Column::DueAt, Expr::value(to_db_time(now)))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Failed.as_str()))
        .filter(Column::TextRemovedAt.is_null())
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected == 1)
}

/// Claims up to `limit` e-mails that are due, of every tenant, in the name of `claim`, for `lease`. Each comes with
/// whether another process had claimed it and never said how it went.
pub async fn claim_due(
    conn: &impl ConnectionTrait,
    claim: Uuid,
    lease: SignedDuration,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<(Model, bool)>> {
    let due = Column::DueAt.lte(to_db_time(now));
    let candidates: Vec<(Uuid, Option<Uuid>)> = Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Claim)
        .filter(due.clone())
        .order_by_asc(Column::DueAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    let mut claimed = Vec::with_capacity(candidates.len());
    for chunk in pieces(conn, &candidates) {
        // The condition is repeated: another process may have claimed some of them since.
        let these = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Sending.as_str()))
            .col_expr(Column::Claim, Expr::value(claim))
            .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
            .col_expr(Column::DueAt, Expr::value(to_db_time(now + lease)))
            .filter(one_of(conn, Column::Id, chunk.iter().map(|(id, _)| *id)))
            .filter(due.clone())
            .exec_with_returning(conn)
            .await
            .map_err(db_error)?;
        claimed.extend(these);
    }
    let interrupted: std::collections::HashSet<Uuid> =
        candidates.into_iter().filter_map(|(id, claim)| claim.map(|_| id)).collect();
    Ok(claimed.into_iter().map(|row| (interrupted.contains(&row.id), row)).map(|(was, row)| (row, was)).collect())
}

/// Gives claimed notices back untried, due again at `due`.
pub async fn give_back(conn: &impl ConnectionTrait, claim: Uuid, ids: &[Uuid], due: Timestamp) -> Result<()> {
    for chunk in pieces(conn, ids) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Pending.as_str()))
            .col_expr(Column::Tries, Expr::col(Column::Tries).sub(1))
            .col_expr(Column::DueAt, Expr::value(to_db_time(due)))
            .col_expr(Column::Claim, Expr::value(None::<Uuid>))
            .filter(one_of(conn, Column::Id, chunk.iter().copied()))
            .filter(Column::Claim.eq(claim))
            .exec(conn)
            .await
            .map_err(db_error)?;
    }
    Ok(())
}

/// How claimed notices went: `state`, done now or due again. Returns the ids of those that were still `claim`'s.
pub async fn settle(
    conn: &impl ConnectionTrait,
    claim: Uuid,
    ids: &[Uuid],
    state: State,
    done_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
) -> Result<Vec<Uuid>> {
    let mut settled = Vec::with_capacity(ids.len());
    for chunk in pieces(conn, ids) {
        let rows = Entity::update_many()
            .col_expr(Column::State, Expr::value(state.as_str()))
            .col_expr(Column::DoneAt, Expr::value(done_at.map(to_db_time)))
            .col_expr(Column::DueAt, Expr::value(due_at.map(to_db_time)))
            .col_expr(Column::Claim, Expr::value(None::<Uuid>))
            .filter(one_of(conn, Column::Id, chunk.iter().copied()))
            .filter(Column::Claim.eq(claim))
            .exec_with_returning(conn)
            .await
            .map_err(db_error)?;
        settled.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(settled)
}

/// Notices of every tenant that went, or failed for good, before `before` and still say what they said, the oldest
/// first: tenant, id, mode.
pub async fn settled_before(
    conn: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Uuid, String)>> {
    Entity::find()
        .select_only()
        .columns([Column::Tenant, Column::Id, Column::Mode])
        .filter(Column::DoneAt.lt(to_db_time(before)))
        .filter(Column::TextRemovedAt.is_null())
        .filter(settled())
        .order_by_asc(Column::DoneAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)
}

fn settled() -> Expr {
    Column::State.is_in([State::Sent, State::HandedOver, State::Failed].map(State::as_str))
}

/// Empties settled notices of what they said, to whom and where.
pub async fn remove_texts(conn: &impl ConnectionTrait, ids: &[Uuid], now: Timestamp) -> Result<()> {
    for chunk in pieces(conn, ids) {
        let mut update = Entity::update_many().col_expr(Column::TextRemovedAt, Expr::value(to_db_time(now)));
        for text in [
            Column::Subject,
            Column::PortalBody,
            Column::Body,
            Column::RecipientName,
            Column::RecipientAddress,
            Column::ReplyTo,
        ] {
            update = update.col_expr(text, Expr::value(""));
        }
        update
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(Column::TextRemovedAt.is_null())
            .filter(settled())
            .exec(conn)
            .await
            .map_err(db_error)?;
    }
    Ok(())
}
