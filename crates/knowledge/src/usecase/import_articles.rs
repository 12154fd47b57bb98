//! Loads a file of articles and templates, all of it or nothing. Called by the command line, on an opened store.

use parvis_kernel::{Error, EventId, Result};
use parvis_runtime::Tenants;
use parvis_store::{Store, Tx};

use super::change_article::say;
use crate::{
    domain::{
        article::Article,
        articles_file::{ArticlesFile, Described},
        fiche,
    },
    repo::{self, version::Version},
};

/// Who writes, as the history shows it.
const AUTHOR: &str = "Fichier de la collectivité";

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticlesSummary {
    /// Articles and templates that were not there.
    pub added: usize,
    /// With a new version.
    pub changed: usize,
    /// As they were.
    pub unchanged: usize,
    /// Left alone: changed on the pages since the file last said something else.
    pub kept: usize,
}

/// Loads `file`. The same file again changes nothing; what somebody changed on the pages since stays theirs, and what
/// is no longer in the file stays too: withdraw it on its page.
///
/// # Errors
/// "Invalid" where the authority is not served here or an address is taken; nothing is written then.
pub async fn import_articles(store: &Store, tenants: &Tenants, file: &ArticlesFile) -> Result<ArticlesSummary> {
    if tenants.get(&file.tenant).is_none() {
        return Err(Error::invalid("tenant", format!("« {} » is not in tenants.toml; add it there", file.tenant)));
    }
    let mut tx = store.begin().await?;
    // First, so that two imports of one authority follow each other.
    repo::shelf::bump(tx.conn(), &file.tenant).await?;
    let mut summary = ArticlesSummary::default();
    for described in &file.articles {
        if fiche::of_slug(&described.slug).is_some() {
            let message = format!("« {} » is the address of a national fiche; choose another", described.slug);
            return Err(Error::invalid("slug", message));
        }
        load(&mut tx, file, described, &mut summary).await?;
    }
    if summary.added + summary.changed == 0 {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok(summary)
}

async fn load(tx: &mut Tx, file: &ArticlesFile, described: &Described, summary: &mut ArticlesSummary) -> Result<()> {
    let now = tx.now();
    let known = repo::article::find_by_slug(tx.conn(), &file.tenant, &described.slug).await?;
    let seen = known.as_ref().map(|article| article.revision);
    let mut article = match known {
        None => {
            summary.added += 1;
            Article::new(file.tenant.clone(), EventId::new().0, described.kind, described.slug.clone(), now)
        }
        Some(article) if article.kind != described.kind => {
            let message = format!("« {} » is a {} already; choose another address", described.slug, article.kind);
            return Err(Error::invalid("slug", message));
        }
        Some(article) => {
            // The latest version that came from a file tells whether the file says something new.
            let versions = repo::version::of_article(tx.conn(), &file.tenant, article.id).await?;
            let from_file = versions.iter().find(|version| version.author == AUTHOR);
            if from_file.is_some_and(|version| version.content == described.content) {
                let own = versions.first().is_some_and(|version| version.author == AUTHOR);
                *(if own { &mut summary.unchanged } else { &mut summary.kept }) += 1;
                return Ok(());
            }
            summary.changed += 1;
            article
        }
    };
    let number = article.save(now);
    let version = Version {
        article_id: article.id,
        version: number,
        content: described.content.clone(),
        author: AUTHOR.to_owned(),
        note: String::new(),
        saved_at: now,
    };
    if !described.reviewed_by.is_empty() {
        article.review(&described.reviewed_by, now)?;
    }
    if !described.draft {
        article.publish(None, now)?;
        say(tx, &article, &version.content, false);
    }
    match seen {
        Some(seen) => repo::article::update(tx.conn(), &article, seen).await?,
        None => repo::article::insert(tx.conn(), &article).await?,
    }
    repo::version::insert(tx.conn(), &file.tenant, &version).await
}
