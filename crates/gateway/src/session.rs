//! An agent's session in the browser: the access token and the refresh token, each in a cookie that no script reads.
//!
//! The access token is verified here from public keys alone. When it has expired, identity gives a new pair for the
//! refresh token, which is spent by that: requests that a page sends at the same time share one renewal.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{Extensions, HeaderMap, Method, Uri, request::Parts};
use parvis_kernel::{Caller, Error, ErrorKind, Result, TenantId};
use parvis_proto::identity::{RefreshTokensRequest, SignInRequest, SignOutRequest, TokenPair};
use parvis_runtime::Claims;
use sha2::{Digest as _, Sha256};

use crate::{
    cookies,
    origin::{Origin, keep_device},
    pages::agent::second_factor,
    problem::Problem,
    state::{AppState, answer, call},
    tenant,
};

const ACCESS: &str = "parvis_session";
const REFRESH: &str = "parvis_refresh";
/// Where an agent signs in; `?retour=` is where to go next.
pub const SIGN_IN_PATH: &str = "/connexion";
/// A token this near its end is renewed first, so that it still stands when a role reads it.
const LEEWAY_SECONDS: i64 = 15;

/// The agent who is signed in. As an extractor it leads whoever is not to [`SIGN_IN_PATH`]; `Option<Session>` does not.
#[derive(Clone, Debug)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    claims: Claims,
    caller: Caller,
    token: String,
}

impl Session {
    fn new(claims: Claims, token: String) -> Result<Self> {
        let caller = claims.clone().into_caller()?;
        Ok(Self(Arc::new(Inner { claims, caller, token })))
    }

    /// What the token says.
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    /// Who acts.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The access token, for the roles.
    pub fn token(&self) -> &str {
        &self.0.token
    }
}

/// Why there is no session.
#[derive(Clone, Debug)]
enum Absence {
    /// Nobody is signed in.
    SignedOut,
    /// Somebody may be, but identity does not answer.
    Unknown,
}

type Found = Result<Session, Absence>;

/// The renewals under way and those just done, by a hash of the refresh token.
pub struct Refresher(moka::future::Cache<[u8; 32], TokenPair>);

impl Default for Refresher {
    fn default() -> Self {
        // Long enough for every request that left with the old cookies to come in.
        Self(moka::future::Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(30)).build())
    }
}

impl Refresher {
    async fn renew(
        &self,
        state: &AppState,
        tenant: &TenantId,
        refresh: &str,
        origin: Origin,
    ) -> Result<TokenPair, Arc<Error>> {
        let key: [u8; 32] = Sha256::digest(refresh.as_bytes()).into();
        let request = RefreshTokensRequest { refresh_token: refresh.to_owned(), origin: Some(origin.0) };
        self.0
            .try_get_with(key, async { answer(state.identity()?.refresh_tokens(call(request, None, tenant)).await) })
            .await
    }
}

/// Finds the session before a page is made, and sets the new cookies when it was renewed.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let (mut found, renewed) = find(&state, request.headers(), request.uri(), request.extensions()).await;
    if let Ok(session) = &found {
        found = with_units(&state, session).await;
    }
    request.extensions_mut().insert(found);
    let mut response = next.run(request).await;
    // A page that signed in or out has set its own.
    if !sets_session(&state, response.headers()) {
        match renewed {
            Renewal::None => {}
            Renewal::Done(pair) => set_cookies(&state, response.headers_mut(), &pair),
            Renewal::Over => clear_cookies(&state, response.headers_mut()),
        }
    }
    response
}

/// The same session, knowing the agent's units: a token does not name them.
async fn with_units(state: &AppState, session: &Session) -> Found {
    let Inner { claims, token, .. } = &*session.0;
    if claims.enrol {
        return Ok(session.clone());
    }
    match state.memberships().of(claims, token).await {
        Ok(units) => {
            let claims = Claims { units: units.to_vec(), ..claims.clone() };
            Session::new(claims, token.clone()).map_err(|_| Absence::SignedOut)
        }
        Err(error) if error.kind() == ErrorKind::Unauthenticated => Err(Absence::SignedOut),
        Err(error) => {
            tracing::warn!(%error, "the units of an agent are not known");
            Err(Absence::Unknown)
        }
    }
}

enum Renewal {
    None,
    Done(Box<TokenPair>),
    Over,
}

async fn find(state: &AppState, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> (Found, Renewal) {
    let secure = state.secure_cookies();
    let signed_out = || Err(Absence::SignedOut);
    let Some(tenant) = tenant::by_host(state, headers, uri) else { return (signed_out(), Renewal::None) };
    let access = cookies::get(headers, ACCESS, secure).unwrap_or_default().to_owned();
    let refresh = cookies::get(headers, REFRESH, secure).unwrap_or_default().to_owned();
    let now = state.now();
    let soon = now + jiff::SignedDuration::from_secs(LEEWAY_SECONDS);
    if let Some(session) = verify(state, &tenant.slug, &access, soon) {
        return (Ok(session), Renewal::None);
    }
    if refresh.is_empty() || refresh.len() > 512 {
        let found = verify(state, &tenant.slug, &access, now).ok_or(Absence::SignedOut);
        return (found, Renewal::None);
    }
    let origin = Origin::of(state, headers, extensions);
    match state.refresher().renew(state, &tenant.slug, &refresh, origin).await {
        Ok(pair) => match verify(state, &tenant.slug, &pair.access_token, now) {
            Some(session) => (Ok(session), Renewal::Done(Box::new(pair))),
            // A renewal kept since a moment ago may be older than a sign-out; or the keys are not here yet.
            None => (Err(Absence::Unknown), Renewal::None),
        },
        Err(error) if matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::Invalid | ErrorKind::NotFound) => {
            (signed_out(), Renewal::Over)
        }
        Err(error) => {
            tracing::warn!(%error, "a session could not be renewed");
            (verify(state, &tenant.slug, &access, now).ok_or(Absence::Unknown), Renewal::None)
        }
    }
}

/// Whether somebody would have to sign in first. Where that cannot be known, nobody has to.
pub(crate) async fn is_over(state: &AppState, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> bool {
    matches!(find(state, headers, uri, extensions).await.0, Err(Absence::SignedOut))
}

/// Whose access token the browser has, however long ago it ended.
pub(crate) fn last_known(state: &AppState, headers: &HeaderMap, tenant: &TenantId) -> Option<String> {
    let access = cookies::get(headers, ACCESS, state.secure_cookies())?;
    let session = verify(state, tenant, access, parvis_kernel::Timestamp::UNIX_EPOCH)?;
    Some(session.claims().sub.clone())
}

/// The session of a token that is valid at `at` and belongs to this authority.
fn verify(state: &AppState, tenant: &TenantId, token: &str, at: parvis_kernel::Timestamp) -> Option<Session> {
    if token.is_empty() {
        return None;
    }
    let claims = state.keys().verify(token, at).ok()?;
    (claims.tenant == *tenant && claims.kind == "agent").then(|| Session::new(claims, token.to_owned()).ok()).flatten()
}

/// Signs in with a password. Add [`SignedIn`] to the response.
pub async fn sign_in(state: &AppState, tenant: &TenantId, origin: Origin, given: Given) -> Result<SignedIn> {
    let mut request = SignInRequest { origin: Some(origin.0), ..SignInRequest::default() };
    match given {
        Given::Password { login, password } => (request.login, request.password) = (login, password),
        Given::Code { challenge, code } => (request.challenge, request.code) = (challenge, code),
    }
    let pair = answer(state.identity()?.sign_in(call(request, None, tenant)).await)?;
    Ok(SignedIn { state: state.clone(), pair })
}

/// What somebody gives to sign in.
pub enum Given {
    /// First a password.
    Password {
        /// Whose.
        login: String,
        /// It.
        password: String,
    },
    /// Then, where the account has a second factor, a code of it.
    Code {
        /// What the first step gave.
        challenge: String,
        /// The code.
        code: String,
    },
}

/// Renews the session at once, so that its token says what has just changed.
pub async fn renew(state: &AppState, tenant: &TenantId, headers: &HeaderMap, origin: Origin) -> Result<SignedIn> {
    let refresh = cookies::get(headers, REFRESH, state.secure_cookies()).unwrap_or_default().to_owned();
    let request = RefreshTokensRequest { refresh_token: refresh, origin: Some(origin.0) };
    let pair = answer(state.identity()?.refresh_tokens(call(request, None, tenant)).await)?;
    Ok(SignedIn { state: state.clone(), pair })
}

/// Ends the session. Add [`SignedOut`] to the response. Identity being down does not keep anybody in.
pub async fn sign_out(state: &AppState, tenant: &TenantId, headers: &HeaderMap) -> SignedOut {
    let refresh = cookies::get(headers, REFRESH, state.secure_cookies()).unwrap_or_default().to_owned();
    if !refresh.is_empty()
        && let Ok(mut identity) = state.identity()
    {
        let request = SignOutRequest { refresh_token: refresh };
        if let Err(error) = answer(identity.sign_out(call(request, None, tenant)).await) {
            tracing::warn!(%error, "identity did not end the session; the browser forgot it");
        }
    }
    SignedOut(state.clone())
}

/// The cookies of a new session, to be a part of a response: `(signed_in, Redirect::to("/agent"))`.
pub struct SignedIn {
    state: AppState,
    pair: TokenPair,
}

impl SignedIn {
    /// Whose session it is.
    pub fn pair(&self) -> &TokenPair {
        &self.pair
    }
}

impl axum::response::IntoResponseParts for SignedIn {
    type Error = std::convert::Infallible;
    fn into_response_parts(
        self,
        mut parts: axum::response::ResponseParts,
    ) -> Result<axum::response::ResponseParts, Self::Error> {
        set_cookies(&self.state, parts.headers_mut(), &self.pair);
        keep_device(&self.state, &mut parts, &self.pair.device);
        Ok(parts)
    }
}

/// The end of a session, to be a part of a response.
pub struct SignedOut(AppState);

impl axum::response::IntoResponseParts for SignedOut {
    type Error = std::convert::Infallible;
    fn into_response_parts(
        self,
        mut parts: axum::response::ResponseParts,
    ) -> Result<axum::response::ResponseParts, Self::Error> {
        clear_cookies(&self.0, parts.headers_mut());
        Ok(parts)
    }
}

fn set_cookies(state: &AppState, headers: &mut HeaderMap, pair: &TokenPair) {
    let secure = state.secure_cookies();
    let until = pair.refresh_expires_at.as_ref().map_or(0, |at| at.seconds);
    let seconds = (until - state.now().as_second()).max(60);
    cookies::set(headers, ACCESS, &pair.access_token, secure, Some(seconds));
    cookies::set(headers, REFRESH, &pair.refresh_token, secure, Some(seconds));
}

fn clear_cookies(state: &AppState, headers: &mut HeaderMap) {
    cookies::set(headers, ACCESS, "", state.secure_cookies(), Some(0));
    cookies::set(headers, REFRESH, "", state.secure_cookies(), Some(0));
}

fn sets_session(state: &AppState, headers: &HeaderMap) -> bool {
    let name = cookies::name(ACCESS, state.secure_cookies());
    headers
        .get_all(http::header::SET_COOKIE)
        .into_iter()
        .any(|value| value.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"=")))
}

/// Leads to the sign-in page and back; or says that sessions cannot be read now.
#[derive(Debug)]
pub enum SignInFirst {
    /// Sign in, then come back here.
    Redirect(String),
    /// Identity does not answer.
    Unavailable,
    /// A second factor must be set up first.
    SecondFactor,
}

impl IntoResponse for SignInFirst {
    fn into_response(self) -> Response {
        match self {
            Self::Redirect(path) => Redirect::to(&path).into_response(),
            Self::SecondFactor => Redirect::to(second_factor::PATH).into_response(),
            Self::Unavailable => {
                Problem::unavailable("La connexion ne peut pas être vérifiée pour le moment.").into_response()
            }
        }
    }
}

impl FromRequestParts<AppState> for Session {
    type Rejection = SignInFirst;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Found>() {
            Some(Ok(session)) if session.claims().enrol && parts.uri.path() != second_factor::PATH => {
                Err(SignInFirst::SecondFactor)
            }
            Some(Ok(session)) => Ok(session.clone()),
            Some(Err(Absence::Unknown)) => Err(SignInFirst::Unavailable),
            Some(Err(Absence::SignedOut)) | None => {
                // Only a page that was asked for can be asked for again.
                let back = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
                let back = back.map_or("/agent", http::uri::PathAndQuery::as_str);
                let encoded = percent_encoding::utf8_percent_encode(back, percent_encoding::NON_ALPHANUMERIC);
                Err(SignInFirst::Redirect(format!("{SIGN_IN_PATH}?retour={encoded}")))
            }
        }
    }
}

impl OptionalFromRequestParts<AppState> for Session {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Found>().and_then(|found| found.as_ref().ok()).cloned())
    }
}

/// Where to go after signing in: a path of this site and nothing else.
pub fn safe_return(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.len() <= 2_000;
    if local { path } else { "/agent" }
}

#[cfg(test)]
mod tests {
    use super::safe_return;

    #[test]
    fn one_only_returns_to_this_site() {
        assert_eq!(safe_return("/agent/dossiers?vue=unit"), "/agent/dossiers?vue=unit");
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/a\r\nb"] {
            assert_eq!(safe_return(bad), "/agent", "{bad}");
        }
    }
}
