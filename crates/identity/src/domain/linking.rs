//! Which requests come from the same person.
//!
//! A mailbox is not a person: couples, families and associations share one, and so it is with telephones. Two requests
//! are the same person's when the e-mail *and* the unaccented name are the same, or the normalised telephone *and* the
//! name. Nothing weaker links: a wrong link shows one person's details on another's form. An e-mail weighs more than a
//! telephone when they point at two people.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parvis_kernel::{
    CitizenId, RequestId, Timestamp,
    typed::{email, name, phone},
};
use parvis_proto::common::Requester;

/// What a contact and a name together are indexed by.
pub type MatchKey = Vec<u8>;

/// The version of a sighting's words and keys: raised with each change of them, so that those of people known before
/// are made anew.
pub const INDEX_VERSION: i64 = 1;
/// Words of a name in a key: as many as the keys that are kept have.
const KEY_WORDS: usize = 8;

/// One request, as seen by the registry.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The request.
    pub request: RequestId,
    /// When it was received.
    pub at: Timestamp,
    /// Who sent it, as declared.
    pub requester: Requester,
    /// What finds them by their name.
    pub words: BTreeSet<String>,
    /// The strongest first; none where no contact was given.
    pub keys: Vec<MatchKey>,
}

impl Sighting {
    /// `None` where nobody in particular wrote: an anonymous requester, or one without a name.
    pub fn new(request: RequestId, at: Timestamp, requester: Requester) -> Option<Self> {
        // The letter and the bar keep « Martin | Claire » from « Martin Claire | », and people from organizations.
        let part = |text: &str| name::words(text).into_iter().take(KEY_WORDS).collect::<Vec<_>>().join(" ");
        let (last, first) = (part(&requester.last_name), part(&requester.first_name));
        let organization = part(&requester.organization_name);
        let (nobody, name) = match requester.kind.as_str() {
            "person" => (last.is_empty() && first.is_empty(), format!("p {last}|{first}")),
            "organization" => (organization.is_empty(), format!("o {organization}")),
            _ => return None,
        };
        if nobody {
            return None;
        }
        // Whoever writes for an organization is found by their own name too.
        let names = [&requester.last_name, &requester.first_name, &requester.organization_name];
        let words = name::index_words(names.into_iter().map(String::as_str));
        let email = email::key(&requester.email).map(|email| key(EMAIL, &email, &name));
        let phone = phone::key(&requester.phone).map(|phone| key(PHONE, &phone, &name));
        Some(Self { request, at, words, keys: email.into_iter().chain(phone).collect(), requester })
    }
}

/// What keys of e-mails begin with.
pub const EMAIL: u8 = b'e';
/// What keys of telephones begin with.
pub const PHONE: u8 = b'p';

/// The beginning of every key of this contact, up to the name.
pub fn contact_prefix(kind: u8, contact: &str) -> MatchKey {
    let mut prefix = contact_start(kind, contact);
    prefix.push(b'\n');
    prefix
}

/// The beginning of every key of contacts that begin so.
pub fn contact_start(kind: u8, start: &str) -> MatchKey {
    let mut prefix = vec![kind, b':'];
    prefix.extend_from_slice(start.as_bytes());
    prefix
}

fn key(kind: u8, contact: &str, name: &str) -> MatchKey {
    let mut key = contact_prefix(kind, contact);
    key.extend_from_slice(name.as_bytes());
    key
}

/// Who sent what.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The citizen of each sighting, in their order.
    pub citizens: Vec<CitizenId>,
    /// Keys seen for the first time, and whose they are.
    pub new_keys: BTreeMap<MatchKey, CitizenId>,
}

/// Links `sightings`, in their order, to those `known` by their keys; `draw` gives the id of a new citizen.
pub fn link(
    sightings: &[Sighting],
    known: &HashMap<MatchKey, CitizenId>,
    mut draw: impl FnMut() -> CitizenId,
) -> Links {
    let mut links = Links::default();
    for sighting in sightings {
        let found = sighting.keys.iter().find_map(|key| known.get(key).or_else(|| links.new_keys.get(key)));
        let citizen = found.copied().unwrap_or_else(&mut draw);
        for key in &sighting.keys {
            if !known.contains_key(key) {
                links.new_keys.entry(key.clone()).or_insert(citizen);
            }
        }
        links.citizens.push(citizen);
    }
    links
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(first: &str, last: &str, email: &str, phone: &str) -> Requester {
        Requester {
            kind: "person".into(),
            first_name: first.into(),
            last_name: last.into(),
            email: email.into(),
            phone: phone.into(),
            ..Requester::default()
        }
    }

    fn sighting(requester: Requester) -> Sighting {
        Sighting::new(RequestId::new(), Timestamp::UNIX_EPOCH, requester).unwrap()
    }

    fn same(a: Requester, b: Requester) -> bool {
        let links = link(&[sighting(a), sighting(b)], &HashMap::new(), CitizenId::new);
        links.citizens[0] == links.citizens[1]
    }

    #[test]
    fn the_same_mailbox_and_name_is_the_same_person() {
        let first = person("Éléonore", "Lefèvre", "E.Lefevre@exemple.fr", "");
        assert!(same(first.clone(), person("eleonore", "LEFEVRE", "e.lefevre@exemple.fr", "0612345678")));
        assert!(!same(first.clone(), person("Paul", "Lefèvre", "e.lefevre@exemple.fr", "")));
        assert!(!same(first, person("Éléonore", "Lefèvre", "autre@exemple.fr", "")));
    }

    #[test]
    fn the_same_telephone_and_name_is_the_same_person() {
        let first = person("Jo", "Petit", "", "06 12 34 56 78");
        assert!(same(first.clone(), person("Jo", "Petit", "jo@exemple.fr", "+33612345678")));
        assert!(!same(first, person("Léa", "Petit", "", "+33612345678")));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_typed() {
        let first = person("Jo", "Hoarau", "", "0692 71 00 02");
        for typed in
            ["+262 692 71 00 02", "tel:+262692710002", "0692\u{2011}71\u{2011}00\u{2011}02", "0692710002 poste 3"]
        {
            assert!(same(first.clone(), person("Jo", "Hoarau", "", typed)), "{typed}");
        }
        let mailbox = person("Jo", "Hoarau", "mailto:Jo@mairie-évry.example", "");
        assert!(same(mailbox, person("Jo", "Hoarau", "jo@xn--mairie-vry-h7a.example", "")));
        assert!(same(person("", "Sukarno", "", "0692 71 00 02"), person("", "SUKARNO", "", "+262692710002")));
    }

    #[test]
    fn a_name_alone_links_nobody() {
        assert!(!same(person("Jean", "Martin", "", ""), person("Jean", "Martin", "", "")));
        assert!(!same(person("Martin", "Jean", "m@x.fr", ""), person("Jean", "Martin", "m@x.fr", "")));
    }

    #[test]
    fn an_organization_is_not_the_person_of_its_name() {
        let club = Requester {
            kind: "organization".into(),
            organization_name: "Petit".into(),
            email: "p@x.fr".into(),
            ..Requester::default()
        };
        assert!(!same(club.clone(), person("", "Petit", "p@x.fr", "")));
        assert!(same(club.clone(), club));
    }

    #[test]
    fn nobody_in_particular_is_skipped() {
        for requester in [
            Requester {
                kind: "anonymous".into(),
                email: "a@x.fr".into(),
                last_name: "X".into(),
                ..Requester::default()
            },
            person("", " - ", "a@x.fr", ""),
            Requester::default(),
        ] {
            assert!(Sighting::new(RequestId::new(), Timestamp::UNIX_EPOCH, requester).is_none());
        }
    }

    fn requesters() -> impl Strategy<Value = Vec<Requester>> {
        let one = (0..3usize, 0..3usize, 0..4usize).prop_map(|(name, email, phone)| {
            person(
                ["Ana", "Zoé", "Ali"][name],
                "Roux",
                ["", "a@x.fr", "B@x.fr"][email],
                ["", "0612345678", "0712345678", "+33612345678"][phone],
            )
        });
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        /// Linked in one batch or one by one, at any cut, the same people come out; never two names in one.
        #[test]
        fn batches_do_not_matter(all in requesters(), cut in 0..12usize) {
            let all: Vec<_> = all.into_iter().map(sighting).collect();
            let at_once = link(&all, &HashMap::new(), CitizenId::new).citizens;
            let (left, right) = all.split_at(cut.min(all.len()));
            let first = link(left, &HashMap::new(), CitizenId::new);
            let known = first.new_keys.clone().into_iter().collect();
            let mut in_two = first.citizens;
            in_two.extend(link(right, &known, CitizenId::new).citizens);
            for i in 0..all.len() {
                for j in 0..i {
                    prop_assert_eq!(at_once[i] == at_once[j], in_two[i] == in_two[j]);
                    if at_once[i] == at_once[j] {
                        prop_assert_eq!(&all[i].requester.first_name, &all[j].requester.first_name);
                    }
                }
            }
        }
    }
}
