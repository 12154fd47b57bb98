//! An agent opens a case.

use parvis_kernel::{Caller, CaseId, Error, Reference, Result};

use super::{Casework, no_case};
use crate::{
    domain::{Case, CaseRequest, Line, Standing, Verb},
    repo::{self, access_log::Access, message::StoredMessage},
};

/// Which case.
#[derive(Clone, Copy, Debug)]
pub enum CaseKey {
    /// By id.
    Id(CaseId),
    /// By what the citizen reads aloud.
    Reference(Reference),
}

/// A case as an agent sees it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// What was said.
    pub request: CaseRequest,
    /// Oldest first.
    pub messages: Vec<StoredMessage>,
    /// Oldest first.
    pub history: Vec<Line>,
    /// What this caller may do now.
    pub allowed: Vec<Verb>,
}

impl Casework {
    /// Shows a case to whoever may read it, once that they do is kept.
    pub async fn get_case(&self, caller: &Caller, key: CaseKey) -> Result<CaseView> {
        caller.require(&parvis_kernel::Role::ALL)?;
        let conn = self.store.read();
        let found = match key {
            CaseKey::Id(id) => repo::case::by_id(conn, &caller.tenant, id).await?,
            CaseKey::Reference(reference) => repo::case::by_reference(conn, &caller.tenant, reference).await?,
        };
        let (case, standing) =
            found.and_then(|case| Standing::of(caller, &case).map(|standing| (case, standing))).ok_or_else(no_case)?;
        self.access_log
            .record(Access {
                tenant: caller.tenant.clone(),
                case_id: case.id,
                at: self.store.clock().now(),
                actor: caller.actor_key(),
            })
            .await?;
        let request = repo::request::of_case(conn, &caller.tenant, case.id)
            .await?
            .ok_or_else(|| Error::internal(format!("case {} has no request", case.id)))?;
        let messages = repo::message::of_case(conn, &caller.tenant, case.id).await?;
        let history = repo::history::of_case(conn, &caller.tenant, case.id).await?;
        if case.unread && standing.handles() {
            repo::case::mark_read(self.store.write(), &case).await?;
        }
        let allowed = standing.allowed(&case);
        Ok(CaseView { case, request, messages, history, allowed })
    }
}
