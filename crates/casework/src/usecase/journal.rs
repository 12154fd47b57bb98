//! What happened in one transaction: the lines kept, the messages, the events said.

use parvis_kernel::{MessageId, Result, TenantId};
use parvis_proto::{
    casework::{CaseOpened, CaseStatusChanged, MessagePosted, NoticeRequested},
    events, to_proto_time,
};
use parvis_store::{NewEvent, Tx};

use crate::{
    domain::{Author, Case, CaseRequest, Direction, Line, snapshot::snapshot},
    repo::{self, message::StoredMessage},
};

/// Collects, then writes all at once.
pub(super) struct Journal {
    tenant: TenantId,
    traceparent: String,
    lines: Vec<Line>,
    messages: Vec<StoredMessage>,
    events: Vec<NewEvent>,
}

impl Journal {
    pub(super) fn new(tenant: TenantId) -> Self {
        Self { tenant, traceparent: String::new(), lines: Vec::new(), messages: Vec::new(), events: Vec::new() }
    }

    /// What follows is caused by this trace; empty: by the current one.
    pub(super) fn caused_by(&mut self, traceparent: &str) {
        traceparent.clone_into(&mut self.traceparent);
    }

    /// The case was opened.
    pub(super) fn opened(&mut self, case: &Case, request: &CaseRequest, line: Line) {
        let payload = CaseOpened { case: Some(snapshot(case, request)) };
        self.say(case, events::CASE_OPENED, &payload);
        self.lines.push(line);
    }

    /// Something happened; `case` is as it is after it.
    pub(super) fn changed(&mut self, case: &Case, request: &CaseRequest, line: Line) {
        let payload = CaseStatusChanged {
            case: Some(snapshot(case, request)),
            from: line.from.to_string(),
            kind: line.kind.to_string(),
            actor: line.author.key.clone(),
            actor_name: line.author.name.clone(),
            detail: line.detail.clone(),
            public_detail: line.public_detail.clone(),
            at: Some(to_proto_time(line.at)),
        };
        self.say(case, events::CASE_STATUS_CHANGED, &payload);
        self.lines.push(line);
    }

    /// A message or a note was written; `case` is as it is after it.
    pub(super) fn posted(
        &mut self,
        case: &Case,
        request: &CaseRequest,
        line: Line,
        id: MessageId,
        direction: Direction,
        text: String,
    ) {
        let Author { key, name } = line.author.clone();
        let payload = MessagePosted {
            case: Some(snapshot(case, request)),
            message_id: id.to_string(),
            direction: direction.to_string(),
            actor: key,
            actor_name: name,
            at: Some(to_proto_time(line.at)),
        };
        self.say(case, events::MESSAGE_POSTED, &payload);
        let (at, version, author) = (line.at, line.version, line.author.clone());
        self.messages.push(StoredMessage { id, case_id: case.id, at, version, direction, author, text });
        self.lines.push(line);
    }

    /// Somebody must be told.
    pub(super) fn notice(&mut self, case: &Case, notice: &NoticeRequested) {
        self.say(case, events::NOTICE_REQUESTED, notice);
    }

    fn say(&mut self, case: &Case, kind: &'static str, payload: &impl prost::Message) {
        self.events.push(NewEvent {
            tenant: self.tenant.clone(),
            kind,
            partition: case.id.partition(),
            subject: case.id.to_string(),
            payload: payload.encode_to_vec(),
            traceparent: self.traceparent.clone(),
        });
    }

    /// Writes it all in `tx`.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<()> {
        repo::history::append(tx, &self.tenant, &self.lines).await?;
        if !self.messages.is_empty() {
            repo::message::insert(tx, &self.tenant, &self.messages).await?;
        }
        for event in self.events {
            tx.append(event);
        }
        Ok(())
    }
}
