//! The national fiches: contents, each kept once by its hash; generations, each a list of contents; the one served.

use std::collections::BTreeMap;

use parvis_kernel::{Error, Result, Timestamp};
use parvis_store::{db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, OnConflict, Query},
};

use crate::domain::fiche::{Fiche, Public};

mod content {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fiche")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub public: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub content_hash: String,
        pub content: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod member {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fiche_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub public: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub content_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod generation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fiche_generation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        pub source: String,
        pub fiches: i32,
        pub imported_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod served {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fiche_served")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub generation: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A fiche's place in a distribution.
pub type Key = (Public, String);

/// A generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its number.
    pub number: i64,
    /// What it was read from.
    pub source: String,
    /// When.
    pub imported_at: Timestamp,
}

/// The generation that is served; `None` before the first import.
pub async fn served_generation(conn: &impl ConnectionTrait) -> Result<Option<Generation>> {
    let Some(row) = served::Entity::find_by_id(1).one(conn).await.map_err(db_error)? else { return Ok(None) };
    let row = generation::Entity::find_by_id(row.generation).one(conn).await.map_err(db_error)?;
    Ok(row.map(|row| Generation {
        number: row.generation,
        source: row.source,
        imported_at: from_db_time(row.imported_at),
    }))
}

/// Which content each fiche of a generation has.
pub async fn members(conn: &impl ConnectionTrait, generation: i64) -> Result<BTreeMap<Key, String>> {
    let rows =
        member::Entity::find().filter(member::Column::Generation.eq(generation)).all(conn).await.map_err(db_error)?;
    rows.into_iter().map(|row| Ok(((public(&row.public)?, row.id), row.content_hash))).collect()
}

/// Keeps contents; one that is there already stays.
pub async fn keep(conn: &impl ConnectionTrait, contents: &[(String, String, &Fiche)]) -> Result<()> {
    let rows = contents.iter().map(|(hash, json, fiche)| content::ActiveModel {
        public: Set(fiche.public.as_str().to_owned()),
        id: Set(fiche.id.clone()),
        content_hash: Set(hash.clone()),
        content: Set(json.clone()),
    });
    let key = [content::Column::Public, content::Column::Id, content::Column::ContentHash];
    rows::insert(rows).over(OnConflict::columns(key).do_nothing().to_owned()).write(conn).await?;
    Ok(())
}

/// Writes the list of a generation and serves it.
pub async fn switch(
    conn: &impl ConnectionTrait,
    source: &str,
    members: &BTreeMap<Key, String>,
    now: Timestamp,
) -> Result<i64> {
    let latest: Option<Option<i64>> = generation::Entity::find()
        .select_only()
        .column_as(generation::Column::Generation.max(), "latest")
        .into_tuple()
        .one(conn)
        .await
        .map_err(db_error)?;
    let number = latest.flatten().unwrap_or(0) + 1;
    let row = generation::ActiveModel {
        generation: Set(number),
        source: Set(source.to_owned()),
        fiches: Set(i32::try_from(members.len()).unwrap_or(i32::MAX)),
        imported_at: Set(to_db_time(now)),
    };
    // A second import that took the same number is refused here, whole.
    generation::Entity::insert(row).exec_without_returning(conn).await.map_err(|error| {
        if parvis_store::is_unique_violation(&error) {
            return Error::conflict("another import of fiches has just ended: start again");
        }
        db_error(error)
    })?;
    let rows = members.iter().map(|((public, id), hash)| member::ActiveModel {
        generation: Set(number),
        public: Set(public.as_str().to_owned()),
        id: Set(id.clone()),
        content_hash: Set(hash.clone()),
    });
    rows::insert(rows).write(conn).await?;
    let row = served::ActiveModel { id: Set(1), generation: Set(number) };
    served::Entity::insert(row)
        .on_conflict(OnConflict::column(served::Column::Id).update_column(served::Column::Generation).to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(number)
}

/// Forgets the lists of the generations before `oldest`, and the contents that only they name.
pub async fn forget_before(conn: &impl ConnectionTrait, oldest: i64) -> Result<()> {
    member::Entity::delete_many().filter(member::Column::Generation.lt(oldest)).exec(conn).await.map_err(db_error)?;
    generation::Entity::delete_many()
        .filter(generation::Column::Generation.lt(oldest))
        .exec(conn)
        .await
        .map_err(db_error)?;
    let named = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new("fiche_member"))
        .and_where(
            Expr::col((Alias::new("fiche_member"), Alias::new("public")))
                .equals((Alias::new("fiche"), Alias::new("public"))),
        )
        .and_where(
            Expr::col((Alias::new("fiche_member"), Alias::new("id"))).equals((Alias::new("fiche"), Alias::new("id"))),
        )
        .and_where(
            Expr::col((Alias::new("fiche_member"), Alias::new("content_hash")))
                .equals((Alias::new("fiche"), Alias::new("content_hash"))),
        )
        .and_where(Expr::col((Alias::new("fiche_member"), Alias::new("generation"))).gte(oldest))
        .to_owned();
    content::Entity::delete_many().filter(Expr::exists(named).not()).exec(conn).await.map_err(db_error)?;
    Ok(())
}

/// One fiche of a generation.
pub async fn find(conn: &impl ConnectionTrait, generation: i64, key: &Key) -> Result<Option<Fiche>> {
    let member = member::Entity::find_by_id((generation, key.0.as_str().to_owned(), key.1.clone()))
        .one(conn)
        .await
        .map_err(db_error)?;
    let Some(member) = member else { return Ok(None) };
    let row = content::Entity::find_by_id((member.public, member.id, member.content_hash))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(|row| serde_json::from_str(&row.content).map_err(Error::internal)).transpose()
}

/// Some fiches of a generation after `last`, in the order of their keys.
pub async fn page(conn: &impl ConnectionTrait, generation: i64, last: Option<&Key>, limit: u64) -> Result<Vec<Fiche>> {
    let mut members = member::Entity::find()
        .filter(member::Column::Generation.eq(generation))
        .order_by_asc(member::Column::Public)
        .order_by_asc(member::Column::Id)
        .limit(limit);
    if let Some((public, id)) = last {
        let public = public.as_str();
        members = members.filter(
            member::Column::Public
                .gt(public)
                .or(member::Column::Public.eq(public).and(member::Column::Id.gt(id.as_str()))),
        );
    }
    let on = Expr::col((member::Entity, member::Column::Public))
        .equals((content::Entity, content::Column::Public))
        .and(Expr::col((member::Entity, member::Column::Id)).equals((content::Entity, content::Column::Id)))
        .and(
            Expr::col((member::Entity, member::Column::ContentHash))
                .equals((content::Entity, content::Column::ContentHash)),
        );
    let rows: Vec<String> = {
        let mut select =
            members.select_only().column_as(Expr::col((content::Entity, content::Column::Content)), "content");
        QuerySelect::query(&mut select).join(JoinType::InnerJoin, content::Entity, on);
        select.into_tuple().all(conn).await.map_err(db_error)?
    };
    rows.iter().map(|json| serde_json::from_str(json).map_err(Error::internal)).collect()
}

fn public(word: &str) -> Result<Public> {
    Public::of_word(word).ok_or_else(|| Error::internal(format!("« {word} » is not a public of the fiches")))
}
