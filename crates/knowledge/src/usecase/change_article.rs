//! What every change of an article shares: load it, check what was seen, save, say so.

use parvis_kernel::{Caller, Error, Reason, Result, TenantId};
use parvis_proto::{
    events::ARTICLE_PUBLISHED,
    knowledge::{Article as ArticleMessage, ArticlePublished},
    to_proto_time,
};
use parvis_store::{NewEvent, Tx};
use prost::Message as _;

use super::{
    Knowledge,
    get_article::{id_of, no_article},
};
use crate::{
    domain::{article::Article, content::Content},
    repo::{self, version::Version},
    view,
};

/// An article in hand, as it was read.
pub(super) struct Opened {
    pub(super) tx: Tx,
    pub(super) article: Article,
    seen: u64,
}

impl Knowledge {
    /// Loads an article to change it.
    ///
    /// # Errors
    /// "Not found" for another authority's; "conflict" where it is no longer at `seen`.
    pub(super) async fn open(&self, caller: &Caller, id: &str, seen: u64) -> Result<Opened> {
        if seen == 0 {
            let message = "is needed: the revision of the article that was read";
            return Err(Error::wrong("expected_revision", Reason::Required, message));
        }
        let id = id_of(id)?;
        let tx = self.store.begin().await?;
        let article = repo::article::find(tx.conn(), &caller.tenant, id).await?.ok_or_else(no_article)?;
        article.require_revision(seen)?;
        Ok(Opened { tx, article, seen })
    }

    /// What an article has become, for whoever changed it; the shelf of this process follows at once.
    pub(super) async fn changed(&self, article: &Article, version: Version) -> Result<ArticleMessage> {
        self.shelves.refresh().await?;
        Ok(view::article(article, version, self.today(&article.tenant)?))
    }
}

impl Opened {
    /// The latest version.
    pub(super) async fn latest(&self) -> Result<Version> {
        let article = &self.article;
        repo::version::find(self.tx.conn(), &article.tenant, article.id, article.latest)
            .await?
            .ok_or_else(|| Error::internal("the latest version of an article is missing"))
    }

    /// Saves it.
    pub(super) async fn commit(self) -> Result<Article> {
        repo::article::update(self.tx.conn(), &self.article, self.seen).await?;
        self.tx.commit().await?;
        Ok(self.article)
    }

    /// Saves it, and says that what is served changed.
    pub(super) async fn commit_served(mut self, content: &Content, withdrawn: bool) -> Result<Article> {
        repo::shelf::bump(self.tx.conn(), &self.article.tenant).await?;
        say(&mut self.tx, &self.article, content, withdrawn);
        self.commit().await
    }
}

/// Says that an article is served from now on, or no longer.
pub(super) fn say(tx: &mut Tx, article: &Article, content: &Content, withdrawn: bool) {
    let event = ArticlePublished {
        id: article.id.to_string(),
        kind: article.kind.to_string(),
        slug: article.slug.clone(),
        version: if withdrawn { article.latest } else { article.published },
        title: content.title.clone(),
        theme: content.theme.clone(),
        units: content.units.clone(),
        at: Some(to_proto_time(tx.now())),
        withdrawn,
    };
    tx.append(NewEvent {
        tenant: TenantId::clone(&article.tenant),
        kind: ARTICLE_PUBLISHED,
        partition: article.id.as_bytes()[15] % parvis_kernel::ids::PARTITIONS,
        subject: article.id.to_string(),
        payload: event.encode_to_vec(),
        traceparent: String::new(),
    });
}
