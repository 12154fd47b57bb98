//! Where a call comes from, as told to identity: a network cut short, the mark that a sign-in left in the browser, and
//! the browser in a few words. Never the address itself.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    response::ResponseParts,
};
use http::{Extensions, HeaderMap, header, request::Parts};
use parvis_proto::identity;

use crate::{cookies, limits::client_address, state::AppState};

const DEVICE: &str = "parvis_device";
/// As long as identity knows it.
const DEVICE_SECONDS: i64 = 180 * 24 * 3600;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin(pub identity::Origin);

impl Origin {
    /// That of a request.
    pub fn of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let address = client_address(headers, peer, state.server().trusted_proxies);
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self(identity::Origin {
            network: network(address),
            device: cookies::get(headers, DEVICE, state.secure_cookies()).unwrap_or_default().to_owned(),
            browser: browser(agent),
        })
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::of(state, &parts.headers, &parts.extensions))
    }
}

/// Keeps in the browser the mark that a sign-in gave it; it had none.
pub fn keep_device(state: &AppState, parts: &mut ResponseParts, device: &str) {
    if !device.is_empty() {
        cookies::set(parts.headers_mut(), DEVICE, device, state.secure_cookies(), Some(DEVICE_SECONDS));
    }
}

/// IPv4 to /24, IPv6 to /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
    }
}

/// A browser and its system, of those that are known; else nothing of what it says of itself is kept.
fn browser(agent: &str) -> String {
    let first = |of: &[(&str, &'static str)]| of.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    // Each names those it descends from: the order counts.
    let browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    [first(&browsers), first(&systems)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_short() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn a_browser_is_said_in_known_words_alone() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0";
        assert_eq!(browser(edge), "Edge, Windows");
        assert_eq!(browser("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"), "Firefox, Linux");
        assert_eq!(browser("<script>alert(1)</script>"), "");
    }
}
