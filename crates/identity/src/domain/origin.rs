//! Where a call comes from, as its door says: a network, and the mark that identity gave a browser.
//!
//! Attempts are counted by account and origin, so that whoever guesses elsewhere does not lock out who has the
//! password. An origin is a network, cut short (IPv4 to /24: what one subscriber or one office has, and what tells
//! little of one person; IPv6 to /64, one subscriber's), or a browser that signed in to this account before, which has
//! a budget of its own.

use parvis_kernel::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::attempts::Attempts;
use crate::crypto::opaque;

/// Characters of a network at most.
const NETWORK_CHARS: usize = 60;
/// Characters of a browser's words at most.
const BROWSER_CHARS: usize = 60;
/// How long an origin from which somebody signed in stays known.
pub const KNOWN: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 180);

/// Where a call comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    network: String,
    device: Option<SecretString>,
    browser: String,
}

impl Origin {
    /// From what a door says; what is out of shape is as if it were not said.
    pub fn new(network: &str, device: &str, browser: &str) -> Self {
        let is_network = network.len() <= NETWORK_CHARS
            && network.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/'));
        let is_device = device.len() == opaque::LENGTH && device.is_ascii();
        Self {
            network: if is_network { network.to_owned() } else { String::new() },
            device: is_device.then(|| SecretString::from(device)),
            browser: browser.chars().filter(|c| !c.is_control()).take(BROWSER_CHARS).collect(),
        }
    }

    /// The network, cut short; empty where the door says none.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// The browser in a few words; empty where the door says none.
    pub fn browser(&self) -> &str {
        &self.browser
    }

    /// The browser's mark.
    pub fn device(&self) -> Option<&SecretString> {
        self.device.as_ref()
    }

    /// The network as counted.
    pub fn network_key(&self) -> String {
        format!("net:{}", self.network)
    }
}

/// A browser as counted: what its mark is, nobody reads from it.
pub fn device_key(device: &SecretString) -> String {
    format!("dev:{}", hex::encode(Sha256::digest(device.expose_secret().as_bytes())))
}

/// What is counted of one account at one origin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Attempts that failed.
    pub attempts: Attempts,
    /// The last sign-in from there.
    pub succeeded_at: Option<Timestamp>,
}

impl Counted {
    /// Whether somebody signed in from there not long ago.
    pub fn is_known(&self, now: Timestamp) -> bool {
        self.succeeded_at.is_some_and(|at| now < at + KNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_shape_is_not_said() {
        let origin = Origin::new("192.0.2.0/24", &"a".repeat(43), "Firefox, Windows\n");
        assert_eq!((origin.network(), origin.browser()), ("192.0.2.0/24", "Firefox, Windows"));
        assert!(origin.device().is_some());
        for bad in ["x'y", "192.0.2.0/24 or more", &"1".repeat(61)] {
            assert_eq!(Origin::new(bad, bad, "").network(), "", "{bad}");
            assert!(Origin::new(bad, bad, "").device().is_none(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_forgotten_in_the_end() {
        let at = Timestamp::UNIX_EPOCH;
        let known = Counted { succeeded_at: Some(at), ..Counted::default() };
        assert!(known.is_known(at) && !known.is_known(at + KNOWN) && !Counted::default().is_known(at));
    }
}
