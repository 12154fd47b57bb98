//! Forms with files: each file goes to intake as it arrives; what is kept of it is its id, shown by its name.
//!
//! A page shown again after an error carries the files already sent (their ids in hidden fields), so nobody has to
//! find them on their disk a second time.

use axum::extract::{Multipart, multipart::Field as Part};
use futures::StreamExt as _;
use parvis_kernel::{Error, ErrorKind, Refusal};
use parvis_proto::{
    common::AttachmentRef,
    intake::{SubmittedAttachment, UploadAttachmentRequest, UploadHeader, upload_attachment_request},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    format,
    values::{Errors, Values},
};
use crate::{
    body::multipart_problem,
    problem::Problem,
    sentences,
    state::{AppState, UPLOAD_TIMEOUT, answer},
};

/// Files of one form at most.
pub const MAX_FILES: usize = 20;
/// Text fields of a form at most.
const MAX_FIELDS: usize = 1_000;
/// Names of the file fields: this, or this and a dot and the code of a supporting document.
pub const FILE_FIELD: &str = "fichier";
/// Hidden field of a file already sent.
const KEPT_FIELD: &str = "piece";
/// Ticked to take one off.
const REMOVED_FIELD: &str = "retirer";

/// A file already sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The attachment's id.
    pub id: String,
    /// Code of the document it answers; may be empty.
    pub document: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Its name.
    pub name: String,
}

impl Kept {
    fn new(attachment: AttachmentRef, document: &str) -> Self {
        Self { id: attachment.id, document: document.to_owned(), size: attachment.size, name: attachment.file_name }
    }

    /// What the hidden field carries.
    pub fn value(&self) -> String {
        format!("{}|{}|{}|{}", self.id, self.document, self.size, self.name)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '|');
        let id: parvis_kernel::AttachmentId = parts.next()?.parse().ok()?;
        let document = parts.next()?.to_owned();
        let size = parts.next()?.parse().ok()?;
        let name = parvis_kernel::text::excerpt(parts.next()?, 200);
        Some(Self { id: id.to_string(), document, size, name })
    }

    /// Its size, to read.
    pub fn said_size(&self) -> String {
        format::bytes(self.size)
    }
}

/// What a form with files brought.
#[derive(Debug, Default)]
pub struct Filled {
    /// The text fields.
    pub values: Values,
    /// The files, those of an earlier showing first.
    pub files: Vec<Kept>,
    /// Files that were refused.
    pub errors: Errors,
}

impl Filled {
    /// The files as a submission names them. A document that the procedure does not know is left out.
    pub fn attachments(&self, known: &[&str]) -> Vec<SubmittedAttachment> {
        let document =
            |file: &Kept| if known.contains(&&*file.document) { file.document.clone() } else { String::new() };
        self.files.iter().map(|file| SubmittedAttachment { id: file.id.clone(), document: document(file) }).collect()
    }

    /// Everything as fields of the form shown again: the files by what their hidden fields carry.
    pub fn into_fields(self) -> Vec<(String, String)> {
        let files = self.files.iter().map(|file| (KEPT_FIELD.to_owned(), file.value()));
        self.values.0.into_iter().chain(files).collect()
    }

    fn keep_earlier_files(&mut self) {
        let removed: Vec<String> = self.values.all(REMOVED_FIELD).into_iter().map(str::to_owned).collect();
        let kept = self.values.all(KEPT_FIELD).into_iter().filter_map(Kept::read);
        let mut kept: Vec<Kept> = kept.filter(|file| !removed.contains(&file.id)).take(MAX_FILES).collect();
        kept.append(&mut self.files);
        self.files = kept;
        self.values.0.retain(|(name, _)| name != KEPT_FIELD && name != REMOVED_FIELD);
    }
}

/// Reads a form; `call` makes a call on behalf of whoever sends it.
pub async fn read(
    state: &AppState,
    mut form: Multipart,
    call: impl Fn(ReceiverStream<UploadAttachmentRequest>) -> tonic::Request<ReceiverStream<UploadAttachmentRequest>>,
) -> Result<Filled, Problem> {
    let mut filled = Filled::default();
    let limit = state.config().max_json_bytes;
    let mut text_bytes = 0;
    while let Some(part) = form.next_field().await.map_err(|error| multipart_problem(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file_name) = part.file_name().map(str::to_owned) {
            if file_name.is_empty() {
                continue;
            }
            if filled.files.len() >= MAX_FILES {
                filled.errors.add(&name, format!("Pas plus de {MAX_FILES} fichiers par demande."));
                continue;
            }
            let document = name.strip_prefix(FILE_FIELD).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
            match upload(state, part, &file_name, &call).await? {
                Ok(attachment) => filled.files.push(Kept::new(attachment, document)),
                Err(refused) => filled.errors.add(&name, why(&file_name, &refused, state.config().max_upload_bytes)),
            }
            continue;
        }
        let value = text(part, limit - text_bytes).await?;
        text_bytes += name.len() + value.len();
        if filled.values.0.len() >= MAX_FIELDS || text_bytes > limit {
            return Err(Problem::too_large(limit));
        }
        filled.values.0.push((name, value));
    }
    filled.keep_earlier_files();
    Ok(filled)
}

async fn text(mut part: Part<'_>, limit: usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| multipart_problem(&error))? {
        if bytes.len() + chunk.len() > limit {
            return Err(Problem::too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Problem::syntax("Le formulaire n'est pas en UTF-8."))
}

/// Sends one file. The outer error ends the page (the line broke); the inner one is about this file only.
async fn upload(
    state: &AppState,
    mut part: Part<'_>,
    file_name: &str,
    call: &impl Fn(ReceiverStream<UploadAttachmentRequest>) -> tonic::Request<ReceiverStream<UploadAttachmentRequest>>,
) -> Result<Result<AttachmentRef, Error>, Problem> {
    let header = UploadHeader {
        file_name: parvis_kernel::text::excerpt(file_name, 200),
        media_type: part.content_type().unwrap_or("application/octet-stream").to_owned(),
    };
    let (sender, receiver) = mpsc::channel(4);
    let message = |part| UploadAttachmentRequest { part: Some(part) };
    let first = sender.send(message(upload_attachment_request::Part::Header(header))).await;
    if first.is_err() {
        return Err(Problem::internal());
    }
    let mut intake = state.intake()?;
    let mut request = call(ReceiverStream::new(receiver));
    request.set_timeout(UPLOAD_TIMEOUT);
    let sent = async { answer(intake.upload_attachment(request).await) };
    let fed = async move {
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| multipart_problem(&error))?;
            // Intake that has refused the file reads no more of it.
            if sender.send(message(upload_attachment_request::Part::Chunk(chunk.to_vec()))).await.is_err() {
                break;
            }
        }
        Ok::<(), Problem>(())
    };
    tokio::pin!(sent, fed);
    tokio::select! {
        biased;
        // The line broke: the call is dropped before its stream ends, so that half a file is never kept.
        fed = &mut fed => { fed?; Ok(sent.await) }
        sent = &mut sent => Ok(sent),
    }
}

fn why(file_name: &str, error: &Error, max: usize) -> String {
    let file = parvis_kernel::text::excerpt(file_name, 60);
    match (error.kind(), error.violations()) {
        (ErrorKind::Exhausted, _) => {
            let why = sentences::of_refusal(&Refusal::FileTooHeavy { most: max as u64 });
            format!("« {file} » n’est pas accepté. {why}")
        }
        (ErrorKind::Invalid, [violation, ..]) => {
            format!("« {file} » n’est pas accepté. {}", sentences::of_field(violation))
        }
        (ErrorKind::Unavailable | ErrorKind::Conflict, _) if error.refusal().is_some() => {
            let why = error.refusal().map(sentences::of_refusal).unwrap_or_default();
            format!("« {file} » n’a pas pu être reçu. {why}")
        }
        _ => format!("« {file} » n'a pas pu être reçu. Réessayez, ou envoyez votre demande sans ce fichier."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_sent_before_an_error_stay_unless_taken_off() {
        let one = Kept {
            id: parvis_kernel::AttachmentId::new().to_string(),
            document: "identite".into(),
            size: 12,
            name: "carte|recto.pdf".into(),
        };
        let two = Kept { id: parvis_kernel::AttachmentId::new().to_string(), ..one.clone() };
        let values = Values(vec![
            (KEPT_FIELD.into(), one.value()),
            (KEPT_FIELD.into(), two.value()),
            (KEPT_FIELD.into(), "n'importe|quoi|x|y".into()),
            (REMOVED_FIELD.into(), two.id.clone()),
        ]);
        let mut filled = Filled { values, ..Filled::default() };
        filled.keep_earlier_files();
        assert_eq!(filled.files, [one]);
        assert_eq!(filled.attachments(&["identite"])[0].document, "identite");
        assert_eq!(filled.attachments(&[])[0].document, "");
    }
}
