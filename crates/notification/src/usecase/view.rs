//! A notice as told to whoever asks.

use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use crate::{
    domain::{Kind, State},
    repo::{attempt, notice},
};

/// A notice and its attempts.
pub struct NoticeView {
    /// The notice.
    pub(crate) row: notice::Model,
    /// Its attempts, oldest first; empty for whoever is not an agent.
    pub(crate) attempts: Vec<attempt::Model>,
    /// Whether the text is the one to post, read out or type, rather than the portal's.
    pub(crate) to_carry: bool,
    /// Whether the reader may see whom it is for.
    pub(crate) for_agent: bool,
}

impl NoticeView {
    /// For agents, with the attempts.
    pub(crate) async fn for_agents(
        store: &Store,
        tenant: &TenantId,
        rows: Vec<notice::Model>,
        to_carry: bool,
    ) -> Result<Vec<Self>> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut attempts = attempt::of_notices(store.read(), tenant, &ids).await?;
        let view = |row: notice::Model| {
            let attempts = attempts.remove(&row.id).unwrap_or_default();
            Self { row, attempts, to_carry, for_agent: true }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// For the citizen: the portal copies, without what is for others or was refused before anything was said.
    pub(crate) fn for_citizen(rows: Vec<notice::Model>) -> Vec<Self> {
        rows.into_iter()
            .filter(|row| Kind::parse(&row.kind).is_ok_and(Kind::is_for_citizen))
            .filter(|row| row.state != State::Failed.as_str() || !row.portal_body.is_empty())
            .map(|row| Self { row, attempts: Vec::new(), to_carry: false, for_agent: false })
            .collect()
    }
}
