//! What may answer a text while it is written. Anybody; response templates are for agents.

use parvis_kernel::{Caller, Channel, Result};
use parvis_proto::knowledge::{SuggestRequest, SuggestResponse};

use super::{Knowledge, audience, is_shown, is_staff, text_within};
use crate::{
    find::{DocumentKind, best},
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
            let found = shelf.finder.find(text, limit, &|at| {
                shelf.documents.get(at).is_some_and(|it| {
                    it.kind == kind && it.slug != request.procedure_code && is_shown(it, audience, today)
                })
            });
            (&shelf.documents[..], found)
        };
        let national = fiches
            .finder
            .find(text, limit, &|at| fiches.documents.get(at).is_some_and(|it| it.is_for(audience)));
        let hits = |found: Vec<_>| best(found, limit).iter().map(view::hit).collect();
        Ok(SuggestResponse {
            articles: hits(vec![own(DocumentKind::Article), (&fiches.documents, national)]),
            templates: if is_staff(caller) { hits(vec![own(DocumentKind::Template)]) } else { Vec::new() },
            procedures: hits(vec![own(DocumentKind::Procedure)]),
        })
    }
}
