//! A response template with its placeholders filled. Agents.

use std::collections::{BTreeMap, HashMap};

use parvis_kernel::{Caller, Error, Reason, Result, reason::Thing, text::excerpt};
use parvis_proto::knowledge::FillTemplateResponse;

use super::{Knowledge, WRITERS};
use crate::{
    domain::{article::Kind, placeholder},
    repo,
};

/// Values given at most, and characters of each.
const MAX_VALUES: (usize, usize) = (50, 1_000);

impl Knowledge {
    /// The published version of the template, filled.
    pub async fn fill_template(
        &self,
        caller: &Caller,
        slug: &str,
        values: HashMap<String, String>,
    ) -> Result<FillTemplateResponse> {
        caller.require(&WRITERS)?;
        let (many, long) = MAX_VALUES;
        if values.len() > many || values.values().any(|value| value.chars().count() > long) {
            let reason = match values.len() > many {
                true => Reason::TooMany { most: many as u64 },
                false => Reason::TooLong { most: long as u64 },
            };
            return Err(Error::wrong("values", reason, format!("{many} values of {long} characters at most")));
        }
        let values: BTreeMap<String, String> = values.into_iter().collect();
        let article = repo::article::find_by_slug(self.store.read(), &caller.tenant, slug)
            .await?
            .filter(|article| article.kind == Kind::Template && article.published > 0)
            .ok_or_else(|| {
                Error::no_such(Thing::Template, format!("no template « {} » is published", excerpt(slug, 40)))
            })?;
        let version = repo::version::find(self.store.read(), &caller.tenant, article.id, article.published)
            .await?
            .ok_or_else(|| Error::internal("a published version is missing"))?;
        let (text, missing) = placeholder::fill(&version.content.body, &values);
        self.count(caller, "opened", slug);
        Ok(FillTemplateResponse { title: version.content.title, text, missing })
    }
}
