//! What the citizen sees on the follow-up page.

use parvis_kernel::{Caller, Result};
use parvis_proto::common::UnitContact;

use super::Casework;
use crate::{
    domain::{Case, Direction, notice},
    repo::{self, message::StoredMessage},
};

/// A case as its citizen sees it.
#[derive(Clone, Debug)]
pub struct PublicView {
    /// The case.
    pub case: Case,
    /// Who to turn to.
    pub contact: UnitContact,
    /// Without notes, oldest first.
    pub messages: Vec<StoredMessage>,
    /// Whether a message would be taken.
    pub may_reply: bool,
}

impl Casework {
    /// Shows a case to whoever holds a follow grant of it.
    pub async fn get_public_case(&self, caller: &Caller, reference: &str) -> Result<PublicView> {
        let case = self.followed(caller, reference.parse()?).await?;
        let town = self.towns.get(&caller.tenant)?;
        let mut messages = repo::message::of_case(self.store.read(), &caller.tenant, case.id).await?;
        messages.retain(|message| message.direction != Direction::Note);
        let now = self.store.clock().now();
        let may_reply = case.reopens_until(self.reopen_days).is_none_or(|until| now <= until);
        let contact = notice::contact(&case.unit, &town.contact);
        Ok(PublicView { case, contact, messages, may_reply })
    }
}
