//! One transaction for many submissions: keys, attachments, requests, events.

use std::collections::{BTreeMap, HashMap, HashSet};

use parvis_kernel::{AttachmentId, Error, Reason, Reference, Refusal, RequestId, Result, TenantId};
use parvis_proto::{
    events,
    intake::{RequestReceived, SubmittedRequest},
};
use parvis_store::{NewEvent, Tx};
use prost::Message as _;
use uuid::Uuid;

use super::{Filed, Submission, Writer};
use crate::repo;

/// By submission's place in the batch.
type Outcomes = Vec<Option<Result<Filed>>>;

impl Writer {
    /// Writes those that can be; one outcome each, in order. Their keys differ and are sorted.
    ///
    /// # Errors
    /// Where nothing was written.
    pub(super) async fn commit(&mut self, batch: &[Submission]) -> Result<Vec<Result<Filed>>> {
        // Before the transaction: a block of references is reserved in its own.
        let references = self.references_for(batch).await?;
        let mut tx = self.store.begin().await?;
        let mut outcomes: Outcomes = batch.iter().map(|_| None).collect();
        let uses: Vec<_> = batch
            .iter()
            .map(|it| repo::idempotency::Use { key: it.key.clone(), body_digest: it.body_digest, request_id: it.id })
            .collect();
        let free = repo::idempotency::take_free(tx.conn(), &uses, tx.now()).await?;
        if free.len() < batch.len() {
            replay(&tx, batch, &free, &mut outcomes).await?;
        }
        claim_attachments(&tx, batch, &mut outcomes).await?;
        insert(&mut tx, batch, references, &mut outcomes).await?;
        tx.commit().await?;
        let nothing = || Err(Error::internal("a submission was given no outcome"));
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(nothing)).collect())
    }

    /// One reference a submission. Those that a replay does not need are lost, as at a stop.
    async fn references_for(&mut self, batch: &[Submission]) -> Result<Vec<Reference>> {
        let mut wanted: HashMap<&TenantId, usize> = HashMap::new();
        for submission in batch {
            *wanted.entry(submission.tenant()).or_default() += 1;
        }
        let mut taken = HashMap::with_capacity(wanted.len());
        for (tenant, count) in wanted {
            taken.insert(tenant, self.references.take(tenant, count).await?);
        }
        let none = || Error::internal("fewer references were reserved than needed");
        batch.iter().map(|it| taken.get_mut(it.tenant()).and_then(Vec::pop).ok_or_else(none)).collect()
    }
}

/// Answers those whose key was used before: the same request for the same body, a refusal for another.
async fn replay(
    tx: &Tx,
    batch: &[Submission],
    free: &HashSet<repo::idempotency::Key>,
    outcomes: &mut Outcomes,
) -> Result<()> {
    let mut used: HashMap<&TenantId, Vec<Uuid>> = HashMap::new();
    for submission in batch.iter().filter(|it| !free.contains(&it.key)) {
        used.entry(submission.tenant()).or_default().push(submission.key.1);
    }
    for (tenant, digests) in used {
        let uses = repo::idempotency::find(tx.conn(), tenant, &digests).await?;
        let ids: Vec<RequestId> = uses.iter().map(|it| it.request_id).collect();
        let requests = repo::request::find_many(tx.conn(), tenant, &ids).await?;
        for kept in &uses {
            let Some(at) = batch.iter().position(|it| it.key == kept.key) else { continue };
            outcomes[at] = Some(replayed(kept, batch[at].body_digest, requests.get(&kept.request_id)));
        }
    }
    Ok(())
}

/// What whoever uses a key again is told.
pub(crate) fn replayed(
    kept: &repo::idempotency::Use,
    body_digest: [u8; 32],
    request: Option<&SubmittedRequest>,
) -> Result<Filed> {
    if kept.body_digest != body_digest {
        return Err(Error::new(
            parvis_kernel::ErrorKind::AlreadyExists,
            "idempotency_key: already used for another request; take a new key for a new request",
        )
        .refused(Refusal::KeyReused));
    }
    let request = request.ok_or_else(|| Error::internal("a key names a request that is not there"))?;
    Ok(Filed { request: request.clone(), replayed: true })
}

/// Gives each new request its attachments; one that cannot have them all fails, and gives its key back.
async fn claim_attachments(tx: &Tx, batch: &[Submission], outcomes: &mut Outcomes) -> Result<()> {
    let mut wanted: BTreeMap<&TenantId, Vec<AttachmentId>> = BTreeMap::new();
    for (submission, outcome) in batch.iter().zip(outcomes.iter()) {
        if outcome.is_none() && !submission.attachments.is_empty() {
            wanted.entry(submission.tenant()).or_default().extend(&submission.attachments);
        }
    }
    let mut locked: HashSet<(&TenantId, AttachmentId)> = HashSet::new();
    for (tenant, ids) in wanted {
        locked.extend(
            repo::attachment::lock_claimable(tx.conn(), tenant, &ids).await?.into_iter().map(|id| (tenant, id)),
        );
    }
    let mut released = Vec::new();
    for (at, submission) in batch.iter().enumerate() {
        if outcomes[at].is_some() || submission.attachments.is_empty() {
            continue;
        }
        let tenant = submission.tenant();
        if let Some(lost) = submission.attachments.iter().position(|id| !locked.contains(&(tenant, *id))) {
            outcomes[at] = Some(Err(Error::wrong(
                format!("attachments[{lost}].id"),
                Reason::FileGone,
                "the file was sent with another request meanwhile, or deleted; upload it again",
            )));
            released.push(submission.key.clone());
            continue;
        }
        repo::attachment::claim(tx.conn(), tenant, &submission.attachments, submission.id).await?;
        for id in &submission.attachments {
            locked.remove(&(tenant, *id));
        }
    }
    repo::idempotency::release(tx.conn(), &released).await
}

/// Writes the new requests and says that they were received.
async fn insert(tx: &mut Tx, batch: &[Submission], references: Vec<Reference>, outcomes: &mut Outcomes) -> Result<()> {
    let mut rows = Vec::with_capacity(batch.len());
    for ((submission, reference), outcome) in batch.iter().zip(references).zip(outcomes) {
        if outcome.is_some() {
            continue;
        }
        let request = SubmittedRequest { reference: reference.to_string(), ..submission.request.clone() };
        rows.push(repo::request::NewRequest {
            tenant: submission.tenant().clone(),
            id: submission.id,
            reference,
            received_at: submission.received_at,
            body: request.encode_to_vec(),
        });
        let received = RequestReceived {
            request: Some(request),
            tracking_code: submission.code.shown.clone(),
            tracking_code_sha256: submission.code.sha256.clone(),
        };
        tx.append(NewEvent {
            tenant: submission.tenant().clone(),
            kind: events::REQUEST_RECEIVED,
            partition: submission.id.partition(),
            subject: submission.id.to_string(),
            payload: received.encode_to_vec(),
            traceparent: submission.traceparent.clone(),
        });
        *outcome = received.request.map(|request| Ok(Filed { request, replayed: false }));
    }
    repo::request::insert(tx.conn(), &rows).await
}
