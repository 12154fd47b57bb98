//! The kernel's errors as gRPC statuses with details (`google.rpc.BadRequest`), and back.

use parvis_kernel::{Error, ErrorKind, FieldViolation};
use tonic::{Code, Status};
use tonic_types::{BadRequest, ErrorDetails, StatusExt};

/// What a caller is told. The source of an internal error stays here: it is logged, not sent.
pub fn status_from_error(error: &Error) -> Status {
    let code = match error.kind() {
        ErrorKind::Invalid => Code::InvalidArgument,
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::Denied => Code::PermissionDenied,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::AlreadyExists => Code::AlreadyExists,
        ErrorKind::Conflict => Code::Aborted,
        ErrorKind::FailedPrecondition => Code::FailedPrecondition,
        ErrorKind::Exhausted => Code::ResourceExhausted,
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Internal => Code::Internal,
    };
    if error.violations().is_empty() {
        return Status::new(code, error.message());
    }
    let mut bad_request = BadRequest::new(Vec::new());
    for violation in error.violations() {
        bad_request.add_violation(&violation.field, &violation.message);
    }
    let mut details = ErrorDetails::new();
    details.set_bad_request(bad_request.field_violations);
    Status::with_error_details(code, error.message(), details)
}

/// What a role answered, as an error of the kernel. A deadline passed and a lost connection are both "unavailable".
pub fn error_from_status(status: &Status) -> Error {
    let kind = match status.code() {
        Code::InvalidArgument | Code::OutOfRange => ErrorKind::Invalid,
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::Denied,
        Code::NotFound => ErrorKind::NotFound,
        Code::AlreadyExists => ErrorKind::AlreadyExists,
        Code::Aborted => ErrorKind::Conflict,
        Code::FailedPrecondition => ErrorKind::FailedPrecondition,
        Code::ResourceExhausted => ErrorKind::Exhausted,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => ErrorKind::Unavailable,
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => ErrorKind::Internal,
    };
    let violations = status
        .get_details_bad_request()
        .map(|bad_request| {
            bad_request
                .field_violations
                .into_iter()
                .map(|v| FieldViolation { field: v.field, message: v.description })
                .collect()
        })
        .unwrap_or_default();
    Error::new(kind, status.message()).with_violations(violations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let sent = Error::invalid("requester.email", "an @ is missing");
        let status = status_from_error(&sent);
        assert_eq!(status.code(), Code::InvalidArgument);
        let received = error_from_status(&status);
        assert_eq!(received.kind(), ErrorKind::Invalid);
        assert_eq!(received.violations(), sent.violations());
    }

    #[test]
    fn the_source_of_an_internal_error_is_not_sent() {
        let status = status_from_error(&Error::internal("password=hunter2"));
        assert_eq!(status.message(), "internal error");
        assert!(status.details().is_empty());
    }
}
