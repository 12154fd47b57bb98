//! A reference and its tracking code, exchanged for a short grant: the one place where codes are compared.

use parvis_kernel::{AttachmentId, Caller, Error, Reference, RequestId, Result, reason::Thing};
use parvis_proto::{
    intake::{FollowGrant, OpenFollowGrantRequest},
    to_proto_time,
};
use parvis_runtime::grants::{Grant, Kind};
use uuid::Uuid;

use super::Intake;
use crate::repo;

/// Requests that one grant opens at most: as many as a browser remembers.
const MOST: usize = 8;

impl Intake {
    /// One answer, in one time, whichever is wrong. The new grant opens what a former one that is still good opened
    /// too, the oldest leaving.
    pub async fn open_follow_grant(&self, caller: &Caller, query: &OpenFollowGrantRequest) -> Result<FollowGrant> {
        let id = self.named(caller, query).await?;
        // Compared even where there is nothing, so that the time taken does not tell.
        let opens = self.codes.opens(&caller.tenant, id.unwrap_or(RequestId(Uuid::nil())), &query.tracking_code);
        let id = id
            .filter(|_| opens)
            .ok_or_else(|| Error::no_such(Thing::Request, "no request has this reference and this tracking code"))?;
        let mut requests = self.opened_by(caller, &query.grant).await;
        requests.retain(|other| *other != id);
        requests.push(id);
        requests.drain(..requests.len().saturating_sub(MOST));
        let now = self.clock.now();
        let grant = self.signer.sign(&Grant::follow(caller.tenant.clone(), requests, now)).await?;
        let expires_at = Some(to_proto_time(now + Kind::Follow.life()));
        Ok(FollowGrant { grant, request_id: id.to_string(), expires_at })
    }

    /// The keys that verify follow grants (RFC 7517, JSON).
    pub async fn grant_keys(&self) -> Result<String> {
        self.signer.jwks().await
    }

    /// The request by its reference, or by one of its files.
    async fn named(&self, caller: &Caller, query: &OpenFollowGrantRequest) -> Result<Option<RequestId>> {
        let (store, tenant) = (self.store.read(), &caller.tenant);
        if query.reference.is_empty() && !query.attachment_id.is_empty() {
            let id: AttachmentId = query.attachment_id.parse().map_err(|error: Error| error.about("attachment_id"))?;
            return Ok(repo::attachment::find(store, tenant, id).await?.and_then(|file| file.request_id));
        }
        let reference: Reference = query.reference.parse()?;
        let found = repo::request::find_by_reference(store, tenant, reference).await?;
        Ok(found.and_then(|request| request.request_id.parse().ok()))
    }

    /// What a former grant opens; nothing where it is none or has ended.
    async fn opened_by(&self, caller: &Caller, grant: &str) -> Vec<RequestId> {
        if grant.is_empty() {
            return Vec::new();
        }
        let former = self.grants.verify(Kind::Follow, grant).await;
        former.ok().filter(|former| former.tenant == caller.tenant).map(|former| former.requests).unwrap_or_default()
    }
}
