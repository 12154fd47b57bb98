//! What somebody at the counter is shown of a case that is not theirs.

use parvis_proto::{
    casework::{Case, CaseDetail},
    tracking::{Timeline, TimelineLine},
};

use crate::{
    browser::{Browser, hidden, page},
    fakes::*,
    town::town,
};

fn public(reasons: &[&str]) -> CaseDetail {
    CaseDetail {
        case: Some(Case {
            id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
            reference: KNOWN.into(),
            version: 3,
            state: "in_progress".into(),
            unit_name: "Voirie <b>".into(),
            requester_name: "Zoé Lefèvre".into(),
            service_due_on: "2026-12-04".into(),
            ..Default::default()
        }),
        allowed: vec!["for_person".into()],
        reading: "public".into(),
        reasons: reasons.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    }
}

#[tokio::test]
async fn how_far_it_is_and_a_reason_to_open_it() {
    let world = town();
    let mut browser = Browser::agent(&world, &["front_desk"]);
    let path = format!("/agent/dossiers/{KNOWN}");
    world.seen.tell("get_case", &public(&["person_present", "person_on_phone"]));
    let line = |label: &str, public| TimelineLine { label: label.into(), public, ..Default::default() };
    let lines = vec![line("Demande reçue", true), line("Note interne ajoutée.", false)];
    world.seen.tell("get_timeline", &Timeline { lines, ..Default::default() });
    let shown = browser.get(&path).await;
    let html = page("brief", &shown, 200);
    for said in ["Voirie &#60;b&#62;", "Zoé Lefèvre", "4 décembre 2026", "Demande reçue", "est devant moi"] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("Note interne"), "{html}");

    let key = hidden(&html, "cle");
    let fields = [("cle", key), ("usager.texte", "")];
    let empty = browser.send(&shown, &format!("{path}/usager"), &fields).await;
    assert!(page("brief", &empty, 422).contains("Écrivez ce que dit l&#39;usager."));
    let fields = [("cle", key), ("usager.texte", "Le numéro est le 12.")];
    let done = browser.send(&shown, &format!("{path}/usager"), &fields).await;
    assert!(done.headers["location"].to_str().unwrap().ends_with("fait=note-pour-usager"));

    world.seen.tell("get_case", &CaseDetail { reading: "text".into(), text: "Bonjour".into(), ..public(&[]) });
    let html = page("opened", &browser.get(&format!("{path}?motif=person_present")).await, 200);
    assert!(html.contains("Bonjour") && html.contains("Noter ce que dit l&#39;usager"), "{html}");
}

#[tokio::test]
async fn what_is_sensitive_offers_no_reason() {
    let world = town();
    let mut browser = Browser::agent(&world, &["front_desk"]);
    world.seen.tell("get_case", &public(&[]));
    let html = page("brief", &browser.get(&format!("/agent/dossiers/{KNOWN}")).await, 200);
    assert!(html.contains("lu que par le service qui la traite") && !html.contains("Pourquoi ouvrir"), "{html}");
}
