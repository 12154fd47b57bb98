//! Rules that could not be told: how often, and on which case last.

use std::collections::BTreeMap;

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId, Timestamp};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use crate::domain::{Decided, Snapshot, rules::Fault};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_fault")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rule_set: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rule: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub detail: String,
        pub times: i64,
        pub last_case: Uuid,
        pub last_reference: String,
        pub last_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// A list has this many at most.
const MAX_LISTED: u64 = 200;

/// A rule that could not be told.
#[derive(Clone, Debug)]
pub struct RuleFault {
    /// In which version.
    pub rule_set: u64,
    /// Its code.
    pub rule: String,
    /// Why.
    pub fault: Fault,
    /// How often.
    pub times: u64,
    /// On which case last.
    pub last_case: CaseId,
    /// Its short name.
    pub last_reference: String,
    /// When.
    pub last_at: Timestamp,
}

/// Counts the faults of these decisions; once they are committed, warns and measures. The caller holds the lock.
pub async fn count(tx: &mut Tx, tenant: &TenantId, snapshot: &Snapshot, decided: &[Decided]) -> Result<()> {
    let mut rows: BTreeMap<(String, String), (i64, &Decided)> = BTreeMap::new();
    for decision in decided {
        for (at, fault) in &decision.trace.placed.faults {
            let Some(rule) = snapshot.rules().rules.get(*at) else { continue };
            let (kind, tenant, code) = (fault.kind(), tenant.clone(), rule.code.clone());
            let (rule_set, case_id) = (snapshot.rule_set, decision.case_id);
            tx.after_commit(move || {
                metrics::counter!("parvis_routing_rule_faults_total", "kind" => kind).increment(1);
                tracing::warn!(
                    %tenant, rule_set, rule = %code, %case_id, kind,
                    "a rule could not be told; the case went on by the next: see the rules' page"
                );
            });
            let detail = serde_json::to_string(fault).map_err(Error::internal)?;
            let row = rows.entry((rule.code.clone(), detail)).or_insert((0, decision));
            *row = (row.0 + 1, decision);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut models = Vec::with_capacity(rows.len());
    for ((rule, detail), (times, last)) in rows {
        models.push(entity::ActiveModel {
            tenant: Set(tenant.to_string()),
            rule_set: Set(i64::try_from(snapshot.rule_set).map_err(Error::internal)?),
            rule: Set(rule),
            detail: Set(detail),
            times: Set(times),
            last_case: Set(last.case_id.0),
            last_reference: Set(last.reference.clone()),
            last_at: Set(to_db_time(last.at)),
        });
    }
    let sum = Expr::col((entity::Entity, Column::Times)).add(Expr::cust("excluded.times"));
    let over = OnConflict::columns([Column::Tenant, Column::RuleSet, Column::Rule, Column::Detail])
        .value(Column::Times, sum)
        .update_columns([Column::LastCase, Column::LastReference, Column::LastAt])
        .to_owned();
    rows::insert(models).over(over).write(tx.conn()).await?;
    Ok(())
}

/// The latest, latest first.
pub async fn list(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<RuleFault>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(Column::LastAt)
        .limit(MAX_LISTED)
        .all(conn)
        .await
        .map_err(db_error)?;
    let fault = |row: entity::Model| {
        Ok(RuleFault {
            rule_set: u64::try_from(row.rule_set).unwrap_or(0),
            rule: row.rule,
            fault: serde_json::from_str(&row.detail).map_err(Error::internal)?,
            times: u64::try_from(row.times).unwrap_or(0),
            last_case: RequestId(row.last_case),
            last_reference: row.last_reference,
            last_at: from_db_time(row.last_at),
        })
    };
    rows.into_iter().map(fault).collect()
}
