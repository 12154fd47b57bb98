//! The requests that a browser may follow: reference and tracking code, in a signed cookie that no script reads and
//! that lasts two hours (a shared computer forgets).

use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use parvis_kernel::{Reference, TenantId, tracking_code};

use crate::{cookies, pages::sealed, state::AppState};

const COOKIE: &str = "parvis_suivi";
const HOURS: i64 = 2;
/// A browser follows this many at most; the oldest leaves.
const MOST: usize = 8;

/// One request that may be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The request's reference, as shown.
    pub reference: String,
    /// Its tracking code, as shown.
    pub code: String,
    /// The key of the form that made it; empty where it was opened with its code.
    pub form_key: String,
}

/// All of them, the latest last.
#[derive(Clone, Debug, Default)]
pub struct Grants(Vec<Grant>);

fn purpose(tenant: &TenantId) -> String {
    format!("suivi:{tenant}")
}

impl Grants {
    /// From the browser's cookie.
    pub fn read(state: &AppState, tenant: &TenantId, headers: &HeaderMap) -> Self {
        let sealed = cookies::get(headers, COOKIE, state.secure_cookies()).unwrap_or_default();
        let text = sealed::open(state.session_key(), &purpose(tenant), sealed, state.now()).unwrap_or_default();
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let one = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            Some(Grant { reference: words.next()?, code: words.next()?, form_key: words.next()? })
        };
        Self(text.lines().filter_map(one).collect())
    }

    fn text(&self) -> String {
        let line = |grant: &Grant| format!("{} {} {}", grant.reference, grant.code, grant.form_key);
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The references, the latest first.
    pub fn references(&self) -> Vec<String> {
        self.0.iter().rev().map(|grant| grant.reference.clone()).collect()
    }

    /// The reference as shown and the code of a request that may be followed.
    pub fn of(&self, reference: &str) -> Option<&Grant> {
        let reference = reference.parse::<Reference>().ok()?.to_string();
        self.0.iter().find(|grant| grant.reference == reference)
    }

    /// The request that a form made.
    pub fn of_form(&self, form_key: &str) -> Option<&Grant> {
        self.0.iter().find(|grant| !form_key.is_empty() && grant.form_key == form_key)
    }

    /// With one more. What has not the shape of a reference and a code is left out.
    #[must_use]
    pub fn with(mut self, reference: &str, code: &str, form_key: &str) -> Self {
        let code = tracking_code::normalize(code);
        let Ok(reference) = reference.parse::<Reference>() else { return self };
        if !tracking_code::is_normalized(&code) {
            return self;
        }
        let reference = reference.to_string();
        let key: String = form_key.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.0.retain(|grant| grant.reference != reference);
        self.0.push(Grant { reference, code: tracking_code::format(&code), form_key: key });
        if self.0.len() > MOST {
            self.0.remove(0);
        }
        self
    }

    /// Gives them to the browser.
    pub fn set(&self, state: &AppState, tenant: &TenantId, headers: &mut HeaderMap<HeaderValue>) {
        let until = state.now() + SignedDuration::from_hours(HOURS);
        let sealed = sealed::seal(state.session_key(), &purpose(tenant), &self.text(), until);
        cookies::set(headers, COOKIE, &sealed, state.secure_cookies(), Some(HOURS * 3600));
    }

    /// Makes the browser forget them.
    pub fn forget(state: &AppState, headers: &mut HeaderMap<HeaderValue>) {
        cookies::set(headers, COOKIE, "", state.secure_cookies(), Some(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(rank: u64) -> String {
        Reference::of_rank(rank, 7).unwrap().to_string()
    }

    #[test]
    fn a_browser_follows_a_few_requests_and_the_oldest_leaves() {
        let mut grants = Grants::default();
        for rank in 0..20 {
            grants = grants.with(&reference(rank), "K7R-2MQ-9XB-4TD", "abc123");
        }
        assert_eq!(grants.references().len(), MOST);
        assert!(grants.of(&reference(0)).is_none());
        let typed = reference(19).replace('-', " ").to_lowercase();
        assert_eq!(grants.of(&typed).unwrap().code, "K7R-2MQ-9XB-4TD");
        assert_eq!(Grants::parse(&grants.text()).0, grants.0);
        assert_eq!(grants.of_form("abc123").unwrap().form_key, "abc123");
        assert!(grants.of_form("").is_none());
    }

    #[test]
    fn nonsense_is_left_out() {
        let grants = Grants::default().with("x", "K7R2MQ9XB4TD", "").with(&reference(1), "court", "");
        assert!(grants.is_empty());
        let forged = Grants::default().with(&reference(1), "K7R2MQ9XB4TD", "a\nb c<");
        assert_eq!(Grants::parse(&forged.text()).0.len(), 1);
    }
}
