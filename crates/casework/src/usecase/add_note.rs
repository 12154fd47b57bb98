//! A note that only agents read.

use parvis_kernel::{Caller, CaseId, MessageId, Result};

use super::{Casework, required_text};
use crate::domain::{Case, Direction, Step, Verb};

/// Write for colleagues.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct AddNote {
    pub id: CaseId,
    pub expected_version: u64,
    pub text: String,
}

impl Casework {
    /// Adds a note. Whoever handles the case, and whoever filed it.
    pub async fn add_note(&self, caller: &Caller, command: AddNote) -> Result<Case> {
        let text = required_text("text", &command.text)?;
        let mut open = self.open_for(caller, command.id, command.expected_version, Verb::Note).await?;
        let line = open.case.write(Step::Note, &open.author, open.tx.now(), &open.town.calendar)?;
        open.journal.posted(&open.case, &open.request, line, MessageId::new(), Direction::Note, text);
        open.commit().await
    }
}
