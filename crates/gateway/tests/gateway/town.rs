//! A town where every role has something to show.

use parvis_proto::{
    casework::*,
    common::{Answer as Filled, AttachmentRef, ProcedureSnapshot, Requester, UnitContact},
    identity::{Account, ListAccountsResponse},
    intake::*,
    notification::{ListNoticesResponse, Notice},
    routing::*,
    tracking::{Count, DayFigures, Distribution, Figures, Timeline, TimelineLine, UnitFigures},
};

use crate::fakes::*;

/// An instant, as messages have it.
pub fn at(text: &str) -> Option<prost_types::Timestamp> {
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
        for_person: false,
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
        rule: "triage".into(),
        sentence: "Ce dossier vous est arrivé parce que sa démarche relève de ce service.".into(),
        flags: vec!["Danger <b>gras".into()],
        guesses: vec![Guess {
            unit: "voirie".into(),
            unit_name: "Voirie".into(),
            percent: 61,
            words: vec!["trottoir".into()],
            ..Default::default()
        }],
        transfer: Some(Transfer {
            body: "caf".into(),
            name: "Caisse d'allocations".into(),
            contact: "3230".into(),
            state: "proposed".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A town where every role has something to show.
pub fn town() -> World {
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
        phone: "06 12 34 56 78".into(),
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
            reading: "full".into(),
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
            skills: vec!["voirie".into()],
            languages: vec!["fr".into(), "en".into()],
            ..Default::default()
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
            by_channel: vec![Count { code: "web".into(), count: 3, ..Default::default() }],
            by_theme: vec![Count { code: "voirie".into(), count: 3, ..Default::default() }],
            by_unit: vec![UnitFigures {
                unit: "voirie".into(),
                name: "Voirie".into(),
                received: 3,
                overdue: 1,
                ..Default::default()
            }],
            by_day: vec![DayFigures { day: "2026-11-01".into(), received: 3, closed: 1, ..Default::default() }],
            seconds_to_assignment: Some(Distribution { count: 3, median: 1.0, p90: 9_000.0 }),
            ..Default::default()
        },
    );
    crate::town_rules::tell(seen);
    crate::town_knowledge::tell(seen);
    world
}
