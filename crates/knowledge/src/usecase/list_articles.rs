//! Articles and templates in every state. Agents.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Article, ListArticlesRequest};

use super::{Knowledge, WRITERS};
use crate::{
    domain::article::{Kind, State},
    repo, view,
};

impl Knowledge {
    /// By title, without their bodies. One whose last day is past counts as stale.
    pub async fn list_articles(&self, caller: &Caller, request: &ListArticlesRequest) -> Result<Vec<Article>> {
        caller.require(&WRITERS)?;
        let kind = (!request.kind.is_empty()).then(|| request.kind.parse::<Kind>()).transpose()?;
        let state = (!request.state.is_empty()).then(|| request.state.parse::<State>()).transpose()?;
        let today = self.today(&caller.tenant)?;
        let articles: Vec<_> = repo::article::all(self.store.read(), &caller.tenant)
            .await?
            .into_iter()
            .filter(|article| kind.is_none_or(|kind| kind == article.kind))
            .collect();
        let mut versions =
            repo::version::of_articles(self.store.read(), &caller.tenant, &articles, |article| article.latest).await?;
        let mut listed: Vec<Article> = articles
            .iter()
            .filter_map(|article| {
                let mut version = versions.remove(&article.id)?;
                version.content.body.clear();
                version.content.plain.clear();
                Some(view::article(article, version, today))
            })
            .filter(|article| state.is_none_or(|state| state.as_str() == article.state))
            .filter(|article| {
                request.theme.is_empty() || article.content.as_ref().is_some_and(|it| it.theme == request.theme)
            })
            .collect();
        let title = |article: &Article| article.content.as_ref().map(|content| content.title.to_lowercase());
        listed.sort_by_cached_key(title);
        Ok(listed)
    }
}
