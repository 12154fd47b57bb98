//! A page as it is read: an article in its published version, or a fiche. Anybody.

use parvis_kernel::{Caller, Error, Result, reason::Thing, text::excerpt};
use parvis_proto::knowledge::ReadPageResponse;

use super::{Knowledge, is_staff};
use crate::{
    domain::{article::Kind, fiche},
    repo, view,
};

impl Knowledge {
    /// The page at that address.
    ///
    /// # Errors
    /// "Not found" where the caller may read no such page.
    pub async fn read_page(&self, caller: &Caller, slug: &str) -> Result<ReadPageResponse> {
        let today = self.today(&caller.tenant)?;
        let fiches = self.library.served();
        if let Some((public, id)) = fiche::of_slug(slug)
            && let Some(generation) = &fiches.generation
            && let Some(fiche) = repo::fiche::find(self.store.read(), generation.number, &(public, id)).await?
        {
            return Ok(view::fiche_page(&fiche, &fiches));
        }
        let article = repo::article::find_by_slug(self.store.read(), &caller.tenant, slug)
            .await?
            .filter(|article| article.kind == Kind::Article && article.published > 0)
            .ok_or_else(|| no_page(slug))?;
        let version = repo::version::find(self.store.read(), &caller.tenant, article.id, article.published).await?;
        let version = version.ok_or_else(|| Error::internal("a published version is missing"))?;
        let content = &version.content;
        let for_agents = content.audience.iter().all(|audience| audience == "agent");
        let not_yet = content.valid_from.is_some_and(|first| first > today);
        if (for_agents || not_yet) && !is_staff(caller) {
            return Err(no_page(slug));
        }
        let town = self.tenants.get(&caller.tenant).map(|town| town.name.clone()).unwrap_or_default();
        Ok(view::article_page(&article, &version, &fiches, town, today))
    }
}

fn no_page(slug: &str) -> Error {
    Error::no_such(Thing::Page, format!("no page « {} » that you may read", excerpt(slug, 40)))
}
