//! Gives a file back: to whoever holds a follow grant of the request that names it, and to an agent for whom casework
//! signed a grant of it.

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{ObjectStoreExt as _, path::Path};
use parvis_kernel::{Actor, AttachmentId, Caller, Error, ErrorKind, Result, reason::Thing};
use parvis_proto::common::AttachmentRef;
use parvis_runtime::grants::Kind;

use super::Intake;
use crate::{objects::object_error, repo};

/// Bytes of a message at most.
const CHUNK: usize = 256 * 1024;

impl Intake {
    /// What it is, and its bytes. What may not be read is not found.
    pub async fn download_attachment(
        &self,
        caller: &Caller,
        id: &str,
        grant: &str,
    ) -> Result<(AttachmentRef, impl Stream<Item = Result<Bytes>> + Send + use<>)> {
        let unknown = || Error::no_such(Thing::Attachment, "no such attachment, or no grant that opens it");
        let id: AttachmentId = id.parse().map_err(|error: Error| error.about("attachment_id"))?;
        let kept = repo::attachment::find(self.store.read(), &caller.tenant, id).await?.ok_or_else(unknown)?;
        if !self.opens_file(caller, &kept, grant).await? {
            return Err(unknown());
        }
        let document = self.document_of(caller, &kept).await?;
        let object = self.objects.get(&Path::from(kept.object_path())).await.map_err(object_error)?;
        let bytes = object.into_stream().map_err(object_error).map(|chunk| {
            let cut = chunk.map(|chunk| {
                let starts = (0..chunk.len()).step_by(CHUNK);
                starts.map(|start| Ok(chunk.slice(start..chunk.len().min(start + CHUNK)))).collect::<Vec<_>>()
            });
            stream::iter(cut.unwrap_or_else(|error| vec![Err(error)]))
        });
        Ok((kept.to_ref(&document), bytes.flatten()))
    }

    async fn opens_file(&self, caller: &Caller, kept: &repo::attachment::Attachment, grant: &str) -> Result<bool> {
        match &caller.actor {
            Actor::System(_) => Ok(true),
            Actor::Citizen(_) => Ok(kept.request_id.is_some_and(|request| caller.follows(request))),
            Actor::Agent(agent) if !grant.is_empty() => match self.grants.verify(Kind::Files, grant).await {
                Ok(given) => {
                    let theirs = given.tenant == caller.tenant && given.agent == agent.as_str();
                    Ok(theirs && given.files.contains(&kept.id))
                }
                // Only who cannot be asked is worth another try.
                Err(error) if error.kind() == ErrorKind::Unauthenticated => Ok(false),
                Err(error) => Err(error),
            },
            Actor::Agent(_) | Actor::Anonymous | Actor::Partner(_) => Ok(false),
        }
    }

    /// The supporting document that it answers, said by the request that names it.
    async fn document_of(&self, caller: &Caller, kept: &repo::attachment::Attachment) -> Result<String> {
        let Some(request) = kept.request_id else { return Ok(String::new()) };
        let request = repo::request::find(self.store.read(), &caller.tenant, request).await?.unwrap_or_default();
        let id = kept.id.to_string();
        Ok(request.attachments.into_iter().find(|it| it.id == id).map(|it| it.document).unwrap_or_default())
    }
}
