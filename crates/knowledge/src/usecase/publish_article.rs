//! Serves the latest version. Supervisors and administrators.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Article, ArticleVerbRequest};

use super::{EDITORS, Knowledge, save_article::author};

impl Knowledge {
    /// Publishes it; every process serves it within seconds, this one at once.
    pub async fn publish_article(&self, caller: &Caller, request: &ArticleVerbRequest) -> Result<Article> {
        caller.require(&EDITORS)?;
        let mut open = self.open(caller, &request.id, request.expected_revision).await?;
        let version = open.latest().await?;
        let now = open.tx.now();
        open.article.publish(Some(&author(caller)), now)?;
        let article = open.commit_served(&version.content, false).await?;
        self.changed(&article, version).await
    }
}
