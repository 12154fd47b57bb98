//! The case ends: decided where the authority decides, then closed, and the citizen told.

use parvis_kernel::{Caller, CaseId, Error, MessageId, Reason, Refusal, Result, text::excerpt};
use parvis_proto::routing::TransferProposed;
use parvis_store::Tx;

use super::{Casework, optional_text};
use crate::{
    domain::{Case, Direction, Outcome, State, Step, Verb, notice::Ending},
    repo,
};

/// End a case.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct CloseCase {
    pub id: CaseId,
    pub expected_version: u64,
    pub outcome: String,
    pub message: String,
    pub grounds: String,
    pub transfer_to: String,
}

impl Casework {
    /// Closes. Whoever handles the case.
    pub async fn close_case(&self, caller: &Caller, command: CloseCase) -> Result<Case> {
        let outcome: Outcome = command.outcome.parse()?;
        let message = optional_text("message", &command.message)?;
        let grounds = optional_text("grounds", &command.grounds)?;
        if message.is_empty() && outcome != Outcome::ClosedWithoutAction {
            return Err(Error::wrong("message", Reason::Required, "is needed: what the citizen is told"));
        }
        if outcome == Outcome::Rejected && grounds.is_empty() {
            let message = "are needed for a rejection: the law and the facts it rests on";
            return Err(Error::wrong("grounds", Reason::Required, message));
        }
        if outcome != Outcome::Rejected && !grounds.is_empty() {
            let reason = Reason::ConflictsWith { other: "outcome".into() };
            return Err(Error::wrong("grounds", reason, "are for a rejection only: write the rest in the message"));
        }
        let transfer_to = command.transfer_to.trim();
        if !transfer_to.is_empty() && outcome != Outcome::TransferredOut {
            let reason = Reason::ConflictsWith { other: "outcome".into() };
            let message = "goes with the outcome transferred_out: leave it out otherwise";
            return Err(Error::wrong("transfer_to", reason, message));
        }
        let mut open = self.open_for(caller, command.id, command.expected_version, Verb::Close).await?;
        let body = match transfer_to {
            "" => None,
            code => Some(proposed(&open.tx, &open.case, code).await?),
        };
        let (now, calendar) = (open.tx.now(), &open.town.calendar);
        if !message.is_empty() {
            // Among the messages too, with the reasons: the notice is not the only place where they are read.
            let line = open.case.write(Step::Message, &open.author, now, calendar)?;
            let text = if grounds.is_empty() { message.clone() } else { format!("{message}\n\nMotifs :\n{grounds}") };
            open.journal.posted(&open.case, &open.request, line, MessageId::new(), Direction::ToCitizen, text);
        }
        if outcome.is_decision() && open.case.state != State::Decided {
            let line = open.case.decide(outcome, &open.author, now, calendar)?;
            open.journal.changed(&open.case, &open.request, line);
        }
        let line = open.case.close(outcome, &open.author, now, calendar)?;
        open.journal.changed(&open.case, &open.request, line);
        let reopen_until = open.case.reopens_until(self.reopen_days).unwrap_or(now);
        let ending = Ending {
            outcome,
            message: &message,
            grounds: &grounds,
            author: &open.author.name,
            reopen_until: calendar.day_of(reopen_until),
        };
        if let Some(body) = body {
            // Before the ending: whoever sees that one and not this one believes that nothing was sent.
            let referral = open.notices().referral(&body, &open.author.name);
            open.journal.notice(&open.case, &referral);
        }
        let notice = open.notices().ending(&ending);
        open.journal.notice(&open.case, &notice);
        open.commit().await
    }
}

/// The body proposed for the case, which the caller confirms by its code.
async fn proposed(tx: &Tx, case: &Case, code: &str) -> Result<TransferProposed> {
    let found = repo::transfer::find(tx.conn(), &case.tenant, case.id).await?;
    found.filter(|proposal| proposal.body == code).ok_or_else(|| {
        let shown = excerpt(code, 40);
        Error::precondition(format!(
            "no transfer to « {shown} » is proposed for this case: leave transfer_to out and send the request yourself"
        ))
        .refused(Refusal::NoTransferProposed)
    })
}
