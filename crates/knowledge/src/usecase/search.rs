//! Words against articles and fiches. Anybody.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Hit, SearchRequest};

use super::{Knowledge, audience, is_shown, text_within};
use crate::{
    domain::question,
    find::{DocumentKind, best},
    view,
};

/// Answers given when nothing is asked, and at most.
const LIMITS: (usize, usize) = (10, 50);

impl Knowledge {
    /// The best answers, best first. What was searched in vain is counted.
    pub async fn search(&self, caller: &Caller, request: &SearchRequest) -> Result<Vec<Hit>> {
        let query = text_within("query", &request.query)?;
        let audience = audience(caller, &request.audience)?;
        let limit = match request.limit as usize {
            0 => LIMITS.0,
            n => n.min(LIMITS.1),
        };
        let today = self.today(&caller.tenant)?;
        let (shelf, fiches) = self.shelf(caller).await;
        let of_theme = |theme: &str| request.theme.is_empty() || request.theme == theme;
        let own = shelf.finder.find(query, limit, &|at| {
            shelf.documents.get(at).is_some_and(|it| {
                let listed = matches!(it.kind, DocumentKind::Article | DocumentKind::Procedure);
                listed && of_theme(&it.theme) && is_shown(it, audience, today)
            })
        });
        let national = if request.theme.is_empty() {
            fiches.finder.find(query, limit, &|at| fiches.documents.get(at).is_some_and(|it| it.is_for(audience)))
        } else {
            Vec::new()
        };
        let found = best(vec![(&shelf.documents, own), (&fiches.documents, national)], limit);
        if !request.query.trim().is_empty() {
            self.count(caller, "search", "");
            if found.is_empty() {
                self.count(caller, "no_result", question::counted_as(&request.query).unwrap_or_default());
            }
        }
        Ok(found.iter().map(view::hit).collect())
    }
}
