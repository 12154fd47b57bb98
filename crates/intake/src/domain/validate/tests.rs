use parvis_kernel::{
    Channel, ErrorKind, Reason, SettableClock, Timestamp,
    reason::{Choices, Expected},
};
use parvis_proto::{
    intake::{SubmittedAnswer, SubmittedAttachment},
    to_proto_time,
};
use proptest::prelude::*;

use super::*;
use crate::domain::{procedure::Procedure, procedures_file::parse_procedures};

pub(super) const FORM: &str = r#"
tenant = "clairval"
[[procedure]]
code = "essai"
title = "Essai"
theme = "voirie"
kind = "request"
silence = "none"
[[procedure.document]]
code = "identite"
label = "Pièce d'identité"
required = true
[[procedure.document]]
code = "plan"
label = "Plan"
[[procedure.field]]
code = "nom"
label = "Nom"
type = "text"
required = true
max_length = 5
[[procedure.field]]
code = "recit"
label = "Récit"
type = "textarea"
[[procedure.field]]
code = "jour"
label = "Jour"
type = "date"
[[procedure.field]]
code = "nombre"
label = "Nombre"
type = "number"
min = -1.5
max = 10
[[procedure.field]]
code = "courriel"
label = "Courriel"
type = "email"
[[procedure.field]]
code = "tel"
label = "Téléphone"
type = "phone"
[[procedure.field]]
code = "un"
label = "Un"
type = "choice"
choices = [{ code = "aa", label = "A" }, { code = "bb", label = "B" }]
[[procedure.field]]
code = "plusieurs"
label = "Plusieurs"
type = "multi_choice"
choices = [{ code = "aa", label = "A" }, { code = "bb", label = "B" }]
[[procedure.field]]
code = "oui"
label = "Oui ?"
type = "boolean"
[[procedure.field]]
code = "adresse"
label = "Adresse"
type = "address"
"#;

pub(super) fn procedure(anonymous: bool) -> Procedure {
    let mut content = parse_procedures("p", FORM).unwrap().procedures()[0].clone();
    content.anonymous = anonymous;
    Procedure { version: 1, content }
}

pub(super) fn now() -> Timestamp {
    "2026-05-31T10:00:00Z".parse().unwrap()
}

pub(super) fn context(procedure: Option<&Procedure>) -> Context<'_> {
    Context { procedure, channel: Channel::Web, now: now(), max_attachments: 3, by_agent: false }
}

pub(super) fn answers(given: &[(&str, &[&str])]) -> Vec<SubmittedAnswer> {
    given
        .iter()
        .map(|(field, values)| SubmittedAnswer {
            field: (*field).into(),
            values: values.iter().map(|value| (*value).into()).collect(),
        })
        .collect()
}

pub(super) fn person() -> Requester {
    Requester {
        first_name: "Zoé".into(),
        last_name: "Petit".into(),
        email: "zoe@exemple.fr".into(),
        ..Requester::default()
    }
}

pub(super) fn good() -> SubmitRequestRequest {
    SubmitRequestRequest {
        idempotency_key: "k-1".into(),
        procedure_code: "essai".into(),
        answers: answers(&[("nom", &["Petit"])]),
        requester: Some(person()),
        ..SubmitRequestRequest::default()
    }
}

/// The fields refused, in order.
pub(super) fn refused(message: &SubmitRequestRequest, context: Context<'_>) -> Vec<String> {
    let error = submission(message, context).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.violations().iter().map(|violation| violation.field.clone()).collect()
}

#[test]
fn a_good_one_is_tidied_and_shown() {
    let procedure = procedure(false);
    let mut message = good();
    message.text = "Bonjour,\r\nmerci.\tZoé".into();
    message.answers = answers(&[
        ("adresse", &["1 rue du Port\n49999 Clairval"]),
        ("oui", &["true"]),
        ("plusieurs", &["bb", "aa"]),
        ("un", &["bb"]),
        ("tel", &["+33 6 12 34 56 78"]),
        ("courriel", &["a.b+c@exemple.fr"]),
        ("nombre", &["-1,25"]),
        ("jour", &["2024-02-29"]),
        ("recit", &[""]),
        ("nom", &["Petit"]),
    ]);
    message.requester.as_mut().unwrap().email = " zoe@exemple.fr ".into();
    let accepted = submission(&message, context(Some(&procedure))).unwrap();
    assert_eq!(accepted.text, "Bonjour,\nmerci.\tZoé");
    let shown: Vec<_> = accepted
        .answers
        .iter()
        .map(|it| format!("{}={}|{}", it.field, it.values.join(","), it.display.join(",")))
        .collect();
    assert_eq!(
        shown,
        [
            "nom=Petit|Petit",
            "jour=2024-02-29|29/02/2024",
            "nombre=-1.25|-1,25",
            "courriel=a.b+c@exemple.fr|a.b+c@exemple.fr",
            "tel=+33 6 12 34 56 78|+33 6 12 34 56 78",
            "un=bb|B",
            "plusieurs=bb,aa|B,A",
            "oui=true|oui",
            "adresse=1 rue du Port\n49999 Clairval|1 rue du Port\n49999 Clairval",
        ]
    );
    assert_eq!(accepted.requester.kind, "person");
    assert_eq!(accepted.requester.email, "zoe@exemple.fr");
    assert_eq!(accepted.requester.language, "fr");
    assert_eq!(accepted.contact_mode, ContactMode::Email);
    assert_eq!(accepted.missing_documents, ["Pièce d'identité"]);
    assert_eq!(accepted.received_at, now());
}

#[test]
fn every_wrong_answer_is_named_at_once() {
    let procedure = procedure(false);
    let mut message = good();
    let too_long = "é".repeat(4001);
    message.answers = answers(&[
        ("nom", &["trop long"]),
        ("recit", &[&too_long]),
        ("jour", &["2025-02-29"]),
        ("nombre", &["11"]),
        ("courriel", &["a@b"]),
        ("tel", &["01 23 45 67 89"]),
        ("un", &["cc"]),
        ("plusieurs", &["aa", "aa"]),
        ("oui", &["oui"]),
        ("adresse", &["a", "b"]),
        ("inconnu", &["x"]),
        ("tel", &["06 12 34 56 78"]),
    ]);
    let fields = refused(&message, context(Some(&procedure)));
    let expected =
        ["inconnu", "tel", "nom", "recit", "jour", "nombre", "courriel", "un", "plusieurs", "oui", "adresse"];
    assert_eq!(fields, expected.map(|field| format!("answers.{field}")));
}

#[test]
fn a_required_answer_must_say_something() {
    let procedure = procedure(false);
    for given in [answers(&[]), answers(&[("nom", &[])]), answers(&[("nom", &[" ", ""])])] {
        let message = SubmitRequestRequest { answers: given, ..good() };
        assert_eq!(refused(&message, context(Some(&procedure))), ["answers.nom"]);
    }
}

#[test]
fn a_flood_of_answers_is_one_violation() {
    let procedure = procedure(false);
    let flood = (0..10_000).map(|at| SubmittedAnswer { field: format!("f{at}"), values: vec!["x".into()] }).collect();
    let message = SubmitRequestRequest { answers: flood, ..good() };
    assert_eq!(refused(&message, context(Some(&procedure))), ["answers"]);
    let many = (0..150).map(|at| SubmittedAnswer { field: format!("f{at}"), values: vec![] }).collect();
    let message = SubmitRequestRequest { answers: many, ..good() };
    assert_eq!(refused(&message, context(Some(&procedure))).len(), MAX_VIOLATIONS);
}

#[test]
fn a_free_text_says_something_and_may_come_from_anybody() {
    let mut message = SubmitRequestRequest {
        idempotency_key: "k".into(),
        text: "Un lampadaire est en panne.".into(),
        ..SubmitRequestRequest::default()
    };
    let accepted = submission(&message, context(None)).unwrap();
    assert_eq!((accepted.requester.kind.as_str(), accepted.contact_mode), ("anonymous", ContactMode::Portal));
    message.text = " \n".into();
    assert_eq!(refused(&message, context(None)), ["text"]);
    message.text = "a".repeat(MAX_TEXT + 1);
    assert_eq!(refused(&message, context(None))[0], "text");
    message.text = "é".repeat(MAX_TEXT);
    assert!(submission(&message, context(None)).is_ok());
    message.answers = answers(&[("nom", &["x"])]);
    assert_eq!(refused(&message, context(None)), ["answers"]);
}

#[test]
fn who_asks_is_identified_and_can_be_answered() {
    let (named, open) = (procedure(false), procedure(true));
    let with = |change: fn(&mut Requester)| {
        let mut message = good();
        change(message.requester.as_mut().unwrap());
        message
    };
    let check = |change: fn(&mut Requester)| refused(&with(change), context(Some(&named)));
    let one_name: [fn(&mut Requester); 2] = [|it| it.first_name.clear(), |it| it.last_name = "\u{200b}".into()];
    for one in one_name {
        assert!(submission(&with(one), context(Some(&named))).is_ok(), "many people have one name");
    }
    assert_eq!(check(|it| (it.first_name, it.last_name) = ("\u{200b}".into(), " ".into())), ["requester.kind"]);
    let unnamed = |it: &mut Requester| *it = Requester { kind: "person".into(), ..Requester::default() };
    assert_eq!(check(unnamed), ["requester.last_name"]);
    assert_eq!(check(|it| it.kind = "martian".into()), ["requester.kind"]);
    assert_eq!(check(|it| *it = Requester::default()), ["requester.kind"]);
    assert_eq!(check(|it| it.kind = "organization".into()), ["requester.organization_name"]);
    assert_eq!(check(|it| it.email = "zoe".into()), ["requester.email"]);
    assert_eq!(check(|it| it.contact_mode = "sms".into()), ["requester.phone"]);
    assert_eq!(check(|it| it.contact_mode = "letter".into()), ["requester.postal_address"]);
    assert_eq!(check(|it| it.contact_mode = "pigeon".into()), ["requester.contact_mode"]);
    assert_eq!(check(|it| it.siret = "12345678901234".into()), ["requester.siret", "requester.organization_name"]);
    assert_eq!(check(|it| it.language = "français".into()), ["requester.language"]);
    assert_eq!(check(|it| it.last_name = "a".repeat(101)), ["requester.last_name"]);
    let mut nobody = good();
    nobody.requester = None;
    assert!(submission(&nobody, context(Some(&open))).is_ok());
    nobody.requester = Some(Requester { kind: "anonymous".into(), ..person() });
    assert_eq!(refused(&nobody, context(Some(&open))), ["requester.first_name", "requester.last_name"]);
}

#[test]
fn only_a_letter_or_a_mail_arrived_before() {
    let mut message = SubmitRequestRequest { idempotency_key: "k".into(), text: "x".into(), ..Default::default() };
    let clock = SettableClock::at(now());
    let by_letter = Context { channel: Channel::Letter, by_agent: true, ..context(None) };
    let at = |hours: i64| {
        clock.set(now());
        clock.advance(jiff::SignedDuration::from_hours(hours));
        Some(to_proto_time(parvis_kernel::Clock::now(&clock)))
    };
    message.received_at = at(-48);
    assert_eq!(submission(&message, by_letter).unwrap().acted_by_basis, "mail");
    assert_eq!(refused(&message, context(None)), ["received_at"]);
    for hours in [1, -24 * 366] {
        message.received_at = at(hours);
        assert_eq!(refused(&message, by_letter), ["received_at"]);
    }
    message.received_at = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: -1 });
    assert_eq!(refused(&message, by_letter), ["received_at"]);
}

#[test]
fn attachments_are_named_once_and_answer_known_documents() {
    let procedure = procedure(false);
    let attachment = |id: &str, document: &str| SubmittedAttachment { id: id.into(), document: document.into() };
    let id = AttachmentId::new().to_string();
    let mut message = good();
    message.attachments = vec![attachment(&id, "identite"), attachment(&id, "autre"), attachment("x", "")];
    assert_eq!(
        refused(&message, context(Some(&procedure))),
        ["attachments[1].id", "attachments[1].document", "attachments[2].id"]
    );
    message.attachments = vec![attachment(&id, "identite")];
    assert!(submission(&message, context(Some(&procedure))).unwrap().missing_documents.is_empty());
    message.attachments = vec![attachment(&id, ""); 4];
    assert_eq!(refused(&message, context(Some(&procedure))), ["attachments"]);
}

#[test]
fn keys_districts_and_bases_have_a_shape() {
    let mut message = good();
    let procedure = procedure(false);
    message.idempotency_key = "é".into();
    message.district = "Centre Ville".into();
    message.address = "x".repeat(501);
    message.acted_by_basis = "phone".into();
    assert_eq!(
        refused(&message, context(Some(&procedure))),
        ["idempotency_key", "district", "address", "acted_by_basis"]
    );
}

proptest! {
    #[test]
    fn no_input_makes_it_panic_or_accepts_a_control_character(
        text in any::<String>(),
        values in prop::collection::vec(("nom|recit|jour|nombre|courriel|tel|un|plusieurs|oui|adresse|zz", prop::collection::vec(any::<String>(), 0..3)), 0..8),
        (first, last, email, phone, siret) in any::<(String, String, String, String, String)>(),
        mode in "email|phone|letter|portal||x",
    ) {
        let procedure = procedure(true);
        let message = SubmitRequestRequest {
            text,
            answers: values.into_iter().map(|(field, values)| SubmittedAnswer { field, values }).collect(),
            requester: Some(Requester { first_name: first, last_name: last, email, phone, siret, contact_mode: mode, ..Requester::default() }),
            ..good()
        };
        if let Ok(accepted) = submission(&message, context(Some(&procedure))) {
            let all = accepted.answers.iter().flat_map(|it| &it.values).chain([&accepted.text, &accepted.requester.last_name]);
            for text in all {
                prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            }
        }
    }
}

/// What people write by mistake, and the reason that whoever shows it turns into words.
#[test]
fn each_refusal_says_why_for_a_machine() {
    let procedure = procedure(false);
    let mut message = good();
    message.answers = answers(&[
        ("nom", &["trop long"]),
        ("jour", &["2026-02-30"]),
        ("nombre", &["11"]),
        ("courriel", &["zoe"]),
        ("un", &["cc"]),
        ("inconnue", &["x"]),
    ]);
    message.requester = Some(Requester { contact_mode: "letter".into(), siret: "1".into(), ..person() });
    let error = submission(&message, context(Some(&procedure))).unwrap_err();
    let why = |field: &str| {
        let found = error.violations().iter().find(|violation| violation.field == field);
        found.unwrap_or_else(|| panic!("{field} is not refused: {error}")).reason.clone().unwrap()
    };
    let shape = |expected| Reason::BadFormat { expected };
    assert_eq!(why("answers.nom"), Reason::TooLong { most: 5 });
    assert_eq!(why("answers.jour"), shape(Expected::Day));
    assert_eq!(why("answers.nombre"), Reason::TooLarge { most: 10.0.into() });
    assert_eq!(why("answers.courriel"), shape(Expected::Email));
    assert_eq!(why("answers.un"), Reason::NotOneOf { choices: Choices::new(["aa", "bb"]) });
    assert_eq!(why("answers.inconnue"), Reason::UnknownField);
    assert_eq!(why("requester.siret"), shape(Expected::Organisation));
    assert_eq!(why("requester.postal_address"), Reason::RequiredForMode { mode: "letter".into() });
    message.answers.clear();
    let error = submission(&message, context(Some(&procedure))).unwrap_err();
    assert_eq!(error.violations()[0].reason, Some(Reason::Required));
}
