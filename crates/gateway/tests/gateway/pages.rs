//! The pages of citizens, and what holds for all of them.

use parvis_kernel::ErrorKind;
use parvis_proto::notification::{ListNoticesResponse, Notice};

use crate::{
    browser::{Browser, hidden, page},
    fakes::*,
    send,
    town::town,
};

const CODE: &str = "K7R-2MQ-9XB-4TD";

#[tokio::test]
async fn every_public_page_is_well_made() {
    let world = town();
    let mut browser = Browser::new(&world);
    for path in [
        "/",
        "/demarches",
        "/demarches?q=acte",
        "/demarches?theme=voirie",
        "/demarches/acte-naissance",
        "/demarches/acte-naissance/demande",
        "/demande",
        "/recherche",
        "/recherche?q=jeter+un+canap%C3%A9",
        "/infos",
        "/infos/f12",
        "/infos/f12?version=simple&de=demande",
        "/suivi",
        "/contact",
        "/accessibilite",
        "/mentions-legales",
        "/donnees-personnelles",
        "/connexion",
    ] {
        page(path, &browser.get(path).await, 200);
    }
    assert!(browser.get("/").await.text().contains("Accessibilité : non évaluée"));
    page("/nulle-part", &browser.get("/nulle-part").await, 404);
    let css = browser.get(parvis_gateway::pages::assets::css()).await;
    assert!(css.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(browser.get("/assets/parvis-000.css").await.status, 404);
}

#[tokio::test]
async fn every_page_of_those_who_work_here_is_well_made() {
    let world = town();
    let mut browser = Browser::agent(&world, &["case_worker", "supervisor", "administrator"]);
    let case = format!("/agent/dossiers/{KNOWN}");
    for path in [
        "/agent",
        "/agent/dossiers",
        "/agent/dossiers/echeances?service=voirie&agent=file&sous=30",
        "/agent/dossiers?vue=unit&etat=closed&service=voirie&page=3",
        &case,
        "/agent/accueil",
        "/agent/connaissances",
        "/agent/connaissances?type=template&etat=draft&q=x",
        "/agent/connaissances/nouveau?type=template",
        "/agent/connaissances/01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11",
        "/agent/connaissances/01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11/historique?version=1",
        "/agent/connaissances/usages",
        "/agent/reponse-immediate",
        "/agent/avis-a-remettre",
        "/agent/avis-a-remettre/courriers",
        "/agent/mot-de-passe",
        "/elus",
        "/elus?du=2026-01-01&au=2026-11-20&service=voirie",
        "/admin",
        "/admin/agents",
        "/admin/deplacer",
        "/admin/regles",
        "/admin/classement",
        "/admin/regles/versions",
        "/admin/regles/versions/4",
        "/admin/regles/brouillon",
        "/admin/regles/brouillon/regle/1",
        "/admin/regles/brouillon/regle/nouvelle",
        "/admin/regles/brouillon/organismes",
        "/admin/regles/brouillon/organismes/1",
        "/admin/regles/brouillon/organismes/nouveau",
        "/admin/regles/brouillon/essai?derniers=2000",
        "/admin/essai",
        "/admin/comptes",
        "/admin/echecs",
    ] {
        let html = page(path, &browser.get(path).await, 200);
        assert!(!html.contains("<script>x") && !html.contains("<b>gras"), "{path}: what people typed is escaped");
    }
    let wrong = browser.get("/elus?du=hier").await;
    assert!(page("/elus?du=hier", &wrong, 422).contains("<title>Erreur – "));
    let csv = browser.get("/elus/chiffres.csv").await;
    assert!(csv.text().contains("ensemble;;reçues;1234"), "{}", csv.text());
}

#[tokio::test]
async fn each_page_is_for_its_readers() {
    let world = town();
    let mut nobody = Browser::new(&world);
    let answer = nobody.get("/agent/dossiers?vue=unit").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.headers["location"], "/connexion?retour=%2Fagent%2Fdossiers%3Fvue%3Dunit");
    let mut elected = Browser::agent(&world, &["elected_official"]);
    assert_eq!(elected.get("/agent").await.headers["location"], "/elus");
    for path in ["/agent/dossiers", "/agent/accueil", "/admin", "/admin/comptes", "/agent/avis-a-remettre"] {
        page(path, &elected.get(path).await, 403);
    }
    let mut worker = Browser::agent(&world, &["case_worker"]);
    for path in ["/elus", "/elus/chiffres.csv", "/admin", "/admin/regles", "/admin/essai"] {
        page(path, &worker.get(path).await, 403);
    }
    let mut supervisor = Browser::agent(&world, &["supervisor"]);
    page("/admin", &supervisor.get("/admin").await, 200);
    page("/admin/comptes", &supervisor.get("/admin/comptes").await, 403);
}

#[tokio::test]
async fn a_form_with_errors_keeps_all_that_was_given() {
    let world = town();
    let mut browser = Browser::new(&world);
    let path = "/demarches/acte-naissance/demande";
    let form = browser.get(path).await;
    assert_eq!(form.headers["cache-control"], "private, no-cache", "going back shows this form again, not another");
    let key = hidden(&form.text(), "cle").to_owned();
    let fields = [
        ("cle", key.as_str()),
        ("version", "3"),
        ("answers.text", "Mon \"texte\""),
        ("answers.multi-choice", "b"),
        ("requester.kind", "organization"),
        ("fichier.identite@carte.pdf", "%PDF-1.4"),
        ("fichier@", ""),
    ];
    let sent_to = format!("{path}/envoi");
    let wrong = browser.send_files(&form, &sent_to, &fields).await;
    let html = page(path, &wrong, 422);
    assert!(html.contains("href=\"#c-requester-contact-mode\"") && html.contains("aria-invalid=\"true\""), "{html}");
    assert!(html.contains("value=\"Mon &#34;texte&#34;\"") && html.contains("carte.pdf"), "{html}");
    assert_eq!(hidden(&html, "cle"), key, "the same request, so the same key");
    assert!(world.seen.submitted.lock().unwrap().is_empty());
    assert_eq!(browser.get(&sent_to).await.headers["location"], path);

    let kept = hidden(&html, "piece").to_owned();
    let fields = [
        ("cle", key.as_str()),
        ("version", "3"),
        ("answers.text", "Mon texte"),
        ("answers.textarea", "Long"),
        ("answers.date", "2/1/2026"),
        ("answers.number", "3"),
        ("answers.email", "a@b.example"),
        ("answers.phone", "06 12 34 56 78"),
        ("answers.choice", "a"),
        ("answers.multi-choice", "a"),
        ("answers.multi-choice", "b"),
        ("answers.boolean", "false"),
        ("answers.address", "1 rue du Port"),
        ("requester.kind", "person"),
        ("requester.first_name", "Odile"),
        ("requester.last_name", "Dupré"),
        ("requester.contact_mode", "portal"),
        ("piece", &kept),
    ];
    let filed = browser.send_files(&wrong, &sent_to, &fields).await;
    let confirmation = browser.follow(&filed).await;
    let html = page("confirmation", &confirmation, 200);
    assert!(html.contains(KNOWN) && html.contains(CODE) && html.contains("Pièce d&#39;identité"), "{html}");
    let submitted = world.seen.submitted.lock().unwrap()[0].clone();
    assert_eq!((submitted.idempotency_key.as_str(), submitted.channel.as_str()), (key.as_str(), "web"));
    assert_eq!(submitted.attachments[0].document, "identite");
    let answers: Vec<_> = submitted.answers.iter().map(|answer| answer.values.join("+")).collect();
    assert_eq!(answers[2], "2026-01-02");
    assert_eq!((answers.len(), answers[7].as_str()), (10, "a+b"));

    world.seen.refuse("submit_request", ErrorKind::AlreadyExists);
    let again = browser.send_files(&wrong, &sent_to, &fields).await;
    let shown = browser.follow(&again).await;
    assert!(page("confirmation", &shown, 200).contains("déjà enregistrée"));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let world = town();
    let answer =
        send(&world.router, "POST", "/suivi", &[("content-type", "application/x-www-form-urlencoded")], "reference=x")
            .await;
    assert!(page("/suivi", &answer, 403).contains("expiré"));
}

#[tokio::test]
async fn a_request_is_followed_with_its_code_only_and_without_the_roles_that_are_down() {
    let world = town();
    let mut browser = Browser::new(&world);
    let path = format!("/suivi/{KNOWN}");
    assert_eq!(browser.get(&path).await.headers["location"], "/suivi");
    let form = browser.get(&format!("/suivi?reference={KNOWN}")).await;
    assert!(form.text().contains(&format!("value=\"{KNOWN}\"")), "a notice's link fills the reference in");
    let wrong = browser.send(&form, "/suivi", &[("reference", KNOWN), ("code", "AAA-AAA-AAA-AAA")]).await;
    assert!(page("/suivi", &wrong, 422).contains("Aucune demande ne correspond"));
    let short = browser.send(&form, "/suivi", &[("reference", "12"), ("code", "A")]).await;
    assert!(page("/suivi", &short, 422).contains("2 erreurs"));
    let opened = browser.send(&form, "/suivi", &[("reference", "000 000 001 b"), ("code", "k7r 2mq 9xb 4td")]).await;
    let html = page(&path, &browser.follow(&opened).await, 200);
    assert!(html.contains("Nous attendons une réponse") && html.contains("État civil"), "{html}");
    assert!(html.contains("&#60;script&#62;") && !html.contains("note interne"), "{html}");

    let followed = browser.get(&path).await;
    let sent = browser.send(&followed, &format!("{path}/message"), &[("message", "  "), ("cle", "abc")]).await;
    assert!(page("message", &sent, 422).contains("Écrivez votre message"));
    let sent = browser.send(&followed, &format!("{path}/message"), &[("message", "Voici."), ("cle", "abc")]).await;
    assert!(browser.follow(&sent).await.text().contains("Votre message est envoyé."));

    let removed_at = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
    let notice =
        Notice { kind: "message".into(), state: "sent".into(), text_removed_at: removed_at, ..Default::default() };
    world.seen.tell("list_notices", &ListNoticesResponse { notices: vec![notice], ..Default::default() });
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("Le texte de cet envoi n’est plus conservé (durée de conservation dépassée)."), "{html}");
    assert!(!html.contains("<strong></strong>"), "{html}");

    world.seen.down.lock().unwrap().extend(["casework", "tracking", "notification"]);
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("Votre demande est bien enregistrée") && html.contains("Bonjour"), "{html}");
    let sent = browser.send(&followed, &format!("{path}/message"), &[("message", "Reste là."), ("cle", "abc")]).await;
    assert!(page("message", &sent, 422).contains("Reste là."));

    let left = browser.send(&followed, "/suivi/quitter", &[]).await;
    browser.follow(&left).await;
    assert_eq!(browser.get(&path).await.headers["location"], "/suivi");
}
