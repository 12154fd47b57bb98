use super::*;
use crate::domain::procedure::{FieldType, Silence};

const GOOD: &str = r#"
tenant = "clairval"

[[procedure]]
code = "acte-naissance"
title = "Demander une copie d'acte de naissance"
theme = "etat-civil"
kind = "request"
audience = ["person"]
unit = "etat-civil"
skill = "etat-civil"
silence = "none"
service_level_days = 5
keywords = ["extrait"]

[[procedure.document]]
code = "identite"
label = "Pièce d'identité"
required = true

[[procedure.field]]
code = "nom"
label = "Nom de naissance"
type = "text"
required = true

[[procedure.field]]
code = "copies"
label = "Nombre"
type = "number"
min = 1
max = 10.5

[[procedure.field]]
code = "sorte"
label = "Sorte"
type = "choice"
choices = [
  { code = "copie", label = "Copie intégrale" },
  { code = "extrait", label = "Extrait" },
]

[[procedure]]
code = "permis"
title = "Permis de construire"
theme = "urbanisme"
kind = "request"
silence = "accept"
silence_months = 2
silence_source = "CRPA L231-1"
"#;

/// The errors of a file as `LINE: message`.
fn errors(text: &str) -> Vec<String> {
    parse_procedures("p.toml", text)
        .unwrap_err()
        .iter()
        .map(|error| error.to_string().strip_prefix("p.toml:").unwrap().to_owned())
        .collect()
}

#[test]
fn a_good_file_is_read_whole() {
    let file = parse_procedures("p.toml", GOOD).unwrap();
    assert_eq!(file.tenant().as_str(), "clairval");
    let [acte, permis] = file.procedures() else { panic!("two procedures") };
    assert_eq!(acte.fields[0].max_length, 200);
    assert_eq!((acte.fields[1].min, acte.fields[1].max), (Some(1.0), Some(10.5)));
    assert_eq!(acte.fields[2].kind, FieldType::Choice);
    assert_eq!(acte.fields[2].choices[1].label, "Extrait");
    assert!(acte.documents[0].required);
    assert_eq!((permis.silence, permis.silence_months), (Silence::Accept, 2));
    assert_eq!(file.units_named(), [Named { code: "etat-civil".into(), procedure: "acte-naissance".into(), line: 10 }]);
    assert_eq!(file.skills_named()[0].line, 11);
    assert!(file.check_tenant(|_| true).is_ok());
    assert_eq!(
        file.check_tenant(|_| false).unwrap_err().to_string(),
        "p.toml:2: tenant: « clairval » is not in tenants.toml; add it there or correct the name"
    );
}

#[test]
fn every_error_is_told_with_its_line() {
    let text = r#"tenant = "Clair Val"
colour = "blue"
[[procedure]]
code = "a b"
theme = "meteo"
kind = "request"
audience = ["person", "person", "robot"]
silence = "accept"
service_level_days = "five"
anonymous = 1
keywords = "mot"
[[procedure]]
code = "deux"
title = " "
theme = "voirie"
kind = "request"
silence = "none"
silence_months = 2
[[procedure.field]]
code = "n"
label = "N"
type = "number"
min = 3
max = 2
max_length = 5
[[procedure.field]]
code = "choix"
label = "Choix"
type = "choice"
[[procedure.field]]
code = "choix"
label = "Choix"
type = "choice"
choices = [
  { code = "x1", label = "X" },
  { code = "x1", label = "Y", color = "red" },
  { code = "x2" },
]
[[procedure]]
code = "deux"
title = "Deux"
theme = "voirie"
kind = "request"
silence = "none"
"#;
    let errors = errors(text);
    let expected = [
        "1: the file: tenant: « Clair Val » is not a code",
        "2: the file: « colour » is not a known key",
        "3: procedure: title is missing",
        "4: procedure: code: « a b » is not a code",
        "5: procedure: theme: « meteo » is not known; use one of: etat-civil,",
        "7: procedure: audience: « person » is there twice",
        "7: procedure: audience: « robot » is not known; use one of: person, organization",
        "8: procedure: silence_months is missing",
        "9: procedure: service_level_days: a text is written where a whole number is expected",
        "10: procedure: anonymous: a number is written where true or false is expected",
        "11: procedure: keywords: a text is written where a list",
        "14: procedure « deux »: title is empty",
        "18: procedure « deux »: silence_months goes only with silence",
        "20: procedure « deux », field: code: « n » is not a code",
        "23: procedure « deux », field: min (3) is above max (2)",
        "25: procedure « deux », field: max_length goes only with type text",
        "26: procedure « deux », field « choix »: choices is missing",
        "31: procedure « deux », field « choix »: the code is already used at line 27",
        "36: procedure « deux », field « choix », choice « x1 »: the code is already used at line 35",
        "36: procedure « deux », field « choix », choice « x1 »: « color » is not a known key",
        "37: procedure « deux », field « choix », choice « x2 »: label is missing",
        "40: procedure « deux »: already described at line 13",
    ];
    for (at, expected) in expected.iter().enumerate() {
        assert!(errors.get(at).is_some_and(|error| error.starts_with(expected)), "{expected}\n{errors:#?}");
    }
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
}

#[test]
fn a_syntax_error_is_told_with_its_line_and_alone() {
    let errors = errors("tenant = \"clairval\"\n[[procedure]]\ncode = \ntitle = \"x\"\n");
    assert!(!errors.is_empty() && errors.iter().all(|error| error.starts_with("3: ")), "{errors:?}");
    assert!(self::errors("a = 1\na = 2")[0].starts_with("2: "));
}

#[test]
fn an_empty_file_says_what_to_write() {
    let errors = errors("");
    assert!(errors[0].contains("tenant is missing") && errors[1].contains("no [[procedure]]"), "{errors:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", at in 0..1300_usize, put in "[\\[\\]{}=\"\n a-z0-9.é]{0,8}") {
        let _ = parse_procedures("p.toml", &text);
        let mut broken = GOOD.to_owned();
        let at = (0..=at.min(GOOD.len())).rev().find(|at| GOOD.is_char_boundary(*at)).unwrap();
        broken.insert_str(at, &put);
        if let Err(errors) = parse_procedures("p.toml", &broken) {
            let lines = broken.lines().count() + 1;
            assert!(!errors.is_empty() && errors.iter().all(|error| (1..=lines).contains(&error.line)));
        }
    }
}
