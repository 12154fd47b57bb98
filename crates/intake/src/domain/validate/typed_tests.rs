//! What people type, as a form takes it.

use parvis_kernel::{Reason, reason::Expected};

use super::{
    tests::{FORM, answers, context, good, procedure, refused},
    *,
};
use crate::domain::procedures_file::parse_procedures;

#[test]
fn what_is_certain_is_put_right_and_what_is_not_is_told() {
    let procedure = procedure(false);
    let mut message = good();
    message.text = "l\u{92}\u{e9}t\u{e9}\u{b}suite\u{200b}".into();
    message.answers = answers(&[
        ("nom", &["Pe\u{202e}tit"]),
        ("courriel", &["mailto:k.o’connor@mairie-évry.example "]),
        ("tel", &["(+33)\u{a0}6\u{2011}12\u{2011}34\u{2011}56\u{2011}78 poste 12"]),
        ("recit", &["\u{200b}\n"]),
    ]);
    let requester = message.requester.as_mut().unwrap();
    requester.email = "<zoe\u{200b}@exemple.fr>".into();
    requester.phone = "0692 71 00 02".into();
    requester.last_name = "Pe\u{202e}tit".into();
    let accepted = submission(&message, context(Some(&procedure))).unwrap();
    assert_eq!(accepted.text, "l’été\nsuite");
    let said: Vec<_> = accepted.answers.iter().flat_map(|it| &it.values).map(String::as_str).collect();
    assert_eq!(said, ["Petit", "k.o'connor@mairie-évry.example", "(+33) 6‑12‑34‑56‑78 poste 12"]);
    assert_eq!((accepted.requester.email.as_str(), accepted.requester.last_name.as_str()), ("zoe@exemple.fr", "Petit"));
    message.text = "\u{200b}".into();
    assert_eq!(refused(&SubmitRequestRequest { answers: vec![], ..message.clone() }, context(None)), ["text"]);
    message.answers = answers(&[("nom", &["\u{200b}"]), ("tel", &["06 12 34 56 78 9"]), ("courriel", &["a:b@x.fr"])]);
    let error = submission(&message, context(Some(&procedure))).unwrap_err();
    let told: Vec<_> = error.violations().iter().filter_map(|it| it.reason.clone()).collect();
    let email = Reason::BadFormat { expected: Expected::Email };
    assert_eq!(told, [Reason::Required, email, Reason::DigitCount { count: 10 }]);
}

#[test]
fn a_line_end_counts_one_in_every_field() {
    let form = FORM.replace("type = \"textarea\"", "type = \"textarea\"\nmax_length = 1000");
    let content = parse_procedures("p", &form).unwrap().procedures()[0].clone();
    let procedure = Procedure { version: 1, content };
    let typed = format!("{}{}", "a\r\n".repeat(22), "b".repeat(956));
    let mut message = good();
    message.answers = answers(&[("nom", &["Petit"]), ("recit", &[&typed])]);
    message.text = format!("{}c", "é\r\n".repeat(MAX_TEXT / 2 - 1));
    assert!(submission(&message, context(Some(&procedure))).is_ok());
    message.answers = answers(&[("nom", &["Petit"]), ("recit", &[&format!("{typed}b")])]);
    assert_eq!(refused(&message, context(Some(&procedure))), ["answers.recit"]);
}

#[test]
fn fields_have_their_bounds() {
    let form = FORM
        .replace("type = \"date\"", "type = \"date\"\nearliest = \"1900-01-01\"\nlatest = \"today\"\npartial = true")
        .replace("min = -1.5", "min = 1\nwhole = true");
    let content = parse_procedures("p", &form).unwrap().procedures()[0].clone();
    let stored: crate::domain::procedure::Content =
        serde_json::from_str(&serde_json::to_string(&content).unwrap()).unwrap();
    assert_eq!(stored, content);
    let bounded = Procedure { version: 1, content };
    let with = |field: &str, value: &str| SubmitRequestRequest {
        answers: answers(&[("nom", &["Petit"]), (field, &[value])]),
        ..good()
    };
    for (field, typed, kept, shown) in [
        ("jour", "1954-03-12", "1954-03-12", "12/03/1954"),
        ("jour", "03/1954", "1954-03", "03/1954"),
        ("jour", "1954", "1954", "1954"),
        ("jour", "2026-05-31", "2026-05-31", "31/05/2026"),
        ("nombre", "2,0", "2", "2"),
    ] {
        let accepted = submission(&with(field, typed), context(Some(&bounded))).unwrap();
        assert_eq!((accepted.answers[1].values[0].as_str(), accepted.answers[1].display[0].as_str()), (kept, shown));
    }
    for (field, typed, reason) in [
        ("jour", "2199-01-01", Reason::InTheFuture),
        ("jour", "2199", Reason::InTheFuture),
        ("jour", "1899-12-31", Reason::BeforeDate { first: "1900-01-01".parse().unwrap() }),
        ("jour", "1954-02-30", Reason::BadFormat { expected: Expected::PartialDay }),
        ("nombre", "1,5", Reason::BadFormat { expected: Expected::WholeNumber }),
        ("nombre", "0", Reason::TooSmall { least: 1.0.into() }),
    ] {
        let error = submission(&with(field, typed), context(Some(&bounded))).unwrap_err();
        assert_eq!(error.violations()[0].reason, Some(reason), "{typed}");
    }
    let unbounded = procedure(false);
    assert!(submission(&with("jour", "2199-01-01"), context(Some(&unbounded))).is_ok());
    for wrong in ["latest = \"demain\"", "latest = \"1899-01-01\"", "whole = true"] {
        assert!(parse_procedures("p", &form.replace("latest = \"today\"", wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn organisations_are_known_by_any_of_their_numbers() {
    let procedure = procedure(false);
    for (typed, kept) in
        [("W751212517", "W751212517"), ("732 829 320", "732829320"), ("732.829.320.00074", "73282932000074")]
    {
        let mut message = good();
        message.requester =
            Some(Requester { organization_name: "Les Lilas".into(), siret: typed.into(), ..Requester::default() });
        let accepted = submission(&message, context(Some(&procedure))).unwrap();
        assert_eq!(accepted.requester.siret, kept);
    }
}
