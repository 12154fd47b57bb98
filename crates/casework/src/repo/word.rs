//! The table `case_word`: what finds cases by the person who asks; and how far older cases have theirs.

use std::collections::BTreeSet;

use parvis_kernel::{CaseId, RequestId, Result, TenantId};
use parvis_store::{db_error, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _,
    sea_query::{OnConflict, SelectStatement},
};

use crate::domain::person_words::Wanted;

mod entity {
    use sea_orm::entity::prelude::*;

    // Bytes, not text: a range of bytes finds what begins with a prefix whatever the database's collation.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub word: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod progress {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_word_progress")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub last_case: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Adds the words of cases; those that are there already stay.
pub async fn add(
    conn: &impl ConnectionTrait,
    words: impl IntoIterator<Item = (&TenantId, CaseId, BTreeSet<String>)>,
) -> Result<()> {
    let rows = words.into_iter().flat_map(|(tenant, id, words)| {
        words.into_iter().map(move |word| ActiveModel {
            tenant: Set(tenant.to_string()),
            word: Set(word.into_bytes()),
            case_id: Set(id.0),
        })
    });
    let known = OnConflict::columns([Column::Tenant, Column::Word, Column::CaseId]).do_nothing().to_owned();
    rows::insert(rows).over(known).write(conn).await?;
    Ok(())
}

/// The ids of the cases that have what is wanted: one selection a word, all of which a case must be in.
pub fn matching(tenant: &TenantId, wanted: &Wanted) -> Vec<SelectStatement> {
    let of = |range: sea_orm::Condition| {
        let ids = Entity::find().select_only().column(Column::CaseId);
        ids.filter(Column::Tenant.eq(tenant.as_str())).filter(range).into_query()
    };
    match wanted {
        Wanted::Exactly(word) => {
            vec![of(sea_orm::Condition::all().add(Column::Word.eq(word.as_bytes().to_vec())))]
        }
        Wanted::Names(words) => words
            .iter()
            .map(|word| {
                let from = word.as_bytes().to_vec();
                // No byte of UTF-8 is as large.
                let until = [from.as_slice(), &[0xff]].concat();
                of(sea_orm::Condition::all().add(Column::Word.gte(from)).add(Column::Word.lt(until)))
            })
            .collect(),
    }
}

/// The last case whose words of `version` were made; `None`: none yet.
pub async fn progress(conn: &impl ConnectionTrait, version: i64) -> Result<Option<CaseId>> {
    let row = progress::Entity::find_by_id(version).one(conn).await.map_err(db_error)?;
    Ok(row.map(|row| RequestId(row.last_case)))
}

/// Keeps it.
pub async fn keep_progress(conn: &impl ConnectionTrait, version: i64, last: CaseId) -> Result<()> {
    let row = progress::ActiveModel { version: Set(version), last_case: Set(last.0) };
    let known = OnConflict::column(progress::Column::Version).update_column(progress::Column::LastCase).to_owned();
    rows::insert([row]).over(known).write(conn).await?;
    Ok(())
}
