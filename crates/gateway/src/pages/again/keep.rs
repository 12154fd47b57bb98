//! A form that waits in the sign-in page, sealed, until whoever filled it in has signed in again.

use parvis_kernel::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Typed;
use crate::{config::KEY_BYTES, pages::sealed};

/// Name of the hidden field of the sign-in page.
pub const FIELD: &str = "garde";
/// Characters that are kept at most, sealed: what a sign-in may carry.
const MOST: usize = 700_000;
/// How long it waits.
const HOURS: i64 = 12;

/// A form sent when nobody was signed in any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Where it goes.
    pub action: String,
    /// Where it was filled in; may be empty.
    pub page: String,
    /// Whose it is; empty where that is not known.
    pub agent: String,
    /// What was filled in.
    pub typed: Typed,
}

fn purpose(tenant: &TenantId) -> String {
    format!("garde:{tenant}")
}

impl Kept {
    /// Sealed; `None` where it is too long to be carried.
    pub fn seal(&self, key: &[u8; KEY_BYTES], tenant: &TenantId, now: Timestamp) -> Option<String> {
        let text = serde_json::to_string(self).ok()?;
        let sealed = sealed::seal(key, &purpose(tenant), &text, now + jiff::SignedDuration::from_hours(HOURS));
        (sealed.len() <= MOST).then_some(sealed)
    }

    /// What was sealed, if it still stands.
    pub fn open(key: &[u8; KEY_BYTES], tenant: &TenantId, sealed: &str, now: Timestamp) -> Option<Self> {
        serde_json::from_str(&sealed::open(key, &purpose(tenant), sealed, now)?).ok()
    }
}
