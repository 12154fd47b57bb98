//! Tokens, for programs; and the public keys that verify them.

use axum::{
    Form, Json,
    extract::{FromRequest as _, Request, State},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use parvis_kernel::{Error, ErrorKind, Refusal};
use parvis_proto::identity::{GetJwksRequest, IssuePartnerTokenRequest, SignInRequest, TokenPair};

use super::dto::{AgentToken, OAuthError, PartnerToken, Shown as _, SignIn, TokenForm};
use crate::{
    auth::ApiCaller,
    body::{ApiJson, media_type},
    origin::Origin,
    problem::Problem,
    state::{AppState, CALL_TIMEOUT, answer},
};

/// Obtenir un jeton d’agent
///
/// Pour les programmes d’un agent ; le navigateur, lui, a sa page de connexion. Le jeton expire vite : en redemander un.
#[utoipa::path(post, path = "/api/v1/session", tag = "S’authentifier", security(()),
    request_body = SignIn,
    responses(
        (status = 200, description = "Le jeton", body = AgentToken),
        (status = 401, description = "Identifiant ou mot de passe inconnu", body = Problem,
            content_type = "application/problem+json")))]
pub async fn session(
    State(state): State<AppState>,
    caller: ApiCaller,
    origin: Origin,
    ApiJson(body): ApiJson<SignIn>,
) -> Result<Json<AgentToken>, Problem> {
    // A program keeps no mark of a browser.
    let origin = parvis_proto::identity::Origin { browser: String::new(), ..origin.0 };
    let request = SignInRequest {
        login: body.login,
        password: body.password,
        code: body.code,
        origin: Some(origin),
        ..SignInRequest::default()
    };
    let pair = answer(state.identity()?.sign_in(crate::state::call(request, None, caller.slug())).await)?;
    if !pair.challenge.is_empty() {
        let error = Error::unauthenticated("a code of the second factor is needed").refused(Refusal::CodeNeeded);
        return Err(error.into());
    }
    Ok(Json(AgentToken {
        expires_in: seconds_left(&state, &pair),
        access_token: pair.access_token,
        token_type: "Bearer",
        account: pair.account.shown(),
    }))
}

fn seconds_left(state: &AppState, pair: &TokenPair) -> i64 {
    pair.access_expires_at.as_ref().map_or(0, |at| at.seconds - state.now().as_second()).max(0)
}

/// Obtenir un jeton de partenaire
///
/// OAuth 2.0, `client_credentials` (RFC 6749, 4.4). L’identifiant et le secret par `Authorization: Basic` ou dans le
/// formulaire.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "S’authentifier", security((), ("client" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Le jeton", body = PartnerToken),
        (status = 400, description = "Demande mal faite", body = OAuthError),
        (status = 401, description = "Partenaire inconnu ou secret faux", body = OAuthError),
        (status = 503, description = "Réessayer plus tard", body = OAuthError)))]
pub async fn token(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let tenant = crate::tenant::of_api_call(&state, &parts)?;
    let basic = basic(&parts.headers);
    let form = read_form(&state, Request::from_parts(parts, body)).await;
    let mut form = match form {
        Ok(form) => form,
        Err(response) => return Ok(*response),
    };
    if form.grant_type != "client_credentials" {
        let kind = if form.grant_type.is_empty() { "invalid_request" } else { "unsupported_grant_type" };
        return Ok(refusal(StatusCode::BAD_REQUEST, kind, "grant_type must be client_credentials"));
    }
    if let Some((id, secret)) = basic {
        (form.client_id, form.client_secret) = (id, secret);
    }
    let request = IssuePartnerTokenRequest { client_id: form.client_id, client_secret: form.client_secret };
    let call = crate::state::call(request, None, &tenant.slug);
    let answered = match state.identity() {
        Ok(mut identity) => answer(identity.issue_partner_token(call).await),
        Err(error) => Err(error),
    };
    Ok(match answered {
        Ok(pair) => Json(PartnerToken {
            expires_in: seconds_left(&state, &pair),
            access_token: pair.access_token,
            token_type: "Bearer",
        })
        .into_response(),
        Err(error) => refused(&error),
    })
}

async fn read_form(state: &AppState, request: Request) -> Result<TokenForm, Box<Response>> {
    let wrong = |detail: &str| Box::new(refusal(StatusCode::BAD_REQUEST, "invalid_request", detail));
    if media_type(request.headers()) != "application/x-www-form-urlencoded" {
        return Err(wrong("the body must be application/x-www-form-urlencoded"));
    }
    let form = Form::<TokenForm>::from_request(request, state).await;
    form.map(|Form(form)| form).map_err(|_| wrong("the form cannot be read"))
}

/// The client's id and secret from `Authorization: Basic` (form-encoded first: RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok()).flatten()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain =
        |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    Some((plain(id), plain(secret)))
}

fn refused(error: &Error) -> Response {
    match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Denied => {
            let mut response = refusal(StatusCode::UNAUTHORIZED, "invalid_client", "the client is not known");
            let challenge = HeaderValue::from_static("Basic realm=\"parvis\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            response
        }
        _ => {
            tracing::warn!(%error, "a partner's token could not be issued");
            let mut response =
                refusal(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "try again in a moment");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
    }
}

fn refusal(status: StatusCode, error: &'static str, description: &str) -> Response {
    (status, Json(OAuthError { error, error_description: description.to_owned() })).into_response()
}

/// Lire les clés publiques
///
/// Les clés qui vérifient les jetons (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "S’authentifier", security(()),
    responses((status = 200, description = "Les clés", body = Object, content_type = "application/json")))]
pub async fn jwks(State(state): State<AppState>) -> Result<Response, Problem> {
    let mut request = tonic::Request::new(GetJwksRequest {});
    request.set_timeout(CALL_TIMEOUT);
    let keys = answer(state.identity()?.get_jwks(request).await)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
    ];
    Ok((headers, keys.jwks_json).into_response())
}
