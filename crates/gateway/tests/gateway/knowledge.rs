//! Pages and resources of the knowledge base.

use parvis_kernel::ErrorKind;
use parvis_proto::{
    intake::{ListProceduresResponse, Procedure},
    knowledge::{Hit, SaveArticleRequest, SuggestResponse},
};
use serde_json::json;

use crate::{
    browser::{Browser, page},
    fakes::*,
    get, send,
    town::town,
};

const ARTICLE: &str = "/agent/connaissances/01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11";

#[tokio::test]
async fn a_page_says_who_wrote_it_when_and_under_which_licence() {
    let world = town();
    let html = page("/infos/f12", &Browser::new(&world).get("/infos/f12").await, 200);
    for expected in ["Licence Ouverte 2.0", "service-public.fr", "1er mai 2026", "href=\"/infos/f13\"", "id=\"s-un\""] {
        assert!(html.contains(expected), "{expected} is not in {html}");
    }
    assert_eq!(world.seen.used.lock().unwrap()[0].kind, "opened");
    world.seen.refuse("read_page", ErrorKind::NotFound);
    page("/infos/rien", &Browser::new(&world).get("/infos/rien").await, 404);
}

#[tokio::test]
async fn an_answer_found_before_filing_is_counted_and_files_nothing() {
    let world = town();
    let mut browser = Browser::new(&world);
    let form = browser.get("/demande").await;
    let typed = [("text", "Je voudrais jeter un vieux canapé"), ("cle", "abc"), ("requester.last_name", "Dupré")];
    let looked = browser.send_files(&form, "/demande/reponses", &typed).await;
    let html = page("/demande/reponses", &looked, 200);
    assert!(html.contains("Voici peut-être votre réponse") && html.contains("Cela répond à ma question"), "{html}");
    assert!(html.contains("Dupré") && html.contains("vieux canapé"), "what was typed is gone");
    assert!(!html.contains("<script>x"), "what people wrote is escaped");
    let answered = browser.send(&looked, "/infos/avis", &[("slug", "encombrants"), ("de", "demande")]).await;
    page("/infos/encombrants", &browser.follow(&answered).await, 200);
    let kinds: Vec<_> = world.seen.used.lock().unwrap().iter().map(|used| used.kind.clone()).collect();
    assert_eq!(kinds, ["helped", "not_filed", "opened"]);
    assert!(world.seen.submitted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn answers_come_alone_for_the_script_and_need_our_form() {
    let world = town();
    let mut browser = Browser::new(&world);
    let form = browser.get("/demande").await;
    let part = browser.send(&form, "/suggestions", &[("text", "jeter un vieux canapé")]).await;
    assert!(part.text().contains("Voici peut-être") && !part.text().contains("<html"), "{}", part.text());
    assert!(!part.text().contains("rt-essai"));
    let short = browser.send(&form, "/suggestions", &[("text", "ab")]).await;
    assert_eq!(short.text().trim(), "");
    let foreign = [("content-type", "application/x-www-form-urlencoded")];
    assert!(send(&world.router, "POST", "/suggestions", &foreign, "text=bonjour").await.status.is_client_error());
}

#[tokio::test]
async fn filing_goes_on_when_knowledge_is_down() {
    let world = town();
    world.seen.down.lock().unwrap().push("knowledge");
    let mut browser = Browser::new(&world);
    let form = browser.get("/demande").await;
    page("/demande", &form, 200);
    page("/demarches/acte-naissance", &browser.get("/demarches/acte-naissance").await, 200);
    let looked = browser.send_files(&form, "/demande/reponses", &[("text", "Un canapé à jeter")]).await;
    page("/demande/reponses", &looked, 200);
    let html = page("/recherche?q=x", &browser.get("/recherche?q=canap%C3%A9").await, 200);
    assert!(html.contains("momentanément indisponible"));
    let case = format!("/agent/dossiers/{KNOWN}");
    page(&case, &Browser::agent(&world, &["case_worker"]).get(&case).await, 200);
}

#[tokio::test]
async fn an_agent_takes_up_a_response_template() {
    let world = town();
    let mut browser = Browser::agent(&world, &["case_worker"]);
    let path = format!("/agent/dossiers/{KNOWN}");
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("Réponses types") && html.contains("?modele=rt-essai"), "{html}");
    let path = format!("{path}?modele=rt-essai");
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("Bonjour Odile, à bientôt."), "{html}");
    let counter = browser.get("/agent/accueil").await;
    let asked = [("action", "repondre"), ("text", "Une question sur les encombrants"), ("canal", "phone")];
    let html = page("/agent/accueil", &browser.send_files(&counter, "/agent/accueil", &asked).await, 200);
    assert!(html.contains("Pour répondre") && html.contains("Réponses types"), "{html}");
}

#[tokio::test]
async fn an_article_is_written_published_and_late_changes_are_said() {
    let world = town();
    let mut editor = Browser::agent(&world, &["administrator"]);
    let form = editor.get(ARTICLE).await;
    let html = page(ARTICLE, &form, 200);
    assert!(html.contains("Publier") && html.contains("Aperçu"));
    assert!(html.contains("name=\"services\" value=\"voirie\"") && html.contains(">VOIRIE</label>"), "{html}");
    let typed = [("revision", "4"), ("titre", "Sapins"), ("texte", "Place du Port"), ("public", "person")];
    let typed = [&typed[..], &[("services", "voirie"), ("services", "etat-civil"), ("demarche", "autre")]].concat();
    let saved = editor.send(&form, ARTICLE, &typed).await;
    assert!(page(ARTICLE, &editor.follow(&saved).await, 200).contains("comme brouillon"));
    let content = world.seen.asked::<SaveArticleRequest>("save_article").remove(0).content.unwrap();
    assert_eq!((content.units.join(" ").as_str(), content.procedure.as_str()), ("voirie etat-civil", "autre"));
    let published = editor.send(&form, &format!("{ARTICLE}/publier"), &[("revision", "4")]).await;
    assert!(page(ARTICLE, &editor.follow(&published).await, 200).contains("est publié"));
    page(ARTICLE, &editor.send(&form, &format!("{ARTICLE}/danser"), &[]).await, 404);

    world.seen.refuse("save_article", ErrorKind::Conflict);
    let late = page(ARTICLE, &editor.send(&form, ARTICLE, &typed).await, 409);
    assert!(late.contains("Un collègue a modifié") && late.contains("Place du Port"));
    world.seen.refuse("publish_article", ErrorKind::FailedPrecondition);
    page(ARTICLE, &editor.send(&form, &format!("{ARTICLE}/publier"), &[("revision", "4")]).await, 409);

    let mut clerk = Browser::agent(&world, &["case_worker"]);
    assert!(!page(ARTICLE, &clerk.get(ARTICLE).await, 200).contains("Publier"));
    page("/agent/connaissances/usages", &clerk.get("/agent/connaissances/usages").await, 403);
    let mut elected = Browser::agent(&world, &["elected_official"]);
    page("/agent/connaissances", &elected.get("/agent/connaissances").await, 403);
}

#[tokio::test]
async fn the_resources_answer_and_bound_what_they_take() {
    let world = town();
    let found = get(&world.router, "/api/v1/articles?q=encombrants", &[]).await.json();
    assert_eq!(found["articles"][0]["slug"], "encombrants");
    assert_eq!(get(&world.router, "/api/v1/articles", &[]).await.json()["articles"][1]["slug"], "cantine");
    let body = json!({ "text": "a".repeat(10_000_000) }).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(send(&world.router, "POST", "/api/v1/articles/suggestions", &headers, body).await.status, 413);
    let anonymous = json!({ "kind": "article", "content": {} }).to_string();
    assert_eq!(send(&world.router, "POST", "/api/v1/articles", &headers, anonymous).await.status, 401);
    world.seen.refuse("publish_article", ErrorKind::Conflict);
    let agent = world.agent("clairval");
    let headers = [("content-type", "application/json"), ("authorization", agent.as_str()), ("if-match", "\"3\"")];
    let late = send(&world.router, "POST", "/api/v1/articles/encombrants/publish", &headers, "{}").await;
    assert_eq!(late.status, 412);
}

#[tokio::test]
async fn procedures_are_found_by_the_one_search() {
    let world = town();
    let listed = |codes: &[&str]| ListProceduresResponse {
        procedures: codes
            .iter()
            .map(|code| Procedure { code: (*code).into(), title: format!("Titre {code}"), ..Procedure::default() })
            .collect(),
    };
    world.seen.tell("list_procedures", &listed(&["eclairage", "voirie", "autre"]));
    let hit = |slug: &str| Hit { kind: "procedure".into(), slug: slug.into(), ..Hit::default() };
    let hits = SuggestResponse { procedures: vec![hit("voirie"), hit("inconnue")], ..SuggestResponse::default() };
    world.seen.tell("suggest", &hits);
    let found = get(&world.router, "/api/v1/procedures?q=lampadaires", &[]).await.json();
    let codes: Vec<_> = found["procedures"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["voirie", "eclairage", "autre"], "the search's answers come first");
    let html = page("/demarches", &Browser::new(&world).get("/demarches?q=lampadaires").await, 200);
    assert!(html.contains("Titre voirie"), "{html}");
    world.seen.down.lock().unwrap().push("knowledge");
    page("/demarches", &Browser::new(&world).get("/demarches?q=lampadaires").await, 200);
}
