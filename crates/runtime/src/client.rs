//! For whom a call is made: the address that a person calls from, and their browser, as the door saw them.
//!
//! The door tells the roles by headers; they believe them from callers of their own network alone
//! (`server.trusted_callers`), and take others for who they are: the peer of the connection. Neither is ever logged.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;
use parvis_kernel::{Error, Result};

/// Header by which the door says for which address it calls: the address, or `-` where it calls for none.
pub const CLIENT_HEADER: &str = "x-parvis-client";
/// Header by which the door says for which browser it calls: an opaque word.
pub const BROWSER_HEADER: &str = "x-parvis-browser";
const NO_CLIENT: &str = "-";
const LONGEST_BROWSER: usize = 64;

/// For whom a call is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address they call from; `None` where nobody said.
    pub address: Option<IpAddr>,
    /// What tells their browser from others; empty where there is none.
    pub browser: String,
}

tokio::task_local! {
    static CURRENT: Client;
}

impl Client {
    /// Makes the calls of `work` for this client.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// For whom the current task works: whose request it answers, near or far.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// What tells an anonymous caller from another: their browser, else the network that they call from.
    pub fn scope_key(&self) -> String {
        match self.address {
            _ if !self.browser.is_empty() => format!("browser:{}", self.browser),
            Some(address) => format!("network:{}", network(address)),
            None => String::new(),
        }
    }

    pub(crate) fn write(&self) -> (String, &str) {
        (self.address.map_or_else(|| NO_CLIENT.to_owned(), |address| address.to_string()), &self.browser)
    }

    fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let address = text(CLIENT_HEADER)?;
        let browser = text(BROWSER_HEADER).unwrap_or_default();
        let browser = if browser.len() <= LONGEST_BROWSER { browser.to_owned() } else { String::new() };
        Some(Self { address: address.parse().ok(), browser })
    }
}

/// An IPv6 subscriber has a whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let s = v6.segments();
            IpAddr::from([s[0], s[1], s[2], s[3], 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

/// Networks whose word counts.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads `10.0.0.0/8, 192.0.2.7`.
    ///
    /// # Errors
    /// "Invalid", naming `setting`.
    pub fn parse(text: &str, setting: &str) -> Result<Self> {
        let one = |part: &str| {
            part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
                Error::invalid(setting, format!("« {part} » is not a network such as 10.0.0.0/8 or 192.0.2.7"))
            })
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(one).collect::<Result<_>>().map(Self)
    }

    /// Whether `address` is of one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Who calls, and whether the door counted them already. `peer` is absent for a call within the process.
pub(crate) fn of_call(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &Networks) -> (Client, bool) {
    let believed = peer.is_none_or(|peer| trusted.contain(peer));
    match Client::read(headers).filter(|_| believed) {
        Some(client) => (client, true),
        None => (Client { address: peer, browser: String::new() }, peer.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_one_s_own_network_counts() {
        let trusted = Networks::parse("10.0.0.0/8, ::1, 192.0.2.7", "x").unwrap();
        let headers = |pairs: &[(&'static str, &str)]| {
            HeaderMap::from_iter(
                pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())),
            )
        };
        let said = headers(&[(CLIENT_HEADER, "203.0.113.7"), (BROWSER_HEADER, "b")]);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let near = Client { address: Some(ip("203.0.113.7")), browser: "b".into() };
        assert_eq!(of_call(&said, None, &trusted), (near.clone(), true));
        assert_eq!(of_call(&said, Some(ip("::ffff:10.1.2.3")), &trusted), (near, true));
        let far = Client { address: Some(ip("198.51.100.1")), browser: String::new() };
        assert_eq!(of_call(&said, far.address, &trusted), (far.clone(), false));
        let bare = Client { address: Some(ip("10.1.2.3")), browser: String::new() };
        assert_eq!(of_call(&headers(&[]), bare.address, &trusted), (bare, false));
        assert_eq!(
            of_call(&headers(&[(CLIENT_HEADER, "-")]), Some(ip("10.1.2.3")), &trusted),
            (Client::default(), true)
        );
        assert!(Networks::parse("everywhere", "server.trusted_callers").is_err());
    }

    #[test]
    fn a_browser_is_told_from_another_and_a_network_stands_for_one() {
        let at = |address: &str| Client { address: address.parse().ok(), browser: String::new() };
        assert_eq!(at("2001:db8:1:2:3::4").scope_key(), at("2001:db8:1:2::9").scope_key());
        assert_ne!(at("192.0.2.1").scope_key(), at("192.0.2.2").scope_key());
        let one = Client { browser: "one".into(), ..at("192.0.2.1") };
        assert_eq!(one.scope_key(), Client { browser: "one".into(), ..at("192.0.2.2") }.scope_key());
    }
}
