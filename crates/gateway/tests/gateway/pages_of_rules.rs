//! The administrator's pages of rules, bodies and the classifier.

use parvis_kernel::ErrorKind;
use parvis_proto::routing::{ClassifierModel, Decision, ListClassifierModelsResponse, SaveRuleDraftRequest, Step};

use crate::{
    browser::{Browser, hidden, page},
    town::town,
    town_rules::{error, rule_draft, tell_draft},
};

#[tokio::test]
async fn rules_are_moved_written_and_published_by_plain_forms() {
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let draft = "/admin/regles/brouillon";
    let shown = browser.get(draft).await;
    let html = page(draft, &shown, 200);
    assert!(html.contains("Vise en partie les mêmes demandes") && html.contains("Publier ces règles"), "{html}");
    assert!(html.contains("Si le texte contient «\u{a0}trottoir\u{a0}» ou «\u{a0}&#60;script&#62;x\u{a0}»."), "{html}");
    assert!(html.contains("Envoyer au service VOIRIE\u{a0}; puis s&#39;arrêter là."), "{html}");
    let moved = browser.send(&shown, draft, &[("revision", "7"), ("action", "monter-2")]).await;
    assert_eq!(moved.headers["location"], "/admin/regles/brouillon?fait=regles-enregistrees#regle-1");
    // The default rule stays last.
    let wrong = browser.send(&shown, draft, &[("revision", "7"), ("action", "descendre-2")]).await;
    assert_eq!(wrong.headers["location"], "/admin/regles/brouillon?fait=regles-changees");
    page("gone", &browser.get("/admin/regles/brouillon/regle/9").await, 404);
    let found = page(draft, &browser.get("/admin/regles/brouillon?q=AUTRE").await, 200);
    assert!(found.contains("1\u{a0}règle sur 3") && !found.contains("Trottoirs"), "{found}");
    world.seen.refuse("publish_rules", ErrorKind::Conflict);
    let publish = format!("{draft}/publier");
    let refused = browser.send(&shown, &publish, &[("revision", "7"), ("note", "Essai")]).await;
    assert!(browser.follow(&refused).await.text().contains("ont changé entre-temps"));
    let mut supervisor = Browser::agent(&world, &["supervisor"]);
    let html = page(draft, &supervisor.get(draft).await, 200);
    assert!(!html.contains("Publier ces règles") && !html.contains("Monter"), "{html}");
    let edit = "/admin/regles/brouillon/regle/nouvelle";
    page(edit, &supervisor.get(edit).await, 403);
}

#[tokio::test]
async fn a_town_sees_which_national_bodies_it_may_give_an_address_to() {
    let world = town();
    let path = "/admin/regles/brouillon/organismes";
    let mut browser = Browser::agent(&world, &["administrator"]);
    let html = page(path, &browser.get(path).await, 200);
    assert!(html.contains("Organisme prefecture"), "{html}");
    assert!(!html.contains("Organisme caf"), "the town has described that one: {html}");
    // Described under the code that the country's rules and the classifier know.
    let new = format!("{path}/nouveau");
    let form = browser.get(&format!("{new}?national=prefecture")).await;
    assert_eq!(hidden(&page(&new, &form, 200), "code"), "prefecture");
    let fields = [("revision", "7"), ("code", "prefecture"), ("nom", "Préfecture d'ici"), ("courriel", "a@b.example")];
    browser.send(&form, &new, &fields).await;
    let asked = world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft");
    assert_eq!(asked[0].text.as_ref().unwrap().bodies[1].code, "prefecture");
}

#[tokio::test]
async fn a_rule_is_written_without_a_code_nor_a_script() {
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let edit = "/admin/regles/brouillon/regle/nouvelle";
    let form = browser.get(edit).await;
    let html = page(edit, &form, 200);
    assert!(html.contains("<option value=\"voirie\">VOIRIE</option>"), "{html}");
    // A condition more: nothing is kept, what was typed stays.
    let typed =
        [("nom", "Rats"), ("si.1.sorte", "words"), ("si.1.mots", "rat"), ("action", "ajouter"), ("sorte", "day")];
    let more = browser.send(&form, edit, &[typed.as_slice(), &[("revision", "5")]].concat()).await;
    let html = page(edit, &more, 200);
    // Written upon a draft that a colleague has changed since: saving it will say so.
    assert_eq!(hidden(&html, "revision"), "5");
    assert!(
        html.contains("value=\"Rats\"") && html.contains("value=\"monday\"") && html.contains("\nrat</text"),
        "{html}"
    );
    assert!(world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft").is_empty());
    let removed = [("si.1.sorte", "words"), ("si.1.mots", "rat"), ("action", "enlever-1")];
    assert!(!page(edit, &browser.send(&form, edit, &removed).await, 200).contains("rat</textarea>"));

    let fields =
        [("revision", "7"), ("rang", "1"), ("nom", "Déchets, rats"), ("si.1.sorte", "words"), ("si.1.mots", "rat")];
    let saved = browser.send(&form, edit, &[fields.as_slice(), &[("service", "voirie")]].concat()).await;
    assert_eq!(saved.headers["location"], "/admin/regles/brouillon?fait=regle-enregistree#regle-1");
    let asked = world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft");
    let rules = &asked[0].text.as_ref().unwrap().rules;
    assert_eq!((rules.len(), rules[0].code.as_str(), rules[0].conditions[0].values.len()), (4, "dechets-rats", 1));
    assert_eq!(asked[0].expected_revision, 7);

    // What is wrong is said beside its field.
    let mut wrong = rule_draft();
    wrong.findings =
        vec![error(1, "conditions[1].values", "Aucune valeur."), error(1, "actions[1].value", "Aucun service.")];
    tell_draft(&world.seen, &wrong);
    let edit = "/admin/regles/brouillon/regle/1";
    let kept = browser.send(&form, edit, &[("revision", "7"), ("code", "trottoirs"), ("nom", "Trottoirs")]).await;
    assert_eq!(kept.headers["location"], "/admin/regles/brouillon/regle/1?fait=regle-a-corriger");
    let html = page(edit, &browser.follow(&kept).await, 200);
    assert!(html.contains("<a href=\"#c-si-1-mots\">Aucune valeur.</a>"), "{html}");
    assert!(html.contains("<a href=\"#c-service\">Aucun service.</a>") && html.contains("2 erreurs – "), "{html}");

    // Somebody else saved it: nothing typed is lost.
    world.seen.refuse("save_rule_draft", ErrorKind::Conflict);
    let late = browser.send(&form, edit, &[("revision", "2"), ("code", "trottoirs"), ("nom", "Mes trottoirs")]).await;
    let html = page(edit, &late, 409);
    assert!(html.contains("Mes trottoirs") && hidden(&html, "revision") == "7", "{html}");
}

#[tokio::test]
async fn what_was_typed_outlives_a_rule_taken_away_and_a_wrong_number() {
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let edit = "/admin/regles/brouillon/regle/1";
    let form = browser.get(edit).await;
    let typed = [("revision", "5"), ("rang", "1"), ("code", "perdue"), ("nom", "Ma règle")];
    for action in ["enregistrer", "ajouter"] {
        let gone = browser.send(&form, edit, &[typed.as_slice(), &[("action", action)]].concat()).await;
        let html = page(edit, &gone, 409);
        assert!(html.contains("plus dans le brouillon") && html.contains("value=\"Ma règle\""), "{html}");
        assert!(html.contains("action=\"/admin/regles/brouillon/regle/nouvelle\""), "{html}");
        assert_eq!(hidden(&html, "revision"), "7");
    }
    let removed = browser.send(&form, edit, &[typed.as_slice(), &[("action", "retirer")]].concat()).await;
    assert_eq!(removed.headers["location"], "/admin/regles/brouillon?fait=regles-changees");
    let fields = [("revision", "7"), ("rang", "premier"), ("code", "trottoirs"), ("nom", "Mes trottoirs")];
    let html = page(edit, &browser.send(&form, edit, &fields).await, 422);
    assert!(html.contains("<a href=\"#c-rang\">") && html.contains("value=\"Mes trottoirs\""), "{html}");
    for wrong in ["cent", "101", "-1", ""] {
        let fields = [("revision", "7"), ("action", "seuil"), ("seuil", wrong)];
        let refused = browser.send(&form, "/admin/regles/brouillon", &fields).await;
        assert!(browser.follow(&refused).await.text().contains("n&#39;a pas été changé"), "{wrong}");
    }
    assert!(world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft").is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_body_leads_to_it() {
    let world = town();
    let mut draft = rule_draft();
    draft.findings = vec![error(0, "bodies[1].email", "Nulle part où le joindre.")];
    tell_draft(&world.seen, &draft);
    let path = "/admin/regles/brouillon";
    let link = format!("<a href=\"{path}/organismes/1\">Organisme 1</a>");
    let mut browser = Browser::agent(&world, &["administrator"]);
    assert!(page(path, &browser.get(path).await, 200).contains(&link));
    let mut supervisor = Browser::agent(&world, &["supervisor"]);
    let html = page(path, &supervisor.get(path).await, 200);
    assert!(html.contains("Organisme 1 : Nulle part") && !html.contains(&link), "{html}");
}

#[tokio::test]
async fn the_classifier_in_service_is_told_with_those_refused() {
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let none = page("none", &browser.get("/admin/classement").await, 200);
    assert!(none.contains("Aucun modèle n'est encore en service"), "{none}");
    let model = |version, promoted, right, right_before| ClassifierModel {
        version,
        examples: 564,
        corrections: 20 * version,
        promoted,
        right,
        right_before,
        ..Default::default()
    };
    let models = vec![model(3, false, 4, 6), model(2, true, 6, 5), model(1, true, 0, 0)];
    let told = ListClassifierModelsResponse {
        models,
        in_service: 2,
        guess_percent: 75,
        rule_set: 4,
        // Fewer than models learnt from: the oldest are forgotten.
        corrections: 26,
        corrections_to_retrain: 20,
        new_corrections: 6,
    };
    world.seen.tell("list_classifier_models", &told);
    let html = page("models", &browser.get("/admin/classement").await, 200).replace('\u{a0}', " ");
    assert!(html.contains("Modèle 2") && html.contains("à partir de 75 %"), "{html}");
    assert!(html.contains("il en manque 14"), "{html}");
    assert!(html.contains("juste 4 fois, contre 6"), "{html}");
    assert_eq!((html.matches("En service</span>").count(), html.matches("Refusé</span>").count()), (1, 1));
    let mut agent = Browser::agent(&world, &["case_worker"]);
    page("denied", &agent.get("/admin/classement").await, 403);
}

#[tokio::test]
async fn a_competent_body_is_added_by_its_name() {
    let world = town();
    let mut browser = Browser::agent(&world, &["administrator"]);
    let new = "/admin/regles/brouillon/organismes/nouveau";
    let form = browser.get(new).await;
    page(new, &form, 200);
    let fields = [("revision", "7"), ("nom", "Préfecture du Loiret"), ("telephone", "02 00 00 00 00")];
    let saved = browser.send(&form, new, &fields).await;
    assert_eq!(saved.headers["location"], "/admin/regles/brouillon/organismes?fait=regles-enregistrees");
    let asked = world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft");
    let bodies = &asked[0].text.as_ref().unwrap().bodies;
    assert_eq!((bodies.len(), bodies[1].code.as_str()), (2, "prefecture-du-loiret"));
    let caf = "/admin/regles/brouillon/organismes/1";
    let removed = browser.send(&form, caf, &[("revision", "7"), ("code", "caf"), ("action", "retirer")]).await;
    assert!(browser.follow(&removed).await.text().contains("Le brouillon est enregistré"));
    assert!(world.seen.asked::<SaveRuleDraftRequest>("save_rule_draft")[1].text.as_ref().unwrap().bodies.is_empty());
    // A colleague took it away: what was typed is there to be kept as a new one.
    let gone = browser.send(&form, caf, &[("revision", "5"), ("code", "perdu"), ("nom", "Mon organisme")]).await;
    let html = page(caf, &gone, 409);
    assert!(html.contains("plus dans le brouillon") && html.contains("value=\"Mon organisme\""), "{html}");
    assert!(html.contains("action=\"/admin/regles/brouillon/organismes/nouveau\"") && hidden(&html, "revision") == "7");
}

#[tokio::test]
async fn a_trial_that_no_rule_decides_says_so() {
    let world = town();
    let path = "/admin/essai";
    let mut browser = Browser::agent(&world, &["administrator"]);
    let form = browser.get(path).await;
    let passed = Step { kind: "rule".into(), label: "Trottoirs".into(), why: "Non.".into(), ..Default::default() };
    let decision = |steps: Vec<Step>| Decision { unit_name: "Voirie".into(), steps, ..Default::default() };
    world.seen.tell("explain_routing", &decision(vec![passed.clone()]));
    let html = page(path, &browser.send(&form, path, &[("texte", "Un trou")]).await, 200);
    assert!(html.contains("Aucune ne s'applique") && html.contains("Trottoirs"), "{html}");
    world.seen.tell("explain_routing", &decision(vec![Step { kept: true, ..passed }]));
    let html = page(path, &browser.send(&form, path, &[("texte", "Un trou")]).await, 200);
    assert!(html.contains("Règles essayées") && !html.contains("<details"), "{html}");
    world.seen.tell("explain_routing", &decision(Vec::new()));
    let html = page(path, &browser.send(&form, path, &[("texte", "Un trou")]).await, 200);
    assert!(!html.contains("Règles essayées"), "{html}");
}
