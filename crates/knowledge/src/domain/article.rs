//! An article's or a response template's life: versions that never change, one of them served.
//!
//! ```text
//! save ─► draft ─► reviewed ─► published ─► stale
//!           └──────────────────────▲  save again: draft, while the published version stays served
//! ```

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use parvis_kernel::{Error, Refusal, Result, TenantId, reason::Thing};
use uuid::Uuid;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A page.
    Article,
    /// A text that agents send.
    Template,
}

/// The state of the latest version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Written.
    Draft,
    /// Read again and right.
    Reviewed,
    /// Served.
    Published,
    /// No longer served: out of date.
    Stale,
}

macro_rules! words {
    ($name:ident, $field:literal, $($variant:ident = $word:literal),+) => {
        impl $name {
            /// Its stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(parvis_kernel::FieldViolation::not_one_of($field, text, &[$($word),+]).into()),
                }
            }
        }
    };
}

words!(Kind, "kind", Article = "article", Template = "template");
words!(State, "state", Draft = "draft", Reviewed = "reviewed", Published = "published", Stale = "stale");

/// The record that leads to the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The authority's.
    pub tenant: TenantId,
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Its address; never changes.
    pub slug: String,
    /// Moves with every change.
    pub revision: u64,
    /// The last version written.
    pub latest: u32,
    /// The version served; 0: none.
    pub published: u32,
    /// Of the latest version.
    pub state: State,
    /// Who read the latest version again; empty: nobody yet.
    pub reviewed_by: String,
    /// When.
    pub reviewed_at: Option<Timestamp>,
    /// When the served version was published.
    pub published_at: Option<Timestamp>,
    /// When anything last changed.
    pub changed_at: Timestamp,
}

impl Article {
    /// A new one, with its first version to come.
    pub fn new(tenant: TenantId, id: Uuid, kind: Kind, slug: String, now: Timestamp) -> Self {
        Self {
            tenant,
            id,
            kind,
            slug,
            revision: 0,
            latest: 0,
            published: 0,
            state: State::Draft,
            reviewed_by: String::new(),
            reviewed_at: None,
            published_at: None,
            changed_at: now,
        }
    }

    /// Whether somebody else changed it since `seen`.
    pub fn require_revision(&self, seen: u64) -> Result<()> {
        if self.revision == seen {
            return Ok(());
        }
        Err(Error::changed_meanwhile(
            Thing::Article,
            format!(
                "the article was changed by somebody else meanwhile (revision {}, not {seen}): read it again",
                self.revision
            ),
        ))
    }

    fn touch(&mut self, now: Timestamp) {
        self.revision += 1;
        self.changed_at = now;
    }

    /// Another version, as a draft. Returns its number.
    pub fn save(&mut self, now: Timestamp) -> u32 {
        self.latest += 1;
        self.state = State::Draft;
        self.reviewed_by.clear();
        self.reviewed_at = None;
        self.touch(now);
        self.latest
    }

    /// The latest version was read again by `who`. A published one may be: it is then known to be still right.
    pub fn review(&mut self, who: &str, now: Timestamp) -> Result<()> {
        if self.state == State::Stale {
            return Err(out_of_date());
        }
        if self.state == State::Draft {
            self.state = State::Reviewed;
        }
        who.clone_into(&mut self.reviewed_by);
        self.reviewed_at = Some(now);
        self.touch(now);
        Ok(())
    }

    /// Serves the latest version. When somebody (`who`) publishes, they have also read it again; a file has not.
    pub fn publish(&mut self, who: Option<&str>, now: Timestamp) -> Result<()> {
        match self.state {
            State::Published => {
                let message = "the latest version is published already";
                return Err(Error::precondition(message).refused(Refusal::PublishedAlready));
            }
            State::Stale => return Err(out_of_date()),
            State::Draft | State::Reviewed => {}
        }
        if let Some(who) = who.filter(|_| self.reviewed_at.is_none()) {
            who.clone_into(&mut self.reviewed_by);
            self.reviewed_at = Some(now);
        }
        self.state = State::Published;
        self.published = self.latest;
        self.published_at = Some(now);
        self.touch(now);
        Ok(())
    }

    /// Serves none.
    pub fn withdraw(&mut self, now: Timestamp) -> Result<()> {
        if self.published == 0 {
            return Err(Error::precondition("no version of it is published").refused(Refusal::NotPublished));
        }
        self.published = 0;
        self.state = State::Stale;
        self.touch(now);
        Ok(())
    }
}

fn out_of_date() -> Error {
    Error::precondition("it is out of date: save a new version first").refused(Refusal::ArticleOutOfDate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn new() -> Article {
        let tenant = TenantId::parse("clairval").unwrap();
        Article::new(tenant, Uuid::nil(), Kind::Article, "essai".into(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_is_published_stays_served_while_the_next_is_written() {
        let mut article = new();
        let now = Timestamp::UNIX_EPOCH;
        article.save(now);
        article.publish(Some("Nadia"), now).unwrap();
        assert_eq!((article.published, article.state, article.reviewed_by.as_str()), (1, State::Published, "Nadia"));
        article.save(now);
        assert_eq!((article.published, article.latest, article.state), (1, 2, State::Draft));
        assert!(article.reviewed_by.is_empty());
        article.withdraw(now).unwrap();
        assert_eq!((article.published, article.state), (0, State::Stale));
        assert!(article.publish(Some("Nadia"), now).is_err());
        assert!(article.review("Nadia", now).is_err());
        assert!(article.withdraw(now).is_err());
    }

    proptest! {
        /// Whatever is done: the served version exists, a refusal changes nothing, a change moves the revision by one.
        #[test]
        fn any_life_keeps_its_promises(verbs in prop::collection::vec(0..4_u8, 0..40)) {
            let mut article = new();
            let now = Timestamp::UNIX_EPOCH;
            article.save(now);
            for verb in verbs {
                let before = article.clone();
                let done = match verb {
                    0 => { article.save(now); Ok(()) }
                    1 => article.review("r", now),
                    2 => article.publish(Some("p"), now),
                    _ => article.withdraw(now),
                };
                prop_assert!(article.published <= article.latest);
                prop_assert_eq!(article.state == State::Published, article.published == article.latest);
                match done {
                    Ok(()) => prop_assert_eq!(article.revision, before.revision + 1),
                    Err(_) => prop_assert_eq!(&article, &before),
                }
            }
        }
    }
}
