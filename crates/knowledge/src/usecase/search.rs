//! Words against articles and fiches. Anybody.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Hit, SearchRequest};

use super::{Knowledge, audience, is_shown, text_within};
use crate::{
    domain::question,
    find::{DocumentKind, List, best, filter},
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
        let mut own_filter = filter(&[DocumentKind::Article, DocumentKind::Procedure], audience);
        if !request.theme.is_empty() {
            own_filter = own_filter.and("theme", [request.theme.as_str()]);
        }
        let own = shelf.finder.find(query, &own_filter, limit, &|at| {
            shelf.documents.get(at).is_some_and(|it| is_shown(it, audience, today))
        });
        let national = if request.theme.is_empty() {
            fiches.finder.find(query, &filter(&[DocumentKind::Fiche], audience), limit, &|_| true)
        } else {
            Vec::new()
        };
        let lists = [List::new(&shelf.documents, &shelf.finder, own), fiches.list(national)];
        let found = best(query, lists, limit);
        if !request.query.trim().is_empty() {
            self.count(caller, "search", "");
            if found.is_empty() && self.library.is_ready() {
                self.count(caller, "no_result", question::counted_as(&request.query).unwrap_or_default());
            }
        }
        Ok(found.iter().map(view::hit).collect())
    }
}
