//! What the document says alike of every change: what it names, the version it was decided upon, how it is refused.

use utoipa::{IntoParams, IntoResponses};

use crate::problem::Problem;

/// The case that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document only: handlers take an ApiPath")]
pub struct CaseInPath {
    /// Référence ou identifiant
    #[param(example = "412-873-956-K")]
    reference: String,
}

/// The article that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document only: handlers take an ApiPath")]
pub struct ArticleInPath {
    /// Adresse de l’article
    #[param(example = "encombrants")]
    slug: String,
}

/// The version that a change was decided upon.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document only: handlers take a Seen")]
pub struct VersionSeen {
    /// Version ou révision vue, entre guillemets
    #[param(rename = "If-Match", example = "\"3\"")]
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
