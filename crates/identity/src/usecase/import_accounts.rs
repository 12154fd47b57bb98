//! The accounts of a directory file.

use std::collections::{BTreeSet, HashMap};

use futures::{StreamExt as _, TryStreamExt as _};
use parvis_directory::{Agent, DirectoryFile};
use parvis_kernel::{AgentId, Error, Result, Role, TenantId};
use parvis_runtime::Tenants;
use parvis_store::Store;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    crypto::passwords::Passwords,
    domain::{
        account::Profile,
        password,
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts::{self, Given},
        security_events::security_event,
        sessions,
    },
};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Accounts that were not known.
    pub added: usize,
    /// Accounts that changed, or came back.
    pub updated: usize,
    /// Accounts that are no longer in the file: closed, their sessions ended.
    pub closed: usize,
    /// Accounts that have no password: they cannot sign in until `parvis account set-password`.
    pub without_password: usize,
}

/// Makes the accounts of a tenant those of `file`. Importing the same file again changes nothing. Active accounts
/// without a password get `demo_password`, where one is given; it is marked as published, and opens nothing outside a
/// demonstration (`server.demonstration`).
///
/// # Errors
/// "Invalid" where the file's tenant is not served here or the demonstration password is too weak.
pub async fn import_accounts(
    store: &Store,
    tenants: &Tenants,
    file: &DirectoryFile,
    demo_password: Option<SecretString>,
) -> Result<ImportSummary> {
    let tenant = &file.tenant;
    if tenants.get(tenant).is_none() {
        return Err(Error::invalid("tenant", format!("{tenant} is not in tenants.toml: add it there first")));
    }
    if let Some(password) = &demo_password {
        password::check_length(password.expose_secret(), "demo_password")?;
    }
    let profiles: Vec<Profile> = file.agents.iter().map(|agent| profile(file, agent)).collect();
    let mut summary = put(store, tenant, &profiles).await?;
    let mut bare: Vec<AgentId> = accounts::list(store.read(), tenant)
        .await?
        .into_iter()
        .filter(|account| account.active && !account.has_password)
        .map(|account| account.profile.code)
        .collect();
    if let Some(password) = demo_password {
        give_password(store, tenant, &bare, &password).await?;
        bare.clear();
    }
    summary.without_password = bare.len();
    Ok(summary)
}

fn profile(file: &DirectoryFile, agent: &Agent) -> Profile {
    let seen_units: BTreeSet<_> = if agent.roles.contains(&Role::Supervisor) {
        agent.units.iter().flat_map(|unit| file.units_below(unit)).collect()
    } else {
        agent.units.iter().cloned().collect()
    };
    Profile {
        code: agent.code.clone(),
        name: agent.full_name(),
        email: agent.email.clone(),
        roles: agent.roles.clone(),
        own_units: agent.units.clone(),
        seen_units,
        site: agent.site.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

async fn put(store: &Store, tenant: &TenantId, profiles: &[Profile]) -> Result<ImportSummary> {
    let tx = store.begin().await?;
    let known = accounts::list(tx.conn(), tenant).await?;
    let by_code: HashMap<_, _> = known.iter().map(|account| (&account.profile.code, account)).collect();
    let changed: Vec<_> = profiles
        .iter()
        .filter(|profile| by_code.get(&profile.code).is_none_or(|known| !known.active || known.profile != **profile))
        .collect();
    let named: BTreeSet<_> = profiles.iter().map(|profile| &profile.code).collect();
    let gone: Vec<_> = known
        .iter()
        .filter(|account| account.active && !named.contains(&account.profile.code))
        .map(|account| &account.profile.code)
        .collect();
    accounts::put_profiles(tx.conn(), tenant, &changed).await?;
    for profile in &changed {
        let Some(before) = by_code.get(&profile.code).filter(|known| known.profile.roles != profile.roles) else {
            continue;
        };
        let event = SecurityEvent::new(SecurityCode::RolesChanged, &profile.code).by("import");
        let event = event.with(format!("{} > {}", words(&before.profile.roles), words(&profile.roles)));
        security_event(tx.conn(), tenant, event, tx.now()).await?;
    }
    if !gone.is_empty() {
        accounts::deactivate(tx.conn(), tenant, &gone).await?;
        sessions::end_all_of(tx.conn(), tenant, &gone, None).await?;
        for code in &gone {
            let event = SecurityEvent::new(SecurityCode::AccountClosed, code).by("import");
            security_event(tx.conn(), tenant, event, tx.now()).await?;
        }
    }
    let added = changed.iter().filter(|profile| !by_code.contains_key(&profile.code)).count();
    let summary =
        ImportSummary { added, updated: changed.len() - added, closed: gone.len(), ..ImportSummary::default() };
    tx.commit().await?;
    Ok(summary)
}

fn words(roles: &parvis_kernel::RoleSet) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
}

/// A hash each: the same password with the same salt would show who has it still. Hashed before the transaction.
async fn give_password(store: &Store, tenant: &TenantId, codes: &[AgentId], password: &SecretString) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let passwords = Passwords::new().await?;
    let hashes: Vec<String> =
        futures::stream::iter(codes).map(|_| passwords.hash(password.clone())).buffered(2).try_collect().await?;
    let tx = store.begin().await?;
    for (code, hash) in codes.iter().zip(hashes) {
        accounts::set_password(tx.conn(), tenant, code, &SecretString::from(hash), Given::Published).await?;
    }
    tx.commit().await
}
