//! What the authority has published itself, by theme. Anybody.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{ListPagesResponse, PageOutline};

use super::{Knowledge, audience, is_shown};
use crate::find::DocumentKind;

impl Knowledge {
    /// Its pages, and how many fiches there are beside them.
    pub async fn list_pages(&self, caller: &Caller, theme: &str) -> Result<ListPagesResponse> {
        let audience = audience(caller, "")?;
        let today = self.today(&caller.tenant)?;
        let (shelf, fiches) = self.shelf(caller).await;
        let mut pages: Vec<PageOutline> = shelf
            .documents
            .iter()
            .filter(|it| it.kind == DocumentKind::Article && (theme.is_empty() || it.theme == theme))
            .filter(|it| is_shown(it, audience, today))
            .map(|it| PageOutline {
                slug: it.slug.clone(),
                title: it.title.clone(),
                summary: it.summary.clone(),
                theme: it.theme.clone(),
                updated: String::new(),
            })
            .collect();
        pages.sort_by(|a, b| (&a.theme, &a.title).cmp(&(&b.theme, &b.title)));
        let imported = fiches.generation.as_ref().map(|generation| generation.imported_at);
        Ok(ListPagesResponse {
            pages,
            fiches: u32::try_from(fiches.documents.len()).unwrap_or(u32::MAX),
            fiches_date: imported.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()).unwrap_or_default(),
        })
    }
}
