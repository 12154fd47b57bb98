//! Request → command → use case → response. No rules.

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use parvis_kernel::{Error, Result};
use parvis_proto::{
    common::{AttachmentRef, GetGrantKeysRequest, GrantKeys},
    error_from_status,
    intake::{
        DownloadAttachmentRequest, DownloadAttachmentResponse, FollowGrant, GetProcedureRequest, GetRequestRequest,
        ListProceduresRequest, ListProceduresResponse, OpenFollowGrantRequest, Procedure, RecordInstantAnswerRequest,
        RecordInstantAnswerResponse, SubmitRequestRequest, SubmitRequestResponse, SubmittedRequest,
        UploadAttachmentRequest, UploadHeader, download_attachment_response, intake_service_server::IntakeService,
        upload_attachment_request::Part,
    },
};
use parvis_runtime::{caller, internal_status, pace::WINDOW, rpc::caller_site};
use tonic::{Request, Response, Status, Streaming};

use crate::usecase::Intake;

/// The service.
pub struct IntakeGrpc(pub Arc<Intake>);

#[tonic::async_trait]
impl IntakeService for IntakeGrpc {
    type DownloadAttachmentStream =
        Pin<Box<dyn Stream<Item = Result<DownloadAttachmentResponse, Status>> + Send + 'static>>;

    async fn list_procedures(
        &self,
        request: Request<ListProceduresRequest>,
    ) -> Result<Response<ListProceduresResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ListProceduresRequest { query, with_forms } = request.into_inner();
        let procedures = self.0.list_procedures(&caller, &query, with_forms).await.map_err(internal_status)?;
        Ok(Response::new(ListProceduresResponse { procedures }))
    }

    async fn get_procedure(&self, request: Request<GetProcedureRequest>) -> Result<Response<Procedure>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let GetProcedureRequest { code, version } = request.into_inner();
        self.0.get_procedure(&caller, &code, version).await.map(Response::new).map_err(internal_status)
    }

    async fn submit_request(
        &self,
        request: Request<SubmitRequestRequest>,
    ) -> Result<Response<SubmitRequestResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        self.0.submit_request(&caller, request.into_inner()).await.map(Response::new).map_err(internal_status)
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<UploadAttachmentRequest>>,
    ) -> Result<Response<AttachmentRef>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let mut parts = request.into_inner();
        let first = tokio::time::timeout(WINDOW, parts.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("the header did not come"))??;
        let header = header(first).map_err(internal_status)?;
        let chunks = parts.map(|part| chunk(part.map_err(|status| error_from_status(&status))?));
        self.0.upload_attachment(&caller, &header, chunks).await.map(Response::new).map_err(internal_status)
    }

    async fn download_attachment(
        &self,
        request: Request<DownloadAttachmentRequest>,
    ) -> Result<Response<Self::DownloadAttachmentStream>, Status> {
        use download_attachment_response::Part;
        let caller = caller(&request).map_err(internal_status)?;
        let DownloadAttachmentRequest { attachment_id, grant } = request.into_inner();
        let (header, bytes) =
            self.0.download_attachment(&caller, &attachment_id, &grant).await.map_err(internal_status)?;
        let message = |part| DownloadAttachmentResponse { part: Some(part) };
        let first = stream::once(async move { Ok(message(Part::Header(header))) });
        let rest = bytes.map_ok(move |chunk| message(Part::Chunk(chunk.into()))).map_err(internal_status);
        Ok(Response::new(Box::pin(first.chain(rest))))
    }

    async fn get_request(&self, request: Request<GetRequestRequest>) -> Result<Response<SubmittedRequest>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        self.0.get_request(&caller, request.get_ref()).await.map(Response::new).map_err(internal_status)
    }

    async fn open_follow_grant(
        &self,
        request: Request<OpenFollowGrantRequest>,
    ) -> Result<Response<FollowGrant>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        self.0.open_follow_grant(&caller, request.get_ref()).await.map(Response::new).map_err(internal_status)
    }

    async fn get_grant_keys(&self, _: Request<GetGrantKeysRequest>) -> Result<Response<GrantKeys>, Status> {
        let jwks_json = self.0.grant_keys().await.map_err(internal_status)?;
        Ok(Response::new(GrantKeys { jwks_json }))
    }

    async fn record_instant_answer(
        &self,
        request: Request<RecordInstantAnswerRequest>,
    ) -> Result<Response<RecordInstantAnswerResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let site = caller_site(&request);
        self.0
            .record_instant_answer(&caller, &site, request.get_ref())
            .await
            .map(Response::new)
            .map_err(internal_status)
    }
}

fn header(first: Option<UploadAttachmentRequest>) -> Result<UploadHeader> {
    match first.and_then(|message| message.part) {
        Some(Part::Header(header)) => Ok(header),
        Some(Part::Chunk(_)) | None => Err(Error::invalid("header", "the first message is the header; send it first")),
    }
}

fn chunk(message: UploadAttachmentRequest) -> Result<Bytes> {
    match message.part {
        Some(Part::Chunk(chunk)) => Ok(chunk.into()),
        Some(Part::Header(_)) => Err(Error::invalid("header", "the header is sent once; send bytes after it")),
        None => Ok(Bytes::new()),
    }
}
