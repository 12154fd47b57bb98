//! Nothing typed is lost: forms that cannot be taken come back filled in.

use std::collections::BTreeSet;

use crate::{
    Answer,
    browser::{Browser, hidden, page},
    fakes::*,
    send,
    town::town,
};

const LONG: &str = "Depuis mardi, « l’eau » monte\nrue du Port & au 12 <bis>";

/// Where something is typed: the page of the form, where it goes, what is typed in which field, and as whom.
const TYPED: [(&str, &str, &str, &[&str]); 6] = [
    ("/demande", "/demande/envoi", "text", &[]),
    ("/demarches/acte-naissance/demande", "/demarches/acte-naissance/demande/envoi", "answers.textarea", &[]),
    ("/suivi", "/suivi", "reference", &[]),
    ("/agent/accueil", "/agent/accueil", "text", &["front_desk"]),
    ("/agent/dossiers/000-000-001-B", "/agent/dossiers/000-000-001-B/note", "note.texte", &["case_worker"]),
    ("/connexion", "/connexion", "identifiant", &[]),
];

/// Where nothing is typed that could be lost: buttons, choices, addresses that are shown again with the page.
const NOTHING_LONG: [&str; 28] = [
    "/infos/avis",
    "/admin/deplacer",
    "/admin/comptes/{}",
    "/admin/essai",
    "/admin/partenaires/{}/revoquer",
    "/admin/presence",
    "/admin/regles/brouillon",
    "/admin/regles/brouillon/organismes/{}",
    "/admin/regles/brouillon/publier",
    "/admin/regles/brouillon/regle/{}",
    "/agent/avis-a-remettre/{}",
    "/agent/avis/{}/renvoi",
    "/agent/connaissances/{}",
    "/agent/connaissances/{}/relire",
    "/agent/connaissances/{}/reprendre",
    "/agent/dossiers/recherche",
    "/agent/dossiers/{}/commencer",
    "/agent/dossiers/{}/confirmer-transmission",
    "/agent/dossiers/{}/prendre",
    "/agent/dossiers/{}/refuser-transmission",
    "/agent/dossiers/{}/transmettre",
    "/agent/dossiers/{}/usager",
    "/agent/presence",
    "/agent/proposition",
    "/agent/reponse-immediate",
    "/agent/seconde-verification",
    "/agent/sessions",
    "/deconnexion",
];

async fn post(world: &World, path: &str, headers: &[(&'static str, &str)], fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let headers: Vec<_> = kind.iter().chain(headers).copied().collect();
    send(&world.router, "POST", path, &headers, body).await
}

#[test]
fn every_form_of_the_pages_is_known_here() {
    let mut actions = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let html = std::fs::read_to_string(&path).unwrap();
            for form in html.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")) {
                let tag = form.split(" novalidate").next().unwrap();
                let action = tag.split_once("action=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap());
                actions.insert(pattern(action));
            }
        }
    }
    let written = ["", "{}", "/suivi/quitter", "/suivi/{}/message", "/agent/dossiers/{}/{}"];
    let typed = TYPED.iter().map(|(_, action, ..)| *action);
    let known: BTreeSet<&str> = NOTHING_LONG.into_iter().chain(written).chain(typed).collect();
    let unknown: Vec<_> = actions.iter().filter(|action| !known.contains(action.as_str())).collect();
    assert!(unknown.is_empty(), "say above what is typed in {unknown:?}, and try that it comes back");
}

/// What a template writes is a hole.
fn pattern(action: &str) -> String {
    let mut shown = String::new();
    let mut rest = action;
    while let Some(at) = rest.find("{%").or_else(|| rest.find("{{")) {
        let (before, from) = rest.split_at(at);
        let end = if from.starts_with("{%") {
            from.find("{% endif %}").map(|at| at + 11)
        } else {
            from.find("}}").map(|at| at + 2)
        };
        shown += before;
        shown += "{}";
        rest = &from[end.unwrap_or(from.len())..];
    }
    shown + rest
}

#[tokio::test]
async fn a_form_of_a_forgotten_browser_comes_back_filled_in() {
    let world = town();
    for (at, action, field, roles) in TYPED {
        let mut browser = if roles.is_empty() { Browser::new(&world) } else { Browser::agent(&world, roles) };
        let form = browser.get(at).await;
        let html = form.text();
        let multipart = html.contains("multipart/form-data");
        let word = if html.contains(&format!("<textarea id=\"c-{}", field.replace(['.', '_'], "-"))) {
            LONG
        } else {
            "412873952K"
        };
        browser.forget("parvis_form");
        let fields = [(field, word), ("mot_de_passe", "un secret"), ("fichier@plan.pdf", "%PDF-1.4")];
        let answer = if multipart {
            browser.send_files(&form, action, &fields).await
        } else {
            browser.send(&form, action, &fields[..2]).await
        };
        let html = page(action, &answer, 403);
        assert!(html.contains("Rien n’a été envoyé") && !html.contains("un secret"), "{action}: {html}");
        let shown = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(html.contains(&shown), "{action} {field}: {html}");
        assert_eq!(multipart, html.contains("plan.pdf"), "{action}");
        // What came back is ours, and goes.
        assert!(browser.has("parvis_form"), "{action}");
        let token = hidden(&html, "csrf").to_owned();
        assert_ne!(token, hidden(&form.text(), "csrf"));
        let again = if multipart {
            browser.send_files(&answer, action, &[(field, word)]).await
        } else {
            browser.send(&answer, action, &[(field, word)]).await
        };
        assert_ne!(again.status, 403, "{action}: {}", again.text());
    }
    assert!(world.seen.submitted.lock().unwrap().iter().all(|request| request.text != "un secret"));
}

#[tokio::test]
async fn what_another_site_sends_is_not_shown() {
    let world = town();
    let fields = [("csrf", "x"), ("text", LONG)];
    let answer = post(&world, "/suivi", &[("sec-fetch-site", "cross-site")], &fields).await;
    assert!(!page("/suivi", &answer, 403).contains("412"));
    let answer =
        post(&world, "/agent/dossiers/000-000-001-B/note", &[("origin", "https://evil.example")], &fields).await;
    assert!(!answer.text().contains("garde"), "{}", answer.text());
}

#[tokio::test]
async fn an_agent_whose_session_ended_finds_the_form_again_after_signing_in() {
    let world = town();
    let (at, action) = ("/agent/dossiers/000-000-001-B", "/agent/dossiers/000-000-001-B/note");
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let form = browser.get(at).await;
    browser.forget("parvis_session");
    let waiting = browser.send(&form, action, &[("note.texte", LONG)]).await;
    let html = page("/connexion", &waiting, 401);
    assert!(html.contains("est gardé") && !html.contains("mardi"), "{html}");
    let kept = hidden(&html, "garde").to_owned();
    let sign_in = |password: &'static str, kept: &str| {
        [
            ("garde".to_owned(), kept.to_owned()),
            ("identifiant".to_owned(), "claire-martin".to_owned()),
            ("mot_de_passe".to_owned(), password.to_owned()),
            ("retour".to_owned(), at.to_owned()),
        ]
    };
    let fields = sign_in("x", &kept);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let wrong = browser.send(&waiting, "/connexion", &fields).await;
    let html = page("/connexion", &wrong, 401);
    assert_eq!(hidden(&html, "garde"), kept, "a wrong password loses nothing");
    let fields = sign_in("un bon mot de passe", &kept);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let back = browser.send(&wrong, "/connexion", &fields).await;
    let html = page(at, &back, 200);
    assert!(html.contains("votre session était terminée") && html.contains("Depuis mardi"), "{html}");
    assert!(browser.has("parvis_session"));
    let sent = browser.send(&back, action, &[("version", "3"), ("note.texte", LONG)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
}

#[tokio::test]
async fn a_colleague_at_the_same_screen_does_not_read_it() {
    let world = town();
    let action = "/agent/dossiers/000-000-001-B/note";
    // The session of somebody else, over since long.
    let mut other = serde_json::to_value(claims("clairval", -7200, -3600)).unwrap();
    other["sub"] = "paul-durand".into();
    let token = world.token(&serde_json::from_value(other).unwrap());
    let mut browser = Browser::with(&world, &token);
    let form = browser.get("/connexion").await;
    let waiting = browser.send(&form, action, &[("note.texte", LONG)]).await;
    let kept = hidden(&page("/connexion", &waiting, 401), "garde").to_owned();
    let fields = [("garde", kept.as_str()), ("identifiant", "claire-martin"), ("mot_de_passe", "un bon mot de passe")];
    let signed_in = browser.send(&waiting, "/connexion", &fields).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
}

#[tokio::test]
async fn what_was_tampered_with_is_nothing() {
    let world = town();
    let mut browser = Browser::new(&world);
    let form = browser.get("/connexion").await;
    let fields = [("garde", "AAAA"), ("identifiant", "claire-martin"), ("mot_de_passe", "un bon mot de passe")];
    let signed_in = browser.send(&form, "/connexion", &fields).await;
    assert_eq!(signed_in.headers["location"], "/agent");
}
