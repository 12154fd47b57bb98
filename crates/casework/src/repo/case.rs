//! The table `cases`: what lists and changes need, without the request itself.

use jiff::civil::Date;
use parvis_kernel::{CaseId, Error, Reference, Result, TenantId, Timestamp, reason::Thing};
use parvis_store::{Tx, db_error, from_db_time, one_of, pieces, rows, to_db_time};
use prost::Message as _;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, LockBehavior, LockType, OnConflict},
};
use uuid::Uuid;

use super::{optional_word, signed, unsigned, word};
use crate::domain::Case;

pub(super) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: String,
        pub reference: i64,
        pub version: i64,
        /// The version that this one was written over: what a multi-row update checks.
        pub base_version: i64,
        pub state: String,
        pub is_open: bool,
        pub outcome: String,
        pub sort_key: i64,
        pub title: String,
        pub channel: String,
        pub received_at: i64,
        pub updated_at: i64,
        pub closed_at: Option<i64>,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub procedure_snapshot: Vec<u8>,
        pub unit: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub unit_contact: Vec<u8>,
        /// Whose list it is on: the agent's code, else `@` and the unit's, else empty.
        pub holder: String,
        pub agent: String,
        pub agent_name: String,
        pub priority: String,
        pub requester_name: String,
        /// Bytes: they compare alike in every database, whatever its collation.
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub requester_search: Vec<u8>,
        pub legal_due_on: Option<String>,
        pub service_due_on: Option<String>,
        pub overdue: bool,
        pub next_timer_at: Option<i64>,
        pub unread: bool,
        pub decision_sequence: i64,
        pub acknowledged: bool,
        pub waiting_since: Option<i64>,
        pub filed_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// The list of a unit's queue, as kept in `holder`.
pub(super) fn queue_of(unit: &str) -> String {
    format!("@{unit}")
}

/// Open cases that are overdue, or due on `day` at the latest, have a smaller key than this.
pub(super) fn key_after(day: Date) -> i64 {
    1 << 62 | (day_number(day) + 1) << 44
}

fn day_number(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    (epoch.duration_until(day).as_hours() / 24).clamp(0, NO_DAY - 1)
}

/// In the place of the day, where there is none.
const NO_DAY: i64 = (1 << 18) - 1;

/// One integer that sorts a list: open cases by overdue first, then due date, then oldest; closed ones newest first.
fn sort_key(case: &Case) -> i64 {
    const MILLIS: i64 = (1 << 44) - 1;
    if let Some(closed_at) = case.closed_at {
        return MILLIS - closed_at.as_millisecond().clamp(0, MILLIS);
    }
    let legal_target = case.legal_due_on.and_then(|day| day.yesterday().ok());
    let due = case.service_due_on.into_iter().chain(legal_target).min();
    let day = due.map_or(NO_DAY, day_number);
    i64::from(!case.overdue) << 62 | day << 44 | case.received_at.as_millisecond().clamp(0, MILLIS)
}

fn from_model(row: Model) -> Result<Case> {
    let day = |text: Option<String>| text.map(|text| text.parse::<Date>()).transpose().map_err(Error::internal);
    Ok(Case {
        id: parvis_kernel::RequestId(row.id),
        tenant: TenantId::parse(&row.tenant)?,
        reference: Reference::from_number(row.reference)?,
        version: unsigned(row.version),
        base_version: unsigned(row.version),
        state: word(&row.state)?,
        outcome: optional_word(&row.outcome)?,
        title: row.title,
        channel: row.channel,
        received_at: from_db_time(row.received_at),
        updated_at: from_db_time(row.updated_at),
        closed_at: row.closed_at.map(from_db_time),
        procedure: parvis_proto::common::ProcedureSnapshot::decode(&*row.procedure_snapshot)
            .map_err(Error::internal)?,
        unit: parvis_proto::common::UnitContact::decode(&*row.unit_contact).map_err(Error::internal)?,
        agent: row.agent,
        agent_name: row.agent_name,
        priority: word(&row.priority)?,
        requester_name: row.requester_name,
        requester_search: String::from_utf8_lossy(&row.requester_search).into_owned(),
        legal_due_on: day(row.legal_due_on)?,
        service_due_on: day(row.service_due_on)?,
        overdue: row.overdue,
        next_timer_at: row.next_timer_at.map(from_db_time),
        unread: row.unread,
        decision_sequence: (row.decision_sequence >= 0).then(|| unsigned(row.decision_sequence)),
        acknowledged: row.acknowledged,
        waiting_since: row.waiting_since.map(from_db_time),
        filed_by: row.filed_by,
    })
}

fn to_row(case: &Case) -> ActiveModel {
    let holder = match (case.agent.as_str(), case.unit.code.as_str()) {
        ("", "") => String::new(),
        ("", unit) => queue_of(unit),
        (agent, _) => agent.to_owned(),
    };
    ActiveModel {
        id: Set(case.id.0),
        tenant: Set(case.tenant.to_string()),
        reference: Set(case.reference.number()),
        version: Set(signed(case.version)),
        base_version: Set(signed(case.base_version)),
        state: Set(case.state.to_string()),
        is_open: Set(case.state.is_open()),
        outcome: Set(case.outcome.map(|outcome| outcome.to_string()).unwrap_or_default()),
        sort_key: Set(sort_key(case)),
        title: Set(case.title.clone()),
        channel: Set(case.channel.clone()),
        received_at: Set(to_db_time(case.received_at)),
        updated_at: Set(to_db_time(case.updated_at)),
        closed_at: Set(case.closed_at.map(to_db_time)),
        procedure_snapshot: Set(case.procedure.encode_to_vec()),
        unit: Set(case.unit.code.clone()),
        unit_contact: Set(case.unit.encode_to_vec()),
        holder: Set(holder),
        agent: Set(case.agent.clone()),
        agent_name: Set(case.agent_name.clone()),
        priority: Set(case.priority.to_string()),
        requester_name: Set(case.requester_name.clone()),
        requester_search: Set(case.requester_search.clone().into_bytes()),
        legal_due_on: Set(case.legal_due_on.map(|day| day.to_string())),
        service_due_on: Set(case.service_due_on.map(|day| day.to_string())),
        overdue: Set(case.overdue),
        next_timer_at: Set(case.next_timer_at.map(to_db_time)),
        unread: Set(case.unread),
        decision_sequence: Set(case.decision_sequence.map_or(-1, signed)),
        acknowledged: Set(case.acknowledged),
        waiting_since: Set(case.waiting_since.map(to_db_time)),
        filed_by: Set(case.filed_by.clone()),
    }
}

/// Inserts new cases; returns the ids of those that were not there yet.
pub async fn insert(tx: &Tx, cases: &[Case]) -> Result<Vec<CaseId>> {
    let known = OnConflict::column(Column::Id).do_nothing().to_owned();
    let inserted = rows::insert(cases.iter().map(to_row)).over(known).keys(tx.conn()).await?;
    Ok(inserted.into_iter().map(parvis_kernel::RequestId).collect())
}

/// Writes changed cases, many in one statement, each only over the version it was read at. Name each case once.
///
/// # Errors
/// "Conflict" where somebody changed one of them meanwhile; nothing may then be committed.
pub async fn save<'a>(tx: &Tx, cases: impl IntoIterator<Item = &'a Case>) -> Result<()> {
    let rows: Vec<ActiveModel> = cases.into_iter().map(to_row).collect();
    let count = rows.len() as u64;
    // An upsert, because it is the one statement that gives each of many rows its own values. The row is there:
    // cases are never deleted.
    let excluded = Expr::col((Alias::new("excluded"), Column::BaseVersion));
    let over = OnConflict::column(Column::Id)
        .update_columns(CHANGING)
        .action_and_where(Expr::col((Entity, Column::Version)).eq(excluded))
        .to_owned();
    if rows::insert(rows).over(over).write(tx.conn()).await? != count {
        return Err(Error::changed_meanwhile(
            Thing::Case,
            "the case was changed by somebody else meanwhile: read it again",
        ));
    }
    Ok(())
}

/// What may change once a case is opened.
const CHANGING: [Column; 21] = [
    Column::Version,
    Column::BaseVersion,
    Column::State,
    Column::IsOpen,
    Column::Outcome,
    Column::SortKey,
    Column::UpdatedAt,
    Column::ClosedAt,
    Column::Unit,
    Column::UnitContact,
    Column::Holder,
    Column::Agent,
    Column::AgentName,
    Column::Priority,
    Column::ServiceDueOn,
    Column::Overdue,
    Column::NextTimerAt,
    Column::Unread,
    Column::DecisionSequence,
    Column::Acknowledged,
    Column::WaitingSince,
];

/// One case.
pub async fn by_id(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Option<Case>> {
    let row = Entity::find_by_id(id.0).filter(Column::Tenant.eq(tenant.as_str())).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// One case by what the citizen reads aloud.
pub async fn by_reference(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    reference: Reference,
) -> Result<Option<Case>> {
    let row = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Reference.eq(reference.number()))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

/// Those of one tenant, in Rust: with the tenant beside a list of ids, SQLite takes an index that begins by the tenant
/// and reads all of it.
fn of_tenant(rows: Vec<Model>, tenant: &TenantId) -> impl Iterator<Item = Model> {
    rows.into_iter().filter(|row| row.tenant == tenant.as_str())
}

/// Cases of one tenant by their ids, those that are there.
pub async fn by_ids(conn: &impl ConnectionTrait, tenant: &TenantId, ids: Vec<Uuid>) -> Result<Vec<Case>> {
    let rows = Entity::find().filter(one_of(conn, Column::Id, ids)).all(conn).await.map_err(db_error)?;
    of_tenant(rows, tenant).map(from_model).collect()
}

/// Many cases of one tenant, those that are there, to be changed: nobody else changes them until this transaction ends.
pub async fn lock(tx: &Tx, tenant: &TenantId, ids: &[CaseId]) -> Result<Vec<Case>> {
    let mut cases = Vec::with_capacity(ids.len());
    for chunk in pieces(tx.conn(), ids) {
        let rows = Entity::find()
            .filter(one_of(tx.conn(), Column::Id, chunk.iter().map(|id| id.0)))
            // In one order for everybody: two transactions cannot wait for each other.
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(tx.conn())
            .await
            .map_err(db_error)?;
        for row in of_tenant(rows, tenant) {
            cases.push(from_model(row)?);
        }
    }
    Ok(cases)
}

/// Cases whose date has come, kept from other processes until this transaction ends.
pub async fn due(tx: &Tx, tenant: &TenantId, now: Timestamp, limit: u64) -> Result<Vec<Case>> {
    let rows = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::NextTimerAt.lte(to_db_time(now)))
        .order_by_asc(Column::NextTimerAt)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx.conn())
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// Whether any case's date has come.
pub async fn any_due(conn: &impl ConnectionTrait, tenant: &TenantId, now: Timestamp) -> Result<bool> {
    let row: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::NextTimerAt.lte(to_db_time(now)))
        .limit(1)
        .into_tuple()
        .one(conn)
        .await
        .map_err(db_error)?;
    Ok(row.is_some())
}

/// An agent has read what the citizen wrote, up to `case`'s version: nothing that others need to hear of.
pub async fn mark_read(conn: &impl ConnectionTrait, case: &Case) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Unread, Expr::value(false))
        .filter(Column::Id.eq(case.id.0))
        .filter(Column::Tenant.eq(case.tenant.as_str()))
        .filter(Column::Version.eq(signed(case.version)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::date};
    use parvis_proto::common::{ProcedureSnapshot, UnitContact};

    use super::*;
    use crate::domain::{Priority, State};

    #[test]
    fn lists_show_the_most_urgent_first() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let plain = Case {
            id: CaseId::new(),
            tenant: TenantId::parse("clairval").unwrap(),
            reference: Reference::of_rank(1, 1).unwrap(),
            version: 1,
            base_version: 0,
            state: State::New,
            outcome: None,
            title: String::new(),
            channel: "web".into(),
            received_at: now,
            updated_at: now,
            closed_at: None,
            procedure: ProcedureSnapshot::default(),
            unit: UnitContact::default(),
            agent: String::new(),
            agent_name: String::new(),
            priority: Priority::Normal,
            requester_name: String::new(),
            requester_search: String::new(),
            legal_due_on: None,
            service_due_on: None,
            overdue: false,
            next_timer_at: None,
            unread: false,
            decision_sequence: None,
            acknowledged: false,
            waiting_since: None,
            filed_by: String::new(),
        };
        let mut ordered = [
            Case { overdue: true, service_due_on: Some(date(2026, 3, 9)), ..plain.clone() },
            Case { service_due_on: Some(date(2026, 3, 3)), ..plain.clone() },
            // The legal target is the day before.
            Case { legal_due_on: Some(date(2026, 3, 5)), service_due_on: Some(date(2026, 4, 1)), ..plain.clone() },
            Case { service_due_on: Some(date(2026, 3, 5)), ..plain.clone() },
            Case { received_at: now - SignedDuration::from_mins(1), ..plain.clone() },
            plain.clone(),
        ]
        .map(|case| sort_key(&case));
        let expected = ordered;
        ordered.sort_unstable();
        assert_eq!(ordered, expected);
        let closed =
            |hours| sort_key(&Case { closed_at: Some(now + SignedDuration::from_hours(hours)), ..plain.clone() });
        assert!(closed(2) < closed(1), "closed ones: newest first");
    }
}
