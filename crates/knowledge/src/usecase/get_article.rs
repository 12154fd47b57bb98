//! An article in one of its versions, and the list of them. Agents.

use parvis_kernel::{
    Caller, Error, Result,
    reason::{Expected, Thing},
};
use parvis_proto::{
    knowledge::{Article, GetArticleRequest, VersionLine},
    to_proto_time,
};
use uuid::Uuid;

use super::{Knowledge, WRITERS};
use crate::{repo, view};

impl Knowledge {
    /// By its id or its address.
    pub async fn get_article(&self, caller: &Caller, request: &GetArticleRequest) -> Result<Article> {
        caller.require(&WRITERS)?;
        let tenant = &caller.tenant;
        let found = if request.id.is_empty() {
            repo::article::find_by_slug(self.store.read(), tenant, &request.slug).await?
        } else {
            repo::article::find(self.store.read(), tenant, id_of(&request.id)?).await?
        };
        let article = found.ok_or_else(no_article)?;
        let number = if request.version == 0 { article.latest } else { request.version };
        let version = repo::version::find(self.store.read(), tenant, article.id, number)
            .await?
            .ok_or_else(|| no_version(number))?;
        let (body_html, plain_html) = view::rendered(&version.content, &self.library.served());
        Ok(Article { body_html, plain_html, ..view::article(&article, version, self.today(tenant)?) })
    }

    /// Its versions, latest first.
    pub async fn list_versions(&self, caller: &Caller, id: &str) -> Result<Vec<VersionLine>> {
        caller.require(&WRITERS)?;
        let versions = repo::version::of_article(self.store.read(), &caller.tenant, id_of(id)?).await?;
        if versions.is_empty() {
            return Err(no_article());
        }
        let line = |version: repo::version::Version| VersionLine {
            version: version.version,
            author: version.author,
            saved_at: Some(to_proto_time(version.saved_at)),
            note: version.note,
            title: version.content.title,
        };
        Ok(versions.into_iter().map(line).collect())
    }
}

/// An article's id, from text.
pub(super) fn id_of(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| {
        let shown = parvis_kernel::text::excerpt(text, 40);
        Error::wrong("id", Expected::Id, format!("« {shown} » is not an identifier (UUID)"))
    })
}

/// For whoever may not read it, it does not exist.
pub(super) fn no_article() -> Error {
    Error::no_such(Thing::Article, "no such article in this authority")
}

/// For an article that has fewer versions.
pub(super) fn no_version(number: u32) -> Error {
    Error::no_such(Thing::ArticleVersion, format!("the article has no version {number}"))
}
