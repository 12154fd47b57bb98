//! The pages, over roles that answer as told.

use http::header;
use parvis_kernel::ErrorKind;
use parvis_proto::{
    casework::*,
    common::{Answer as Filled, AttachmentRef, ProcedureSnapshot, Requester, UnitContact},
    identity::{Account, ListAccountsResponse},
    intake::*,
    notification::{ListNoticesResponse, Notice},
    routing::*,
    tracking::{Count, DayFigures, Distribution, Figures, Timeline, TimelineLine, UnitFigures},
};

use crate::{Answer, fakes::*, get, markup, send};

const CODE: &str = "K7R-2MQ-9XB-4TD";

/// A browser: keeps its cookies, reads its forms.
struct Browser<'a> {
    world: &'a World,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, cookies: Vec::new() }
    }

    fn agent(world: &'a World, roles: &[&str]) -> Self {
        let mut claims = serde_json::to_value(claims("clairval", 0, 600)).unwrap();
        claims["roles"] = serde_json::json!(roles);
        claims["units"] = serde_json::json!(["etat-civil", "voirie"]);
        let token = world.token(&serde_json::from_value(claims).unwrap());
        Self { world, cookies: vec![("parvis_session".into(), token)] }
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = value.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
    }

    async fn get(&mut self, path: &str) -> Answer {
        let answer = get(&self.world.router, path, &[("cookie", &self.cookie())]).await;
        self.keep(&answer);
        answer
    }

    /// Follows the redirection of `answer`.
    async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let to = answer.headers["location"].to_str().unwrap().to_owned();
        self.get(&to).await
    }

    /// Sends the form of `page` to `path`, with these fields more.
    async fn send(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", hidden(&page.text(), "csrf"));
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = send(&self.world.router, "POST", path, &headers, body.finish()).await;
        self.keep(&answer);
        answer
    }

    /// The same with a form that carries files; a name with `@` is a file.
    async fn send_files(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        let csrf = hidden(&page.text(), "csrf").to_owned();
        for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
            let part = match name.split_once('@') {
                Some((name, file)) => format!("name=\"{name}\"; filename=\"{file}\"\r\ncontent-type: application/pdf"),
                None => format!("name=\"{name}\""),
            };
            body += &format!("--limite\r\ncontent-disposition: form-data; {part}\r\n\r\n{value}\r\n");
        }
        body += "--limite--\r\n";
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=limite")];
        let answer = send(&self.world.router, "POST", path, &headers, body).await;
        self.keep(&answer);
        answer
    }
}

/// The value of a hidden field.
fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let from = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {html}")).1;
    from.split('"').next().unwrap()
}

fn at(text: &str) -> Option<prost_types::Timestamp> {
    Some(parvis_proto::to_proto_time(text.parse().unwrap()))
}

fn field(code: &str, kind: &str) -> FormField {
    let choices = if kind.contains("choice") { vec![choice("a"), choice("b")] } else { Vec::new() };
    FormField {
        code: code.into(),
        label: format!("Champ {code}"),
        r#type: kind.into(),
        required: true,
        choices,
        ..Default::default()
    }
}

fn choice(code: &str) -> Choice {
    Choice { code: code.into(), label: format!("Choix {code}") }
}

fn procedure() -> Procedure {
    Procedure {
        code: "acte-naissance".into(),
        version: 3,
        title: "Demander un acte de naissance".into(),
        summary: "Gratuit.".into(),
        theme: "etat-civil".into(),
        kind: "request".into(),
        audience: vec!["person".into(), "organization".into()],
        silence: "reject".into(),
        silence_months: 2,
        silence_source: "CRPA L231-4".into(),
        service_level_days: 5,
        fields: [
            "text",
            "textarea",
            "date",
            "number",
            "email",
            "phone",
            "choice",
            "multi_choice",
            "boolean",
            "address",
        ]
        .map(|kind| field(&kind.replace('_', "-"), kind))
        .into(),
        documents: vec![SupportingDocument {
            code: "identite".into(),
            label: "Pièce d'identité".into(),
            required: true,
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn case() -> Case {
    Case {
        id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
        reference: KNOWN.into(),
        version: 3,
        state: "assigned".into(),
        title: "Acte <b>gras</b>".into(),
        channel: "phone".into(),
        received_at: at("2026-11-20T10:00:00Z"),
        unit: "etat-civil".into(),
        unit_name: "État civil".into(),
        priority: "urgent".into(),
        requester_name: "Odile \"Dupré\"".into(),
        service_due_on: "2026-11-20".into(),
        legal_due_on: "2027-01-20".into(),
        unread: true,
        ..Default::default()
    }
}

fn message(direction: &str) -> Message {
    Message {
        id: direction.into(),
        at: at("2026-11-22T10:00:00Z"),
        direction: direction.into(),
        author: "Claire".into(),
        text: "Bonjour,\n\n<script>x</script>".into(),
    }
}

fn decision() -> Decision {
    let step = |kind: &str, kept| Step {
        kind: kind.into(),
        label: "Étape".into(),
        kept,
        why: "Parce que.".into(),
        ..Default::default()
    };
    Decision {
        id: "d1".into(),
        cause: "opened".into(),
        summary: "Confié à l'état civil.".into(),
        unit_name: "État civil".into(),
        steps: vec![step("rule", false), step("rule", true), step("candidate", true)],
        rule_set: 4,
        ..Default::default()
    }
}

/// A town where every role has something to show.
fn town() -> World {
    let world = World::new();
    let seen = &world.seen;
    seen.tell(
        "list_procedures",
        &ListProceduresResponse {
            procedures: vec![
                procedure(),
                Procedure { code: "autre".into(), title: "Autre".into(), theme: "voirie".into(), ..Default::default() },
            ],
        },
    );
    seen.tell("get_procedure", &procedure());
    seen.tell("list_cases", &ListCasesResponse { cases: vec![case()], next_page_token: "12".into() });
    let requester = Requester {
        first_name: "Odile".into(),
        last_name: "Dupré".into(),
        phone: "06 12".into(),
        postal_address: "1 rue\nVille".into(),
        contact_mode: "letter".into(),
        ..Default::default()
    };
    let answers = vec![Filled {
        field: "a".into(),
        label: "Question".into(),
        values: vec!["x".into()],
        display: vec!["Réponse".into()],
    }];
    let attachments = vec![AttachmentRef {
        id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
        file_name: "photo.jpg".into(),
        size: 1200,
        ..Default::default()
    }];
    seen.tell(
        "get_case",
        &CaseDetail {
            case: Some(case()),
            text: "Bonjour".into(),
            answers: answers.clone(),
            requester: Some(requester.clone()),
            attachments: attachments.clone(),
            messages: vec![message("to_citizen"), message("from_citizen"), message("note")],
            history: vec![HistoryLine {
                at: at("2026-11-20T10:00:00Z"),
                kind: "opened".into(),
                detail: "Ouvert.".into(),
                ..Default::default()
            }],
            allowed: ["start", "message", "wait", "note", "close", "reopen", "reassign"].map(String::from).into(),
            missing_documents: vec!["Justificatif".into()],
            acted_by_name: "Camille".into(),
            acted_by_basis: "phone".into(),
            ..Default::default()
        },
    );
    seen.tell(
        "get_public_case",
        &PublicCase {
            reference: KNOWN.into(),
            title: "Acte".into(),
            state: "waiting_citizen".into(),
            unit: Some(UnitContact {
                name: "État civil".into(),
                phone: "02 61".into(),
                email: "e@x.example".into(),
                ..Default::default()
            }),
            messages: vec![message("to_citizen"), message("from_citizen")],
            service_due_on: "2026-12-01".into(),
            silence: "reject".into(),
            legal_due_on: "2027-01-20".into(),
            may_reply: true,
            ..Default::default()
        },
    );
    seen.tell(
        "get_request",
        &SubmittedRequest {
            reference: KNOWN.into(),
            procedure: Some(ProcedureSnapshot {
                title: "Acte".into(),
                kind: "request".into(),
                silence: "reject".into(),
                silence_months: 2,
                service_level_days: 5,
                ..Default::default()
            }),
            text: "Bonjour".into(),
            answers,
            requester: Some(requester),
            attachments,
            missing_documents: vec!["Pièce d'identité".into()],
            ..Default::default()
        },
    );
    seen.tell(
        "get_timeline",
        &Timeline {
            lines: vec![TimelineLine {
                position: 4,
                label: "Reçue".into(),
                public: true,
                at: at("2026-11-20T10:00:00Z"),
                ..Default::default()
            }],
            ..Default::default()
        },
    );
    let notice = |mode: &str| Notice {
        id: mode.into(),
        reference: KNOWN.into(),
        kind: "acknowledgment".into(),
        mode: mode.into(),
        state: "to_hand_over".into(),
        subject: "Accusé".into(),
        body: "Madame,\nbonjour".into(),
        recipient: "Odile Dupré\n1 rue".into(),
        ..Default::default()
    };
    let notices = ListNoticesResponse { notices: vec![notice("letter"), notice("phone")], next_page_token: "3".into() };
    for method in ["list_notices", "list_handovers", "list_failures"] {
        seen.tell(method, &notices);
    }
    let unit = |code: &str, parent: &str| Unit {
        code: code.into(),
        name: code.to_uppercase(),
        parent: parent.into(),
        ..Default::default()
    };
    seen.tell(
        "get_directory",
        &Directory {
            units: vec![unit("etat-civil", ""), unit("voirie", "etat-civil")],
            teams: vec![Team { code: "nord".into(), name: "Nord".into(), unit: "voirie".into() }],
            sites: vec![Site { code: "mairie".into(), name: "Mairie".into(), ..Default::default() }],
            districts: vec![District { code: "centre".into(), name: "Centre".into() }],
            default_unit: "etat-civil".into(),
        },
    );
    let agent = |code: &str| Agent {
        code: code.into(),
        first_name: code.into(),
        presence: "present".into(),
        working_now: true,
        capacity: 5,
        load: 2,
        may_receive: true,
        units: vec!["voirie".into()],
        skills: vec![Skill { code: "voirie".into(), level: 3 }],
        ..Default::default()
    };
    seen.tell("list_agents", &ListAgentsResponse { agents: vec![agent("claire-martin"), agent("karim")] });
    seen.tell("list_decisions", &ListDecisionsResponse { decisions: vec![decision(), decision()] });
    seen.tell("explain_routing", &decision());
    seen.tell(
        "get_queues",
        &GetQueuesResponse {
            queues: vec![Queue {
                unit: "voirie".into(),
                unit_name: "Voirie".into(),
                waiting: 3,
                oldest: at("2026-11-20T10:00:00Z"),
            }],
        },
    );
    seen.tell(
        "list_rules",
        &ListRulesResponse {
            rules: vec![Rule {
                code: "r".into(),
                name: "Règle".into(),
                conditions: vec!["le canal est internet".into()],
                unit: "voirie".into(),
                priority: "high".into(),
                ..Default::default()
            }],
        },
    );
    seen.tell(
        "list_accounts",
        &ListAccountsResponse {
            accounts: vec![Account {
                code: "x".into(),
                name: "X".into(),
                active: true,
                roles: vec!["case_worker".into()],
                locked_until: at("2026-11-23T09:00:00Z"),
                ..Default::default()
            }],
        },
    );
    seen.tell(
        "get_figures",
        &Figures {
            received: 1234,
            by_channel: vec![Count { code: "web".into(), name: String::new(), count: 3 }],
            by_theme: vec![Count { code: "voirie".into(), name: String::new(), count: 3 }],
            by_unit: vec![UnitFigures {
                unit: "voirie".into(),
                name: "Voirie".into(),
                received: 3,
                overdue: 1,
                ..Default::default()
            }],
            by_day: vec![DayFigures { day: "2026-11-01".into(), received: 3, closed: 1 }],
            seconds_to_assignment: Some(Distribution { count: 3, median: 1.0, p90: 9_000.0 }),
            ..Default::default()
        },
    );
    world
}

/// The page, whatever its status, checked.
fn page(path: &str, answer: &Answer, status: u16) -> String {
    let text = answer.text();
    assert_eq!(answer.status, status, "{path}: {text}");
    markup::check(path, &text);
    text
}

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
        "/agent/dossiers?vue=unit&etat=closed&service=voirie&page=3",
        &case,
        "/agent/accueil",
        "/agent/reponse-immediate",
        "/agent/avis-a-remettre",
        "/agent/avis-a-remettre/courriers",
        "/agent/mot-de-passe",
        "/elus",
        "/elus?du=2026-01-01&au=2026-11-20&service=voirie",
        "/admin",
        "/admin/agents",
        "/admin/regles",
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
    let wrong = browser.send_files(&form, path, &fields).await;
    let html = page(path, &wrong, 422);
    assert!(html.contains("href=\"#c-requester-contact-mode\"") && html.contains("aria-invalid=\"true\""), "{html}");
    assert!(html.contains("value=\"Mon &#34;texte&#34;\"") && html.contains("carte.pdf"), "{html}");
    assert_eq!(hidden(&html, "cle"), key, "the same request, so the same key");
    assert!(world.seen.submitted.lock().unwrap().is_empty());

    let kept = hidden(&html, "piece").to_owned();
    let fields = [
        ("cle", key.as_str()),
        ("version", "3"),
        ("answers.text", "Mon texte"),
        ("answers.date", "2/1/2026"),
        ("requester.kind", "person"),
        ("requester.last_name", "Dupré"),
        ("requester.contact_mode", "portal"),
        ("piece", &kept),
    ];
    let filed = browser.send_files(&wrong, path, &fields).await;
    let confirmation = browser.follow(&filed).await;
    let html = page("confirmation", &confirmation, 200);
    assert!(html.contains(KNOWN) && html.contains(CODE) && html.contains("Pièce d&#39;identité"), "{html}");
    let submitted = world.seen.submitted.lock().unwrap()[0].clone();
    assert_eq!((submitted.idempotency_key.as_str(), submitted.channel.as_str()), (key.as_str(), "web"));
    assert_eq!(submitted.attachments[0].document, "identite");
    assert_eq!(submitted.answers[1].values, ["2026-01-02"]);

    world.seen.refuse("submit_request", ErrorKind::AlreadyExists);
    let again = browser.send_files(&wrong, path, &fields).await;
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
    let form = browser.get("/suivi").await;
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

    world.seen.down.lock().unwrap().extend(["casework", "tracking", "notification"]);
    let html = page(&path, &browser.get(&path).await, 200);
    assert!(html.contains("Votre demande est bien enregistrée") && html.contains("Bonjour"), "{html}");
    let sent = browser.send(&followed, &format!("{path}/message"), &[("message", "Reste là."), ("cle", "abc")]).await;
    assert!(page("message", &sent, 422).contains("Reste là."));

    let left = browser.send(&followed, "/suivi/quitter", &[]).await;
    browser.follow(&left).await;
    assert_eq!(browser.get(&path).await.headers["location"], "/suivi");
}

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
                ("requester.last_name", "Dupré"),
                ("requester.kind", "person"),
            ]),
        )
        .await;
    let html = page("receipt", &browser.follow(&filed).await, 200);
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
    assert!(
        html.contains("L&#39;identifiant ou le mot de passe") && html.contains("value=\"claire-martin\""),
        "{html}"
    );
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
