//! What the citizen said, as the case keeps it, and what tells the same person again.

use std::collections::BTreeSet;

use parvis_kernel::{
    Error, Result, TenantId,
    text::folded_words,
    typed::{email, phone},
};
use parvis_proto::{common::Requester, intake::SubmittedRequest};
use sha2::{Digest as _, Sha256};

use super::{person_words::index_words, text::display_name};

/// The request, the case's own copy. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRequest {
    /// As it was said.
    pub submitted: SubmittedRequest,
    /// The key to the follow-up page: the notices carry it.
    pub tracking_code: String,
    /// SHA-256 of the normalised code, hex.
    pub tracking_code_sha256: String,
    /// What tells the same person again.
    pub requester_key: String,
}

impl CaseRequest {
    /// Who asks.
    pub fn requester(&self) -> Requester {
        self.submitted.requester.clone().unwrap_or_default()
    }

    /// What finds the case by the person.
    pub fn words(&self) -> BTreeSet<String> {
        self.submitted.requester.as_ref().map(index_words).unwrap_or_default()
    }

    /// The language to answer in.
    pub fn language(&self) -> String {
        match self.submitted.requester.as_ref().map(|requester| requester.language.as_str()) {
            None | Some("") => "fr".to_owned(),
            Some(language) => language.to_owned(),
        }
    }

    /// Whether somebody who signed in filed it: an agent for the person, or a partner's system.
    pub fn is_filed_by_known(&self) -> bool {
        ["agent:", "partner:"].iter().any(|known| self.submitted.acted_by.starts_with(known))
    }

    /// The agent who filed it for somebody, if one did.
    pub fn filed_by(&self) -> &str {
        self.submitted.acted_by.strip_prefix("agent:").unwrap_or_default()
    }
}

/// One hash for one person of one authority: same e-mail and name, else same telephone and name; empty where nothing
/// identifies them. A mailbox alone is not a person: couples and associations share one.
pub fn requester_key(tenant: &TenantId, requester: &Requester) -> String {
    let name = folded_words(&display_name(requester));
    let email = email::key(&requester.email).unwrap_or_default();
    let phone = phone::key(&requester.phone).map(|e164| national(&e164)).unwrap_or_default();
    let contact = match (email.is_empty(), phone.is_empty()) {
        (false, _) => format!("email\n{email}"),
        (true, false) => format!("phone\n{phone}"),
        (true, true) => return String::new(),
    };
    if name.is_empty() {
        return String::new();
    }
    hex::encode(Sha256::digest(format!("{tenant}\n{contact}\n{name}").as_bytes()))
}

/// A French number, of overseas too, as its ten digits; others as digits with their country. Keys that are kept
/// elsewhere were made so, and stay what they are.
fn national(e164: &str) -> String {
    let digits = e164.trim_start_matches('+');
    let french = ["33", "262", "590", "594", "596"].into_iter().find_map(|country| digits.strip_prefix(country));
    french.filter(|rest| rest.len() == 9).map_or_else(|| digits.to_owned(), |rest| format!("0{rest}"))
}

/// Checks that an event about a new request has what a case cannot be without.
pub fn require(received: parvis_proto::intake::RequestReceived, tenant: &TenantId) -> Result<CaseRequest> {
    let submitted = received.request.ok_or_else(|| Error::invalid("request", "request_received carries no request"))?;
    let requester_key = submitted.requester.as_ref().map(|r| requester_key(tenant, r)).unwrap_or_default();
    Ok(CaseRequest {
        submitted,
        // Intake and notification alone have it.
        tracking_code: String::new(),
        tracking_code_sha256: String::new(),
        requester_key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(first: &str, last: &str, email: &str, phone: &str) -> Requester {
        Requester {
            first_name: first.into(),
            last_name: last.into(),
            email: email.into(),
            phone: phone.into(),
            ..Requester::default()
        }
    }

    #[test]
    fn only_who_signed_in_vouches_for_an_address() {
        let by = |acted_by: &str| CaseRequest {
            submitted: SubmittedRequest { acted_by: acted_by.into(), ..SubmittedRequest::default() },
            tracking_code: String::new(),
            tracking_code_sha256: String::new(),
            requester_key: String::new(),
        };
        assert!(by("agent:claire-martin").is_filed_by_known() && by("partner:caf").is_filed_by_known());
        assert!(!by("citizen").is_filed_by_known() && !by("").is_filed_by_known());
    }

    #[test]
    fn the_same_person_is_told_again_and_another_is_not() {
        let town = TenantId::parse("clairval").unwrap();
        let key = |p: &Requester| requester_key(&town, p);
        let zoe = person("Zoé", "Lefèvre", "Zoe@Example.org ", "");
        assert_eq!(key(&zoe), key(&person("ZOE", "lefevre", "zoe@example.org", "06 00 00 00 00")));
        assert_ne!(key(&zoe), key(&person("Marc", "Lefèvre", "zoe@example.org", "")));
        assert_ne!(key(&zoe), requester_key(&TenantId::parse("autreville").unwrap(), &zoe));
        let by_phone = person("Zoé", "Lefèvre", "", "+33 (0)6 12 34 56 78");
        for typed in ["06.12.34.56.78", "0033612345678", "+33 6 12 34 56 78"] {
            assert_eq!(key(&by_phone), key(&person("zoe", "LEFEVRE", "", typed)), "{typed}");
        }
        let overseas = key(&person("Zoé", "Lefèvre", "", "0692 71 00 02"));
        for typed in ["+262 692 71 00 02", "tel:+262692710002", "0692\u{2011}71\u{2011}00\u{2011}02 poste 3"] {
            assert_eq!(overseas, key(&person("Zoé", "Lefèvre", "", typed)), "{typed}");
        }
        assert_eq!(key(&zoe), key(&person("Zoé", "Lefèvre", "mailto:zoe@example.org", "")));
        // As kept before telephone numbers were read by one module.
        let kept = hex::encode(Sha256::digest("clairval\nphone\n0692710002\nzoe lefevre"));
        assert_eq!(overseas, kept);
        assert_eq!(key(&person("", "", "someone@example.org", "")), "");
        assert_eq!(key(&person("Zoé", "Lefèvre", "", "")), "");
    }
}
