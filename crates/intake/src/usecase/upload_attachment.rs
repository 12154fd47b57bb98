//! Takes a file in, chunk by chunk, in bounded memory. What is refused leaves nothing behind.

use bytes::{Bytes, BytesMut};
use futures::Stream;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload, path::Path};
use parvis_kernel::{
    Actor, AttachmentId, Caller, Error, ErrorKind, Reason, Refusal, Result, TenantId, reason::Expected,
};
use parvis_proto::{common::AttachmentRef, intake::UploadHeader};
use parvis_runtime::{
    client::Client,
    pace::{Pace, TooSlow},
};

use super::Intake;
use crate::{
    domain::{
        attachment::{Inspector, MAX_NAME, Refused, Verdict, base_name, object_path},
        validate::Violations,
    },
    objects::object_error,
    repo,
    uploads::Place,
};

impl Intake {
    /// Takes the file that `chunks` carry. Anybody: it is deleted unless a request names it within two hours.
    ///
    /// # Errors
    /// "Unavailable" where no file can be taken now; "conflict" where the sender is too slow.
    pub async fn upload_attachment(
        &self,
        caller: &Caller,
        header: &UploadHeader,
        chunks: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<AttachmentRef> {
        let file_name = check(header)?;
        // Who signed in answers for what they send.
        let address = Client::current().and_then(|client| client.address).filter(|_| is_anonymous(caller));
        let mut place = self.uploads.enter(&caller.tenant, address).await?;
        self.room_for_files(&caller.tenant, &place).await?;
        let (id, now) = (AttachmentId::new(), self.clock.now());
        let path = Path::from(object_path(&caller.tenant, id, now));
        repo::attachment::begin(&self.store, &caller.tenant, id, &file_name, now).await?;
        let mut sink = Sink { intake: self, path: &path, buffer: BytesMut::new(), parts: None };
        let inspector = Inspector::new(&file_name, &header.media_type);
        let taken = self.take(caller, id, inspector, chunks, &mut sink, &mut place).await;
        match taken {
            Ok(verdict) => Ok(AttachmentRef {
                id: id.to_string(),
                file_name,
                media_type: verdict.media_type.to_owned(),
                size: verdict.size,
                sha256: verdict.sha256,
                document: String::new(),
            }),
            Err(error) => {
                sink.discard().await;
                // Whatever could not be undone now, the sweep will undo.
                if let Err(error) = repo::attachment::forget(&self.store, &caller.tenant, id).await {
                    tracing::warn!(%error, "a refused attachment is left to the sweep");
                }
                Err(error)
            }
        }
    }

    async fn take(
        &self,
        caller: &Caller,
        id: AttachmentId,
        inspector: Inspector,
        chunks: impl Stream<Item = Result<Bytes>> + Send,
        sink: &mut Sink<'_>,
        place: &mut Place<'_>,
    ) -> Result<Verdict> {
        let verdict = self.receive(inspector, chunks, sink, place).await?;
        // Others finished meanwhile.
        self.room_for_files(&caller.tenant, place).await?;
        repo::attachment::complete(&self.store, &caller.tenant, id, &verdict).await?;
        Ok(verdict)
    }

    /// Refuses where the disk, or what the town's files that wait for their request may take, is full.
    async fn room_for_files(&self, tenant: &TenantId, place: &Place<'_>) -> Result<()> {
        if self.uploads.disk_is_full() {
            metrics::counter!("parvis_uploads_refused_total", "why" => "disk").increment(1);
            let error =
                Error::unavailable("the disk of the attachments is nearly full; send the request without files");
            return Err(error.refused(Refusal::FilesNotTaken));
        }
        let waiting = repo::attachment::unclaimed_bytes(&self.store, tenant).await? + place.arriving();
        if waiting > self.config.unclaimed_bytes {
            metrics::counter!("parvis_uploads_refused_total", "why" => "unclaimed").increment(1);
            let error = Error::unavailable("too many files wait for their request; try again later");
            return Err(error.refused(Refusal::TooManyFilesWait));
        }
        Ok(())
    }

    async fn receive(
        &self,
        mut inspector: Inspector,
        chunks: impl Stream<Item = Result<Bytes>> + Send,
        sink: &mut Sink<'_>,
        place: &mut Place<'_>,
    ) -> Result<Verdict> {
        let refuse = |why: Refused| Error::wrong("file", why.reason, why.message);
        let mut chunks = std::pin::pin!(chunks);
        let mut pace = Pace::default();
        let bytes = |chunk: &Result<Bytes>| chunk.as_ref().map_or(0, Bytes::len);
        while let Some(chunk) = pace.next(&mut chunks, bytes).await.map_err(|TooSlow| too_slow())? {
            let chunk = chunk?;
            place.took(chunk.len() as u64)?;
            if inspector.size() + chunk.len() as u64 > self.config.max_attachment_bytes {
                let most = self.config.max_attachment_bytes;
                let message = format!("the file has more than {most} bytes; send a smaller one");
                return Err(Error::new(ErrorKind::Exhausted, message).refused(Refusal::FileTooHeavy { most }));
            }
            inspector.update(&chunk).map_err(refuse)?;
            sink.write(&chunk).await?;
        }
        let verdict = inspector.finish().map_err(refuse)?;
        sink.finish().await?;
        Ok(verdict)
    }
}

fn is_anonymous(caller: &Caller) -> bool {
    !matches!(caller.actor, Actor::Agent(_) | Actor::Partner(_) | Actor::System(_))
}

fn too_slow() -> Error {
    Error::conflict("the file came too slowly; send it again").refused(Refusal::UploadTooSlow)
}

/// The file's name, checked.
fn check(header: &UploadHeader) -> Result<String> {
    let mut found = Violations::default();
    let shape = |expected| Reason::BadFormat { expected };
    let name = base_name(&header.file_name);
    if name.is_empty() || header.file_name.len() > 4 * MAX_NAME || name.chars().count() > MAX_NAME {
        found.add("file_name", shape(Expected::FileName), format!("1 to {MAX_NAME} characters are expected"));
    } else if name.chars().any(char::is_control) {
        found.add("file_name", shape(Expected::FileName), "holds a control character; rename the file");
    }
    if header.media_type.len() > 200 || header.media_type.chars().any(char::is_control) {
        let reason = shape(Expected::MediaType);
        found.add("media_type", reason, "at most 200 characters such as application/pdf; leave it empty if not known");
    }
    found.into_result()?;
    Ok(name.to_owned())
}

/// Where the bytes go: memory until a part is full, then the store's parts, shown to nobody until finished.
struct Sink<'a> {
    intake: &'a Intake,
    path: &'a Path,
    buffer: BytesMut,
    parts: Option<Box<dyn MultipartUpload>>,
}

impl Sink<'_> {
    async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(chunk);
        let part = self.intake.uploads.part_bytes();
        while self.buffer.len() >= part {
            let part = self.buffer.split_to(part).freeze();
            self.put_part(part).await?;
        }
        Ok(())
    }

    async fn put_part(&mut self, part: Bytes) -> Result<()> {
        let _slot = self.intake.uploads.writing().await?;
        let parts = match &mut self.parts {
            Some(parts) => parts,
            None => self.parts.insert(self.intake.objects.put_multipart(self.path).await.map_err(object_error)?),
        };
        parts.put_part(PutPayload::from_bytes(part)).await.map_err(object_error)
    }

    async fn finish(&mut self) -> Result<()> {
        let rest = self.buffer.split().freeze();
        if self.parts.is_none() {
            let _slot = self.intake.uploads.writing().await?;
            self.intake.objects.put(self.path, PutPayload::from_bytes(rest)).await.map_err(object_error)?;
            return Ok(());
        }
        if !rest.is_empty() {
            self.put_part(rest).await?;
        }
        if let Some(parts) = &mut self.parts {
            let _slot = self.intake.uploads.writing().await?;
            parts.complete().await.map_err(object_error)?;
        }
        self.parts = None;
        Ok(())
    }

    /// Leaves nothing in the store.
    async fn discard(&mut self) {
        let undone = match self.parts.take() {
            Some(mut parts) => parts.abort().await,
            None => self.intake.objects.delete(self.path).await,
        };
        match undone {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!(%error, "a refused attachment is left to the sweep"),
        }
    }
}
