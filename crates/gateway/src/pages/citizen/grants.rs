//! The requests that a browser may follow, in a signed cookie that no script reads and that lasts two hours (a shared
//! computer forgets): the follow grant that intake gave for the codes typed here; and the codes of what was filed here, to
//! be shown once more. What a counter filed for somebody is in a cookie of its own, which shows receipts and opens nothing.

use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use parvis_kernel::{Reference, TenantId, tracking_code};

use crate::{cookies, pages::sealed, state::AppState};

const FOLLOWED: &str = "parvis_suivi";
const FILED_HERE: &str = "parvis_recus";
const HOURS: i64 = 2;
/// A browser follows this many at most; the oldest leaves.
const MOST: usize = 8;

/// One request that may be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The request's reference, as shown.
    pub reference: String,
    /// Its tracking code, as shown; empty where the grant opens it.
    pub code: String,
    /// The key of the form that made it; empty where it was opened with its code.
    pub form_key: String,
}

/// All of them, the latest last.
#[derive(Clone, Debug)]
pub struct Grants {
    cookie: &'static str,
    /// Intake's, for those without a code.
    token: String,
    list: Vec<Grant>,
}

fn purpose(cookie: &str, tenant: &TenantId) -> String {
    format!("{cookie}:{tenant}")
}

impl Grants {
    /// What the browser follows, from its cookie.
    pub fn read(state: &AppState, tenant: &TenantId, headers: &HeaderMap) -> Self {
        Self::of_cookie(FOLLOWED, state, tenant, headers)
    }

    /// What was filed for others here.
    pub fn receipts(state: &AppState, tenant: &TenantId, headers: &HeaderMap) -> Self {
        Self::of_cookie(FILED_HERE, state, tenant, headers)
    }

    fn of_cookie(cookie: &'static str, state: &AppState, tenant: &TenantId, headers: &HeaderMap) -> Self {
        let sealed = cookies::get(headers, cookie, state.secure_cookies()).unwrap_or_default();
        let purpose = purpose(cookie, tenant);
        let text = sealed::open(state.session_key(), &purpose, sealed, state.now()).unwrap_or_default();
        Self::parse(cookie, &text)
    }

    fn parse(cookie: &'static str, text: &str) -> Self {
        let (token, lines) = text.split_once('\n').unwrap_or_default();
        let one = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            Some(Grant { reference: words.next()?, code: words.next()?, form_key: words.next()? })
        };
        Self { cookie, token: token.to_owned(), list: lines.lines().filter_map(one).collect() }
    }

    fn text(&self) -> String {
        let line = |grant: &Grant| format!("\n{} {} {}", grant.reference, grant.code, grant.form_key);
        self.list.iter().fold(self.token.clone(), |text, grant| text + &line(grant))
    }

    /// Intake's grant; empty where no code was typed here.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The references, the latest first.
    pub fn references(&self) -> Vec<String> {
        self.list.iter().rev().map(|grant| grant.reference.clone()).collect()
    }

    /// The reference as shown and the code of a request that may be followed.
    pub fn of(&self, reference: &str) -> Option<&Grant> {
        let reference = reference.parse::<Reference>().ok()?.to_string();
        self.list.iter().find(|grant| grant.reference == reference)
    }

    /// The request that a form made.
    pub fn of_form(&self, form_key: &str) -> Option<&Grant> {
        self.list.iter().find(|grant| !form_key.is_empty() && grant.form_key == form_key)
    }

    /// With one that was filed here. What has not the shape of a reference and a code is left out.
    #[must_use]
    pub fn with(self, reference: &str, code: &str, form_key: &str) -> Self {
        let code = tracking_code::normalize(code);
        if !tracking_code::is_normalized(&code) {
            return self;
        }
        let form_key = form_key.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.and(reference, tracking_code::format(&code), form_key)
    }

    /// With one that `token` opens, beside those that the former one opened.
    #[must_use]
    pub fn opened(self, reference: &str, token: String) -> Self {
        Self { token, ..self.and(reference, String::new(), String::new()) }
    }

    fn and(mut self, reference: &str, code: String, form_key: String) -> Self {
        let Ok(reference) = reference.parse::<Reference>() else { return self };
        let reference = reference.to_string();
        self.list.retain(|grant| grant.reference != reference);
        self.list.push(Grant { reference, code, form_key });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
        self
    }

    /// Gives them to the browser.
    pub fn set(&self, state: &AppState, tenant: &TenantId, headers: &mut HeaderMap<HeaderValue>) {
        let until = state.now() + SignedDuration::from_hours(HOURS);
        let sealed = sealed::seal(state.session_key(), &purpose(self.cookie, tenant), &self.text(), until);
        cookies::set(headers, self.cookie, &sealed, state.secure_cookies(), Some(HOURS * 3600));
    }

    /// Makes the browser forget them.
    pub fn forget(state: &AppState, headers: &mut HeaderMap<HeaderValue>) {
        cookies::set(headers, FOLLOWED, "", state.secure_cookies(), Some(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> Grants {
        Grants::parse(FOLLOWED, "")
    }

    fn reference(rank: u64) -> String {
        Reference::of_rank(rank, 7).unwrap().to_string()
    }

    #[test]
    fn a_browser_follows_a_few_requests_and_the_oldest_leaves() {
        let mut grants = none();
        for rank in 0..20 {
            grants = grants.with(&reference(rank), "K7R-2MQ-9XB-4TD", "abc123");
        }
        assert_eq!(grants.references().len(), MOST);
        assert!(grants.of(&reference(0)).is_none());
        let typed = reference(19).replace('-', " ").to_lowercase();
        assert_eq!(grants.of(&typed).unwrap().code, "K7R-2MQ-9XB-4TD");
        assert_eq!(Grants::parse(FOLLOWED, &grants.text()).list, grants.list);
        let opened = grants.clone().opened(&reference(30), "jeton".to_owned());
        let read = Grants::parse(FOLLOWED, &opened.text());
        assert_eq!((read.token(), read.of(&reference(30)).unwrap().code.as_str()), ("jeton", ""));
        assert_eq!(grants.of_form("abc123").unwrap().form_key, "abc123");
        assert!(grants.of_form("").is_none());
    }

    #[test]
    fn nonsense_is_left_out() {
        let grants = none().with("x", "K7R2MQ9XB4TD", "").with(&reference(1), "court", "");
        assert!(grants.is_empty());
        let forged = none().with(&reference(1), "K7R2MQ9XB4TD", "a\nb c<");
        assert_eq!(Grants::parse(FOLLOWED, &forged.text()).list.len(), 1);
    }
}
