//! Makes a new draft of an earlier version. Agents.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Article, RestoreArticleRequest};

use super::{Knowledge, WRITERS, get_article::no_version, save_article::author};
use crate::repo::{self, version::Version};

impl Knowledge {
    /// The earlier version stays where it is; a new one says the same.
    pub async fn restore_article(&self, caller: &Caller, request: &RestoreArticleRequest) -> Result<Article> {
        caller.require(&WRITERS)?;
        let mut open = self.open(caller, &request.id, request.expected_revision).await?;
        let earlier = repo::version::find(open.tx.conn(), &caller.tenant, open.article.id, request.version)
            .await?
            .ok_or_else(|| no_version(request.version))?;
        let now = open.tx.now();
        let number = open.article.save(now);
        let version = Version {
            version: number,
            author: author(caller),
            note: format!("Reprise de la version {}", earlier.version),
            saved_at: now,
            ..earlier
        };
        repo::version::insert(open.tx.conn(), &caller.tenant, &version).await?;
        let article = open.commit().await?;
        self.changed(&article, version).await
    }
}
