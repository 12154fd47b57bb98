//! Forms are only taken from our own pages.
//!
//! Each browser gets a random, signed cookie. A form carries a token made from that cookie with our key, different
//! each time (a page that is compressed gives nothing away); what comes back must match the cookie. The browser's own
//! word (`Sec-Fetch-Site`, `Origin`) must not say otherwise. Calls with a bearer token need none of this.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Multipart, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, header, request::Parts};
use parvis_runtime::client::Client;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::{
    config::KEY_BYTES,
    cookies,
    pages::upload,
    problem::Problem,
    state::{AppState, call},
    tenant,
};

const COOKIE: &str = "parvis_form";
/// Name of the hidden field: `<input type="hidden" name="csrf" value="…">`, before every other.
pub const FIELD: &str = "csrf";
const ID_BYTES: usize = 18;
const NONCE_BYTES: usize = 9;

/// The browser that asks, known only to recognise its own forms.
#[derive(Clone)]
struct Browser {
    id: [u8; ID_BYTES],
    /// Its cookie is missing.
    fresh: bool,
    /// A form was made for it.
    used: Arc<AtomicBool>,
}

fn mac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is accepted by HMAC, so this is never the error branch.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn signed(key: &[u8; KEY_BYTES], id: &[u8; ID_BYTES]) -> String {
    let mut bytes = id.to_vec();
    bytes.extend_from_slice(&mac(key, &[b"browser", id]));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cookie(key: &[u8; KEY_BYTES], value: &str) -> Option<[u8; ID_BYTES]> {
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (id, signature) = bytes.split_at_checked(ID_BYTES)?;
    let id: [u8; ID_BYTES] = id.try_into().ok()?;
    bool::from(mac(key, &[b"browser", &id]).ct_eq(signature)).then_some(id)
}

fn form_token(key: &[u8; KEY_BYTES], id: &[u8; ID_BYTES], nonce: &[u8; NONCE_BYTES]) -> String {
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(&mac(key, &[b"form", id, nonce]));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn matches(key: &[u8; KEY_BYTES], id: &[u8; ID_BYTES], token: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((nonce, signature)) = bytes.split_at_checked(NONCE_BYTES) else { return false };
    bool::from(mac(key, &[b"form", id, nonce]).ct_eq(signature))
}

/// Recognises the browser; gives it its cookie with the first form.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let known = cookies::get(request.headers(), COOKIE, state.secure_cookies())
        .and_then(|value| read_cookie(state.session_key(), value));
    let browser = Browser {
        fresh: known.is_none(),
        id: known.unwrap_or_else(rand::random::<[u8; ID_BYTES]>),
        used: Arc::default(),
    };
    request.extensions_mut().insert(browser.clone());
    let mut client = Client::current().unwrap_or_default();
    if !browser.fresh {
        // What tells this browser to the roles gives nobody its cookie.
        client.browser = URL_SAFE_NO_PAD.encode(&mac(state.session_key(), &[b"client", &browser.id])[..ID_BYTES]);
    }
    let mut response = client.scope(next.run(request)).await;
    if browser.fresh && browser.used.load(Ordering::Relaxed) {
        let value = signed(state.session_key(), &browser.id);
        cookies::set(response.headers_mut(), COOKIE, &value, state.secure_cookies(), None);
    }
    response
}

/// The token for the forms of a page, by [`CsrfToken::value`] or `{{ csrf }}` in a template.
#[derive(Clone, Debug)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The value of the hidden field.
    pub fn value(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CsrfToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromRequestParts<AppState> for CsrfToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let browser = parts.extensions.get::<Browser>().ok_or_else(Problem::internal)?;
        browser.used.store(true, Ordering::Relaxed);
        Ok(Self(form_token(state.session_key(), &browser.id, &rand::random::<[u8; NONCE_BYTES]>())))
    }
}

/// What decides whether a form is ours.
struct Check {
    id: Option<[u8; ID_BYTES]>,
    key: [u8; KEY_BYTES],
}

impl Check {
    /// Refuses at once what the browser itself says comes from elsewhere.
    fn new(state: &AppState, headers: &HeaderMap, uri: &http::Uri, browser: Option<&Browser>) -> Result<Self, Problem> {
        if !same_origin(headers, tenant::host(headers, uri)) {
            return Err(Problem::form_expired());
        }
        let id = browser.filter(|browser| !browser.fresh).map(|browser| browser.id);
        Ok(Self { id, key: *state.session_key() })
    }

    fn token(&self, token: &str) -> Result<(), Problem> {
        let ours = self.id.as_ref().is_some_and(|id| matches(&self.key, id, token));
        if ours { Ok(()) } else { Err(Problem::form_expired()) }
    }
}

/// Whether the browser says, or does not deny, that the form comes from this host.
pub(crate) fn same_origin(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
}

/// A form of ours. Its type must not name the field `csrf`, or name it without looking at it.
#[derive(Clone, Copy, Debug)]
pub struct CsrfForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for CsrfForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let fields = CsrfFields::from_request(request, state).await?;
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields.0).finish();
        let request = http::Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(encoded))
            .map_err(|_| Problem::internal())?;
        let Form(value) = Form::<T>::from_request(request, state)
            .await
            .map_err(|rejection| Problem::syntax(rejection.body_text()))?;
        Ok(Self(value))
    }
}

/// The fields of a form of ours, in order, `csrf` left out: for forms whose fields are not known beforehand.
#[derive(Clone, Debug, Default)]
pub struct CsrfFields(pub Vec<(String, String)>);

impl CsrfFields {
    /// The first value of a field; empty where it is missing.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<AppState> for CsrfFields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let browser = request.extensions().get::<Browser>();
        let check = Check::new(state, request.headers(), request.uri(), browser)?;
        let form = crate::body::media_type(request.headers()) == "application/x-www-form-urlencoded";
        if !form {
            return Err(Problem::media_type("application/x-www-form-urlencoded"));
        }
        let bytes = crate::body::read(request.into_body(), state.config().max_json_bytes).await?;
        let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
        let at = fields.iter().position(|(key, _)| key == FIELD).ok_or_else(Problem::form_expired)?;
        let (_, token) = fields.remove(at);
        match check.token(&token) {
            Ok(()) => Ok(Self(fields)),
            Err(problem) => Err(problem.keeping(fields)),
        }
    }
}

/// A form of ours with files. Its first field was `csrf`, checked; the others remain to be read.
pub struct CsrfMultipart(pub Multipart);

impl FromRequest<AppState> for CsrfMultipart {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let browser = request.extensions().get::<Browser>();
        let check = Check::new(state, request.headers(), request.uri(), browser)?;
        let town = tenant::by_host(state, request.headers(), request.uri()).ok_or_else(Problem::unknown_authority)?;
        let mut form =
            Multipart::from_request(request, state).await.map_err(|_| Problem::media_type("multipart/form-data"))?;
        let first = form.next_field().await.map_err(|error| crate::body::multipart_problem(&error))?;
        let mut first = first.filter(|field| field.name() == Some(FIELD)).ok_or_else(Problem::form_expired)?;
        let mut token = Vec::new();
        while let Some(chunk) = first.chunk().await.map_err(|error| crate::body::multipart_problem(&error))? {
            token.extend_from_slice(&chunk);
            if token.len() > 200 {
                return Err(Problem::form_expired());
            }
        }
        drop(first);
        match check.token(std::str::from_utf8(&token).unwrap_or_default()) {
            Ok(()) => Ok(Self(form)),
            // Received all the same, and claimed by nothing: what comes back names them.
            Err(problem) => {
                let filled = upload::read(state, form, |stream| call(stream, None, &town.slug)).await?;
                Err(problem.keeping(filled.into_fields()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

    #[test]
    fn a_token_only_fits_its_browser_and_its_key() {
        let (one, other) = ([1; ID_BYTES], [2; ID_BYTES]);
        let token = form_token(&KEY, &one, &[3; NONCE_BYTES]);
        assert!(matches(&KEY, &one, &token));
        assert!(!matches(&KEY, &other, &token));
        assert!(!matches(&[8; KEY_BYTES], &one, &token));
        for bad in ["", "é", "AAAA", &token[1..]] {
            assert!(!matches(&KEY, &one, bad), "{bad}");
        }
        assert_eq!(read_cookie(&KEY, &signed(&KEY, &one)), Some(one));
        assert_eq!(read_cookie(&[8; KEY_BYTES], &signed(&KEY, &one)), None);
        assert_eq!(read_cookie(&KEY, ""), None);
    }

    #[test]
    fn what_the_browser_says_counts() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(http::HeaderName::from_static(name), http::HeaderValue::from_static(value))])
        };
        assert!(same_origin(&HeaderMap::new(), "a.example"));
        assert!(same_origin(&with("sec-fetch-site", "same-origin"), "a.example"));
        assert!(!same_origin(&with("sec-fetch-site", "cross-site"), "a.example"));
        assert!(!same_origin(&with("sec-fetch-site", "same-site"), "a.example"));
        assert!(same_origin(&with("origin", "http://a.example"), "a.example"));
        assert!(!same_origin(&with("origin", "http://b.example"), "a.example"));
        assert!(!same_origin(&with("origin", "null"), "a.example"));
    }
}
