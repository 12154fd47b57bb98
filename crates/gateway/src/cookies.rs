//! Cookies, hardened: `HttpOnly`, `SameSite=Lax`, `Path=/`; over HTTPS also `Secure` and the `__Host-` prefix, which a
//! neighbouring host cannot forge.

use axum_extra::extract::cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// The name of a cookie as sent.
pub fn name(base: &'static str, secure: bool) -> String {
    if secure { format!("__Host-{base}") } else { base.to_owned() }
}

/// The value of a cookie of the request.
pub fn get<'a>(headers: &'a HeaderMap, base: &'static str, secure: bool) -> Option<&'a str> {
    let name = name(base, secure);
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Adds a cookie to a response; `seconds`: how long it lives, 0 deletes it, `None` until the browser closes.
pub fn set(headers: &mut HeaderMap, base: &'static str, value: &str, secure: bool, seconds: Option<i64>) {
    let mut cookie = Cookie::new(name(base, secure), value.to_owned());
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path("/");
    cookie.set_secure(secure);
    let mut text = cookie.to_string();
    if let Some(seconds) = seconds {
        text.push_str(&format!("; Max-Age={seconds}"));
    }
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}
