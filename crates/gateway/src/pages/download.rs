//! A file, streamed from intake to the browser, which must keep it and not run it.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderValue, header};
use parvis_proto::{
    error_from_status,
    intake::{DownloadAttachmentRequest, download_attachment_response::Part},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::page::refused;
use crate::{
    problem::Problem,
    state::{AppState, UPLOAD_TIMEOUT},
};

/// The file that `request` asks for.
pub async fn stream(
    state: &AppState,
    mut request: tonic::Request<DownloadAttachmentRequest>,
) -> Result<Response, Problem> {
    request.set_timeout(UPLOAD_TIMEOUT);
    let passed_on = |status: tonic::Status| refused(error_from_status(&status));
    let mut parts = state.intake()?.download_attachment(request).await.map_err(passed_on)?.into_inner();
    let first = parts.message().await.map_err(passed_on)?.and_then(|message| message.part);
    let Some(Part::Header(file)) = first else { return Err(Problem::internal()) };
    let chunks = parts.filter_map(|message| async {
        match message {
            Ok(message) => match message.part {
                Some(Part::Chunk(chunk)) => Some(Ok(Bytes::from(chunk))),
                Some(Part::Header(_)) | None => None,
            },
            Err(status) => Some(Err(std::io::Error::other(status.message().to_owned()))),
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_str(&file.media_type);
    headers.insert(header::CONTENT_TYPE, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    let name = utf8_percent_encode(&file.file_name, NON_ALPHANUMERIC);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}
