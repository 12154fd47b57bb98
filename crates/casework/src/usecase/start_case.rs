//! An agent begins.

use parvis_kernel::{Caller, CaseId, Result};

use super::Casework;
use crate::domain::{Case, Verb};

/// Begin handling a case.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct StartCase {
    pub id: CaseId,
    pub expected_version: u64,
}

impl Casework {
    /// Begins. The assigned agent or a supervisor.
    pub async fn start_case(&self, caller: &Caller, command: StartCase) -> Result<Case> {
        let mut open = self.open_for(caller, command.id, command.expected_version, Verb::Start).await?;
        let line = open.case.start(&open.author, open.tx.now(), &open.town.calendar)?;
        open.journal.changed(&open.case, &open.request, line);
        open.commit().await
    }
}
