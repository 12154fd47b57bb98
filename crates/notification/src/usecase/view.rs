//! A notice as told to whoever asks.

use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use crate::{
    domain::{Kind, State, code},
    repo::{attempt, notice},
};

/// A notice and its attempts.
pub struct NoticeView {
    /// The notice.
    pub(crate) row: notice::Model,
    /// Its attempts, oldest first; empty for whoever is not an agent.
    pub(crate) attempts: Vec<attempt::Model>,
    /// Which text the reader is given.
    pub(crate) text: Text,
    /// Whether the reader may see whom it is for.
    pub(crate) for_agent: bool,
}

/// Which of a notice's texts is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// The portal's; what is for others has none there: what was sent to them.
    Shown,
    /// The one to post, read out or type.
    Carried,
    /// The same with the tracking code: as it goes to the person.
    Whole,
    /// None: the reader may know of the notice, not read it.
    None,
}

impl NoticeView {
    pub(crate) fn take_text(&mut self) -> String {
        let row = &mut self.row;
        let text = match self.text {
            Text::Whole => return std::mem::take(&mut row.body),
            Text::Carried => std::mem::take(&mut row.body),
            Text::Shown if self.for_agent && row.portal_body.is_empty() => std::mem::take(&mut row.body),
            Text::Shown => std::mem::take(&mut row.portal_body),
            Text::None => String::new(),
        };
        // The follow-up page is open already; an agent has no use for a code.
        code::hide(&text, &row.code_sha256)
    }

    /// For agents, with the attempts and the text that `text` says.
    pub(crate) async fn for_agents(
        store: &Store,
        tenant: &TenantId,
        rows: Vec<notice::Model>,
        text: impl Fn(&notice::Model) -> Text,
    ) -> Result<Vec<Self>> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut attempts = attempt::of_notices(store.read(), tenant, &ids).await?;
        let view = |row: notice::Model| {
            let attempts = attempts.remove(&row.id).unwrap_or_default();
            Self { text: text(&row), row, attempts, for_agent: true }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// For the citizen: the portal copies, without what is for others or was refused before anything was said: what
    /// failed and was never tried.
    pub(crate) fn for_citizen(rows: Vec<notice::Model>) -> Vec<Self> {
        rows.into_iter()
            .filter(|row| Kind::parse(&row.kind).is_ok_and(Kind::is_for_citizen))
            .filter(|row| row.state != State::Failed.as_str() || row.tries > 0)
            .map(|row| Self { row, attempts: Vec::new(), text: Text::Shown, for_agent: false })
            .collect()
    }
}
