//! Takes a file in, chunk by chunk, in bounded memory. What is refused leaves nothing behind.

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload, path::Path};
use parvis_kernel::{AttachmentId, Caller, Error, ErrorKind, Reason, Refusal, Result, reason::Expected};
use parvis_proto::{common::AttachmentRef, intake::UploadHeader};

use super::Intake;
use crate::{
    domain::{
        attachment::{Inspector, MAX_NAME, Refused, Verdict, base_name, object_path},
        validate::Violations,
    },
    objects::object_error,
    repo,
};

/// Bytes of a part: S3 takes none smaller but the last.
const PART: usize = 5 * 1024 * 1024;

impl Intake {
    /// Takes the file that `chunks` carry. Anybody: it is deleted unless a request names it within a day.
    pub async fn upload_attachment(
        &self,
        caller: &Caller,
        header: &UploadHeader,
        chunks: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<AttachmentRef> {
        let file_name = check(header)?;
        let _place = self.uploads.acquire().await.map_err(|_| Error::unavailable("the service is stopping"))?;
        let (id, now) = (AttachmentId::new(), self.clock.now());
        let path = Path::from(object_path(&caller.tenant, id, now));
        repo::attachment::begin(&self.store, &caller.tenant, id, &file_name, now).await?;
        let mut sink = Sink { intake: self, path: &path, buffer: BytesMut::new(), parts: None };
        let inspector = Inspector::new(&file_name, &header.media_type);
        let taken = match self.receive(inspector, chunks, &mut sink).await {
            Ok(verdict) => {
                repo::attachment::complete(&self.store, &caller.tenant, id, &verdict).await.map(|()| verdict)
            }
            Err(error) => Err(error),
        };
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

    async fn receive(
        &self,
        mut inspector: Inspector,
        chunks: impl Stream<Item = Result<Bytes>> + Send,
        sink: &mut Sink<'_>,
    ) -> Result<Verdict> {
        let refuse = |why: Refused| Error::wrong("file", why.reason, why.message);
        let mut chunks = std::pin::pin!(chunks);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
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
        while self.buffer.len() >= PART {
            let part = self.buffer.split_to(PART).freeze();
            self.put_part(part).await?;
        }
        Ok(())
    }

    async fn put_part(&mut self, part: Bytes) -> Result<()> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            None => self.parts.insert(self.intake.objects.put_multipart(self.path).await.map_err(object_error)?),
        };
        parts.put_part(PutPayload::from_bytes(part)).await.map_err(object_error)
    }

    async fn finish(&mut self) -> Result<()> {
        let rest = self.buffer.split().freeze();
        if self.parts.is_none() {
            self.intake.objects.put(self.path, PutPayload::from_bytes(rest)).await.map_err(object_error)?;
            return Ok(());
        }
        if !rest.is_empty() {
            self.put_part(rest).await?;
        }
        if let Some(parts) = &mut self.parts {
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
