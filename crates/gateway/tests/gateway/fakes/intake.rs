//! Requests taken in, and files.

use std::{pin::Pin, sync::atomic::Ordering};

use futures::{Stream, StreamExt as _, stream};
use parvis_kernel::{Error, Result};
use parvis_proto::{
    common::{AttachmentRef, GetGrantKeysRequest, GrantKeys},
    intake::{intake_service_server::IntakeService, *},
};
use parvis_runtime::grants::{Grant, Kind};
use tonic::{Request, Response, Status, Streaming};

use super::{FRESH, Fake, KNOWN, KNOWN_ID, NOW, Reply, SIGNER, follows, is_code, refuse};

#[tonic::async_trait]
impl IntakeService for Fake {
    plain! { "intake":
        list_procedures(ListProceduresRequest) -> ListProceduresResponse,
        get_procedure(GetProcedureRequest) -> Procedure,
        record_instant_answer(RecordInstantAnswerRequest) -> RecordInstantAnswerResponse,
    }

    async fn submit_request(&self, request: Request<SubmitRequestRequest>) -> Reply<SubmitRequestResponse> {
        self.up("intake")?;
        if let Some(told) = self.told("submit_request") {
            return told;
        }
        let request = request.into_inner();
        let replayed = request.idempotency_key == "replayed";
        match (request.idempotency_key.as_str(), request.procedure_code.as_str(), request.procedure_version) {
            ("taken", ..) => {
                return refuse(Error::new(
                    parvis_kernel::ErrorKind::AlreadyExists,
                    "the key was used with another body",
                ));
            }
            (_, "inconnue", _) => return refuse(Error::invalid("procedure", "no such procedure")),
            (_, _, 99) => return refuse(Error::precondition("the form changed: read the procedure again")),
            ("crash", ..) => return Err(Status::internal("secret detail")),
            ("late", ..) => return Err(Status::deadline_exceeded("late")),
            ("lost", ..) => return Err(Status::unknown("h2 protocol error")),
            ("much", ..) => return refuse(Error::new(parvis_kernel::ErrorKind::Exhausted, "too much")),
            ("panic", ..) => panic!("a role may panic in this process"),
            _ => {}
        }
        self.0.submitted.lock().unwrap().push(request);
        Ok(Response::new(SubmitRequestResponse {
            request_id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
            reference: KNOWN.into(),
            tracking_code: "K7R-2MQ-9XB-4TD".into(),
            next_step: "Votre demande est enregistrée.".into(),
            replayed,
            ..Default::default()
        }))
    }

    async fn upload_attachment(&self, request: Request<Streaming<UploadAttachmentRequest>>) -> Reply<AttachmentRef> {
        use upload_attachment_request::Part;
        let mut stream = request.into_inner();
        let mut file = AttachmentRef { id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(), ..Default::default() };
        while let Some(message) = stream.message().await? {
            match message.part {
                Some(Part::Header(header)) => {
                    (file.file_name, file.media_type) = (header.file_name, header.media_type);
                }
                Some(Part::Chunk(chunk)) => file.size += chunk.len() as u64,
                None => {}
            }
        }
        self.0.uploads_finished.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(file))
    }

    type DownloadAttachmentStream = Pin<Box<dyn Stream<Item = Result<DownloadAttachmentResponse, Status>> + Send>>;

    async fn download_attachment(
        &self,
        request: Request<DownloadAttachmentRequest>,
    ) -> Reply<Self::DownloadAttachmentStream> {
        use download_attachment_response::Part;
        if !follows(&request) && request.get_ref().grant != "of-files" {
            return refuse(Error::not_found("no such file"));
        }
        let header = AttachmentRef {
            file_name: "pièce.html".into(),
            media_type: "text/html".into(),
            size: 6,
            ..Default::default()
        };
        let parts = [Part::Header(header), Part::Chunk(b"abc".to_vec()), Part::Chunk(b"def".to_vec())];
        let parts = parts.map(|part| Ok(DownloadAttachmentResponse { part: Some(part) }));
        Ok(Response::new(stream::iter(parts).boxed()))
    }

    async fn get_request(&self, request: Request<GetRequestRequest>) -> Reply<SubmittedRequest> {
        if !follows(&request) {
            return refuse(Error::not_found("no such request"));
        }
        if let Some(told) = self.told("get_request") {
            return told;
        }
        Ok(Response::new(SubmittedRequest { reference: request.into_inner().reference, ..Default::default() }))
    }

    async fn open_follow_grant(&self, request: Request<OpenFollowGrantRequest>) -> Reply<FollowGrant> {
        self.up("intake")?;
        let tenant = parvis_runtime::caller(&request).unwrap().tenant;
        let asked = request.into_inner();
        let known =
            [KNOWN, FRESH, "412-873-952-K"].contains(&asked.reference.as_str()) || !asked.attachment_id.is_empty();
        if !known || !is_code(&asked.tracking_code) {
            return refuse(Error::not_found("no request has this reference and this tracking code"));
        }
        let grant = Grant::follow(tenant, vec![KNOWN_ID.parse().unwrap()], NOW.parse().unwrap());
        let grant = SIGNER.sign(Kind::Follow.typ(), &grant).unwrap();
        Ok(Response::new(FollowGrant { grant, request_id: KNOWN_ID.into(), ..Default::default() }))
    }

    async fn get_grant_keys(&self, _: Request<GetGrantKeysRequest>) -> Reply<GrantKeys> {
        let jwks_json = format!(r#"{{"keys":[{}]}}"#, SIGNER.jwk());
        Ok(Response::new(GrantKeys { jwks_json }))
    }
}
