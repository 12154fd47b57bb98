//! Places for live timelines: so many in all, of one address, of one request. Nobody takes everybody's.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use parvis_kernel::TenantId;
use parvis_runtime::client::network;

/// What is counted apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Address(IpAddr),
    Request(TenantId, String),
}

/// The places.
#[derive(Clone)]
pub struct Streams {
    most: usize,
    of_address: usize,
    of_request: usize,
    now: Arc<Mutex<Now>>,
}

#[derive(Default)]
struct Now {
    all: usize,
    of: HashMap<Of, usize>,
}

impl Streams {
    /// So many in all, of one address, of one request.
    pub fn new(most: usize, of_address: usize, of_request: usize) -> Self {
        Self { most, of_address, of_request, now: Arc::default() }
    }

    /// A place to follow a request from an address; `None` where there is none. Without an address (a call that came by
    /// no connection) only the others count.
    pub fn enter(&self, address: Option<IpAddr>, tenant: &TenantId, reference: &str) -> Option<StreamPlace> {
        let mut wanted = vec![(Of::Request(tenant.clone(), reference.to_owned()), self.of_request)];
        wanted.extend(address.map(|address| (Of::Address(network(address)), self.of_address)));
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |(of, most): &(Of, usize)| now.of.get(of).is_some_and(|held| held >= most);
        if now.all >= self.most || wanted.iter().any(is_full) {
            return None;
        }
        let held: Vec<Of> = wanted.into_iter().map(|(of, _)| of).collect();
        now.all += 1;
        for of in &held {
            *now.of.entry(of.clone()).or_default() += 1;
        }
        Some(StreamPlace { streams: self.clone(), held })
    }
}

/// The place of one stream.
pub struct StreamPlace {
    streams: Streams,
    held: Vec<Of>,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut now = self.streams.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.all -= 1;
        for of in &self.held {
            if let Some(held) = now.of.get_mut(of) {
                *held -= 1;
                if *held == 0 {
                    now.of.remove(of);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_everybodys_place() {
        let town = TenantId::parse("clairval").unwrap();
        let streams = Streams::new(6, 3, 2);
        let from = |address: &str, reference: &str| streams.enter(address.parse().ok(), &town, reference);
        let first = from("192.0.2.1", "A").unwrap();
        let _second = from("192.0.2.1", "A").unwrap();
        assert!(from("192.0.2.2", "A").is_none(), "two follow the request already");
        let _third = from("192.0.2.1", "B").unwrap();
        assert!(from("192.0.2.1", "C").is_none(), "the address has three");
        let other = TenantId::parse("bourg").unwrap();
        let _elsewhere = streams.enter("192.0.2.2".parse().ok(), &other, "A").unwrap();
        drop(first);
        let _more = [from("192.0.2.2", "A").unwrap(), from("192.0.2.3", "D").unwrap(), from("192.0.2.4", "E").unwrap()];
        assert!(from("192.0.2.5", "F").is_none(), "six in all");
    }
}
