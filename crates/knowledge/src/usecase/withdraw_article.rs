//! Stops serving an article that is out of date. Supervisors and administrators.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Article, ArticleVerbRequest};

use super::{EDITORS, Knowledge};

impl Knowledge {
    /// Withdraws it; its versions stay.
    pub async fn withdraw_article(&self, caller: &Caller, request: &ArticleVerbRequest) -> Result<Article> {
        caller.require(&EDITORS)?;
        let mut open = self.open(caller, &request.id, request.expected_revision).await?;
        let version = open.latest().await?;
        let now = open.tx.now();
        open.article.withdraw(now)?;
        let article = open.commit_served(&version.content, true).await?;
        self.changed(&article, version).await
    }
}
