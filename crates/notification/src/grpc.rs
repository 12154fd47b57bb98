//! Requests to use cases, and back. No rules.

use parvis_kernel::{Page, PageRequest};
use parvis_proto::{
    common,
    notification::{
        Attempt, ListFailuresRequest, ListHandoversRequest, ListNoticesRequest, ListNoticesResponse,
        MarkHandedOverRequest, Notice, ReadHandoversRequest, ResendNoticeRequest,
        notification_service_server::NotificationService,
    },
    to_proto_time,
};
use parvis_runtime::{caller, internal_status};
use parvis_store::{Store, from_db_time};
use tonic::{Request, Response, Status};

use crate::{
    domain::State,
    usecase::{self, ListNotices, NoticeView},
};

/// The gRPC service.
pub struct NotificationApi {
    store: Store,
}

impl NotificationApi {
    /// Over `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl NotificationService for NotificationApi {
    async fn list_notices(
        &self,
        request: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ListNoticesRequest { case_id, reference, reason } = request.into_inner();
        let reason = (!reason.is_empty()).then(|| reason.parse()).transpose().map_err(internal_status)?;
        let command = ListNotices { case_id, reference, reason };
        let notices = usecase::list_notices(&self.store, &caller, command).await.map_err(internal_status)?;
        let notices = notices.into_iter().map(notice).collect();
        Ok(Response::new(ListNoticesResponse { notices, next_page_token: String::new() }))
    }

    async fn list_handovers(
        &self,
        request: Request<ListHandoversRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let asked = page(request.into_inner().page);
        let found = usecase::list_handovers(&self.store, &caller, &asked).await.map_err(internal_status)?;
        Ok(Response::new(list(found)))
    }

    async fn read_handovers(
        &self,
        request: Request<ReadHandoversRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ids = request.into_inner().notice_ids.iter().map(|id| id.parse()).collect::<Result<Vec<_>, _>>();
        let ids = ids.map_err(|error: parvis_kernel::Error| internal_status(error.about("notice_ids")))?;
        let notices = usecase::read_handovers(&self.store, &caller, &ids).await.map_err(internal_status)?;
        let notices = notices.into_iter().map(notice).collect();
        Ok(Response::new(ListNoticesResponse { notices, next_page_token: String::new() }))
    }

    async fn mark_handed_over(&self, request: Request<MarkHandedOverRequest>) -> Result<Response<Notice>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let id = request
            .into_inner()
            .notice_id
            .parse()
            .map_err(|error: parvis_kernel::Error| internal_status(error.about("notice_id")))?;
        let marked = usecase::mark_handed_over(&self.store, &caller, id).await.map_err(internal_status)?;
        Ok(Response::new(notice(marked)))
    }

    async fn resend_notice(&self, request: Request<ResendNoticeRequest>) -> Result<Response<Notice>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ResendNoticeRequest { notice_id, email } = request.into_inner();
        let id = notice_id.parse().map_err(|error: parvis_kernel::Error| internal_status(error.about("notice_id")))?;
        let sent = usecase::resend_notice(&self.store, &caller, id, &email).await.map_err(internal_status)?;
        Ok(Response::new(notice(sent)))
    }

    async fn list_failures(
        &self,
        request: Request<ListFailuresRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let asked = page(request.into_inner().page);
        let found = usecase::list_failures(&self.store, &caller, &asked).await.map_err(internal_status)?;
        Ok(Response::new(list(found)))
    }
}

fn page(asked: Option<common::PageRequest>) -> PageRequest {
    let asked = asked.unwrap_or_default();
    PageRequest { size: asked.size, token: asked.token }
}

fn list(page: Page<NoticeView>) -> ListNoticesResponse {
    ListNoticesResponse { notices: page.items.into_iter().map(notice).collect(), next_page_token: page.next }
}

fn notice(mut view: NoticeView) -> Notice {
    let body = view.take_text();
    let NoticeView { row, attempts, for_agent, .. } = view;
    let recipient = match (for_agent, row.recipient_name.is_empty(), row.recipient_address.is_empty()) {
        (false, ..) => String::new(),
        (true, false, false) => format!("{}, {}", row.recipient_name, row.recipient_address),
        (true, ..) => format!("{}{}", row.recipient_name, row.recipient_address),
    };
    Notice {
        id: row.id.to_string(),
        case_id: row.case_id.to_string(),
        reference: row.reference,
        kind: row.kind,
        mode: row.mode,
        state: State::public(&row.state).to_owned(),
        subject: row.subject,
        body,
        created_at: Some(to_proto_time(from_db_time(row.created_at))),
        done_at: row.done_at.map(|at| to_proto_time(from_db_time(at))),
        attempts: attempts
            .into_iter()
            .map(|attempt| Attempt {
                at: Some(to_proto_time(from_db_time(attempt.at))),
                succeeded: attempt.succeeded,
                detail: attempt.detail,
            })
            .collect(),
        recipient,
        text_removed_at: row.text_removed_at.map(|at| to_proto_time(from_db_time(at))),
    }
}
