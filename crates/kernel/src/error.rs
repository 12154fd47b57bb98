//! One small set of errors for every role.
//!
//! Policy. An [`Error`] has a kind (what the caller can do about it), a message for the one who reads it (never a
//! secret, a personal datum or an internal name) and, inside only, a source for the log. Services map their own
//! errors to a kind once, in their `error.rs`; `parvis-runtime` maps a kind to a gRPC code, the gateway to an HTTP
//! status. A kind is not a transport's code. Beside the message goes a [`Reason`] a field or a [`Refusal`], from which
//! whoever shows the error to people writes it in their language.

use std::fmt;

use crate::{
    reason::{Choices, Reason, Refusal, Thing},
    text::excerpt,
};

/// The result of what can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input is wrong; the same call will fail again. See the violations.
    Invalid,
    /// No valid token.
    Unauthenticated,
    /// A valid caller who may not do this.
    Denied,
    /// Nothing of that name for this caller.
    NotFound,
    /// It exists already with another content (an idempotency key, a code).
    AlreadyExists,
    /// Somebody else changed it meanwhile: read again and try again.
    Conflict,
    /// The state does not allow it.
    FailedPrecondition,
    /// Too much, too fast or too large.
    Exhausted,
    /// A part is down or late; the same call may succeed later.
    Unavailable,
    /// Ours to mend. The reader gets no detail.
    Internal,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path of the field as the caller wrote it: `requester.email`, `answers.nom`.
    pub field: String,
    /// What is wrong and what to do, in English.
    pub message: String,
    /// The same for a machine; none for what is too particular, or comes from an older version.
    pub reason: Option<Reason>,
}

impl FieldViolation {
    /// What is wrong with `field`, and why.
    pub fn new(field: impl Into<String>, reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), reason: Some(reason.into()) }
    }

    /// `field` says `text`, which is none of `known`.
    pub fn not_one_of(field: impl Into<String>, text: &str, known: &[&str]) -> Self {
        let message = format!("« {} » is not one of: {}", excerpt(text, 40), known.join(", "));
        Self::new(field, Reason::NotOneOf { choices: Choices::new(known) }, message)
    }

    /// `field` has more than `most` characters.
    pub fn too_long(field: impl Into<String>, most: usize) -> Self {
        Self::new(field, Reason::TooLong { most: most as u64 }, format!("is longer than {most} characters: shorten it"))
    }
}

impl From<FieldViolation> for Error {
    fn from(violation: FieldViolation) -> Self {
        Self::invalid_fields(vec![violation])
    }
}

/// A failure.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    violations: Vec<FieldViolation>,
    refusal: Option<Refusal>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of `kind` with a message for the reader.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), violations: Vec::new(), refusal: None, source: None }
    }

    /// One field is wrong.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        Self {
            kind: ErrorKind::Invalid,
            message: format!("{field}: {message}"),
            violations: vec![FieldViolation { field, message, reason: None }],
            refusal: None,
            source: None,
        }
    }

    /// One field is wrong, for a reason that whoever shows it can say in any language.
    pub fn wrong(field: impl Into<String>, reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        FieldViolation::new(field, reason, message).into()
    }

    /// Several fields are wrong. The list must not be empty.
    pub fn invalid_fields(violations: Vec<FieldViolation>) -> Self {
        let message = violations.iter().map(|v| format!("{}: {}", v.field, v.message)).collect::<Vec<_>>().join("; ");
        Self { kind: ErrorKind::Invalid, message, violations, refusal: None, source: None }
    }

    /// No valid token.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    /// The caller may not do this.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Denied, message)
    }

    /// Nothing of that name for this caller.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, what)
    }

    /// Nothing of that name for this caller, and what kind of thing it would be.
    pub fn no_such(thing: Thing, message: impl Into<String>) -> Self {
        Self::not_found(message).refused(Refusal::NotFound { thing })
    }

    /// Somebody else changed it since the caller read it.
    pub fn changed_meanwhile(thing: Thing, message: impl Into<String>) -> Self {
        Self::conflict(message).refused(Refusal::ChangedMeanwhile { thing })
    }

    /// Somebody else changed it meanwhile.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// The state does not allow it.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::FailedPrecondition, message)
    }

    /// A part is down.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// Ours to mend: the source goes to the log, the reader gets a general message.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            message: "internal error".to_owned(),
            violations: Vec::new(),
            refusal: None,
            source: Some(source.into()),
        }
    }

    /// Keeps what caused it, for the log only.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Keeps the fields at fault.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.violations = violations;
        self
    }

    /// Says why, of the field at fault.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        if let Some(violation) = self.violations.first_mut() {
            violation.reason = Some(reason);
        }
        self
    }

    /// Says why, of the call as a whole.
    #[must_use]
    pub fn refused(mut self, refusal: Refusal) -> Self {
        self.refusal = Some(refusal);
        self
    }

    /// The same about `field`: what read a value did not know where it stood.
    #[must_use]
    pub fn about(mut self, field: impl Into<String>) -> Self {
        if let Some(violation) = self.violations.first_mut() {
            violation.field = field.into();
            self.message = format!("{}: {}", violation.field, violation.message);
        }
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message for the reader.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The fields at fault, for [`ErrorKind::Invalid`].
    pub fn violations(&self) -> &[FieldViolation] {
        &self.violations
    }

    /// Why the call as a whole is refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Whether trying the same thing again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, ErrorKind::Unavailable | ErrorKind::Conflict | ErrorKind::Exhausted)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(f, " ({source})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
