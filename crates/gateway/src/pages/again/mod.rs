//! Nothing typed is lost: a form that cannot be taken because its page is too old, its browser was forgotten or its agent is
//! not signed in any more comes back, filled in, to be looked at and sent again (ADR 27).
//!
//! Around every page. Where a form is refused as not ours, the page that it was filled in is asked for again on behalf of
//! the same browser, and what was typed is put into it. Where nobody is signed in any more, it waits, sealed, in the
//! sign-in page. Nothing is done before the person sends again; what another site sends is neither read nor shown.

mod fill;
mod keep;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{FromRequest as _, Multipart, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

use self::keep::Kept;
use super::upload;
use crate::{
    body::media_type,
    csrf,
    problem::Problem,
    session::{self, SIGN_IN_PATH},
    state::{AppState, call},
    tenant,
};

/// Characters of a page that is looked at.
const LONGEST_PAGE: usize = 4 << 20;
/// Redirections followed to find a form's page.
const HOPS: usize = 3;
const TOO_OLD: &str = "Rien n’a été envoyé : cette page était ouverte depuis trop longtemps. Ce que vous avez écrit est \
                       resté ci-dessous. Vérifiez, puis envoyez à nouveau.";
const SIGNED_OUT: &str = "Rien n’a été envoyé : votre session était terminée. Ce que vous avez écrit est resté \
                          ci-dessous. Vérifiez, puis envoyez à nouveau.";
const WAITS: &str =
    "Votre session est terminée. Ce que vous avez écrit est gardé : connectez-vous, et vous le retrouverez.";
const TOO_LONG: &str = "Votre session est terminée, et ce que vous avez envoyé est trop long pour être gardé ici. Revenez à \
                        la page précédente pour le copier avant de vous connecter.";

/// What somebody filled in a form with, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed(pub Vec<(String, String)>);

/// The pages, each form of which comes back where it cannot be taken. `pages`: with its layers and its state.
pub fn around(pages: Router, state: AppState) -> Router {
    let inner = pages.clone();
    pages.layer(from_fn(move |request: Request, next: Next| {
        let (inner, state) = (inner.clone(), state.clone());
        async move {
            if request.method() != Method::POST {
                return next.run(request).await;
            }
            Door { pages: inner, state, asked: Asked::of(&request) }.take(request, next).await
        }
    }))
}

/// What is needed of a request once it is gone.
#[derive(Clone)]
struct Asked {
    uri: Uri,
    headers: HeaderMap,
    extensions: http::Extensions,
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            extensions: request.extensions().clone(),
        }
    }

    fn action(&self) -> &str {
        self.uri.path()
    }

    /// The page that the browser says the form was on, if it is one of ours.
    fn page(&self) -> String {
        let from = self.headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Ok(from) = from.parse::<Uri>() else { return String::new() };
        let ours =
            from.host().is_some_and(|host| tenant::host(&self.headers, &self.uri).split(':').next() == Some(host));
        let path = from.path_and_query().map(ToString::to_string).unwrap_or_default();
        if ours && path.len() <= 2_000 { path } else { String::new() }
    }
}

struct Door {
    pages: Router,
    state: AppState,
    asked: Asked,
}

impl Door {
    async fn take(self, request: Request, next: Next) -> Response {
        let Some(town) = tenant::by_host(&self.state, &self.asked.headers, &self.asked.uri) else {
            return next.run(request).await;
        };
        if self.asked.action() == SIGN_IN_PATH {
            return self.sign_in(request, next, &town.slug).await;
        }
        let asks_who = ["/agent", "/admin", "/elus"].iter().any(|area| self.asked.action().starts_with(area));
        let ours = csrf::same_origin(&self.asked.headers, tenant::host(&self.asked.headers, &self.asked.uri));
        if asks_who
            && ours
            && session::is_over(&self.state, &self.asked.headers, &self.asked.uri, &self.asked.extensions).await
        {
            return match self.read(request, &town.slug).await {
                Ok(typed) => self.wait(typed, &town.slug).await,
                Err(problem) => problem.into_response(),
            };
        }
        let response = next.run(request).await;
        let typed = response.extensions().get::<Problem>().and_then(Problem::typed).cloned();
        match typed {
            Some(typed) => self.bring_back(response, &typed).await,
            None => response,
        }
    }

    /// The form's page filled in again, in place of a refusal.
    async fn bring_back(&self, refusal: Response, typed: &Typed) -> Response {
        let asked = &self.asked;
        match self.filled(&asked.headers, &asked.page(), asked.action(), typed, TOO_OLD).await {
            Some(mut page) => {
                *page.status_mut() = StatusCode::FORBIDDEN;
                keep_cookies(&refusal, &mut page);
                page
            }
            None => refusal,
        }
    }

    /// The page of the form that goes to `action`, filled in.
    async fn filled(
        &self,
        headers: &HeaderMap,
        page: &str,
        action: &str,
        typed: &Typed,
        notice: &str,
    ) -> Option<Response> {
        let mut places = vec![page.to_owned(), action.to_owned()];
        // A form is sent to its page, or below it.
        let mut above = action;
        while let Some((parent, _)) = above.rsplit_once('/').filter(|(parent, _)| !parent.is_empty()) {
            places.push(parent.to_owned());
            above = parent;
        }
        for place in places.iter().filter(|place| place.starts_with('/')) {
            let Some((parts, html)) = self.page(headers, place).await else { continue };
            if let Some(html) = fill::fill(&html, action, typed, notice) {
                let mut response = Response::from_parts(parts, Body::from(html));
                response.headers_mut().remove(header::CONTENT_LENGTH);
                return Some(response);
            }
        }
        None
    }

    /// A page as this browser would see it.
    async fn page(&self, headers: &HeaderMap, place: &str) -> Option<(http::response::Parts, String)> {
        let mut place = place.to_owned();
        for _ in 0..HOPS {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = place.parse().ok()?;
            for name in [header::HOST, header::COOKIE, header::ACCEPT_LANGUAGE, header::USER_AGENT] {
                if let Some(value) = headers.get(&name) {
                    request.headers_mut().insert(name, value.clone());
                }
            }
            if let Some(peer) = self.asked.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>() {
                request.extensions_mut().insert(*peer);
            }
            let response = self.pages.clone().oneshot(request).await.ok()?;
            if response.status().is_redirection() {
                place = response.headers().get(header::LOCATION)?.to_str().ok()?.to_owned();
                continue;
            }
            if response.status() != StatusCode::OK {
                return None;
            }
            return read_html(response).await;
        }
        None
    }

    /// The fields of a form that nobody may take now. Its files are received, and carried by their ids.
    async fn read(&self, request: Request, slug: &parvis_kernel::TenantId) -> Result<Typed, Problem> {
        let mut fields = match media_type(&self.asked.headers).as_str() {
            "multipart/form-data" => {
                let form = Multipart::from_request(request, &self.state)
                    .await
                    .map_err(|_| Problem::media_type("multipart/form-data"))?;
                upload::read(&self.state, form, |stream| call(stream, None, slug)).await?.into_fields()
            }
            _ => {
                let bytes = crate::body::read(request.into_body(), self.state.config().max_json_bytes).await?;
                url::form_urlencoded::parse(&bytes).into_owned().collect()
            }
        };
        fields.retain(|(name, _)| !is_secret(name));
        Ok(Typed(fields))
    }

    /// The sign-in page, where a form waits.
    async fn wait(&self, typed: Typed, slug: &parvis_kernel::TenantId) -> Response {
        let (headers, action) = (&self.asked.headers, self.asked.action().to_owned());
        let agent = session::last_known(&self.state, headers, slug).unwrap_or_default();
        let page = self.asked.page();
        let back = if page.is_empty() { "/agent" } else { &page };
        let back = percent_encoding::utf8_percent_encode(back, percent_encoding::NON_ALPHANUMERIC).to_string();
        let kept = Kept { action, page, agent, typed };
        let sealed = kept.seal(self.state.session_key(), slug, self.state.now());
        let place = format!("{SIGN_IN_PATH}?retour={back}");
        let found = self.page(headers, &place).await;
        let page = found.and_then(|(parts, html)| {
            let notice = if sealed.is_some() { WAITS } else { TOO_LONG };
            Some((parts, carry(&html, sealed.as_deref().unwrap_or_default(), Some(notice))?))
        });
        match page {
            Some((mut parts, html)) => {
                parts.status = StatusCode::UNAUTHORIZED;
                parts.headers.remove(header::CONTENT_LENGTH);
                Response::from_parts(parts, Body::from(html))
            }
            None => Redirect::to(&place).into_response(),
        }
    }

    /// Signs in, carrying what waits from one step to the next, and brings it back at the last.
    async fn sign_in(&self, request: Request, next: Next, slug: &parvis_kernel::TenantId) -> Response {
        let (parts, body) = request.into_parts();
        let bytes = match crate::body::read(body, self.state.config().max_json_bytes).await {
            Ok(bytes) => bytes,
            Err(problem) => return problem.into_response(),
        };
        let sealed = waiting(&bytes);
        let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        let now = self.state.now();
        let kept = sealed.as_deref().and_then(|sealed| Kept::open(self.state.session_key(), slug, sealed, now));
        let (Some(kept), Some(sealed)) = (kept, sealed) else { return self.sign_in_again(response).await };
        if !response.status().is_redirection() {
            let response = self.sign_in_again(response).await;
            if media_type(response.headers()) != "text/html" {
                return response;
            }
            let Some((mut parts, html)) = read_html(response).await else {
                return Problem::internal().into_response();
            };
            parts.headers.remove(header::CONTENT_LENGTH);
            let html = carry(&html, &sealed, None).unwrap_or(html);
            return Response::from_parts(parts, Body::from(html));
        }
        let headers = with_cookies(&self.asked.headers, &response);
        let who = session::last_known(&self.state, &headers, slug).unwrap_or_default();
        // Another person at the same screen does not read what a colleague wrote.
        if !kept.agent.is_empty() && kept.agent != who {
            return response;
        }
        match self.filled(&headers, &kept.page, &kept.action, &kept.typed, SIGNED_OUT).await {
            Some(mut page) => {
                keep_cookies(&response, &mut page);
                page
            }
            None => response,
        }
    }

    /// A sign-in that was refused as too old a page comes back as any form does.
    async fn sign_in_again(&self, response: Response) -> Response {
        match response.extensions().get::<Problem>().and_then(Problem::typed).cloned() {
            Some(typed) => self.bring_back(response, &typed).await,
            None => response,
        }
    }
}

/// Whether a field is a password or a code, which is never kept.
pub fn is_secret(name: &str) -> bool {
    name.contains("mot_de_passe") || name.contains("password") || matches!(name, "verification" | csrf::FIELD)
}

/// What waits in a sign-in that was sent.
fn waiting(bytes: &Bytes) -> Option<String> {
    let found = url::form_urlencoded::parse(bytes).find(|(name, _)| name == keep::FIELD);
    found.map(|(_, value)| value.into_owned()).filter(|sealed| !sealed.is_empty())
}

/// The sign-in page with what waits in its form.
fn carry(html: &str, sealed: &str, notice: Option<&str>) -> Option<String> {
    let field = format!("<input type=\"hidden\" name=\"{}\" value=\"{sealed}\">", keep::FIELD);
    let notice = notice.map(|text| format!("<div class=\"flash flash-warn\" role=\"alert\"><p>{text}</p></div>"));
    let selector = format!("form[action=\"{SIGN_IN_PATH}\"]");
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(selector, |it| {
        it.prepend(&field, ContentType::Html);
        if let Some(notice) = &notice {
            it.before(notice, ContentType::Html);
        }
        Ok(())
    }));
    rewrite_str(html, settings).ok()
}

async fn read_html(response: Response) -> Option<(http::response::Parts, String)> {
    let (parts, body) = response.into_parts();
    let is_html = media_type(&parts.headers) == "text/html";
    let bytes = http_body_util::Limited::new(body, LONGEST_PAGE).collect().await.ok()?.to_bytes();
    is_html.then(|| String::from_utf8(bytes.to_vec()).ok()).flatten().map(|html| (parts, html))
}

fn set_cookies(response: &Response) -> Vec<(http::HeaderName, HeaderValue)> {
    let all = response.headers().get_all(header::SET_COOKIE);
    all.into_iter().map(|value| (header::SET_COOKIE, value.clone())).collect()
}

/// What `from` gave the browser, `to` gives too, but for what it gives itself: its form is of that cookie.
fn keep_cookies(from: &Response, to: &mut Response) {
    let named = |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec);
    let own: Vec<_> = set_cookies(to).iter().map(|(_, value)| named(value)).collect();
    for (name, value) in set_cookies(from) {
        if !own.contains(&named(&value)) {
            to.headers_mut().append(name, value);
        }
    }
}

/// The cookies that the browser will have once it has read `response`.
fn with_cookies(headers: &HeaderMap, response: &Response) -> HeaderMap {
    let before = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut jar: Vec<(String, String)> = before
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (_, value) in set_cookies(response) {
        let pair = value.to_str().ok().and_then(|text| text.split(';').next()).and_then(|pair| pair.split_once('='));
        if let Some((name, value)) = pair {
            jar.retain(|(known, _)| known != name);
            jar.push((name.to_owned(), value.to_owned()));
        }
    }
    let mut headers = headers.clone();
    let text = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::COOKIE, value);
    }
    headers
}
