//! Files, streamed in and out: neither is ever whole in memory.

use axum::{
    Json,
    body::Body,
    extract::{FromRequest as _, Multipart, Request, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use parvis_kernel::{AttachmentId, ErrorKind, Reason, Refusal, reason::Thing};
use parvis_proto::{
    casework::GetCaseRequest,
    common::AttachmentRef,
    intake::{
        DownloadAttachmentRequest, DownloadAttachmentResponse, OpenFollowGrantRequest, UploadAttachmentRequest,
        UploadHeader, download_attachment_response, upload_attachment_request::Part,
    },
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::{
    dto::{Attachment, Shown as _},
    follow::exchange,
    input::{ApiPath, ApiQuery, header_text, tracking_code},
};
use crate::{
    auth::ApiCaller,
    body::{media_type, multipart_problem},
    problem::Problem,
    state::{AppState, UPLOAD_TIMEOUT, answer},
};

/// Well below what one gRPC message may carry.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks on their way to intake.
const CHUNKS_AHEAD: usize = 4;

/// Un fichier, octet par octet.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "read by the document only: files are streamed")]
struct FileBytes(Vec<u8>);

/// Un formulaire qui porte un fichier.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document only: files are streamed")]
struct FileForm {
    /// Le fichier, avec son nom.
    file: FileBytes,
}

/// Envoyer un fichier
///
/// Le corps est le fichier lui-même, son nom dans `Content-Disposition: attachment; filename*=UTF-8''…` ou
/// `X-File-Name` (encodé en pour-cent), ou un formulaire `multipart/form-data` d’un seul fichier. L’identifiant reçu
/// est à citer dans `attachments` de la demande ; un fichier qu’aucune demande ne cite est supprimé au bout de
/// deux heures. Un envoi trop lent (moins de 1 ko par seconde) est refusé (408) ; quand trop de fichiers arrivent ou
/// attendent, ou que la place manque, la réponse est 503 avec `Retry-After`, et une demande sans fichier est acceptée.
#[utoipa::path(post, path = "/api/v1/attachments", tag = "Déposer une demande", security((), ("bearer" = [])),
    params(("X-File-Name" = Option<String>, Header, description = "Nom du fichier, encodé en pour-cent",
            example = "carte%20d%27identit%C3%A9.pdf")),
    request_body(content((FileBytes = "application/octet-stream"), (FileForm = "multipart/form-data")),
        description = "Le fichier"),
    responses((status = 201, description = "Reçu", body = Attachment)))]
pub async fn upload(
    State(state): State<AppState>,
    caller: ApiCaller,
    request: Request,
) -> Result<(StatusCode, Json<Attachment>), Problem> {
    let media_type = media_type(request.headers());
    let received = if media_type == "multipart/form-data" {
        let mut form = Multipart::from_request(request, &state)
            .await
            .map_err(|_| Problem::media_type("multipart/form-data; boundary=…"))?;
        let file = loop {
            match form.next_field().await.map_err(|error| multipart_problem(&error))? {
                Some(field) if field.file_name().is_some() => break field,
                Some(_) => {}
                None => return Err(Problem::field("file", Reason::Required)),
            }
        };
        let header = UploadHeader {
            file_name: file.file_name().unwrap_or_default().to_owned(),
            media_type: file.content_type().unwrap_or_default().to_owned(),
        };
        let chunks = stream::try_unfold(file, async |mut file| {
            let chunk = file.chunk().await.map_err(|error| multipart_problem(&error))?;
            Ok(chunk.map(|chunk| (chunk, file)))
        });
        send(&state, &caller, header, chunks).await?
    } else {
        let header = UploadHeader { file_name: file_name(request.headers()), media_type };
        let chunks = request
            .into_body()
            .into_data_stream()
            .map(|chunk| chunk.map_err(|_| Problem::syntax("L’envoi a été interrompu.")));
        send(&state, &caller, header, chunks).await?
    };
    Ok((StatusCode::CREATED, Json(received.shown())))
}

/// Passes a file on to intake as it comes. One that is cut short or too large is given up, not shortened.
pub async fn send(
    state: &AppState,
    caller: &ApiCaller,
    header: UploadHeader,
    chunks: impl Stream<Item = Result<Bytes, Problem>>,
) -> Result<AttachmentRef, Problem> {
    let mut intake = state.intake()?;
    // Declared before the call, so dropped after it: giving up cancels the call before the stream seems to end.
    let (to_intake, messages) = mpsc::channel(CHUNKS_AHEAD);
    let mut request = caller.call(ReceiverStream::new(messages));
    request.set_timeout(UPLOAD_TIMEOUT);
    let call = intake.upload_attachment(request);
    tokio::pin!(call);
    let fed = tokio::time::timeout(UPLOAD_TIMEOUT, feed(&to_intake, header, chunks, state.config().max_upload_bytes));
    let early = tokio::select! {
        response = &mut call => Some(response),
        fed = fed => {
            fed.map_err(|_| Problem::timeout())??;
            None
        }
    };
    // The end of the stream: the file is whole.
    drop(to_intake);
    let response = match early {
        Some(response) => response,
        None => call.await,
    };
    answer(response).map_err(|error| Problem::from(error).as_too_large())
}

/// Gives the header, then the bytes, `limit` at most.
async fn feed(
    to_intake: &mpsc::Sender<UploadAttachmentRequest>,
    header: UploadHeader,
    chunks: impl Stream<Item = Result<Bytes, Problem>>,
    limit: usize,
) -> Result<(), Problem> {
    let part = |part| UploadAttachmentRequest { part: Some(part) };
    if to_intake.send(part(Part::Header(header))).await.is_err() {
        return Ok(());
    }
    let mut total = 0_usize;
    tokio::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let mut chunk = chunk?;
        total = total.saturating_add(chunk.len());
        if total > limit {
            return Err(Problem::too_large(limit));
        }
        while !chunk.is_empty() {
            let piece = chunk.split_to(chunk.len().min(CHUNK_BYTES));
            // Intake has answered already: its answer says why.
            if to_intake.send(part(Part::Chunk(piece.to_vec()))).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The name given by `X-File-Name`, else by `Content-Disposition`.
fn file_name(headers: &HeaderMap) -> String {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    if let Some(name) = header_text(headers, "x-file-name") {
        return decoded(name);
    }
    let disposition = header_text(headers, "content-disposition").unwrap_or_default();
    let parameters = || disposition.split(';').filter_map(|part| part.trim().split_once('='));
    let find = |name: &str| parameters().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    if let Some((_, name)) = find("filename*").and_then(|value| value.split_once("''")) {
        return decoded(name);
    }
    find("filename").map(|value| value.trim_matches('"').to_owned()).unwrap_or_default()
}

/// Télécharger un fichier
///
/// Pour qui tient le code de suivi de la demande, ou pour un agent qui lit le dossier : il le nomme par `case`.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "Suivre une demande",
    security(("bearer" = []), ("tracking_code" = [])),
    params(("id" = String, Path, description = "Identifiant du fichier",
            example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11"), OfCase),
    responses((status = 200, description = "Le fichier, du type qu’il a", body = FileBytes, content_type = "*/*")))]
pub async fn download(
    State(state): State<AppState>,
    caller: ApiCaller,
    id: ApiPath,
    ApiQuery(of): ApiQuery<OfCase>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: AttachmentId =
        id.0.parse()
            .map_err(|_| Problem::refused(ErrorKind::NotFound, Refusal::NotFound { thing: Thing::Attachment }))?;
    let tracking_code = tracking_code(&caller, &headers)?;
    if !tracking_code.is_empty() {
        let asked = OpenFollowGrantRequest { attachment_id: id.to_string(), tracking_code, ..Default::default() };
        let caller = exchange(&state, caller, asked).await?;
        let request = DownloadAttachmentRequest { attachment_id: id.to_string(), ..Default::default() };
        return fetch(&state, caller.call(request)).await;
    }
    let grant = if caller.is_citizen() { String::new() } else { files_grant(&state, &caller, of).await? };
    fetch(&state, caller.call(DownloadAttachmentRequest { attachment_id: id.to_string(), grant })).await
}

/// Of which case an agent reads a file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct OfCase {
    /// Référence du dossier ; nécessaire pour un agent.
    #[param(example = "412-873-952-K")]
    case: String,
    /// Motif, comme pour lire le dossier.
    reason: String,
}

/// What lets the agent read the files of a case: casework says it, as it says who reads the case.
async fn files_grant(state: &AppState, caller: &ApiCaller, of: OfCase) -> Result<String, Problem> {
    if of.case.is_empty() {
        return Err(Problem::field("case", Reason::Required));
    }
    let request = GetCaseRequest { reference: of.case, reason: of.reason, ..Default::default() };
    Ok(answer(state.casework()?.get_case(caller.call(request)).await)?.files_grant)
}

/// A file from intake, as it comes; always saved, never shown in place.
pub async fn fetch(state: &AppState, request: tonic::Request<DownloadAttachmentRequest>) -> Result<Response, Problem> {
    use download_attachment_response::Part;
    let mut messages = answer(state.intake()?.download_attachment(request).await)?;
    let first = answer(messages.message().await.map(tonic::Response::new))?;
    let Some(DownloadAttachmentResponse { part: Some(Part::Header(file)) }) = first else {
        return Err(Problem::internal());
    };
    let bytes = messages.filter_map(async |message| match message {
        Ok(DownloadAttachmentResponse { part: Some(Part::Chunk(chunk)) }) => Some(Ok(Bytes::from(chunk))),
        Ok(_) => None,
        Err(status) => Some(Err(std::io::Error::other(status.message().to_owned()))),
    });
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_str(&file.media_type);
    headers.insert(
        header::CONTENT_TYPE,
        media_type.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&file.file_name));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

/// `attachment` with the name twice: plain for old readers, encoded for the others.
fn disposition(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_and_goes_whole() {
        let name = |header: &'static str, value: &str| {
            file_name(&HeaderMap::from_iter([(http::HeaderName::from_static(header), value.parse().unwrap())]))
        };
        assert_eq!(name("x-file-name", "pi%C3%A8ce%20n%C2%B01.pdf"), "pièce n°1.pdf");
        assert_eq!(name("content-disposition", "attachment; filename=\"a.pdf\""), "a.pdf");
        assert_eq!(name("content-disposition", "attachment; filename=\"a\"; filename*=UTF-8''%C3%A9.pdf"), "é.pdf");
        assert_eq!(name("content-disposition", "attachment"), "");
        let value = disposition("é\"\r\nX: y.pdf");
        assert_eq!(value, "attachment; filename=\"____X__y.pdf\"; filename*=UTF-8''%C3%A9%22%0D%0AX%3A%20y%2Epdf");
    }
}
