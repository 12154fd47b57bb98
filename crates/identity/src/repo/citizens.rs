//! `citizen`, the contacts and words that find one, and the requests of each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parvis_kernel::{CitizenId, Result, TenantId, Timestamp};
use parvis_proto::common::Requester;
use parvis_store::{db_error, from_db_time, one_of, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::domain::{linking::MatchKey, search};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "citizen")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub first_name: String,
        pub last_name: String,
        pub organization_name: String,
        pub siret: String,
        pub email: String,
        pub phone: String,
        pub postal_address: String,
        pub contact_mode: String,
        pub language: String,
        pub requests: i64,
        pub first_seen: i64,
        pub last_seen: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod contact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "citizen_contact")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub match_key: Vec<u8>,
        pub citizen: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod word {
    use sea_orm::entity::prelude::*;

    // Bytes, not text: a range of bytes finds what begins with a prefix whatever the database's collation.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "citizen_word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub word: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        pub citizen: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod progress_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "citizen_word_progress")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub tenant: String,
        pub last_citizen: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod request {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "citizen_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub citizen: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// Somebody known.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// Who.
    pub id: CitizenId,
    /// As last declared.
    pub requester: Requester,
    /// How many requests.
    pub requests: i64,
    /// The last of them.
    pub last_seen: Timestamp,
}

/// What a batch of requests says of one person.
#[derive(Clone, Debug)]
pub struct Seen {
    /// As last declared.
    pub requester: Requester,
    /// How many requests.
    pub requests: i64,
    /// The first of them.
    pub first_seen: Timestamp,
    /// The last of them.
    pub last_seen: Timestamp,
}

/// Whose these keys are, for those known.
pub async fn of_keys(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    keys: &BTreeSet<&MatchKey>,
) -> Result<HashMap<MatchKey, CitizenId>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = contact::Entity::find()
        .filter(contact::Column::Tenant.eq(tenant.as_str()))
        .filter(one_of(conn, contact::Column::MatchKey, keys.iter().map(|key| key.to_vec())))
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows.into_iter().map(|row| (row.match_key, CitizenId(row.citizen))).collect())
}

/// Adds keys, in their order (two processes that add the same ones wait for each other instead of for ever). Whether
/// all were new: otherwise another process has just linked the same people.
pub async fn add_keys(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    keys: &BTreeMap<MatchKey, CitizenId>,
) -> Result<bool> {
    let rows = keys.iter().map(|(key, citizen)| contact::ActiveModel {
        tenant: Set(tenant.to_string()),
        match_key: Set(key.clone()),
        citizen: Set(citizen.0),
    });
    let known = OnConflict::columns([contact::Column::Tenant, contact::Column::MatchKey]).do_nothing().to_owned();
    let added = rows::insert(rows).over(known).write(conn).await?;
    Ok(added == keys.len() as u64)
}

/// Adds people, or what is new of those known: requests are added up, and what was declared last replaces what was
/// declared before, save by nothing.
pub async fn see(conn: &impl ConnectionTrait, tenant: &TenantId, seen: &BTreeMap<CitizenId, Seen>) -> Result<()> {
    let rows = seen.iter().map(|(id, seen)| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        id: Set(id.0),
        kind: Set(seen.requester.kind.clone()),
        first_name: Set(seen.requester.first_name.clone()),
        last_name: Set(seen.requester.last_name.clone()),
        organization_name: Set(seen.requester.organization_name.clone()),
        siret: Set(seen.requester.siret.clone()),
        email: Set(seen.requester.email.clone()),
        phone: Set(seen.requester.phone.clone()),
        postal_address: Set(seen.requester.postal_address.clone()),
        contact_mode: Set(seen.requester.contact_mode.clone()),
        language: Set(seen.requester.language.clone()),
        requests: Set(seen.requests),
        first_seen: Set(to_db_time(seen.first_seen)),
        last_seen: Set(to_db_time(seen.last_seen)),
    });
    rows::insert(rows).over(merged()).write(conn).await?;
    Ok(())
}

fn merged() -> OnConflict {
    let declared = [
        (Column::FirstName, "first_name"),
        (Column::LastName, "last_name"),
        (Column::OrganizationName, "organization_name"),
        (Column::Siret, "siret"),
        (Column::Email, "email"),
        (Column::Phone, "phone"),
        (Column::PostalAddress, "postal_address"),
        (Column::ContactMode, "contact_mode"),
        (Column::Language, "language"),
    ];
    let mut known = OnConflict::columns([Column::Tenant, Column::Id]);
    for (column, name) in declared {
        let later = format!(
            "CASE WHEN excluded.{name} <> '' AND excluded.last_seen >= citizen.last_seen \
             THEN excluded.{name} ELSE citizen.{name} END"
        );
        known.value(column, Expr::cust(later));
    }
    known.value(Column::Requests, Expr::cust("citizen.requests + excluded.requests"));
    let later = "CASE WHEN excluded.last_seen > citizen.last_seen THEN excluded.last_seen ELSE citizen.last_seen END";
    known.value(Column::LastSeen, Expr::cust(later));
    known
}

/// Adds the words that find people.
pub async fn add_words(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    words: &BTreeSet<(&str, CitizenId)>,
) -> Result<()> {
    let rows = words.iter().map(|(text, citizen)| word::ActiveModel {
        tenant: Set(tenant.to_string()),
        word: Set(text.as_bytes().to_vec()),
        citizen: Set(citizen.0),
    });
    let known =
        OnConflict::columns([word::Column::Tenant, word::Column::Word, word::Column::Citizen]).do_nothing().to_owned();
    rows::insert(rows).over(known).write(conn).await?;
    Ok(())
}

/// Adds whose requests these are.
pub async fn add_requests(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    links: &[(CitizenId, parvis_kernel::RequestId)],
) -> Result<()> {
    let rows = links.iter().map(|(citizen, id)| request::ActiveModel {
        tenant: Set(tenant.to_string()),
        citizen: Set(citizen.0),
        request: Set(id.0),
    });
    let known = OnConflict::columns([request::Column::Tenant, request::Column::Citizen, request::Column::Request])
        .do_nothing()
        .to_owned();
    rows::insert(rows).over(known).write(conn).await?;
    Ok(())
}

/// Ids of those with a contact whose key begins so, at most `limit`.
pub async fn by_contact(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    prefix: &[u8],
    limit: u64,
) -> Result<Vec<Uuid>> {
    contact::Entity::find()
        .select_only()
        .column(contact::Column::Citizen)
        .filter(contact::Column::Tenant.eq(tenant.as_str()))
        .filter(contact::Column::MatchKey.gte(prefix))
        .filter(contact::Column::MatchKey.lt(search::after(prefix)))
        .order_by_asc(contact::Column::MatchKey)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)
}

/// Ids of those of whose name some word begins with each of `prefixes`, at most `limit`.
pub async fn by_words(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    prefixes: &[Vec<u8>],
    limit: u64,
) -> Result<Vec<Uuid>> {
    let Some((first, others)) = prefixes.split_first() else { return Ok(Vec::new()) };
    let beginning = |prefix: &[u8]| {
        word::Entity::find()
            .select_only()
            .column(word::Column::Citizen)
            .filter(word::Column::Tenant.eq(tenant.as_str()))
            .filter(word::Column::Word.gte(prefix))
            .filter(word::Column::Word.lt(search::after(prefix)))
    };
    let mut every = Condition::all();
    for other in others {
        every = every.add(word::Column::Citizen.in_subquery(beginning(other).into_query()));
    }
    beginning(first).filter(every).distinct().limit(limit).into_tuple().all(conn).await.map_err(db_error)
}

/// The most recently seen of `ids`, at most `limit`.
pub async fn latest_of(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: Vec<Uuid>,
    limit: u64,
) -> Result<Vec<Citizen>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Id.is_in(ids))
        .order_by_desc(Column::LastSeen)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows.into_iter().map(citizen).collect())
}

fn citizen(row: entity::Model) -> Citizen {
    Citizen {
        id: CitizenId(row.id),
        requests: row.requests,
        last_seen: from_db_time(row.last_seen),
        requester: Requester {
            kind: row.kind,
            first_name: row.first_name,
            last_name: row.last_name,
            organization_name: row.organization_name,
            siret: row.siret,
            email: row.email,
            phone: row.phone,
            postal_address: row.postal_address,
            contact_mode: row.contact_mode,
            language: row.language,
        },
    }
}

/// The people of every authority, by authority and id, after `after`, at most `limit`. For jobs, which answer nobody.
pub async fn in_order(
    conn: &impl ConnectionTrait,
    after: Option<&(TenantId, CitizenId)>,
    limit: u64,
) -> Result<Vec<(TenantId, Citizen)>> {
    let mut select = entity::Entity::find();
    if let Some((tenant, id)) = after {
        let beside = Condition::all().add(Column::Tenant.eq(tenant.as_str())).add(Column::Id.gt(id.0));
        select = select.filter(Condition::any().add(Column::Tenant.gt(tenant.as_str())).add(beside));
    }
    let sorted = select.order_by_asc(Column::Tenant).order_by_asc(Column::Id).limit(limit);
    let rows = sorted.all(conn).await.map_err(db_error)?;
    rows.into_iter().map(|row| Ok((TenantId::parse(&row.tenant)?, citizen(row)))).collect()
}

/// The last of those whose words of `version` were made; `None`: none yet.
pub async fn progress(conn: &impl ConnectionTrait, version: i64) -> Result<Option<(TenantId, CitizenId)>> {
    let row = progress_row::Entity::find_by_id(version).one(conn).await.map_err(db_error)?;
    row.map(|row| Ok((TenantId::parse(&row.tenant)?, CitizenId(row.last_citizen)))).transpose()
}

/// Keeps it.
pub async fn keep_progress(
    conn: &impl ConnectionTrait,
    version: i64,
    tenant: &TenantId,
    last: CitizenId,
) -> Result<()> {
    let row =
        progress_row::ActiveModel { version: Set(version), tenant: Set(tenant.to_string()), last_citizen: Set(last.0) };
    let known = OnConflict::column(progress_row::Column::Version)
        .update_columns([progress_row::Column::Tenant, progress_row::Column::LastCitizen])
        .to_owned();
    rows::insert([row]).over(known).write(conn).await?;
    Ok(())
}
