//! The names of the events, and which role says each. Payload types are in each role's contract.

/// Said by intake; payload [`crate::intake::RequestReceived`].
pub const REQUEST_RECEIVED: &str = "request_received";
/// Said by intake; payload [`crate::intake::InstantAnswerGiven`].
pub const INSTANT_ANSWER_GIVEN: &str = "instant_answer_given";
/// Said by casework; payload [`crate::casework::CaseOpened`].
pub const CASE_OPENED: &str = "case_opened";
/// Said by casework; payload [`crate::casework::CaseStatusChanged`].
pub const CASE_STATUS_CHANGED: &str = "case_status_changed";
/// Said by casework; payload [`crate::casework::MessagePosted`].
pub const MESSAGE_POSTED: &str = "message_posted";
/// Said by casework; payload [`crate::casework::NoticeRequested`].
pub const NOTICE_REQUESTED: &str = "notice_requested";
/// Said by routing; payload [`crate::routing::CaseAssigned`].
pub const CASE_ASSIGNED: &str = "case_assigned";
/// Said by routing; payload [`crate::routing::CaseEscalated`].
pub const CASE_ESCALATED: &str = "case_escalated";
/// Said by routing; payload [`crate::routing::TransferProposed`].
pub const TRANSFER_PROPOSED: &str = "transfer_proposed";
/// Said by knowledge; payload [`crate::knowledge::ArticlePublished`].
pub const ARTICLE_PUBLISHED: &str = "article_published";
/// Said by identity; payload [`crate::identity::CitizenLinked`].
pub const CITIZEN_LINKED: &str = "citizen_linked";
/// Said by notification; payload [`crate::notification::NotificationOutcome`].
pub const NOTIFICATION_DELIVERED: &str = "notification_delivered";
/// Said by notification; payload [`crate::notification::NotificationOutcome`].
pub const NOTIFICATION_FAILED: &str = "notification_failed";
