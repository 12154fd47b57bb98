//! An agent opens a case.

use parvis_kernel::{
    AttachmentId, Caller, CaseId, Error, Reference, Result, Timestamp,
    policy::{Answer, ReadingReason},
};
use parvis_runtime::grants::Grant;
use parvis_store::units;

use super::{Casework, no_case};
use crate::{
    domain::{Case, CaseRequest, Direction, Line, Standing, Verb, units_that_had_it},
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

/// A case as an agent sees it: what they may not read is not in it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// What was said; `None` where the reader may not know.
    pub request: Option<CaseRequest>,
    /// Oldest first.
    pub messages: Vec<StoredMessage>,
    /// Oldest first.
    pub history: Vec<Line>,
    /// How the reader stands to it.
    pub standing: Standing,
    /// What this caller may do now.
    pub allowed: Vec<Verb>,
    /// Lets this caller read the files; empty where they may not or there is none.
    pub files_grant: String,
}

impl Casework {
    /// Shows a case to whoever may know of it, as much as they may read, once that they do is kept. `reason` is why
    /// somebody at the counter opens its text.
    pub async fn get_case(&self, caller: &Caller, key: CaseKey, reason: Option<ReadingReason>) -> Result<CaseView> {
        caller.require(&parvis_kernel::Role::ALL)?;
        if caller.agent().is_none() {
            return Err(no_case());
        }
        let conn = self.store.read();
        let found = match key {
            CaseKey::Id(id) => repo::case::by_id(conn, &caller.tenant, id).await?,
            CaseKey::Reference(reference) => repo::case::by_reference(conn, &caller.tenant, reference).await?,
        };
        let case = found.ok_or_else(no_case)?;
        let history = repo::history::of_case(conn, &caller.tenant, case.id).await?;
        let sensitive = units::is_sensitive(conn, &caller.tenant, &case.unit.code).await?;
        let standing =
            Standing::of(caller, &case, sensitive, &units_that_had_it(&history), reason).ok_or_else(no_case)?;
        self.access_log
            .record(Access {
                tenant: caller.tenant.clone(),
                case_id: case.id,
                at: self.store.clock().now(),
                actor: caller.actor_key(),
                reason: reason.map(|reason| reason.to_string()).unwrap_or_default(),
            })
            .await?;
        let (mut request, mut messages) = (None, Vec::new());
        if standing.text.shows_filed() {
            let kept = repo::request::of_case(conn, &caller.tenant, case.id).await?;
            request = Some(kept.ok_or_else(|| Error::internal(format!("case {} has no request", case.id)))?);
            messages = repo::message::of_case(conn, &caller.tenant, case.id).await?;
        }
        let filed_at = case.received_at;
        let shown = |answer: Answer, at: Timestamp| answer.shows(at, filed_at);
        messages.retain(|message| match message.direction {
            Direction::Note => shown(standing.notes, message.at),
            Direction::FromCitizen | Direction::ToCitizen => shown(standing.text, message.at),
        });
        let history = history.into_iter().filter(|line| shown(standing.notes, line.at)).collect();
        if case.unread && standing.handles() {
            repo::case::mark_read(self.store.write(), &case).await?;
        }
        let allowed = standing.allowed(&case);
        let files_grant = self.grant_of_files(caller, standing, request.as_ref()).await?;
        let case = if standing.text.shows_filed() { case } else { case.without_text() };
        Ok(CaseView { case, request, messages, history, standing, allowed, files_grant })
    }

    /// What intake asks of an agent for a file of the case: signed here, where it is known who may read it.
    async fn grant_of_files(
        &self,
        caller: &Caller,
        standing: Standing,
        request: Option<&CaseRequest>,
    ) -> Result<String> {
        let files = request.map(|request| request.submitted.attachments.as_slice()).unwrap_or_default();
        // They came with the request: whoever reads what was filed reads them.
        let (Some(agent), true) = (caller.agent(), standing.files.shows_filed() && !files.is_empty()) else {
            return Ok(String::new());
        };
        let files: Vec<AttachmentId> = files.iter().filter_map(|file| file.id.parse().ok()).collect();
        let now = self.store.clock().now();
        self.signer.sign(&Grant::files(caller.tenant.clone(), agent.to_string(), files, now)).await
    }
}
