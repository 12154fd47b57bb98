//! Files a request, whatever the door. Durable when it answers.

use std::sync::Arc;

use parvis_kernel::{
    Actor, Caller, Channel, ContactMode, Error, ErrorKind, Reason, Refusal, RequestId, Result, Role, reason::Thing,
    text::excerpt,
};
use parvis_proto::{
    intake::{SubmitRequestRequest, SubmitRequestResponse, SubmittedRequest},
    to_proto_time,
};
use parvis_runtime::client::Client;

use super::{CLERKS, Intake};
use crate::{
    batch::{Filed, Submission},
    domain::{
        fingerprint, next_step,
        procedure::{Procedure, free_text_snapshot},
        validate::{self, Accepted},
    },
    repo::{self, attachment::Attachment, idempotency},
};

impl Intake {
    /// Files it, or answers as the first time where its key was used for the same.
    pub async fn submit_request(
        &self,
        caller: &Caller,
        message: SubmitRequestRequest,
    ) -> Result<SubmitRequestResponse> {
        let channel: Channel = message.channel.parse()?;
        authorize(caller, channel)?;
        let key = (caller.tenant.clone(), fingerprint::of_key(&scope(caller), &message.idempotency_key));
        let body_digest = fingerprint::of_submission(&message);
        let filed = match self.prepare(caller, channel, &message, key.clone(), body_digest).await {
            Ok(submission) => self.batcher.file(submission).await?,
            // What was accepted once is answered the same for ever, though its form has changed or its files are taken.
            Err(refusal) if matches!(refusal.kind(), ErrorKind::Invalid | ErrorKind::FailedPrecondition) => {
                self.find_replay(&key, body_digest).await?.ok_or(refusal)?
            }
            Err(error) => return Err(error),
        };
        if !filed.replayed {
            metrics::counter!("parvis_requests_received_total", "channel" => channel.as_str()).increment(1);
        }
        self.answer(caller, filed)
    }

    /// Judges it whole and makes the request of it.
    async fn prepare(
        &self,
        caller: &Caller,
        channel: Channel,
        message: &SubmitRequestRequest,
        key: idempotency::Key,
        body_digest: [u8; 32],
    ) -> Result<Submission> {
        let procedure = self.procedure_for(caller, message).await?;
        let now = self.clock.now();
        let context = validate::Context {
            procedure: procedure.as_deref(),
            channel,
            now,
            max_attachments: self.config.max_attachments,
            by_agent: caller.agent().is_some(),
        };
        let accepted = validate::submission(message, context)?;
        let attachments = self.attachments(caller, &accepted).await?;
        let id = RequestId::new();
        let request = SubmittedRequest {
            request_id: id.to_string(),
            // Given when it is written.
            reference: String::new(),
            received_at: Some(to_proto_time(accepted.received_at)),
            channel: channel.to_string(),
            procedure: Some(procedure.as_deref().map_or_else(free_text_snapshot, Procedure::snapshot)),
            text: accepted.text,
            answers: accepted.answers,
            requester: Some(accepted.requester),
            attachments: attachments
                .iter()
                .zip(&accepted.attachments)
                .map(|(kept, (_, document))| kept.to_ref(document))
                .collect(),
            district: accepted.district,
            address: accepted.address,
            acted_by: caller.actor_key(),
            acted_by_name: caller.name.clone(),
            acted_by_basis: accepted.acted_by_basis,
            missing_documents: accepted.missing_documents,
        };
        Ok(Submission {
            key,
            body_digest,
            id,
            received_at: accepted.received_at,
            request,
            code: self.codes.of(&caller.tenant, id),
            attachments: attachments.iter().map(|kept| kept.id).collect(),
            traceparent: parvis_store::outbox::current_traceparent(),
        })
    }

    /// The procedure named, in its current version; none for a free text.
    async fn procedure_for(&self, caller: &Caller, message: &SubmitRequestRequest) -> Result<Option<Arc<Procedure>>> {
        let (code, version) = (message.procedure_code.as_str(), message.procedure_version);
        if code.is_empty() {
            return Ok(None);
        }
        let mut procedures = self.procedures.of(&caller.tenant).await;
        if procedures.get(code).is_some_and(|procedure| version > procedure.version) {
            // Another process may know of an import that this one has not seen yet.
            procedures = self.procedures.fresh(&caller.tenant).await?;
        }
        let Some(procedure) = procedures.get(code) else {
            let why = format!("« {} » is not a procedure of this authority; see the list", excerpt(code, 40));
            return Err(Error::wrong("procedure_code", Reason::Unknown { thing: Thing::Procedure }, why));
        };
        if version != 0 && version != procedure.version {
            let current = procedure.version;
            let refusal = Refusal::FormChanged { current: current.into() };
            return Err(Error::precondition(format!(
                "procedure_version: {version} is not the current version, which is {current}; read the form again and \
                 fill it in"
            ))
            .refused(refusal));
        }
        Ok(Some(procedure.clone()))
    }

    /// The files named, in order, which must all be there and belong to no other request.
    async fn attachments(&self, caller: &Caller, accepted: &Accepted) -> Result<Vec<Attachment>> {
        if accepted.attachments.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = accepted.attachments.iter().map(|(id, _)| *id).collect();
        let mut kept = repo::attachment::find_many(self.store.read(), &caller.tenant, &ids).await?;
        kept.retain(Attachment::is_claimable);
        let mut found = validate::Violations::default();
        let mut named = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            match kept.iter().find(|it| it.id == *id) {
                Some(it) => named.push(it.clone()),
                None => found.add(
                    format!("attachments[{at}].id"),
                    Reason::FileGone,
                    "no file of that id waits for a request; upload it, or upload it again",
                ),
            }
        }
        found.into_result()?;
        Ok(named)
    }

    async fn find_replay(&self, key: &idempotency::Key, body_digest: [u8; 32]) -> Result<Option<Filed>> {
        let (tenant, digest) = key;
        let uses = idempotency::find(self.store.read(), tenant, &[*digest]).await?;
        let Some(kept) = uses.first() else { return Ok(None) };
        let request = repo::request::find(self.store.read(), tenant, kept.request_id).await?;
        crate::batch::replayed(kept, body_digest, request.as_ref()).map(Some)
    }

    fn answer(&self, caller: &Caller, filed: Filed) -> Result<SubmitRequestResponse> {
        let request = filed.request;
        let id: RequestId = request.request_id.parse().map_err(|_| Error::internal("a request without an id"))?;
        let mode = request.requester.as_ref().and_then(|requester| requester.contact_mode.parse().ok());
        let procedure = request.procedure.unwrap_or_default();
        Ok(SubmitRequestResponse {
            request_id: request.request_id,
            reference: request.reference,
            tracking_code: self.codes.of(&caller.tenant, id).shown,
            received_at: request.received_at,
            next_step: next_step::sentence(&procedure, mode.unwrap_or(ContactMode::Portal)),
            missing_documents: request.missing_documents,
            replayed: filed.replayed,
        })
    }
}

/// Whose an idempotency key is. Anybody's is their browser's, or their network's: a key that a stranger guesses or reads
/// elsewhere answers nothing of what another filed.
fn scope(caller: &Caller) -> String {
    match caller.actor {
        Actor::Agent(_) | Actor::Partner(_) | Actor::System(_) => caller.actor_key(),
        _ => format!("{}:{}", caller.actor_key(), Client::current().unwrap_or_default().scope_key()),
    }
}

/// The pages are open to anybody; the other doors have their keepers.
fn authorize(caller: &Caller, channel: Channel) -> Result<()> {
    match channel {
        Channel::Web => Ok(()),
        Channel::Phone | Channel::Counter | Channel::Letter | Channel::Email => {
            caller.require_agent(&CLERKS).map(|_| ())
        }
        Channel::Open311 | Channel::Api | Channel::Partner => match caller.actor {
            Actor::Partner(_) => caller.require(&[Role::Partner]),
            Actor::Anonymous | Actor::Citizen(_) => {
                Err(Error::unauthenticated("a partner's token is needed for this channel")
                    .refused(Refusal::PartnerOnly))
            }
            Actor::Agent(_) | Actor::System(_) => {
                Err(Error::denied("only a partner's system files by this channel").refused(Refusal::PartnerOnly))
            }
        },
    }
}
