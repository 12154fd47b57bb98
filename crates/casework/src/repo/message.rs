//! The table `case_message`: messages and notes, never changed.

use parvis_kernel::{CaseId, MessageId, Result, TenantId, Timestamp};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder,
};

use super::{signed, unsigned, word};
use crate::domain::{Author, Direction};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: i64,
        pub version: i64,
        pub direction: String,
        pub author: String,
        pub author_name: String,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// A message or a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its id.
    pub id: MessageId,
    /// The case it is about.
    pub case_id: CaseId,
    /// When.
    pub at: Timestamp,
    /// The version of the case that it made.
    pub version: u64,
    /// From whom to whom.
    pub direction: Direction,
    /// Who wrote.
    pub author: Author,
    /// What.
    pub text: String,
}

fn from_model(row: Model) -> Result<StoredMessage> {
    Ok(StoredMessage {
        id: MessageId(row.id),
        case_id: parvis_kernel::RequestId(row.case_id),
        at: from_db_time(row.at),
        version: unsigned(row.version),
        direction: word(&row.direction)?,
        author: Author { key: row.author, name: row.author_name },
        text: row.text,
    })
}

/// Keeps messages.
pub async fn insert(tx: &Tx, tenant: &TenantId, messages: &[StoredMessage]) -> Result<()> {
    let rows = messages.iter().map(|message| ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(message.case_id.0),
        id: Set(message.id.0),
        at: Set(to_db_time(message.at)),
        version: Set(signed(message.version)),
        direction: Set(message.direction.to_string()),
        author: Set(message.author.key.clone()),
        author_name: Set(message.author.name.clone()),
        text: Set(message.text.clone()),
    });
    rows::insert(rows).write(tx.conn()).await?;
    Ok(())
}

/// The messages of one case, oldest first.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Vec<StoredMessage>> {
    let rows = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(id.0))
        .order_by_asc(Column::Version)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// One message of one case.
pub async fn by_id(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    case_id: CaseId,
    id: MessageId,
) -> Result<Option<StoredMessage>> {
    let key = (tenant.to_string(), case_id.0, id.0);
    let row = Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// How many messages the citizen wrote about one case.
pub async fn count_from_citizen(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<u64> {
    Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(id.0))
        .filter(Column::Direction.eq(Direction::FromCitizen.as_str()))
        .count(conn)
        .await
        .map_err(db_error)
}
