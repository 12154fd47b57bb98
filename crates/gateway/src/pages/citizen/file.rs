//! `/suivi/{reference}/pieces/{id}`: a file of the request, for whoever may follow it.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use parvis_proto::intake::DownloadAttachmentRequest;

use crate::{
    pages::{
        download,
        page::{Page, refused},
    },
    problem::Problem,
};

/// The file.
pub async fn download(page: Page, Path((reference, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let Some(grant) = page.grants.of(&reference) else {
        return Ok(Redirect::to("/suivi").into_response());
    };
    let who = page.follower(grant).await.map_err(refused)?;
    let request = DownloadAttachmentRequest { attachment_id: id, ..DownloadAttachmentRequest::default() };
    download::stream(&page.state, who.call(request)).await
}
