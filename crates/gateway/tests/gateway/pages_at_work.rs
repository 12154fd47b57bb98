//! The pages of those who handle requests.

use parvis_kernel::ErrorKind;
use parvis_proto::{
    casework::{Case, CaseDetail},
    common::Requester,
    intake::RecordInstantAnswerResponse,
    notification::{ListNoticesResponse, Notice},
};

use crate::{
    browser::{Browser, hidden, page},
    fakes::*,
    town::town,
};

const CODE: &str = "K7R-2MQ-9XB-4TD";

#[tokio::test]
async fn two_agents_on_one_case_lose_nothing_they_typed() {
    let world = town();
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let path = format!("/agent/dossiers/{KNOWN}");
    let shown = browser.get(&path).await;
    let done = browser.send(&shown, &format!("{path}/commencer"), &[("version", "3")]).await;
    assert!(browser.follow(&done).await.text().contains("pris le dossier en charge"));

    world.seen.refuse("send_message", ErrorKind::Conflict);
    let fields = [("version", "2"), ("message.texte", "Chère Madame, <…>"), ("message.attendre", "true")];
    let conflict = browser.send(&shown, &format!("{path}/message"), &fields).await;
    let html = page("conflict", &conflict, 409);
    assert!(html.contains("Un collègue a modifié ce dossier") && html.contains("Chère Madame, &#60;…&#62;"), "{html}");
    assert_eq!(hidden(&html, "version"), "3", "sent again, it goes through");

    let empty = browser.send(&shown, &format!("{path}/clore"), &[("version", "3"), ("clore.issue", "rejected")]).await;
    let html = page("clore", &empty, 422);
    assert!(html.contains("Un refus doit être motivé"), "{html}");
    let nothing = browser.send(&shown, &format!("{path}/detruire"), &[]).await;
    page("detruire", &nothing, 404);
}

#[tokio::test]
async fn a_case_is_shown_without_the_roles_that_are_down() {
    let world = town();
    world.seen.down.lock().unwrap().extend(["routing", "notification"]);
    for method in ["list_agents", "get_directory", "list_decisions", "list_notices", "get_queues"] {
        world.seen.told.lock().unwrap().remove(method);
    }
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let html = page("case", &browser.get(&format!("/agent/dossiers/{KNOWN}")).await, 200);
    assert!(html.contains("momentanément indisponible") && html.contains("Écrire à l&#39;usager"), "{html}");
    page("day", &browser.get("/agent").await, 200);
    world.seen.down.lock().unwrap().push("casework");
    let html = page("day", &browser.get("/agent").await, 200);
    assert!(html.contains("Vos dossiers : momentanément indisponible"), "{html}");
    page("case", &browser.get(&format!("/agent/dossiers/{KNOWN}")).await, 503);
}

#[tokio::test]
async fn whoever_may_not_know_why_a_case_went_there_is_not_warned_of_it() {
    let world = town();
    world.seen.refuse("list_decisions", ErrorKind::NotFound);
    let case = Some(Case { reference: KNOWN.into(), version: 3, ..Default::default() });
    world.seen.tell("get_case", &CaseDetail { case, reading: "text".into(), ..Default::default() });
    let mut browser = Browser::agent(&world, &["front_desk"]);
    let html = page("case", &browser.get(&format!("/agent/dossiers/{KNOWN}")).await, 200);
    assert!(!html.contains("L&#39;explication de l&#39;affectation"), "{html}");
}

#[tokio::test]
async fn a_walk_in_is_registered_on_one_page() {
    let world = town();
    let mut browser = Browser::agent(&world, &["front_desk"]);
    let form = browser.get("/agent/accueil").await;
    let key = hidden(&form.text(), "cle").to_owned();
    world.seen.tell(
        "search_citizens",
        &parvis_proto::identity::SearchCitizensResponse {
            citizens: vec![parvis_proto::identity::Citizen {
                id: "c1".into(),
                requester: Some(Requester {
                    first_name: "Odile".into(),
                    last_name: "Dupré".into(),
                    phone: "06 12 34 56 78".into(),
                    contact_mode: "phone".into(),
                    kind: "person".into(),
                    ..Default::default()
                }),
                requests: 2,
                ..Default::default()
            }],
        },
    );
    let base = [("cle", key.as_str()), ("canal", "phone"), ("text", "Un trou devant chez elle")];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let found = browser.send_files(&form, "/agent/accueil", &with(&[("recherche", "dup"), ("action", "entree")])).await;
    let html = page("found", &found, 200);
    assert!(html.contains("choisir:c1") && html.contains("Un trou devant chez elle"), "{html}");
    let chosen = browser
        .send_files(
            &found,
            "/agent/accueil",
            &with(&[("cherche", "dup"), ("recherche", "dup"), ("action", "choisir:c1")]),
        )
        .await;
    assert!(page("chosen", &chosen, 200).contains("value=\"06 12 34 56 78\""));

    let missed = browser
        .send_files(
            &chosen,
            "/agent/accueil",
            &with(&[("demarche", "acte-naissance"), ("action", "enregistrer"), ("requester.contact_mode", "phone")]),
        )
        .await;
    let html = page("missed", &missed, 422);
    assert!(html.contains("a ses propres questions") && html.contains("answers.text"), "{html}");
    assert!(world.seen.submitted.lock().unwrap().is_empty());

    let filed = browser
        .send_files(
            &chosen,
            "/agent/accueil",
            &with(&[
                ("action", "enregistrer"),
                ("requester.contact_mode", "phone"),
                ("requester.first_name", "Odile"),
                ("requester.last_name", "Dupré"),
                ("requester.phone", "06 12 34 56 78"),
                ("requester.kind", "person"),
            ]),
        )
        .await;
    let html = page("receipt", &browser.follow(&filed).await, 200);
    let wrong = "/agent/accueil/recu/a%00b";
    page(wrong, &browser.get(wrong).await, 404);
    assert!(html.contains("000, 000, 001, lettre B") && html.contains(CODE), "{html}");
    let submitted = world.seen.submitted.lock().unwrap()[0].clone();
    assert_eq!((submitted.channel.as_str(), submitted.idempotency_key.as_str()), ("phone", key.as_str()));
    assert_eq!(submitted.requester.unwrap().last_name, "Dupré");
}

#[tokio::test]
async fn signing_in_leads_back_and_a_wrong_password_says_little() {
    let world = town();
    let mut browser = Browser::new(&world);
    let form = browser.get("/connexion?retour=%2F%2Fevil.example").await;
    let wrong = browser.send(&form, "/connexion", &[("identifiant", "claire-martin"), ("mot_de_passe", "x")]).await;
    let html = page("/connexion", &wrong, 401);
    assert!(html.contains("L’identifiant ou le mot de passe") && html.contains("value=\"claire-martin\""), "{html}");
    let fields =
        [("identifiant", "claire-martin"), ("mot_de_passe", "un bon mot de passe"), ("retour", "//evil.example")];
    let signed_in = browser.send(&form, "/connexion", &fields).await;
    assert_eq!((signed_in.status.as_u16(), signed_in.headers["location"].to_str().unwrap()), (303, "/agent"));
    let day = browser.get("/agent").await;
    page("/agent", &day, 200);
    let out = browser.send(&day, "/deconnexion", &[]).await;
    assert_eq!(out.headers["location"], "/connexion?fait=deconnecte");
    browser.keep(&out);
    assert_eq!(browser.get("/agent").await.status, 303);
}

#[tokio::test]
async fn an_instant_answer_is_one_click_and_presence_another() {
    let world = town();
    world.seen.tell("record_instant_answer", &RecordInstantAnswerResponse { today: 7, at: None });
    let mut browser = Browser::agent(&world, &["front_desk"]);
    let form = browser.get("/agent/reponse-immediate").await;
    let counted =
        browser.send(&form, "/agent/reponse-immediate", &[("cle", "a"), ("canal", "phone"), ("theme", "voirie")]).await;
    let html = page("counted", &browser.follow(&counted).await, 200);
    assert!(html.contains("7\u{a0}réponses immédiates"), "{html}");
    let away =
        browser.send(&form, "/agent/presence", &[("presence", "away"), ("retour", "https://evil.example")]).await;
    assert_eq!(away.headers["location"], "/agent?fait=absent");
    world.seen.refuse("mark_handed_over", ErrorKind::Conflict);
    let done = browser.send(&form, "/agent/avis-a-remettre/n1", &[]).await;
    assert!(page("done", &browser.follow(&done).await, 200).contains("Un collègue avait déjà noté"));
}

#[tokio::test]
async fn work_is_moved_after_a_look_at_the_plan() {
    use parvis_proto::routing::{MoveWorkResponse, MovedWork};
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let form = browser.get("/admin/deplacer").await;
    page("form", &form, 200);
    let both = [("agent", "karim"), ("service", "voirie"), ("motif", "Départ"), ("etape", "apercu")];
    let html = page("both", &browser.send(&form, "/admin/deplacer", &both).await, 422);
    assert!(html.contains("pas les deux"), "{html}");
    let moved = MovedWork {
        reference: KNOWN.into(),
        from_agent: "karim".into(),
        unit_name: "Voirie".into(),
        agent_name: "Claire <Martin>".into(),
        summary: "Réaffecté à Claire.".into(),
        ..Default::default()
    };
    let plan = MoveWorkResponse { moved: vec![moved], total: 3, queued: 1, remaining: 4, plan: "abc123".into() };
    world.seen.tell("move_work", &plan);
    let asked = [("agent", "karim"), ("motif", "Départ"), ("etape", "apercu")];
    let shown = browser.send(&form, "/admin/deplacer", &asked).await;
    let html = page("plan", &shown, 200);
    assert!(html.contains("dossiers à déplacer</h2>") && html.contains("Claire &#60;Martin&#62;"), "{html}");
    assert_eq!(hidden(&html, "plan"), "abc123");
    let sure = [("agent", "karim"), ("motif", "Départ"), ("plan", "abc123"), ("etape", "deplacer")];
    let done = browser.send(&shown, "/admin/deplacer", &sure).await;
    assert!(browser.follow(&done).await.text().contains("Le travail est déplacé"));
    world.seen.refuse("move_work", ErrorKind::Conflict);
    let html = page("moved", &browser.send(&shown, "/admin/deplacer", &sure).await, 422);
    assert!(html.contains("ont bougé depuis"), "{html}");
}

#[tokio::test]
async fn a_call_that_is_offered_is_taken_or_left() {
    use parvis_proto::routing::{ListOffersResponse, Offer};
    let world = town();
    let offer = Offer {
        id: "o1".into(),
        case_id: "c1".into(),
        reference: KNOWN.into(),
        unit_name: "Voirie".into(),
        channel: "phone".into(),
        ..Default::default()
    };
    world.seen.tell("list_offers", &ListOffersResponse { offers: vec![offer] });
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let day = browser.get("/agent").await;
    let html = page("day", &day, 200);
    assert!(html.contains("On vous propose") && html.contains("Téléphone, Voirie"), "{html}");
    let take = [("dossier", "c1"), ("proposition", "o1"), ("reponse", "prendre")];
    let taken = browser.send(&day, "/agent/proposition", &take).await;
    assert!(browser.follow(&taken).await.text().contains("Le dossier vous est confié"));
    world.seen.refuse("answer_offer", ErrorKind::Conflict);
    let late = browser.send(&day, "/agent/proposition", &take).await;
    assert!(browser.follow(&late).await.text().contains("Trop tard"));
    // Who handles no cases is offered none.
    let html = page("desk", &Browser::agent(&world, &["front_desk"]).get("/agent").await, 200);
    assert!(!html.contains("On vous propose"), "{html}");
}

#[tokio::test]
async fn a_case_is_sorted_or_transferred_by_one_click() {
    use parvis_proto::routing::{Decision, ListDecisionsResponse, Transfer};
    let world = town();
    let mut browser = Browser::agent(&world, &["case_worker", "supervisor"]);
    let path = format!("/agent/dossiers/{KNOWN}");
    let shown = browser.get(&path).await;
    let html = page("case", &shown, 200);
    assert!(html.contains("Ce dossier vous est arrivé parce que"), "{html}");
    assert!(html.contains("Cette demande relève peut-être de : Caisse d&#39;allocations"), "{html}");
    assert!(html.contains("61 %, d&#39;après trottoir"), "{html}");
    let refused = browser.send(&shown, &format!("{path}/refuser-transmission"), &[]).await;
    assert!(refused.headers["location"].to_str().unwrap().ends_with("fait=garde"));
    let confirmed = browser.send(&shown, &format!("{path}/confirmer-transmission"), &[("version", "3")]).await;
    // That body has no e-mail: somebody posts the letter.
    assert!(confirmed.headers["location"].to_str().unwrap().ends_with("fait=transmis-a-poster"));
    assert!(browser.follow(&confirmed).await.text().contains("reste à imprimer et à poster"));
    let transfer = Transfer { email: "demandes@caf.example".into(), state: "proposed".into(), ..Default::default() };
    let decision = Decision { transfer: Some(transfer), ..Default::default() };
    world.seen.tell("list_decisions", &ListDecisionsResponse { decisions: vec![decision] });
    let confirmed = browser.send(&shown, &format!("{path}/confirmer-transmission"), &[("version", "3")]).await;
    assert!(confirmed.headers["location"].to_str().unwrap().ends_with("fait=transmis-ailleurs"));
}

#[tokio::test]
async fn of_a_case_sent_elsewhere_an_agent_reads_what_is_left_to_do() {
    let world = town();
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let path = format!("/agent/dossiers/{KNOWN}");
    let letter = format!("{path}/transmission");
    let detail = |outcome: &str| CaseDetail {
        case: Some(Case {
            id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
            reference: KNOWN.into(),
            version: 5,
            state: "closed".into(),
            outcome: outcome.into(),
            title: "Allocation <b>gras".into(),
            ..Default::default()
        }),
        text: "Je n'ai rien reçu <b>gras".into(),
        reading: "full".into(),
        ..Default::default()
    };
    let notices = |state: &str| ListNoticesResponse {
        notices: vec![Notice {
            kind: if state.is_empty() { "closed" } else { "referral" }.into(),
            state: state.into(),
            body: "Mot pour mot".into(),
            ..Default::default()
        }],
        ..Default::default()
    };
    world.seen.tell("get_case", &detail("answered"));
    page(&letter, &browser.get(&letter).await, 404);
    world.seen.tell("get_case", &detail("transferred_out"));
    for (state, said) in [
        ("", "Rien n&#39;a été envoyé à l&#39;organisme compétent"),
        ("failed", "n&#39;est pas parvenu"),
        ("to_hand_over", "les avis à remettre"),
        ("sent", "a été envoyée par courriel"),
    ] {
        world.seen.tell("list_notices", &notices(state));
        let html = page(&path, &browser.get(&path).await, 200);
        assert!(html.contains(said) && html.contains(&letter), "{state}: {html}");
        let html = page(&letter, &browser.get(&letter).await, 200);
        let expected = if state.is_empty() { "L. 114-2" } else { "Mot pour mot" };
        assert!(html.contains(expected) && !html.contains("<b>gras"), "{state}: {html}");
    }
    // A year later its words are no longer kept: they are not made up, but what never arrived can still be written.
    for (state, words_are_gone) in [("handed_over", true), ("sent", true), ("failed", false)] {
        let mut listed = notices(state);
        listed.notices[0].body.clear();
        listed.notices[0].text_removed_at = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
        world.seen.tell("list_notices", &listed);
        let html = page(&path, &browser.get(&path).await, 200);
        assert_eq!(html.contains("n’est plus conservé"), words_are_gone, "{state}: {html}");
        assert_ne!(html.contains(&letter), words_are_gone, "{state}: {html}");
        let html = page(&letter, &browser.get(&letter).await, if words_are_gone { 410 } else { 200 });
        assert_eq!(html.contains("n’est plus conservé"), words_are_gone, "{state}: {html}");
        assert_ne!(html.contains("L. 114-2"), words_are_gone, "{state}: {html}");
    }
    // Where it is not known what was sent, nobody is led to send it a second time.
    world.seen.refuse("list_notices", ErrorKind::Unavailable);
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("pas encore connu") && !html.contains(&letter), "{html}");
    page(&letter, &browser.get(&letter).await, 503);
    world.seen.tell("list_notices", &ListNoticesResponse::default());
    let html = page(&letter, &browser.get(&letter).await, 503);
    assert!(html.contains("pas encore connu") && !html.contains("L. 114-2"), "{html}");
    // Casework refuses what it was never told of, here even without the body: the page says so and keeps the case.
    world.seen.refuse("close_case", ErrorKind::FailedPrecondition);
    let shown = browser.get(&path).await;
    let refused = browser.send(&shown, &format!("{path}/confirmer-transmission"), &[("version", "5")]).await;
    assert_eq!(refused.status, 409);
}
