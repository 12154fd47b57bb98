//! The contract's service: request → command → use case → response. No rules here.

use parvis_kernel::{CaseId, Error, PageRequest, Reason, Result, reason::Choices};
use parvis_proto::{
    casework::{self as proto, casework_service_server::CaseworkService},
    common::{GetGrantKeysRequest, GrantKeys},
};
use parvis_runtime::{caller, internal_status};
use tonic::{Request, Response, Status};

use crate::{
    usecase::{
        AddNote, CaseKey, Casework, CloseCase, DueCases, ListCases, PostCitizenMessage, ReopenCase, SendMessage,
        StartCase,
    },
    view,
};

/// The gRPC service.
pub struct CaseworkRpc(pub Casework);

fn case_id(text: &str) -> Result<CaseId> {
    text.parse().map_err(|error: Error| error.about("id"))
}

fn answer<T>(result: Result<T>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(internal_status)
}

#[tonic::async_trait]
impl CaseworkService for CaseworkRpc {
    async fn list_cases(
        &self,
        request: Request<proto::ListCasesRequest>,
    ) -> Result<Response<proto::ListCasesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let page = message.page.unwrap_or_default();
        let command = ListCases {
            view: message.view,
            unit: message.unit,
            states: message.states,
            query: message.query,
            page: PageRequest { size: page.size, token: page.token },
            due_by: message.due_by,
            agent: message.agent,
        };
        let page = self.0.list_cases(&caller, command).await;
        answer(page.map(|(cases, next_page_token)| proto::ListCasesResponse {
            cases: cases.into_iter().map(view::case).collect(),
            next_page_token,
        }))
    }

    async fn count_due_cases(
        &self,
        request: Request<proto::CountDueCasesRequest>,
    ) -> Result<Response<proto::CountDueCasesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let counts = self.0.count_due_cases(&caller, &request.get_ref().due_by).await;
        let count = |counted: DueCases| proto::DueCases {
            unit: counted.unit,
            agent: counted.agent,
            agent_name: counted.agent_name,
            late: counted.late,
            near: counted.near,
        };
        answer(counts.map(|counts| proto::CountDueCasesResponse { counts: counts.into_iter().map(count).collect() }))
    }

    async fn get_case(&self, request: Request<proto::GetCaseRequest>) -> Result<Response<proto::CaseDetail>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let key = match (message.id.as_str(), message.reference.as_str()) {
            ("", "") => {
                let reason = Reason::ExactlyOne { of: Choices::new(["id", "reference"]) };
                Err(Error::wrong("id", reason, "either id or reference is needed"))
            }
            ("", reference) => reference.parse().map(CaseKey::Reference),
            (id, _) => case_id(id).map(CaseKey::Id),
        };
        let reason = (!message.reason.is_empty()).then(|| message.reason.parse()).transpose();
        let (key, reason) = (key.map_err(internal_status)?, reason.map_err(internal_status)?);
        answer(self.0.get_case(&caller, key, reason).await.map(view::detail))
    }

    async fn start_case(&self, request: Request<proto::StartCaseRequest>) -> Result<Response<proto::Case>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let id = case_id(&message.id).map_err(internal_status)?;
        let command = StartCase { id, expected_version: message.expected_version };
        answer(self.0.start_case(&caller, command).await.map(view::case))
    }

    async fn send_message(&self, request: Request<proto::SendMessageRequest>) -> Result<Response<proto::Case>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let id = case_id(&message.id).map_err(internal_status)?;
        let command = SendMessage {
            id,
            expected_version: message.expected_version,
            text: message.text,
            wait_for_citizen: message.wait_for_citizen,
        };
        answer(self.0.send_message(&caller, command).await.map(view::case))
    }

    async fn add_note(&self, request: Request<proto::AddNoteRequest>) -> Result<Response<proto::Case>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let id = case_id(&message.id).map_err(internal_status)?;
        let command = AddNote { id, expected_version: message.expected_version, text: message.text };
        answer(self.0.add_note(&caller, command).await.map(view::case))
    }

    async fn post_citizen_message(
        &self,
        request: Request<proto::PostCitizenMessageRequest>,
    ) -> Result<Response<proto::PostCitizenMessageResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let command = PostCitizenMessage {
            reference: message.reference,
            text: message.text,
            idempotency_key: message.idempotency_key,
        };
        let state = self.0.post_citizen_message(&caller, command).await;
        answer(state.map(|state| proto::PostCitizenMessageResponse { state: state.to_string() }))
    }

    async fn close_case(&self, request: Request<proto::CloseCaseRequest>) -> Result<Response<proto::Case>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let id = case_id(&message.id).map_err(internal_status)?;
        let command = CloseCase {
            id,
            expected_version: message.expected_version,
            outcome: message.outcome,
            message: message.message,
            grounds: message.grounds,
            transfer_to: message.transfer_to,
        };
        answer(self.0.close_case(&caller, command).await.map(view::case))
    }

    async fn reopen_case(&self, request: Request<proto::ReopenCaseRequest>) -> Result<Response<proto::Case>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let id = case_id(&message.id).map_err(internal_status)?;
        let command = ReopenCase { id, expected_version: message.expected_version, reason: message.reason };
        answer(self.0.reopen_case(&caller, command).await.map(view::case))
    }

    async fn get_public_case(
        &self,
        request: Request<proto::GetPublicCaseRequest>,
    ) -> Result<Response<proto::PublicCase>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let message = request.into_inner();
        let shown = self.0.get_public_case(&caller, &message.reference).await;
        answer(shown.map(view::public))
    }
    async fn get_grant_keys(&self, _: Request<GetGrantKeysRequest>) -> Result<Response<GrantKeys>, Status> {
        answer(self.0.signer.jwks().await.map(|jwks_json| GrantKeys { jwks_json }))
    }
}
