//! Tracking codes, by request.

use std::collections::HashMap;

use parvis_kernel::{RequestId, Result, TenantId};
use parvis_store::{db_error, one_of, pieces, rows};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, QueryFilter as _,
    sea_query::OnConflict,
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tracking_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: Uuid,
        pub code: String,
    }

    /// Without the code.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Model").field("request_id", &self.request_id).finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Keeps codes; one that is there stays.
pub async fn keep(conn: &impl ConnectionTrait, codes: Vec<(TenantId, RequestId, String)>) -> Result<()> {
    let known: HashMap<_, _> = codes.into_iter().map(|(tenant, id, code)| ((tenant, id.0), code)).collect();
    let models = known.into_iter().map(|((tenant, id), code)| ActiveModel {
        tenant: Set(tenant.to_string()),
        request_id: Set(id),
        code: Set(code),
    });
    let over = OnConflict::columns([Column::Tenant, Column::RequestId]).do_nothing().to_owned();
    rows::insert(models).over(over).write(conn).await?;
    Ok(())
}

/// The codes of these requests of `tenant`; of any, for the job that sends everybody's.
pub async fn of(
    conn: &impl ConnectionTrait,
    tenant: Option<&TenantId>,
    requests: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    let mut codes = HashMap::with_capacity(requests.len());
    for chunk in pieces(conn, requests) {
        let town = tenant.map(|tenant| Column::Tenant.eq(tenant.as_str()));
        let found = Entity::find()
            .filter(Condition::all().add_option(town))
            .filter(one_of(conn, Column::RequestId, chunk.iter().copied()))
            .all(conn)
            .await
            .map_err(db_error)?;
        codes.extend(found.into_iter().map(|row| (row.request_id, row.code)));
    }
    Ok(codes)
}
