//! Which authority a request is about: by its host name; on the API, a header may name it too.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, request::Parts};
use parvis_kernel::TenantId;
use parvis_runtime::{Tenant, rpc::TENANT_HEADER};

use crate::{problem::Problem, state::AppState};

/// The authority of a page.
#[derive(Clone, Debug)]
pub struct CurrentTenant(pub Arc<Tenant>);

impl Deref for CurrentTenant {
    type Target = Tenant;
    fn deref(&self) -> &Tenant {
        &self.0
    }
}

/// The host that the client asked for, with its port if it gave one.
pub fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> &'a str {
    let header = headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default()
}

/// Whether the request names one host, as a host is written: two names, or none that can be read, are two readings of
/// one request by two machines. No name at all is none of a town's.
pub fn is_host_clear(headers: &HeaderMap, uri: &Uri) -> bool {
    let mut named = headers.get_all(http::header::HOST).into_iter();
    let (first, more) = (named.next(), named.next());
    let Some(first) = first else { return more.is_none() };
    let readable = first.to_str().ok().and_then(|text| text.parse::<http::uri::Authority>().ok());
    let Some(host) = readable.filter(is_host) else { return false };
    more.is_none() && uri.authority().is_none_or(|target| target.as_str().eq_ignore_ascii_case(host.as_str()))
}

/// A name of letters, digits, hyphens, dots (underscores happen within a network), or an address; perhaps a port.
fn is_host(authority: &http::uri::Authority) -> bool {
    let (text, name) = (authority.as_str(), authority.host());
    let port = text.strip_prefix(name);
    let port_is_clear = port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let inside = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name_is_clear = match inside {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.len() <= 253 && name.bytes().all(of_name),
    };
    port_is_clear && name_is_clear
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// The authority that the host name shows.
pub fn by_host(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Option<Arc<Tenant>> {
    state.tenants().by_host(host(headers, uri)).and_then(|tenant| state.tenant(&tenant.slug))
}

/// The authority of an API call: by the header `X-Parvis-Tenant`, else by the host name.
pub fn of_api_call(state: &AppState, parts: &Parts) -> Result<Arc<Tenant>, Problem> {
    let Some(value) = parts.headers.get(TENANT_HEADER) else {
        return by_host(state, &parts.headers, &parts.uri).ok_or_else(Problem::unknown_authority);
    };
    let slug = value.to_str().ok().and_then(|text| TenantId::parse(text).ok());
    slug.and_then(|slug| state.tenant(&slug)).ok_or_else(Problem::unknown_authority)
}

impl FromRequestParts<AppState> for CurrentTenant {
    type Rejection = UnknownAuthority;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        by_host(state, &parts.headers, &parts.uri).map(Self).ok_or(UnknownAuthority)
    }
}

/// The page for a host name that shows no authority. It says nothing of those that are served.
#[derive(Debug)]
pub struct UnknownAuthority;

impl IntoResponse for UnknownAuthority {
    fn into_response(self) -> Response {
        let page = "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Page introuvable</title>\
                    </head>\n<body><h1>Page introuvable</h1>\n<p>Aucune collectivité ne répond à cette adresse. \
                    Vérifiez l’adresse saisie.</p></body></html>\n";
        (StatusCode::NOT_FOUND, axum::response::Html(page)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clear(hosts: &[&str], uri: &str) -> bool {
        let hosts =
            hosts.iter().map(|host| (http::header::HOST, http::HeaderValue::from_bytes(host.as_bytes()).unwrap()));
        let mut headers = HeaderMap::new();
        for (name, host) in hosts {
            headers.append(name, host);
        }
        is_host_clear(&headers, &uri.parse().unwrap())
    }

    #[test]
    fn one_host_is_named_or_none() {
        for host in ["clairval.test", "localhost:8080", "192.0.2.1", "[::1]:8080", "parvis_gateway"] {
            assert!(clear(&[host], "/"), "{host}");
        }
        assert!(clear(&[], "/") && clear(&["a.test"], "http://a.test/"));
        for host in
            ["", "a.test, b.test", "a.test@b.test", "a test", "a.test:port", "a.test:99999", "é.test", "a/b", "[zz]"]
        {
            assert!(!clear(&[host], "/"), "{host}");
        }
        assert!(!clear(&["a.test", "a.test"], "/") && !clear(&["a.test"], "http://b.test/"));
    }
}
