//! Says that the latest version was read again and is right. Supervisors and administrators.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Article, ArticleVerbRequest};

use super::{EDITORS, Knowledge, save_article::author};

impl Knowledge {
    /// Marks it reviewed by the caller, now.
    pub async fn review_article(&self, caller: &Caller, request: &ArticleVerbRequest) -> Result<Article> {
        caller.require(&EDITORS)?;
        let mut open = self.open(caller, &request.id, request.expected_revision).await?;
        let version = open.latest().await?;
        let now = open.tx.now();
        open.article.review(&author(caller), now)?;
        let article = open.commit().await?;
        self.changed(&article, version).await
    }
}
