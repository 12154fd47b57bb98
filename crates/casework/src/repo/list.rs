//! Lists of cases, by pages.
//!
//! A list is a merge of branches, one a list that has an index of its own (an agent's, a unit's, a unit's queue), open
//! cases apart from closed ones. Each branch gives no more keys than the page holds, in the order of its index; the
//! cases of the page are then read by their ids. The index alone gives the keys, but for an agent's cases of one unit,
//! which are looked for among the agent's. So a page costs the same at a thousand cases and at a million; a search by
//! person costs what as many cases as have those words cost.

use std::collections::HashMap;

use jiff::civil::Date;
use parvis_kernel::{Result, TenantId, UnitId};
use parvis_store::db_error;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait as _,
    Select,
    sea_query::{Alias, Asterisk, Expr, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    case::{
        by_ids,
        entity::{Column, Entity},
        key_after, queue_of,
    },
    word,
};
use crate::domain::{Case, State, person_words::Wanted};

/// What a place in a list is made of.
const KEY: [Column; 3] = [Column::IsOpen, Column::SortKey, Column::Id];
/// Branches of one statement at most; SQLite takes 500.
const BRANCHES: usize = 100;

/// Whose cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An agent's own.
    Agent(String),
    /// A unit's.
    Unit(String),
    /// Those of a unit that an agent has.
    AgentOfUnit {
        /// The agent.
        agent: String,
        /// The unit.
        unit: String,
    },
    /// A unit's, without an agent.
    Queue(String),
    /// Those an agent filed.
    FiledBy(String),
    /// The whole town's: only ever with a person wanted.
    Town,
}

/// What a list holds.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The authority.
    pub tenant: TenantId,
    /// Whose; none: nothing.
    pub sources: Vec<Source>,
    /// In which states; never empty.
    pub states: Vec<State>,
    /// Of these units only; empty: of any.
    pub unit: String,
    /// Only open ones, overdue or due by that day.
    pub due_by: Option<Date>,
    /// Only those of the person looked for.
    pub wanted: Option<Wanted>,
}

/// The place of a case in a list; where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Cursor {
    is_open: bool,
    sort_key: i64,
    id: Uuid,
}

impl Cursor {
    /// Reads a token; empty: the first page.
    pub fn parse(token: &str) -> Result<Option<Self>> {
        if token.is_empty() {
            return Ok(None);
        }
        let wrong = || parvis_kernel::page::bad_token("page_token");
        let mut parts = token.splitn(3, '.');
        let is_open = match parts.next() {
            Some("o") => true,
            Some("c") => false,
            _ => return Err(wrong()),
        };
        let sort_key = parts.next().and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
        let id = parts.next().and_then(|text| Uuid::try_parse(text).ok()).ok_or_else(wrong)?;
        Ok(Some(Self { is_open, sort_key, id }))
    }

    fn token(&self) -> String {
        format!("{}.{}.{}", if self.is_open { 'o' } else { 'c' }, self.sort_key, self.id.simple())
    }

    /// Open ones first, then as each branch is sorted.
    fn rank(&self) -> (bool, i64, Uuid) {
        (!self.is_open, self.sort_key, self.id)
    }
}

/// One page and the token of the next, empty on the last.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u64,
) -> Result<(Vec<Case>, String)> {
    let mut keys: Vec<Cursor> = Vec::new();
    for open in [true, false] {
        if keys.len() as u64 > limit || after.is_some_and(|cursor| !cursor.is_open && open) {
            continue;
        }
        let states: Vec<State> = filter.states.iter().copied().filter(|state| state.is_open() == open).collect();
        if states.is_empty() || (filter.due_by.is_some() && !open) {
            continue;
        }
        let after = after.filter(|cursor| cursor.is_open == open);
        let branches: Vec<SelectStatement> =
            filter.sources.iter().map(|source| branch(filter, source, open, &states, after, limit + 1)).collect();
        for chunk in branches.chunks(BRANCHES) {
            let statement = conn.get_database_backend().build(&merged(chunk));
            keys.extend(Cursor::find_by_statement(statement).all(conn).await.map_err(db_error)?);
        }
    }
    keys.sort_by_key(Cursor::rank);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next = if more { keys.last().map(Cursor::token).unwrap_or_default() } else { String::new() };
    if keys.is_empty() {
        return Ok((Vec::new(), next));
    }
    let mut cases = by_ids(conn, &filter.tenant, keys.iter().map(|key| key.id).collect()).await?;
    // As they were when the keys were read: one that changed since keeps its place on this page.
    let place: HashMap<Uuid, usize> = keys.iter().enumerate().map(|(at, key)| (key.id, at)).collect();
    cases.sort_by_key(|case| place.get(&case.id.0).copied());
    Ok((cases, next))
}

fn branch(
    filter: &Filter,
    source: &Source,
    open: bool,
    states: &[State],
    after: Option<Cursor>,
    limit: u64,
) -> SelectStatement {
    let mut select = of_source(Entity::find().select_only().columns(KEY), source)
        .filter(Column::Tenant.eq(filter.tenant.as_str()))
        .filter(Column::IsOpen.eq(open));
    if !filter.unit.is_empty() {
        select = select.filter(Column::Unit.eq(filter.unit.as_str()));
    }
    if let Some(day) = filter.due_by {
        select = select.filter(Column::SortKey.lt(key_after(day)));
    }
    let all = State::ALL.iter().filter(|state| state.is_open() == open).count();
    if states.len() < all {
        select = select.filter(Column::State.is_in(states.iter().map(|state| state.as_str())));
    }
    for ids in filter.wanted.iter().flat_map(|wanted| word::matching(&filter.tenant, wanted)) {
        select = select.filter(Column::Id.in_subquery(ids));
    }
    sorted(select.into_query(), after, limit)
}

fn sorted(mut select: SelectStatement, after: Option<Cursor>, limit: u64) -> SelectStatement {
    if let Some(after) = after {
        select
            .and_where(Column::SortKey.gte(after.sort_key))
            .cond_where(Condition::any().add(Column::SortKey.gt(after.sort_key)).add(Column::Id.gt(after.id)));
    }
    select
        .order_by(Column::SortKey, sea_orm::Order::Asc)
        .order_by(Column::Id, sea_orm::Order::Asc)
        .limit(limit)
        .to_owned()
}

/// The conditions `<> ''` say what the partial indexes say: without them the planner may not use them.
fn of_source(select: Select<Entity>, source: &Source) -> Select<Entity> {
    match source {
        Source::Agent(agent) => select.filter(Column::Holder.eq(agent.as_str())).filter(Expr::cust("holder <> ''")),
        Source::AgentOfUnit { agent, unit } => {
            of_source(select, &Source::Agent(agent.clone())).filter(Column::Unit.eq(unit.as_str()))
        }
        Source::Queue(unit) => select.filter(Column::Holder.eq(queue_of(unit))).filter(Expr::cust("holder <> ''")),
        Source::Unit(unit) => select.filter(Column::Unit.eq(unit.as_str())).filter(Expr::cust("unit <> ''")),
        Source::Town => select,
        Source::FiledBy(agent) => {
            select.filter(Column::FiledBy.eq(agent.as_str())).filter(Expr::cust("filed_by <> ''"))
        }
    }
}

fn merged(branches: &[SelectStatement]) -> SelectStatement {
    let whole = |branch: &SelectStatement| {
        Query::select().column(Asterisk).from_subquery(branch.clone(), Alias::new("branch")).to_owned()
    };
    let mut all = branches.iter().map(whole);
    let Some(mut first) = all.next() else { return Query::select().to_owned() };
    first.unions(all.map(|branch| (UnionType::All, branch)));
    first
}

/// Open cases of a unit that are overdue or due by some day.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DueCount {
    /// The unit.
    pub unit: String,
    /// The agent; empty: in the queue.
    pub agent: String,
    /// Their name.
    pub agent_name: String,
    /// How many.
    pub cases: i64,
}

/// Those overdue or due on `day` at the latest, by unit and agent; read from the units' index, up to that day only.
pub async fn count_due<'a>(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    units: impl Iterator<Item = &'a UnitId>,
    day: Date,
) -> Result<Vec<DueCount>> {
    Entity::find()
        .select_only()
        .columns([Column::Unit, Column::Agent])
        .column_as(Column::AgentName.max(), "agent_name")
        .column_as(Column::Id.count(), "cases")
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Unit.is_in(units.map(UnitId::as_str)))
        .filter(Expr::cust("unit <> ''"))
        .filter(Column::IsOpen.eq(true))
        .filter(Column::SortKey.lt(key_after(day)))
        .group_by(Column::Unit)
        .group_by(Column::Agent)
        .into_model::<DueCount>()
        .all(conn)
        .await
        .map_err(db_error)
}
