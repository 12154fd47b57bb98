//! When the latest notices that strangers caused go to each mailbox. A mailbox is a digest, of no authority: one that two
//! towns write to is one.

use std::collections::BTreeMap;

use parvis_kernel::{Result, Timestamp};
use parvis_store::{db_error, one_of, pieces, rows, to_db_time};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    sea_query::OnConflict,
};

use crate::domain::pace::Planned;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recipient_pace")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mailbox: String,
        pub planned: String,
        pub last_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{Column, Entity, Model};

/// What is planned for these mailboxes, locked until the transaction's end; always in the same order, so that two
/// transactions never wait for each other.
pub async fn lock(
    conn: &impl ConnectionTrait,
    mailboxes: impl Iterator<Item = String>,
    now: Timestamp,
) -> Result<BTreeMap<String, Planned>> {
    let mut planned: BTreeMap<String, Planned> = mailboxes.map(|mailbox| (mailbox, Planned::default())).collect();
    let new = planned.keys().map(|mailbox| Model {
        mailbox: mailbox.clone(),
        planned: String::new(),
        last_at: to_db_time(now),
    });
    // Written over itself, a row that is there is locked as one that is not.
    write(conn, new.collect(), &[Column::Mailbox]).await?;
    let mailboxes: Vec<String> = planned.keys().cloned().collect();
    for piece in pieces(conn, &mailboxes) {
        let condition = one_of(conn, Column::Mailbox, piece.iter().cloned());
        for row in Entity::find().filter(condition).all(conn).await.map_err(db_error)? {
            planned.insert(row.mailbox, Planned::read(&row.planned));
        }
    }
    Ok(planned)
}

/// Keeps what is planned now.
pub async fn keep(conn: &impl ConnectionTrait, planned: BTreeMap<String, Planned>, now: Timestamp) -> Result<()> {
    let rows = planned.into_iter().map(|(mailbox, planned)| Model {
        mailbox,
        last_at: to_db_time(planned.last().unwrap_or(now)),
        planned: planned.write(),
    });
    write(conn, rows.collect(), &[Column::Planned, Column::LastAt]).await
}

async fn write(conn: &impl ConnectionTrait, models: Vec<Model>, over: &[Column]) -> Result<()> {
    let models = models.into_iter().map(|row| row.into_active_model().reset_all());
    let conflict = OnConflict::column(Column::Mailbox).update_columns(over.iter().copied()).to_owned();
    rows::insert(models).over(conflict).write(conn).await.map(|_| ())
}

/// Forgets the mailboxes to which nothing was planned since `before`.
pub async fn purge(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    let gone =
        Entity::delete_many().filter(Column::LastAt.lt(to_db_time(before))).exec(conn).await.map_err(db_error)?;
    Ok(gone.rows_affected)
}
