//! Every kind by every mode.

use jiff::tz::TimeZone;
use parvis_kernel::{ContactMode, Timestamp};
use parvis_proto::{
    casework::NoticeRequested,
    common::{FieldValue, ProcedureSnapshot, Requester, UnitContact},
};

use super::{Content, Kind, Texts, Town, code};

fn fields(kind: Kind) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("title", "Demande d’occupation du domaine public"),
        ("received_on", "2026-03-01"),
        ("requester_name", "Zoé Élan"),
        ("a_field_of_a_later_version", "x"),
    ];
    let service = [
        ("service_name", "Voirie et propreté"),
        ("service_email", "voirie@clairval.example"),
        ("service_phone", "02 00 00 00 30"),
        ("service_address", "3 rue du Port\n49999 Clairval-sur-Loire"),
    ];
    fields.extend(match kind {
        Kind::Acknowledgment => [
            service.to_vec(),
            vec![
                ("agent_name", "Claire Martin"),
                ("service_due_on", "2026-03-16"),
                ("silence", "reject"),
                ("implicit_on", "2026-05-01"),
                ("silence_source", "CRPA L231-4"),
                ("silence_sentence", "Sans réponse le 1er mai 2026, votre demande sera rejetée, sous réserve que la demande soit complète."),
                ("appeal_sentence", "Vous disposerez de deux mois pour saisir le tribunal administratif."),
                ("missing_documents", "Plan de situation\nAttestation d’assurance"),
            ],
        ]
        .concat(),
        Kind::Reassigned => [service.to_vec(), vec![("previous_service_name", "Urbanisme")]].concat(),
        Kind::Message | Kind::Waiting => {
            vec![("message", "Quelle largeur souhaitez-vous ?"), ("author_name", "Claire Martin")]
        }
        Kind::Decision => vec![
            ("outcome", "rejected"),
            ("outcome_sentence", "Votre demande est rejetée."),
            ("message", "Nous le regrettons."),
            ("author_name", "Claire Martin"),
            ("grounds", "Le trottoir est trop étroit."),
            ("appeal_sentence", "Vous disposez de deux mois pour saisir le tribunal administratif."),
            ("reopen_until", "2026-06-30"),
        ],
        Kind::Closed => vec![
            ("outcome", "answered"),
            ("outcome_sentence", "Nous avons répondu à votre demande."),
            ("message", "Le trou a été rebouché."),
            ("reopen_until", "2026-06-30"),
        ],
        Kind::Reopened => vec![("cause", "citizen")],
        Kind::Escalation => vec![("summary", "Signalé à Sophie Lemaire, responsable."), ("priority", "urgente")],
        Kind::Referral => referral(),
    });
    fields
}

fn referral() -> Vec<(&'static str, &'static str)> {
    vec![
        ("title", "Aide au logement"),
        ("received_on", "2026-03-01"),
        ("person", "Zoé Élan\nCourriel : zoe@example.org"),
        ("request_text", "Je n’ai rien reçu depuis janvier.\nQue faire ?"),
        ("answers", "Numéro d’allocataire : 123"),
        ("attachments", "bail.pdf"),
        ("service_name", "Accueil"),
        ("service_email", "accueil@clairval.example"),
        ("body_contact", "3230"),
    ]
}

fn event(kind: Kind, mode: &str, fields: &[(&str, &str)]) -> NoticeRequested {
    NoticeRequested {
        kind: kind.as_str().into(),
        reference: "412-873-952-K".into(),
        tracking_code: "K7R2MQ9XB4TD".into(),
        recipient: Some(Requester {
            first_name: "Zoé".into(),
            last_name: "Élan".into(),
            email: "zoe@example.org".into(),
            phone: "06 00 00 00 00".into(),
            postal_address: "12 rue des Lilas\n49999 Clairval-sur-Loire".into(),
            contact_mode: mode.into(),
            ..Requester::default()
        }),
        fields: fields
            .iter()
            .map(|(name, value)| FieldValue { name: (*name).into(), value: (*value).into() })
            .collect(),
        recipient_verified: true,
        ..NoticeRequested::default()
    }
}

fn town() -> Town {
    Town {
        name: "Ville de Clairval-sur-Loire".into(),
        email: "mairie@clairval.example".into(),
        phone: "02 00 00 00 00".into(),
        address: "1 place de la Mairie\n49999 Clairval-sur-Loire".into(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
        public_url: "https://demarches.clairval.example".into(),
    }
}

fn content(event: &NoticeRequested) -> Content {
    let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
    Content::read(event, &town(), at).unwrap()
}

fn write(kind: Kind, mode: ContactMode) -> Texts {
    let content = content(&event(kind, mode.as_str(), &fields(kind)));
    assert_eq!(content.missing(), None);
    Texts::write(&content).unwrap()
}

/// What each kind must say, to whomever it is said in full.
fn must_say(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Acknowledgment => &[
            "Nous avons bien reçu votre demande le dimanche 1er mars 2026.",
            "412-873-952-K",
            "Service chargé de votre demande\u{a0}: Voirie et propreté",
            "suivie par Claire Martin",
            "02 00 00 00 30",
            "voirie@clairval.example",
            "Adresse\u{a0}: 3 rue du Port",
            "au plus tard le lundi 16 mars 2026",
            "sera rejetée, sous réserve que la demande soit complète.",
            "CRPA L231-4",
            "Vous disposerez de deux mois pour saisir le tribunal administratif.",
            "- Plan de situation",
            "- Attestation d’assurance",
        ],
        Kind::Reassigned => &["désormais traitée par un autre service", "Urbanisme", "Voirie et propreté"],
        Kind::Message => &["Claire Martin vous a écrit", "Quelle largeur souhaitez-vous\u{a0}?"],
        Kind::Waiting => {
            &["Claire Martin attend votre réponse", "Quelle largeur souhaitez-vous\u{a0}?", "page de suivi"]
        }
        Kind::Decision => &[
            "Votre demande est rejetée.",
            "Motifs de la décision\u{a0}:\nLe trottoir est trop étroit.",
            "Vous disposez de deux mois pour saisir le tribunal administratif.",
            "jusqu’au mardi 30 juin 2026",
        ],
        Kind::Closed => &["Nous avons répondu à votre demande.", "Le trou a été rebouché.", "mardi 30 juin 2026"],
        Kind::Reopened => &["Nous avons bien reçu votre message", "est rouverte"],
        Kind::Escalation | Kind::Referral => &[],
    }
}

#[test]
fn every_kind_is_said_in_full_by_every_mode_but_sms() {
    for kind in Kind::TO_CITIZENS {
        for mode in [ContactMode::Email, ContactMode::Letter, ContactMode::Phone, ContactMode::Portal] {
            let texts = write(kind, mode);
            for sentence in must_say(kind) {
                assert!(texts.portal.contains(sentence), "{kind:?} portal: {sentence}\n---\n{}", texts.portal);
                let whole = mode == ContactMode::Portal || texts.body.contains(sentence);
                assert!(whole, "{kind:?} {mode}: {sentence}\n---\n{}", texts.body);
            }
            assert!(texts.subject.contains("412-873-952-K"));
            assert!(!texts.body.contains("{{") && !texts.body.contains("\n\n\n"), "{}", texts.body);
            assert!(!code::is_marked(&texts.portal), "the portal's reader has the code already");
        }
    }
}

#[test]
fn every_mode_has_what_it_needs_around() {
    for kind in Kind::TO_CITIZENS {
        let sent = |mode| code::put(&write(kind, mode).body, "K7R-2MQ-9XB-4TD");
        let email = sent(ContactMode::Email);
        assert!(email.starts_with("Madame, Monsieur,\n\n"), "{email}");
        assert!(email.contains("https://demarches.clairval.example/suivi?reference=412-873-952-K\n"), "{email}");
        assert!(email.contains("Votre code de suivi\u{a0}: K7R-2MQ-9XB-4TD\n"), "{email}");
        assert!(email.contains("nos salutations distinguées.\n\nVille de Clairval-sur-Loire\n"), "{email}");
        let letter = write(kind, ContactMode::Letter);
        assert!(letter.body.starts_with("Ville de Clairval-sur-Loire\n1 place de la Mairie\n"), "{}", letter.body);
        assert!(letter.body.contains("\nZoé Élan\n12 rue des Lilas\n49999 Clairval-sur-Loire\n"), "{}", letter.body);
        assert!(letter.body.contains("\nLe lundi 2 mars 2026\n"), "in Paris the day has begun: {}", letter.body);
        assert!(letter.body.contains(&format!("Objet\u{a0}: {}\n", letter.subject)), "{}", letter.body);
        let phone = sent(ContactMode::Phone);
        assert!(phone.starts_with("Appeler\u{a0}: Zoé Élan\nNuméro\u{a0}: 06 00 00 00 00\n"), "{phone}");
        assert!(phone.contains("une fois l’identité de la personne vérifiée, le code de suivi K7R-2MQ-9XB-4TD"));
        let sms = sent(ContactMode::Sms);
        assert!(sms.starts_with("Ville de Clairval-sur-Loire\u{a0}:") && !sms.contains('\n'), "{sms}");
        assert!(sms.contains("suivi?reference=412-873-952-K Code\u{a0}: K7R-2MQ-9XB-4TD"), "{sms}");
        assert!(write(kind, ContactMode::Portal).body.is_empty());
    }
}

#[test]
fn a_short_message_still_acknowledges_and_decides_in_full() {
    let sms = write(Kind::Acknowledgment, ContactMode::Sms).body;
    assert!(sms.contains("sera rejetée") && sms.contains("02 00 00 00 30") && sms.contains("tribunal"), "{sms}");
    let plain: Vec<_> = fields(Kind::Acknowledgment).into_iter().filter(|(name, _)| *name != "silence").collect();
    let sms = Texts::write(&content(&event(Kind::Acknowledgment, "sms", &plain))).unwrap().body;
    assert!(sms.contains("demande 412-873-952-K bien reçue le dimanche 1er mars 2026."), "{sms}");
    assert!(sms.chars().count() < 320, "{sms}");
    assert!(write(Kind::Decision, ContactMode::Sms).body.contains("tribunal"));
}

#[test]
fn an_acknowledgment_that_lacks_what_the_law_asks_for_is_refused_by_name() {
    let needed = ["received_on", "service_name", "service_phone", "implicit_on", "silence_sentence", "appeal_sentence"];
    for name in needed {
        let fields: Vec<_> = fields(Kind::Acknowledgment).into_iter().filter(|(field, _)| *field != name).collect();
        assert_eq!(content(&event(Kind::Acknowledgment, "email", &fields)).missing(), Some(name));
    }
    let drop = |names: &[&str]| -> Vec<_> {
        fields(Kind::Acknowledgment).into_iter().filter(|(field, _)| !names.contains(field)).collect()
    };
    let one = drop(&["service_email"]);
    assert_eq!(content(&event(Kind::Acknowledgment, "email", &one)).missing(), None, "an address is enough");
    let none = drop(&["service_email", "service_address"]);
    assert_eq!(content(&event(Kind::Acknowledgment, "email", &none)).missing(), Some("service_address"));
    let mut accept = drop(&["silence", "appeal_sentence"]);
    accept.push(("silence", "accept"));
    assert_eq!(content(&event(Kind::Acknowledgment, "portal", &accept)).missing(), Some("certificate_sentence"));
    accept.push(("certificate_sentence", "Vous pourrez demander une attestation."));
    let texts = Texts::write(&content(&event(Kind::Acknowledgment, "portal", &accept))).unwrap();
    assert!(texts.portal.contains("Vous pourrez demander une attestation."));
    // The procedure's own rule counts where the field is absent; without a rule nothing is asked for.
    let mut message = event(Kind::Acknowledgment, "portal", &[]);
    assert_eq!(content(&message).missing(), None);
    message.procedure = Some(ProcedureSnapshot { silence: "reject".into(), ..ProcedureSnapshot::default() });
    assert_eq!(content(&message).missing(), Some("received_on"));
}

#[test]
fn what_stands_beside_the_fields_fills_them() {
    let mut message = event(Kind::Acknowledgment, "portal", &[]);
    message.agent_name = "Claire Martin".into();
    message.unit = Some(UnitContact {
        name: "Voirie".into(),
        email: "voirie@clairval.example".into(),
        phone: "02 00 00 00 30".into(),
        ..UnitContact::default()
    });
    let content = content(&message);
    assert_eq!(content.reply_to, "voirie@clairval.example");
    let texts = Texts::write(&content).unwrap();
    assert!(texts.portal.contains("Nous avons bien reçu votre demande.") && texts.portal.contains("Voirie"));
}

#[test]
fn a_mode_without_its_contact_is_refused_and_an_unknown_one_is_the_portal() {
    for (mode, missing) in
        [("email", "recipient.email"), ("letter", "recipient.postal_address"), ("sms", "recipient.phone")]
    {
        let mut message = event(Kind::Reopened, mode, &[]);
        message.recipient = Some(Requester { contact_mode: mode.into(), ..Requester::default() });
        assert_eq!(content(&message).missing(), Some(missing));
    }
    assert_eq!(content(&event(Kind::Reopened, "carrier-pigeon", &[])).mode, ContactMode::Portal);
}

#[test]
fn a_supervisor_is_told_of_a_case_and_of_nobody() {
    let fields = [("summary", "Signalé à Sophie Lemaire, responsable."), ("priority", "urgente")];
    let mut message = event(Kind::Escalation, "email", &fields);
    message.recipient = Some(Requester {
        first_name: "Sophie Lemaire".into(),
        email: "s.lemaire@clairval.example".into(),
        contact_mode: "email".into(),
        ..Requester::default()
    });
    let texts = Texts::write(&content(&message)).unwrap();
    assert!(texts.portal.is_empty());
    assert_eq!(texts.subject, "Le dossier 412-873-952-K attend une suite");
    for said in [
        "Bonjour Sophie Lemaire,",
        "Signalé à Sophie Lemaire, responsable.",
        "Priorité\u{a0}: urgente",
        "https://demarches.clairval.example/agent/dossiers/412-873-952-K\n",
    ] {
        assert!(texts.body.contains(said), "{said}\n---\n{}", texts.body);
    }
    assert!(!texts.body.contains("suivi?"), "the follow-up page is the citizen's");
    assert!(texts.body.contains("vous est adressé comme responsable de ce service."), "{}", texts.body);
    // A unit without supervisors: its mailbox is nobody in particular.
    message.recipient = message.recipient.map(|it| Requester { first_name: String::new(), ..it });
    let texts = Texts::write(&content(&message)).unwrap();
    assert!(texts.body.starts_with("Bonjour,\n"), "{}", texts.body);
    assert!(texts.body.contains("Ce message est destiné aux responsables du service."), "{}", texts.body);
}

#[test]
fn a_request_sent_on_is_whole_and_keeps_the_tracking_code_to_itself() {
    for (mode, address) in [("email", ""), ("letter", ""), ("letter", "1 rue de la CAF\n49000 Angers")] {
        let mut message = event(Kind::Referral, mode, &referral());
        message.recipient = Some(Requester {
            organization_name: "CAF du Val".into(),
            email: "demandes@caf.example".into(),
            postal_address: address.into(),
            contact_mode: mode.into(),
            ..Requester::default()
        });
        let content = content(&message);
        assert_eq!(content.missing(), None, "without an address it is written on the envelope");
        let texts = Texts::write(&content).unwrap();
        assert!(texts.portal.is_empty() && !texts.subject.contains("Aide au logement"));
        assert!(!code::is_marked(&texts.body));
        for said in [
            "Le dimanche 1er mars 2026, nous avons reçu la demande",
            "L. 114-2",
            "412-873-952-K",
            "Zoé Élan\nCourriel\u{a0}: zoe@example.org\n",
            "Je n’ai rien reçu depuis janvier.\nQue faire\u{a0}?",
            "Numéro d’allocataire\u{a0}: 123",
            "- bail.pdf",
            "accueil@clairval.example",
        ] {
            assert!(texts.body.contains(said), "{mode}: {said}\n---\n{}", texts.body);
        }
        assert_eq!(texts.body.contains("elles ne sont pas jointes à ce courriel"), mode == "email");
        assert_eq!(texts.body.contains("à nous demander si elles ne sont pas jointes)"), mode == "letter");
        assert!(texts.body.ends_with("nos salutations distinguées.\n\nVille de Clairval-sur-Loire"), "{}", texts.body);
        let to =
            if address.is_empty() { "\nCAF du Val\n3230\n" } else { "\nCAF du Val\n1 rue de la CAF\n49000 Angers\n" };
        assert_eq!(texts.body.contains(to), mode == "letter", "{}", texts.body);
        assert!(!texts.body.contains("suivi") && !texts.body.contains("{{") && !texts.body.contains("\n\n\n"));
    }
}

#[test]
fn an_address_that_nobody_verified_gets_nothing_the_sender_wrote() {
    const EVIL: &str = "Gagnez sur https://mal.example/x";
    for kind in Kind::TO_CITIZENS {
        let mut fields = fields(kind);
        fields.retain(|(name, _)| !matches!(*name, "title" | "requester_name"));
        fields.extend([("title", EVIL), ("requester_name", EVIL)]);
        let mut event = event(kind, "email", &fields);
        let recipient = event.recipient.as_mut().unwrap();
        (recipient.first_name, recipient.organization_name) = (EVIL.into(), EVIL.into());
        event.recipient_verified = false;
        let content = content(&event);
        let texts = Texts::write(&content).unwrap();
        for said in [&texts.subject, &texts.portal, &texts.body, &content.name] {
            assert!(!said.contains("mal.example"), "{kind:?}: {said}");
        }
        assert!(texts.body.contains("https://demarches.clairval.example/suivi"), "{kind:?}");
        let links = texts.body.matches("http").count();
        assert_eq!(links, texts.body.matches("https://demarches.clairval.example/").count(), "{kind:?}");
        // Verified, it is their own words to themselves; and a procedure's title is the town's.
        event.recipient_verified = true;
        assert!(Content::read(&event, &town(), Timestamp::UNIX_EPOCH).unwrap().name.contains("mal.example"));
        event.recipient_verified = false;
        event.procedure = Some(ProcedureSnapshot { title: EVIL.into(), ..ProcedureSnapshot::default() });
        assert_eq!(Content::read(&event, &town(), Timestamp::UNIX_EPOCH).unwrap().field("title"), Some(EVIL));
    }
}
