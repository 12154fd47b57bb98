//! What can be asked of this role, one verb a file.

mod change_article;
pub mod fill_template;
pub mod get_article;
pub mod get_usage;
pub mod import_articles;
pub mod import_fiches;
pub mod import_procedures;
pub mod list_articles;
pub mod list_pages;
pub mod publish_article;
pub mod read_fiches;
pub mod read_page;
pub mod record_closed_cases;
pub mod record_use;
pub mod restore_article;
pub mod review_article;
pub mod save_article;
pub mod search;
pub mod suggest;
pub mod withdraw_article;

use std::sync::Arc;

use jiff::civil::Date;
use parvis_kernel::{Caller, Clock, Error, FieldViolation, Refusal, Result, Role, TenantId, reason::Thing};
use parvis_runtime::Tenants;
use parvis_store::Store;

use crate::{
    counter::Counter,
    domain::question,
    find::{Document, Library, ServedFiches, Shelf, Shelves},
    repo::usage::Counted,
};

/// Who reads what is not published, and proposes drafts.
pub const WRITERS: [Role; 4] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::Administrator];
/// Who says that an article is right, publishes and withdraws it.
pub const EDITORS: [Role; 2] = [Role::Supervisor, Role::Administrator];

/// The role at work: what every use case needs.
pub struct Knowledge {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tenants: Tenants,
    pub(crate) shelves: Shelves,
    pub(crate) library: Library,
    counter: Counter,
}

impl Knowledge {
    /// Reads the shelves; the fiches come with the first [`Knowledge::refresh`], so that starting waits for nothing.
    pub async fn start(store: Store, tenants: Tenants) -> Result<Self> {
        Ok(Self {
            clock: store.clock().clone(),
            shelves: Shelves::load(store.clone()).await?,
            library: Library::new(store.clone()),
            counter: Counter::default(),
            store,
            tenants,
        })
    }

    /// Takes over what other processes published or imported.
    pub async fn refresh(&self) -> Result<()> {
        self.shelves.refresh().await?;
        self.library.refresh().await.map(|_| ())
    }

    /// Writes what was counted.
    pub async fn write_counts(&self) -> Result<()> {
        self.counter.write(&self.store).await
    }

    /// Forgets counts older than `days`.
    pub async fn purge_counts(&self, days: u32) -> Result<()> {
        let today = days_since_1970(self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date());
        let before = today - i32::try_from(days).unwrap_or(i32::MAX);
        crate::repo::closed_case::purge(self.store.write(), before).await?;
        crate::repo::usage::purge(self.store.write(), before).await.map(|_| ())
    }

    /// The day it is for an authority.
    pub(crate) fn today(&self, tenant: &TenantId) -> Result<Date> {
        let town = self
            .tenants
            .get(tenant)
            .ok_or_else(|| Error::no_such(Thing::Authority, "no such authority is served here"))?;
        Ok(self.clock.now().to_zoned(town.zone()).date())
    }

    /// One more of `kind`.
    pub(crate) fn count(&self, caller: &Caller, kind: &'static str, name: impl Into<String>) {
        let Ok(today) = self.today(&caller.tenant) else { return };
        let day = days_since_1970(today);
        self.counter.count(Counted { tenant: caller.tenant.clone(), day, kind, name: name.into() });
    }

    /// What is searched for a caller.
    pub(crate) async fn shelf(&self, caller: &Caller) -> (Arc<Shelf>, Arc<ServedFiches>) {
        (self.shelves.of(&caller.tenant).await, self.library.served())
    }
}

/// Whether the caller works for the authority.
pub(crate) fn is_staff(caller: &Caller) -> bool {
    caller.is_system() || WRITERS.iter().any(|role| caller.has(*role))
}

/// The audience whose documents a caller gets, of the one they ask for.
pub(crate) fn audience<'a>(caller: &Caller, asked: &'a str) -> Result<&'a str> {
    match asked {
        "" if is_staff(caller) => Ok("agent"),
        "agent" if !is_staff(caller) => {
            Err(Error::denied("what is for agents is for agents").refused(Refusal::AgentOnly))
        }
        "" | "person" | "organization" | "agent" => Ok(asked),
        _ => Err(FieldViolation::not_one_of("audience", asked, &["person", "organization", "agent"]).into()),
    }
}

/// A text to look for, within bounds.
pub(crate) fn text_within<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    // Bytes first: counting the characters of ten megabytes is work too.
    let too_long = text.len() > 4 * question::MAX_TEXT || text.chars().count() > question::MAX_TEXT;
    if too_long {
        return Err(FieldViolation::too_long(field, question::MAX_TEXT).into());
    }
    Ok(question::looked_at(text))
}

/// Whether a document may be shown to that audience on that day.
pub(crate) fn is_shown(document: &Document, audience: &str, today: Date) -> bool {
    document.is_for(audience) && document.is_valid_on(today)
}

/// Days from 1 January 1970 to a day.
pub(crate) fn days_since_1970(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}
