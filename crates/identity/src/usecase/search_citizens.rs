//! People already known, to fill a form at the counter.

use parvis_kernel::{Caller, Error, Result, Role, reason::Expected};

use crate::{
    domain::search::Search,
    repo::{
        access_log::{self, Access},
        citizens::{self, Citizen},
    },
    service::Identity,
};

/// How many are shown.
const SHOWN: u64 = 20;
/// How many are looked at to choose the most recent: a vague search is cut short.
const LOOKED_AT: u64 = 200;

/// The people whose name, e-mail or telephone number is `query`, most recent first. Who looked and what they were
/// shown is kept before they are.
pub async fn search_citizens(identity: &Identity, caller: &Caller, query: &str) -> Result<Vec<Citizen>> {
    caller.require_agent(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    if query.contains(char::is_control) {
        let reason = Expected::OneLine;
        let message = "a name, an e-mail or a telephone number on one line is expected";
        return Err(Error::wrong("query", reason, message));
    }
    let search = Search::parse(query)?;
    let tenant = &caller.tenant;
    let conn = identity.store.read();
    let ids = match &search {
        Search::Contact(prefix) => citizens::by_contact(conn, tenant, prefix, LOOKED_AT).await?,
        Search::Name(prefixes) => citizens::by_words(conn, tenant, prefixes, LOOKED_AT).await?,
        Search::Nothing => Vec::new(),
    };
    let found = if ids.is_empty() { Vec::new() } else { citizens::latest_of(conn, tenant, ids, SHOWN).await? };
    let access = Access {
        actor: caller.actor_key(),
        action: "search_citizens".to_owned(),
        query: query.trim().to_owned(),
        citizens: found.iter().map(|citizen| citizen.id).collect(),
    };
    access_log::add(identity.store.write(), tenant, &access, identity.store.clock().now()).await?;
    Ok(found)
}
