//! What may answer a text while it is written. Anybody; response templates are for agents.

use parvis_kernel::{Caller, Channel, Result};
use parvis_proto::knowledge::{SuggestRequest, SuggestResponse};

use super::{Knowledge, audience, is_shown, is_staff, text_within};
use crate::{
    find::{DocumentKind, List, best, filter},
    view,
};

/// Of each kind, when nothing is asked, and at most.
const LIMITS: (usize, usize) = (3, 10);

impl Knowledge {
    /// Articles and fiches, templates, procedures, each best first.
    pub async fn suggest(&self, caller: &Caller, request: &SuggestRequest) -> Result<SuggestResponse> {
        let text = text_within("text", &request.text)?;
        if !request.channel.is_empty() {
            request.channel.parse::<Channel>()?;
        }
        let audience = audience(caller, &request.audience)?;
        let limit = match request.limit as usize {
            0 => LIMITS.0,
            n => n.min(LIMITS.1),
        };
        let today = self.today(&caller.tenant)?;
        let (shelf, fiches) = self.shelf(caller).await;
        let own = |kind: DocumentKind| {
            let found = shelf.finder.find(text, &filter(&[kind], audience), limit, &|at| {
                shelf
                    .documents
                    .get(at)
                    .is_some_and(|it| it.slug != request.procedure_code && is_shown(it, audience, today))
            });
            List::new(&shelf.documents, &shelf.finder, found)
        };
        let national = fiches.finder.find(text, &filter(&[DocumentKind::Fiche], audience), limit, &|_| true);
        // The fiches tell how rare a word is, even where none of them is an answer.
        let hits = |own, national| best(text, [own, fiches.list(national)], limit).iter().map(view::hit).collect();
        Ok(SuggestResponse {
            articles: hits(own(DocumentKind::Article), national),
            templates: if is_staff(caller) { hits(own(DocumentKind::Template), Vec::new()) } else { Vec::new() },
            procedures: hits(own(DocumentKind::Procedure), Vec::new()),
        })
    }
}
