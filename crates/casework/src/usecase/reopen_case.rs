//! An agent takes a closed case up again.

use parvis_kernel::{Caller, CaseId, Result, text::excerpt};

use super::{Casework, required_text};
use crate::domain::{Case, Verb};

/// Take a closed case up again.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct ReopenCase {
    pub id: CaseId,
    pub expected_version: u64,
    pub reason: String,
}

impl Casework {
    /// Reopens, however long ago it was closed. Whoever handles the case.
    pub async fn reopen_case(&self, caller: &Caller, command: ReopenCase) -> Result<Case> {
        let reason = required_text("reason", &command.reason)?;
        let mut open = self.open_for(caller, command.id, command.expected_version, Verb::Reopen).await?;
        let detail = format!("Dossier rouvert. Motif : {}", excerpt(&reason, 500));
        let line = open.case.reopen(detail, &open.author, open.tx.now(), &open.town.calendar)?;
        open.journal.changed(&open.case, &open.request, line);
        let notice = open.notices().reopened(Some(&reason));
        open.journal.notice(&open.case, &notice);
        open.commit().await
    }
}
