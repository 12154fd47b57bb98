//! How much one address may do ([`parvis_runtime::limits`]), and which address a request is from.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
pub use parvis_runtime::limits::{Limit, RateLimiter};

/// The client's address: the last one that is not a trusted proxy. With `trusted` proxies in front, each appended
/// what it saw to `X-Forwarded-For`, so the one that counts is `trusted` from the end; what a client wrote comes before.
pub fn client_address(headers: &HeaderMap, peer: Option<SocketAddr>, trusted: usize) -> IpAddr {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    if trusted == 0 {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let seen = hops.len().checked_sub(trusted).and_then(|at| hops.get(at));
    seen.and_then(|text| text.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_saw_counts() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.9, 203.0.113.7".parse().unwrap());
        let peer = Some("10.0.0.1:5".parse().unwrap());
        assert_eq!(client_address(&headers, peer, 0).to_string(), "10.0.0.1");
        assert_eq!(client_address(&headers, peer, 1).to_string(), "203.0.113.7");
        assert_eq!(client_address(&headers, peer, 2).to_string(), "198.51.100.9");
        assert_eq!(client_address(&headers, peer, 3).to_string(), "10.0.0.1");
    }
}
