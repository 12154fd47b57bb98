//! What is known of each procedure, to propose it: a copy of what intake's file says, replaced whole with it.

use parvis_kernel::{Result, TenantId};
use parvis_store::{db_error, rows};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "procedure_card")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub position: i32,
        pub title: String,
        pub summary: String,
        pub theme: String,
        pub keywords: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A procedure, as it is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcedureCard {
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// Its theme's code.
    pub theme: String,
    /// Other words for it.
    pub keywords: Vec<String>,
}

/// Those of an authority, in the order of its file.
pub async fn all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<ProcedureCard>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(entity::Column::Position)
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows
        .into_iter()
        .map(|row| ProcedureCard {
            keywords: row.keywords.lines().map(str::to_owned).collect(),
            code: row.code,
            title: row.title,
            summary: row.summary,
            theme: row.theme,
        })
        .collect())
}

/// Puts these in the place of those that were there.
pub async fn replace(conn: &impl ConnectionTrait, tenant: &TenantId, cards: &[ProcedureCard]) -> Result<()> {
    entity::Entity::delete_many()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    let rows = (0..).zip(cards).map(|(position, card)| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        code: Set(card.code.clone()),
        position: Set(position),
        title: Set(card.title.clone()),
        summary: Set(card.summary.clone()),
        theme: Set(card.theme.clone()),
        keywords: Set(card.keywords.join("\n")),
    });
    rows::insert(rows).write(conn).await?;
    Ok(())
}
