//! The kernel's errors as gRPC statuses with details, and back: `google.rpc.BadRequest` for the fields at fault, each
//! with its reason, and `google.rpc.ErrorInfo` for the reason of the whole and every parameter. Who knows neither reads
//! the English messages, as before reasons existed.

use std::collections::HashMap;

use parvis_kernel::{Error, ErrorKind, FieldViolation, Reason, Refusal, text::excerpt};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation as WireViolation, StatusExt};

/// Whose reasons they are, in `google.rpc.ErrorInfo`.
const DOMAIN: &str = "parvis";
/// Characters of the message of several fields: their details say the rest.
const LONGEST_MESSAGE: usize = 1_000;
/// Bytes of details at most. They travel in headers, in base 64, within [`MAX_HEADERS`].
const MOST_DETAILS: usize = 32 * 1024;
/// Bytes of headers that a client of a role must accept.
pub const MAX_HEADERS: u32 = 64 * 1024;

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
    let refusal = error.refusal();
    if error.violations().is_empty() && refusal.is_none() {
        return Status::new(code, error.message());
    }
    let mut parameters = HashMap::new();
    if let Some(refusal) = refusal {
        parameters.extend(refusal.params().into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    let mut violations = Vec::with_capacity(error.violations().len());
    let mut size = 0;
    for (at, violation) in error.violations().iter().enumerate() {
        let reason = violation.reason.as_ref().map(|reason| wire_code(reason.code())).unwrap_or_default();
        let named: Vec<_> =
            violation.reason.iter().flat_map(Reason::params).map(|(name, v)| (key(at, name), v)).collect();
        size += 16 + violation.field.len() + violation.message.len() + reason.len();
        size += named.iter().map(|(name, value)| 16 + name.len() + value.len()).sum::<usize>();
        // The first always goes.
        if at > 0 && size > MOST_DETAILS {
            break;
        }
        parameters.extend(named);
        violations.push(WireViolation { reason, ..WireViolation::new(&violation.field, &violation.message) });
    }
    let mut details = ErrorDetails::new();
    let reason = refusal.map(|refusal| wire_code(refusal.code())).unwrap_or_default();
    if !(reason.is_empty() && parameters.is_empty()) {
        details.set_error_info(reason, DOMAIN, parameters);
    }
    if violations.is_empty() {
        return Status::with_error_details(code, error.message(), details);
    }
    details.set_bad_request(violations);
    Status::with_error_details(code, excerpt(error.message(), LONGEST_MESSAGE), details)
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
    let details = status.get_error_details();
    let info = details.error_info().filter(|info| info.domain == DOMAIN);
    let parameter = |name: &str| info.and_then(|info| info.metadata.get(name)).map(String::as_str);
    let fields = details.bad_request().map(|bad_request| &bad_request.field_violations[..]).unwrap_or_default();
    let violations = fields
        .iter()
        .enumerate()
        .map(|(at, violation)| FieldViolation {
            field: violation.field.clone(),
            message: violation.description.clone(),
            reason: Reason::read(&violation.reason.to_ascii_lowercase(), |name| parameter(&key(at, name))),
        })
        .collect();
    let error = Error::new(kind, status.message()).with_violations(violations);
    match info.and_then(|info| Refusal::read(&info.reason.to_ascii_lowercase(), parameter)) {
        Some(refusal) => error.refused(refusal),
        None => error,
    }
}

/// As `google.rpc` writes codes: `TOO_LONG`.
fn wire_code(code: &str) -> String {
    code.to_ascii_uppercase()
}

/// The name of a parameter of the violation at that place: `field-0-most`.
fn key(at: usize, name: &str) -> String {
    format!("field-{at}-{name}")
}

#[cfg(test)]
mod tests {
    use parvis_kernel::reason::Thing;

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
    fn every_reason_survives_the_wire_with_its_parameters() {
        let violation = |(at, reason)| FieldViolation::new(format!("answers.f{at}"), reason, "no");
        let violations: Vec<_> = Reason::examples().into_iter().enumerate().map(violation).collect();
        let received = error_from_status(&status_from_error(&Error::invalid_fields(violations.clone())));
        assert_eq!(received.violations(), violations);
        assert_eq!(received.refusal(), None);
        for refusal in Refusal::examples() {
            let sent = Error::precondition("no").refused(refusal.clone());
            assert_eq!(error_from_status(&status_from_error(&sent)).refusal(), Some(&refusal));
        }
    }

    #[test]
    fn a_reason_of_the_whole_and_of_a_field_do_not_mix() {
        let sent = Error::wrong("file", Reason::TooLong { most: 3 }, "no").refused(Refusal::FileTooHeavy { most: 9 });
        let received = error_from_status(&status_from_error(&sent));
        assert_eq!(received.violations()[0].reason, Some(Reason::TooLong { most: 3 }));
        assert_eq!(received.refusal(), Some(&Refusal::FileTooHeavy { most: 9 }));
    }

    #[test]
    fn a_peer_that_knows_no_reasons_is_still_understood() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("requester.email", "not an e-mail address");
        let old = Status::with_error_details(Code::InvalidArgument, "requester.email: no", details);
        let received = error_from_status(&old);
        assert_eq!(received.violations()[0].message, "not an e-mail address");
        assert_eq!(received.violations()[0].reason, None);
        // Somebody else's reason is not one of ours.
        let mut details = ErrorDetails::new();
        details.set_error_info("NOT_FOUND", "example.org", HashMap::from([("thing".to_owned(), "case".to_owned())]));
        let foreign = Status::with_error_details(Code::NotFound, "no", details);
        assert_eq!(error_from_status(&foreign).refusal(), None);
        let ours = Error::no_such(Thing::Case, "no");
        assert!(error_from_status(&status_from_error(&ours)).refusal().is_some());
    }

    #[test]
    fn details_stay_within_what_a_client_accepts() {
        let long = |at| FieldViolation::new(format!("answers.f{at}"), Reason::Required, "é".repeat(2_000));
        let many = Error::invalid_fields((0..100).map(long).collect());
        let status = status_from_error(&many);
        let headers = status.details().len() * 4 / 3 + status.message().len() * 3;
        assert!(headers < MAX_HEADERS as usize, "{headers}");
        let kept = error_from_status(&status).violations().len();
        assert!((1..100).contains(&kept), "{kept}");
    }

    #[test]
    fn the_source_of_an_internal_error_is_not_sent() {
        let status = status_from_error(&Error::internal("password=hunter2"));
        assert_eq!(status.message(), "internal error");
        assert!(status.details().is_empty());
    }
}
