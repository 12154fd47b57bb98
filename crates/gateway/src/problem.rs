//! What went wrong, for whoever called: RFC 9457 problems.
//!
//! A problem is born from an error of the kernel (whatever role said it) or here, from input that never reached a role.
//! Titles are in French, by kind; the detail says what to do; `errors` names each field with a stable code and its
//! sentence ([`sentences`]). Nothing internal is ever told.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use parvis_kernel::{Error, ErrorKind, FieldViolation, Reason, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    pages::again::{Typed, is_secret},
    sentences,
};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// When to come back, where nothing better is known.
const RETRY_SECONDS: u64 = 2;
/// Longest text given back of what somebody sent.
const LONGEST_DETAIL: usize = 600;
/// Fields named at most.
const MOST_ERRORS: usize = 100;

/// A field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Path of the field, as sent: `requester.email`, `answers.nom-naissance`.
    #[schema(example = "requester.email")]
    pub field: String,
    /// Pourquoi, en un mot stable : la liste est à la fin de la documentation. `invalid` : voir le message.
    #[schema(schema_with = sentences::schema_of_reasons)]
    pub code: &'static str,
    /// Ce qui ne va pas et que faire, à montrer à la personne.
    #[schema(
        example = "Cette adresse électronique n’est pas juste. Exemple : prenom.nom@exemple.fr, sans accent ni espace avant le @."
    )]
    pub message: String,
}

/// Problème (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Nature du problème, avec son explication à cette adresse.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs#probleme-invalid")]
    pub kind: String,
    /// La même chose en quelques mots.
    #[schema(example = "Des champs sont à corriger")]
    pub title: String,
    /// Code HTTP.
    #[schema(example = 422)]
    pub status: u16,
    /// Ce qui s’est passé cette fois, et que faire.
    pub detail: String,
    /// La raison précise, en un mot stable, où il y en a une : la liste est à la fin de la documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = sentences::schema_of_refusals)]
    pub code: Option<&'static str>,
    /// Chemin de l’appel.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(example = "/api/v1/requests")]
    pub instance: String,
    /// Champs en cause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    #[serde(skip)]
    retry_after: Option<u64>,
    /// What a form that was not taken held, to be given back.
    #[serde(skip)]
    typed: Option<Box<Typed>>,
}

/// A kind of problem: its status, slug and title.
type Kind = (StatusCode, &'static str, &'static str);

/// Every kind, for the documentation.
pub const KINDS: [Kind; 17] = [
    SYNTAX,
    INVALID,
    UNAUTHENTICATED,
    DENIED,
    NOT_FOUND,
    METHOD,
    EXISTS,
    CONFLICT,
    STATE,
    STALE,
    TOO_LARGE,
    MEDIA,
    EXHAUSTED,
    FORM,
    UNAVAILABLE,
    TIMEOUT,
    INTERNAL,
];
const SYNTAX: Kind = (StatusCode::BAD_REQUEST, "syntax", "La demande est mal formée");
const INVALID: Kind = (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Des champs sont à corriger");
const UNAUTHENTICATED: Kind = (StatusCode::UNAUTHORIZED, "unauthenticated", "Une authentification est nécessaire");
const DENIED: Kind = (StatusCode::FORBIDDEN, "denied", "Vous n’avez pas le droit de faire cela");
const NOT_FOUND: Kind = (StatusCode::NOT_FOUND, "not-found", "Introuvable");
const METHOD: Kind = (StatusCode::METHOD_NOT_ALLOWED, "method", "Cette méthode n’existe pas ici");
const EXISTS: Kind = (StatusCode::CONFLICT, "already-exists", "Existe déjà avec un autre contenu");
const CONFLICT: Kind = (StatusCode::CONFLICT, "conflict", "Modifié entre-temps par quelqu’un d’autre");
const STATE: Kind = (StatusCode::CONFLICT, "precondition", "L’état actuel ne le permet pas");
const STALE: Kind = (StatusCode::PRECONDITION_FAILED, "stale", "La version indiquée n’est plus la bonne");
const TOO_LARGE: Kind = (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "L’envoi est trop volumineux");
const MEDIA: Kind = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Ce type de contenu n’est pas accepté ici");
const EXHAUSTED: Kind = (StatusCode::TOO_MANY_REQUESTS, "exhausted", "Trop de demandes en peu de temps");
const FORM: Kind = (StatusCode::FORBIDDEN, "form-expired", "Le formulaire a expiré");
const UNAVAILABLE: Kind = (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Le service est momentanément indisponible");
const TIMEOUT: Kind = (StatusCode::REQUEST_TIMEOUT, "timeout", "L’envoi a pris trop de temps");
/// Of pages alone: no resource answers it.
const GONE: Kind = (StatusCode::GONE, "gone", "Ce texte n’est plus conservé");
const INTERNAL: Kind = (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Une erreur est survenue de notre côté");

impl Problem {
    fn of((status, slug, title): Kind, detail: impl Into<String>) -> Self {
        let retry_after = matches!(status, StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_SECONDS);
        Self {
            kind: format!("/api/docs#probleme-{slug}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: parvis_kernel::text::excerpt(&detail.into(), LONGEST_DETAIL),
            code: None,
            instance: String::new(),
            errors: Vec::new(),
            retry_after,
            typed: None,
        }
    }

    /// The host name or the header names no authority served here.
    pub fn unknown_authority() -> Self {
        Self::of(NOT_FOUND, "Aucune collectivité ne répond à cette adresse.")
    }

    /// No such route.
    pub fn unknown_route() -> Self {
        Self::of(NOT_FOUND, "Cette adresse n’existe pas ; voir /api/docs.")
    }

    /// The route exists for other methods.
    pub fn method_not_allowed() -> Self {
        Self::of(METHOD, "Cette adresse existe pour d’autres méthodes ; voir /api/docs et l’en-tête Allow.")
    }

    /// The body, or what stands for one, cannot be read.
    pub fn syntax(detail: impl Into<String>) -> Self {
        Self::of(SYNTAX, detail)
    }

    /// One field is wrong.
    pub fn field(field: impl Into<String>, reason: impl Into<Reason>) -> Self {
        let (field, reason) = (field.into(), reason.into());
        let message = sentences::of_reason(&field, &reason);
        Self::from(Error::wrong(field, reason, message))
    }

    /// Refused by the door as a role would.
    pub fn refused(kind: ErrorKind, refusal: Refusal) -> Self {
        Self::from(Error::new(kind, "").refused(refusal))
    }

    /// A credential is missing or wrong.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::of(UNAUTHENTICATED, detail)
    }

    /// A valid caller who may not do this.
    pub fn denied(detail: impl Into<String>) -> Self {
        Self::of(DENIED, detail)
    }

    /// Nothing of that name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::of(NOT_FOUND, detail)
    }

    /// It was there, and had its time.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::of(GONE, detail)
    }

    /// The body is larger than `limit`.
    pub fn too_large(limit: usize) -> Self {
        Self::of(TOO_LARGE, format!("Au plus {limit} octets sont acceptés ici."))
    }

    /// A file in a form is larger than what is taken.
    pub fn too_large_file() -> Self {
        Self::of(TOO_LARGE, "Le fichier est trop lourd.")
    }

    /// The content type is not one that is read here.
    pub fn media_type(expected: &str) -> Self {
        Self::of(MEDIA, format!("Le Content-Type attendu est : {expected}."))
    }

    /// The form is too old, or was not sent from one of our pages.
    pub fn form_expired() -> Self {
        Self::of(FORM, "Revenez à la page précédente, rechargez-la et envoyez de nouveau le formulaire.")
    }

    /// With what the form held, but for passwords.
    #[must_use]
    pub fn keeping(self, mut fields: Vec<(String, String)>) -> Self {
        fields.retain(|(name, _)| !is_secret(name));
        Self { typed: Some(Box::new(Typed(fields))), ..self }
    }

    /// What the form held.
    pub fn typed(&self) -> Option<&Typed> {
        self.typed.as_deref()
    }

    /// The body did not arrive in time.
    pub fn timeout() -> Self {
        Self::of(TIMEOUT, "L’envoi n’est pas arrivé à temps ; réessayez.")
    }

    /// Too much of one address.
    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        let mut problem = Self::of(EXHAUSTED, format!("Réessayez dans {seconds} s."));
        problem.retry_after = Some(seconds);
        problem
    }

    /// A part is down or late.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::of(UNAVAILABLE, detail)
    }

    /// Ours to mend; the log has the rest.
    pub fn internal() -> Self {
        Self::of(INTERNAL, "L’incident est enregistré. Réessayez plus tard.")
    }

    /// The same, where the caller gave the version in `If-Match`: 412 instead of 409.
    #[must_use]
    pub fn as_precondition_failed(mut self) -> Self {
        if self.kind.ends_with(CONFLICT.1) {
            let detail = std::mem::take(&mut self.detail);
            return Self { code: self.code, ..Self::of(STALE, detail) };
        }
        self
    }

    /// The same, where "too much" can only mean too large.
    #[must_use]
    pub fn as_too_large(mut self) -> Self {
        if self.kind.ends_with(EXHAUSTED.1) {
            let detail = std::mem::take(&mut self.detail);
            return Self { code: self.code, ..Self::of(TOO_LARGE, detail) };
        }
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// As a page, for a browser that met it outside the API.
    pub fn into_page(self) -> Response {
        let page = format!(
            "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title}</title></head>\n<body><main><h1>{title}</h1>\n\
             <p>{detail}</p>\n<p><a href=\"/\">Retour à l’accueil</a></p></main></body></html>\n",
            title = escape(&self.title),
            detail = escape(&self.detail),
        );
        let mut response = (self.status(), axum::response::Html(page)).into_response();
        self.add_headers(&mut response);
        response
    }

    pub(crate) fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"parvis\""));
        }
    }
}

/// Text safe between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = sentences::of_whole(&error);
        let mut problem = match error.kind() {
            ErrorKind::Invalid if error.violations().is_empty() => Self::of(SYNTAX, detail),
            ErrorKind::Invalid => invalid(error.violations()),
            ErrorKind::Unauthenticated => Self::of(UNAUTHENTICATED, detail),
            ErrorKind::Denied => Self::of(DENIED, detail),
            ErrorKind::NotFound => Self::of(NOT_FOUND, detail),
            ErrorKind::AlreadyExists => Self::of(EXISTS, detail),
            ErrorKind::Conflict if error.refusal() == Some(&Refusal::UploadTooSlow) => Self::of(TIMEOUT, detail),
            ErrorKind::Conflict => Self::of(CONFLICT, detail),
            ErrorKind::FailedPrecondition => with_errors(Self::of(STATE, detail), error.violations()),
            ErrorKind::Exhausted => {
                let mut problem = Self::of(EXHAUSTED, detail);
                problem.retry_after = Some(60);
                problem
            }
            // A role that says why does answer.
            ErrorKind::Unavailable if error.refusal().is_some() => Self::of(UNAVAILABLE, detail),
            ErrorKind::Unavailable => {
                tracing::warn!(%error, "a role does not answer");
                Self::of(UNAVAILABLE, "Réessayez dans quelques instants.")
            }
            ErrorKind::Internal => {
                tracing::error!(%error, "a role failed");
                Self::internal()
            }
        };
        problem.code = error.refusal().map(Refusal::code);
        problem
    }
}

fn invalid(violations: &[FieldViolation]) -> Problem {
    let named: Vec<_> = violations.iter().take(10).map(|violation| as_sent(&violation.field)).collect();
    with_errors(Problem::of(INVALID, format!("À corriger : {}.", named.join(", "))), violations)
}

/// The few fields that REST calls otherwise than the contracts do.
fn as_sent(field: &str) -> &str {
    match field {
        "procedure_code" => "procedure",
        "expected_version" => "version",
        "idempotency_key" => "Idempotency-Key",
        "tracking_code" => "Tracking-Code",
        "query" => "q",
        "states" => "state",
        other => other,
    }
}

fn with_errors(mut problem: Problem, violations: &[FieldViolation]) -> Problem {
    problem.errors = violations
        .iter()
        .take(MOST_ERRORS)
        .map(|violation| FieldProblem {
            field: parvis_kernel::text::excerpt(as_sent(&violation.field), 200),
            code: sentences::code_of(violation),
            message: parvis_kernel::text::excerpt(&sentences::of_field(violation), LONGEST_DETAIL),
        })
        .collect();
    problem
}

impl IntoResponse for Problem {
    /// The problem also travels as an extension of the response: the outermost layer adds the path, or makes it a page.
    fn into_response(self) -> Response {
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))];
        let mut response = (self.status(), content_type, Json(&self)).into_response();
        // `Json` sets its own media type first.
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        self.add_headers(&mut response);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_its_status() {
        use ErrorKind::*;
        let expected = [
            (Invalid, 400),
            (Unauthenticated, 401),
            (Denied, 403),
            (NotFound, 404),
            (AlreadyExists, 409),
            (Conflict, 409),
            (FailedPrecondition, 409),
            (Exhausted, 429),
            (Unavailable, 503),
            (Internal, 500),
        ];
        for (kind, status) in expected {
            let response = Problem::from(Error::new(kind, "x")).into_response();
            assert_eq!(response.status(), status, "{kind:?}");
            assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
            assert_eq!(response.headers().contains_key("retry-after"), matches!(status, 429 | 503), "{kind:?}");
            assert_eq!(response.headers().contains_key("www-authenticate"), status == 401, "{kind:?}");
        }
        assert_eq!(Problem::from(Error::invalid("a.b", "no")).status, 422);
        assert_eq!(Problem::from(Error::conflict("x")).as_precondition_failed().status, 412);
    }

    #[test]
    fn nothing_internal_is_told() {
        let problem = Problem::from(Error::internal("password=hunter2"));
        assert!(!format!("{problem:?}").contains("hunter2"));
        let page = escape("<script>'\"&");
        assert_eq!(page, "&lt;script&gt;&#39;&quot;&amp;");
    }
}
