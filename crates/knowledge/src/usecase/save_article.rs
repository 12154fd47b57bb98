//! Keeps a new version, as a draft; what is published stays served. Agents.

use parvis_kernel::{
    Caller, Error, EventId, FieldViolation, Reason, Result, ids::is_code, reason::Expected, typed::one_line,
};
use parvis_proto::knowledge::{Article as ArticleMessage, SaveArticleRequest};

use super::{Knowledge, WRITERS};
use crate::{
    domain::{
        article::{Article, Kind},
        fiche,
        slug::{MAX_SLUG, slugify},
    },
    repo::{self, version::Version},
    view,
};

/// Characters of a note at most.
const MAX_NOTE: usize = 200;

impl Knowledge {
    /// Saves a new article's first version, or another version of one.
    ///
    /// # Errors
    /// "Invalid" naming every wrong field; "conflict" where somebody else changed it since it was read.
    pub async fn save_article(&self, caller: &Caller, request: SaveArticleRequest) -> Result<ArticleMessage> {
        caller.require(&WRITERS)?;
        let note = note(&request.note)?;
        let content = view::content_of(request.content.unwrap_or_default())?;
        if request.id.is_empty() {
            let kind: Kind = request.kind.parse()?;
            let content = content.checked(kind)?;
            let slug = free_slug(&request.slug, &content.title)?;
            let tx = self.store.begin().await?;
            let now = tx.now();
            let mut article = Article::new(caller.tenant.clone(), EventId::new().0, kind, slug, now);
            let number = article.save(now);
            let version = Version {
                article_id: article.id,
                version: number,
                content,
                author: author(caller),
                note,
                saved_at: now,
            };
            repo::article::insert(tx.conn(), &article).await?;
            repo::version::insert(tx.conn(), &caller.tenant, &version).await?;
            tx.commit().await?;
            return self.changed(&article, version).await;
        }
        let mut open = self.open(caller, &request.id, request.expected_revision).await?;
        let content = content.checked(open.article.kind)?;
        let now = open.tx.now();
        let number = open.article.save(now);
        let version = Version {
            article_id: open.article.id,
            version: number,
            content,
            author: author(caller),
            note,
            saved_at: now,
        };
        repo::version::insert(open.tx.conn(), &caller.tenant, &version).await?;
        let article = open.commit().await?;
        self.changed(&article, version).await
    }
}

/// Who writes, as the history shows it.
pub(super) fn author(caller: &Caller) -> String {
    if caller.name.is_empty() { caller.actor_key() } else { caller.name.clone() }
}

fn note(text: &str) -> Result<String> {
    let note = one_line(text);
    if note.chars().count() > MAX_NOTE {
        return Err(FieldViolation::too_long("note", MAX_NOTE).into());
    }
    Ok(note)
}

/// The address asked for, or one made of the title. One that could name a fiche is refused: the fiche would hide it.
fn free_slug(asked: &str, title: &str) -> Result<String> {
    let slug = if asked.is_empty() { slugify(title, MAX_SLUG) } else { asked.to_owned() };
    if !is_code(&slug) {
        let reason = Expected::Code;
        return Err(Error::wrong("slug", reason, "is 2 to 40 of a-z, 0-9 and dash"));
    }
    if fiche::of_slug(&slug).is_some() {
        let message = format!("« {slug} » is the address of a national fiche; choose another");
        return Err(Error::wrong("slug", Reason::Taken, message));
    }
    Ok(slug)
}
