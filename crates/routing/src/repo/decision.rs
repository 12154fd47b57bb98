//! Every decision, with its explanation. Only ever added to.

use parvis_kernel::{AgentId, CaseId, DecisionId, Error, RequestId, Result, TeamId, TenantId, UnitId};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::case;
use crate::domain::{Cause, Decided, Trace};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "decision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: String,
        pub case_id: Uuid,
        pub sequence: i64,
        pub decided_at: i64,
        pub cause: String,
        pub unit: String,
        pub team: String,
        pub agent: Option<String>,
        pub agent_name: String,
        pub priority: i16,
        pub summary: String,
        pub trace: String,
        pub actor: String,
        pub reason: String,
        pub rule: String,
        pub rule_set: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// A case has this many decisions at most in a list: the latest.
const MAX_LISTED: u64 = 500;

/// The decisions about one case, oldest first.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, case: CaseId) -> Result<Vec<Decided>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(case.0))
        .order_by_desc(Column::Sequence)
        .limit(MAX_LISTED)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().rev().map(from_model).collect()
}

/// Adds decisions.
pub async fn add(tx: &Tx, tenant: &TenantId, decided: &[Decided]) -> Result<()> {
    let rows = decided.iter().map(|decision| to_model(tenant, decision)).collect::<Result<Vec<_>>>()?;
    rows::insert(rows).write(tx.conn()).await?;
    Ok(())
}

fn to_model(tenant: &TenantId, decision: &Decided) -> Result<entity::ActiveModel> {
    Ok(entity::ActiveModel {
        id: Set(decision.id.0),
        tenant: Set(tenant.to_string()),
        case_id: Set(decision.case_id.0),
        sequence: Set(i64::try_from(decision.sequence).map_err(Error::internal)?),
        decided_at: Set(to_db_time(decision.at)),
        cause: Set(decision.cause.as_str().to_owned()),
        unit: Set(decision.unit.to_string()),
        team: Set(decision.team.as_ref().map(ToString::to_string).unwrap_or_default()),
        agent: Set(decision.agent.as_ref().map(ToString::to_string)),
        agent_name: Set(decision.agent_name.clone()),
        priority: Set(case::rank(decision.priority)),
        summary: Set(decision.summary.clone()),
        trace: Set(decision.trace.to_stored()?),
        actor: Set(decision.actor.clone()),
        reason: Set(decision.reason.clone()),
        rule: Set(decision.rule.clone()),
        rule_set: Set(i64::try_from(decision.rule_set).map_err(Error::internal)?),
    })
}

fn from_model(row: entity::Model) -> Result<Decided> {
    Ok(Decided {
        id: DecisionId(row.id),
        case_id: RequestId(row.case_id),
        reference: String::new(),
        sequence: u64::try_from(row.sequence).unwrap_or(0),
        at: from_db_time(row.decided_at),
        cause: Cause::parse(&row.cause).ok_or_else(|| Error::internal(format!("unknown cause {}", row.cause)))?,
        unit: UnitId::parse(&row.unit)?,
        team: (!row.team.is_empty()).then(|| TeamId::parse(&row.team)).transpose()?,
        agent: row.agent.as_deref().map(AgentId::parse).transpose()?,
        agent_name: row.agent_name,
        priority: case::priority(row.priority),
        summary: row.summary,
        trace: Trace::from_stored(&row.trace)?,
        actor: row.actor,
        reason: row.reason,
        rule: row.rule,
        rule_set: u64::try_from(row.rule_set).unwrap_or(0),
    })
}
