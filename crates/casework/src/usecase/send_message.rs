//! An agent writes to the citizen, and may wait for the answer.

use parvis_kernel::{Caller, CaseId, MessageId, Result};

use super::{Casework, required_text};
use crate::domain::{Case, Direction, State, Step, Verb};

/// Write to the citizen.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct SendMessage {
    pub id: CaseId,
    pub expected_version: u64,
    pub text: String,
    pub wait_for_citizen: bool,
}

impl Casework {
    /// Sends a message. Whoever handles the case.
    pub async fn send_message(&self, caller: &Caller, command: SendMessage) -> Result<Case> {
        let text = required_text("text", &command.text)?;
        let mut open = self.open_for(caller, command.id, command.expected_version, Verb::Message).await?;
        let (now, calendar) = (open.tx.now(), &open.town.calendar);
        let message_id = MessageId::new();
        let line = open.case.write(Step::Message, &open.author, now, calendar)?;
        open.journal.posted(&open.case, &open.request, line, message_id, Direction::ToCitizen, text.clone());
        // Who waits already goes on waiting, since the first question.
        if command.wait_for_citizen && open.case.state != State::WaitingCitizen {
            let line = open.case.wait(&open.author, now, calendar)?;
            open.journal.changed(&open.case, &open.request, line);
        }
        let notice = open.notices().message(message_id.0, &text, &open.author.name, command.wait_for_citizen);
        open.journal.notice(&open.case, &notice);
        open.commit().await
    }
}
