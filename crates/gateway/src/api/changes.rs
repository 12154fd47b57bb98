//! What is alike in every change: what it names, the version it was decided upon, how it is refused; and how the
//! document says so.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use http::{HeaderValue, header};
use parvis_kernel::{Reason, reason::Expected};
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, IntoResponses};

use super::{
    dto::{CloseBody, MessageBody, NewVersion, NoteBody, ReopenBody, RestoreBody, RevisionBody, StartBody},
    input::ApiPath,
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// A change of what the path names.
pub struct Change<T> {
    /// Who makes it.
    pub caller: SignedIn,
    /// What it is made to.
    pub path: ApiPath,
    /// The version it was decided upon.
    pub seen: Seen,
    /// What it is.
    pub body: T,
}

impl<T: DeserializeOwned + DecidedUpon> FromRequest<AppState> for Change<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = SignedIn::from_request_parts(&mut parts, state).await?;
        let path = ApiPath::from_request_parts(&mut parts, state).await?;
        let if_match = parts.headers.get(header::IF_MATCH).cloned();
        let ApiJson(body) = ApiJson::<T>::from_request(Request::from_parts(parts, body), state).await?;
        let seen = Seen::new(if_match.as_ref(), &body)?;
        Ok(Self { caller, path, seen, body })
    }
}

/// A body that may tell the version that the change was decided upon.
pub trait DecidedUpon {
    /// The name of the field that tells it.
    const FIELD: &'static str;

    /// The version, where it is told.
    fn version_seen(&self) -> Option<u64>;
}

macro_rules! decided_upon {
    ($field:ident: $($body:ty),+) => {$(
        impl DecidedUpon for $body {
            const FIELD: &'static str = stringify!($field);

            fn version_seen(&self) -> Option<u64> {
                self.$field
            }
        }
    )+};
}
decided_upon!(version: StartBody, MessageBody, NoteBody, CloseBody, ReopenBody);
decided_upon!(revision: NewVersion, RevisionBody, RestoreBody);

/// The version that the caller saw: `If-Match: "3"`, or in the body.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The version.
    pub version: u64,
    /// It came by `If-Match`: being late is a failed precondition (412), not a conflict (409).
    by_header: bool,
}

impl Seen {
    fn new<T: DecidedUpon>(if_match: Option<&HeaderValue>, body: &T) -> Result<Self, Problem> {
        let Some(value) = if_match else {
            let missing = || Problem::field(T::FIELD, Reason::Required);
            return body.version_seen().map(|version| Self { version, by_header: false }).ok_or_else(missing);
        };
        let bare = value.to_str().unwrap_or_default().trim().trim_start_matches("W/").trim_matches('"');
        let version = bare.parse().map_err(|_| Problem::field("If-Match", Expected::Version))?;
        Ok(Self { version, by_header: true })
    }

    /// What a role answered to a change, or the problem of its refusal.
    pub fn answered<T>(self, answered: Result<tonic::Response<T>, tonic::Status>) -> Result<T, Problem> {
        answer(answered).map_err(|error| self.refused(error))
    }

    /// The problem of a change refused.
    fn refused(self, error: parvis_kernel::Error) -> Problem {
        let problem = Problem::from(error);
        if self.by_header { problem.as_precondition_failed() } else { problem }
    }
}

/// The case that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document only: handlers take a Change")]
pub struct CaseInPath {
    /// Référence ou identifiant
    #[param(example = "412-873-952-K")]
    reference: String,
}

/// The article that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document only: handlers take a Change")]
pub struct ArticleInPath {
    /// Adresse de l’article
    #[param(example = "encombrants")]
    slug: String,
}

/// The version that a change was decided upon.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document only: handlers take a Change")]
pub struct VersionSeen {
    /// Version ou révision vue, entre guillemets
    #[param(rename = "If-Match", pattern = r#"^(W/)?"?[0-9]+"?$"#, example = "\"3\"")]
    if_match: Option<String>,
}

/// How a change is refused, besides what any call may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "read by the document only: handlers answer a Problem")]
pub enum ChangeRefused {
    /// Changé entre-temps, ou son état ne le permet pas
    #[response(status = 409, content_type = "application/problem+json")]
    Meanwhile(Problem),
    /// Changé depuis la version de If-Match
    #[response(status = 412, content_type = "application/problem+json")]
    SinceSeen(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_comes_by_header_or_body() {
        let silent = StartBody::default();
        let told = StartBody { version: Some(4) };
        assert_eq!(Seen::new(None, &silent).unwrap_err().status, 422);
        assert_eq!(Seen::new(None, &told).unwrap().version, 4);
        for text in ["3", "\"3\"", "W/\"3\""] {
            let seen = Seen::new(Some(&HeaderValue::from_static(text)), &told).unwrap();
            assert_eq!((seen.version, seen.by_header), (3, true), "{text}");
        }
        assert_eq!(Seen::new(Some(&HeaderValue::from_static("*")), &silent).unwrap_err().status, 422);
    }

    #[test]
    fn a_missing_version_is_asked_for_by_the_name_it_has_in_the_body() {
        let field = |problem: Problem| problem.errors[0].field.clone();
        assert_eq!(field(Seen::new(None, &StartBody::default()).unwrap_err()), "version");
        assert_eq!(field(Seen::new(None, &RevisionBody { revision: None }).unwrap_err()), "revision");
    }
}
