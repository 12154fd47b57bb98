//! The table `case_history`: appended, never changed.

use parvis_kernel::{CaseId, EventId, RequestId, Result, TenantId};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{optional_word, signed, unsigned, word};
use crate::domain::{Author, Line};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: i64,
        pub version: i64,
        pub kind: String,
        pub actor: String,
        pub actor_name: String,
        pub detail: String,
        pub state: String,
        pub outcome: String,
        pub unit: String,
        pub agent: String,
        pub priority: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

fn from_model(row: Model) -> Result<Line> {
    let state = word(&row.state)?;
    Ok(Line {
        case_id: RequestId(row.case_id),
        at: from_db_time(row.at),
        version: unsigned(row.version),
        kind: word(&row.kind)?,
        author: Author { key: row.actor, name: row.actor_name },
        detail: row.detail,
        public_detail: String::new(),
        from: state,
        state,
        outcome: optional_word(&row.outcome)?,
        unit: row.unit,
        agent: row.agent,
        priority: word(&row.priority)?,
    })
}

/// Appends lines, of any cases of one tenant.
pub async fn append<'a>(tx: &Tx, tenant: &TenantId, lines: impl IntoIterator<Item = &'a Line>) -> Result<()> {
    let rows = lines.into_iter().map(|line| ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(line.case_id.0),
        id: Set(EventId::new().0),
        at: Set(to_db_time(line.at)),
        version: Set(signed(line.version)),
        kind: Set(line.kind.to_string()),
        actor: Set(line.author.key.clone()),
        actor_name: Set(line.author.name.clone()),
        detail: Set(line.detail.clone()),
        state: Set(line.state.to_string()),
        outcome: Set(line.outcome.map(|outcome| outcome.to_string()).unwrap_or_default()),
        unit: Set(line.unit.clone()),
        agent: Set(line.agent.clone()),
        priority: Set(line.priority.to_string()),
    });
    rows::insert(rows).write(tx.conn()).await?;
    Ok(())
}

/// The lines of one case, oldest first.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Vec<Line>> {
    let rows = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(id.0))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Version)
        .order_by_asc(Column::Id)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}
