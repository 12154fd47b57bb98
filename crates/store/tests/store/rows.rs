//! Rows written many at a time are what was given, whatever their number and what is null in them.

use anyhow::Result;
use parvis_store::{one_of, rows};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Alias, Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use super::Given;

mod sample {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sample")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub town: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub rank: Option<i16>,
        pub note: Option<String>,
        #[sea_orm(column_type = "VarBinary(StringLen::None)", nullable)]
        pub body: Option<Vec<u8>>,
        pub kin: Option<Uuid>,
        pub open: bool,
        pub share: Option<f64>,
        pub kept: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sample::{ActiveModel, Column, Entity, Model};

const TABLE: &str = "CREATE TABLE sample (town TEXT NOT NULL, id UUID NOT NULL, version BIGINT NOT NULL, rank SMALLINT, \
                     note TEXT, body BYTEA, kin UUID, open BOOLEAN NOT NULL, share DOUBLE PRECISION, \
                     kept BIGINT NOT NULL DEFAULT 7, PRIMARY KEY (town, id))";
/// What text may hold that a statement could take for its own.
const TEXTS: [&str; 6] = ["", "l’été", "$1 $$ ?", "'); --", "{a,\"b\",NULL}", "\\x00 \\"];

fn sample(n: usize) -> Model {
    let some = |every: usize| !n.is_multiple_of(every);
    Model {
        town: "saint-exemple".to_owned(),
        id: Uuid::from_u128(n as u128),
        version: 1 - n as i64,
        rank: some(2).then_some(n as i16),
        note: some(3).then(|| TEXTS[n % TEXTS.len()].to_owned()),
        body: some(5).then(|| vec![n as u8; n % 4]),
        kin: some(7).then(|| Uuid::from_u128(u128::MAX - n as u128)),
        open: some(4),
        share: some(6).then_some(n as f64 / 8.0),
        kept: 7,
    }
}

/// As inserted, its last column left to the database.
fn given(row: &Model) -> ActiveModel {
    let row = row.clone();
    ActiveModel {
        town: Set(row.town),
        id: Set(row.id),
        version: Set(row.version),
        rank: Set(row.rank),
        note: Set(row.note),
        body: Set(row.body),
        kin: Set(row.kin),
        open: Set(row.open),
        share: Set(row.share),
        kept: NotSet,
    }
}

fn known() -> OnConflict {
    OnConflict::columns([Column::Town, Column::Id])
}

pub(super) async fn any_number_of_rows_is_kept_as_given(at: Given) -> Result<()> {
    let conn = at.store.write();
    conn.execute_unprepared(TABLE).await?;
    for count in [0, 1, 2, 31, 33, 600, 1201] {
        Entity::delete_many().exec(conn).await?;
        let samples: Vec<Model> = (0..count).map(sample).collect();
        assert_eq!(rows::insert(samples.iter().map(given)).write(conn).await?, count as u64);
        assert_eq!(Entity::find().order_by_asc(Column::Id).all(conn).await?, samples, "{count}");
    }
    // Where a whole column is null, or none of it.
    for only in [0, 1] {
        Entity::delete_many().exec(conn).await?;
        let samples: Vec<Model> = (0..20).map(|n| sample(420 * n + only)).collect();
        rows::insert(samples.iter().map(given)).write(conn).await?;
        assert_eq!(Entity::find().order_by_asc(Column::Id).all(conn).await?, samples);
    }
    Ok(())
}

pub(super) async fn rows_that_are_there_are_left_or_changed_as_told(at: Given) -> Result<()> {
    let conn = at.store.write();
    conn.execute_unprepared(TABLE).await?;
    rows::insert((0..50).map(sample).map(|row| given(&row))).write(conn).await?;
    // Left: only the others are new.
    let left = rows::insert((40..90).map(sample).map(|row| given(&row))).over(known().do_nothing().to_owned());
    let mut keys = left.keys(conn).await?;
    keys.sort();
    let expected: Vec<_> = (50..90).map(|n| ("saint-exemple".to_owned(), Uuid::from_u128(n))).collect();
    assert_eq!(keys, expected);
    // Changed, where the version is the one expected.
    let expected_version =
        Expr::col((Entity, Column::Version)).eq(Expr::col((Alias::new("excluded"), Column::Version)));
    let over = known().update_columns([Column::Note, Column::Rank]).action_and_where(expected_version).to_owned();
    let changed = (0..90).map(|n| {
        let mut row = sample(n);
        row.note = None;
        row.rank = Some(-3);
        row.version += i64::from(n >= 60);
        given(&row)
    });
    assert_eq!(rows::insert(changed).over(over).write(conn).await?, 60);
    assert_eq!(Entity::find().filter(Column::Note.is_null()).filter(Column::Rank.eq(-3)).count(conn).await?, 60);
    // Refused whole: the rest of a statement goes with the one that cannot be written.
    assert!(rows::insert([given(&sample(500)), given(&sample(1))]).write(conn).await.is_err());
    assert_eq!(Entity::find().count(conn).await?, 90);
    Ok(())
}

pub(super) async fn one_of_names_those_and_no_other(at: Given) -> Result<()> {
    let conn = at.store.write();
    conn.execute_unprepared(TABLE).await?;
    rows::insert((0..700).map(sample).map(|row| given(&row))).write(conn).await?;
    for wanted in [0..0, 3..4, 10..40, 650..800] {
        let ids = wanted.clone().map(|n| Uuid::from_u128(n as u128));
        let found = Entity::find().filter(one_of(conn, Column::Id, ids)).order_by_asc(Column::Id).all(conn).await?;
        assert_eq!(found, wanted.filter(|n| *n < 700).map(sample).collect::<Vec<_>>());
    }
    let notes = ["l’été", "'); --"];
    let found = Entity::find().filter(one_of(conn, Column::Note, notes)).count(conn).await?;
    assert_eq!(
        found,
        (0..700).map(sample).filter(|row| row.note.as_deref().is_some_and(|it| notes.contains(&it))).count() as u64
    );
    Ok(())
}
