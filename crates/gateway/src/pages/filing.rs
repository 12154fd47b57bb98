//! A procedure's form as fields, what was filled in as a submission, and intake's refusals beside their fields.

use parvis_kernel::{Error, ErrorKind, Reason};
use parvis_proto::intake::{FormField, Procedure, SubmittedAnswer};

use super::{
    field::{Choice, Field, Input},
    format,
    upload::FILE_FIELD,
    values::{ErrorLine, Errors, Values},
};
use crate::sentences;

/// Characters of a free text at most.
pub const MAX_TEXT: u32 = 20_000;

/// The fields of a procedure's form.
pub fn answer_fields(procedure: &Procedure, values: &Values, errors: &Errors) -> Vec<Field> {
    procedure.fields.iter().map(|field| answer_field(field).fill(values, errors)).collect()
}

fn answer_field(from: &FormField) -> Field {
    let choices = from.choices.iter().map(|choice| Choice::new(&choice.code, &choice.label)).collect::<Vec<_>>();
    let (input, choices) = match from.r#type.as_str() {
        "textarea" => (Input::Area(5), choices),
        "address" => (Input::Line("text"), choices),
        "date" if from.partial => (Input::Line("text"), choices),
        "date" => (Input::Line("date"), choices),
        "number" => (Input::Line("number"), choices),
        "email" => (Input::Line("email"), choices),
        "phone" => (Input::Line("tel"), choices),
        "choice" if choices.len() > 7 => {
            let mut all = vec![Choice::new("", "Choisissez…")];
            all.extend(choices);
            (Input::Select, all)
        }
        "choice" => (Input::Radios(false), choices),
        "multi_choice" => (Input::Checks, choices),
        "boolean" => (Input::Radios(false), vec![Choice::new("true", "Oui"), Choice::new("false", "Non")]),
        _ => (Input::Line("text"), choices),
    };
    let mut field = Field::new(name(&from.code), &from.label, input).hint(&from.help).choices(choices);
    field.required = from.required;
    if field.hint.is_empty() {
        match from.r#type.as_str() {
            "date" if from.partial => {
                "Exemple : 31/05/1985. Si vous ne savez pas le jour : 05/1985, ou 1985.".clone_into(&mut field.hint);
            }
            "date" => "Exemple : 31/05/1985".clone_into(&mut field.hint),
            "address" => "Numéro, rue et commune.".clone_into(&mut field.hint),
            _ => {}
        }
    }
    if from.r#type == "textarea" {
        field.max_length = from.max_length;
    }
    if from.r#type == "number" {
        field.min = from.min.map(|min| min.to_string()).unwrap_or_default();
        field.max = from.max.map(|max| max.to_string()).unwrap_or_default();
        field.step = if from.whole { "1" } else { "any" };
    }
    if from.r#type == "date" && !from.partial {
        // The day it is sent is known only then.
        let day = |bound: &str| if bound == "today" { String::new() } else { bound.to_owned() };
        (field.min, field.max) = (day(&from.earliest), day(&from.latest));
    }
    field
}

fn name(code: &str) -> String {
    format!("answers.{code}")
}

/// What was answered.
pub fn answers(procedure: &Procedure, values: &Values) -> Vec<SubmittedAnswer> {
    let one = |field: &FormField| {
        let said = values.all(&name(&field.code)).into_iter().map(str::to_owned);
        let said: Vec<String> =
            if field.r#type == "date" { said.map(|day| iso_day(&day)).collect() } else { said.collect() };
        (!said.is_empty()).then(|| SubmittedAnswer { field: field.code.clone(), values: said })
    };
    procedure.fields.iter().filter_map(one).collect()
}

/// Says at once every question left without its answer, so that a form does not come back once for each.
pub fn missing(procedure: Option<&Procedure>, values: &Values, errors: &mut Errors) {
    let Some(procedure) = procedure else {
        if values.first("text").is_empty() {
            errors.add("text", sentences::of_reason("text", &Reason::Required));
        }
        return;
    };
    for field in procedure.fields.iter().filter(|field| field.required) {
        let name = name(&field.code);
        if values.all(&name).is_empty() {
            errors.add(&name, sentences::of_reason(&name, &Reason::Required));
        }
    }
}

/// Where it happens: for an incident, the first address of the form.
pub fn place(procedure: &Procedure, values: &Values) -> String {
    let address = procedure.fields.iter().find(|field| field.r#type == "address");
    let said = address.filter(|_| procedure.kind == "incident").map(|field| values.first(&name(&field.code)));
    said.unwrap_or_default().to_owned()
}

/// A day typed `31/05/1985`, where the browser has no calendar, as `1985-05-31`.
pub fn iso_day(text: &str) -> String {
    let parts: Vec<&str> = text.split(['/', '.', ' ']).collect();
    match parts[..] {
        [day, month, year] if year.len() == 4 && day.len() <= 2 && month.len() <= 2 => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => text.to_owned(),
    }
}

/// A file field for each supporting document, and one for the rest.
pub fn file_fields(procedure: Option<&Procedure>, errors: &Errors) -> Vec<Field> {
    let none = Values::default();
    let documents = procedure.map_or(&[][..], |procedure| &procedure.documents);
    let mut fields: Vec<Field> = documents
        .iter()
        .map(|document| {
            let field = Field::new(format!("{FILE_FIELD}.{}", document.code), &document.label, Input::File);
            let field = field.hint(&document.help).fill(&none, errors);
            // A request is accepted without its documents: they can follow.
            if document.required { field.depends() } else { field.optional() }
        })
        .collect();
    let label = if documents.is_empty() { "Photos ou documents" } else { "Autres photos ou documents" };
    fields.push(Field::new(FILE_FIELD, label, Input::File).optional().fill(&none, errors));
    fields
}

/// Codes of the documents that files may answer.
pub fn document_codes(procedure: Option<&Procedure>) -> Vec<&str> {
    procedure.map(|it| it.documents.iter().map(|document| document.code.as_str()).collect()).unwrap_or_default()
}

/// What intake refused, by field, in French. An error about no field is about the whole form.
pub fn explain(error: &Error, errors: &mut Errors) {
    for violation in error.violations() {
        let field = violation.field.split('[').next().unwrap_or_default();
        let field = if field == "attachments" { FILE_FIELD } else { field };
        errors.add(field, sentences::of_field(violation));
    }
    if !error.violations().is_empty() {
        return;
    }
    let whole = match error.kind() {
        ErrorKind::Unavailable => {
            "L'enregistrement est momentanément impossible. Rien n'est perdu : attendez un instant, puis envoyez à nouveau."
        }
        ErrorKind::FailedPrecondition => return errors.add("", sentences::of_whole(error)),
        ErrorKind::AlreadyExists => {
            "Une demande est déjà enregistrée depuis ce formulaire. Pour en faire une autre, envoyez à nouveau."
        }
        ErrorKind::Exhausted => "Trop de demandes en peu de temps. Attendez une minute, puis envoyez à nouveau.",
        ErrorKind::Denied | ErrorKind::Unauthenticated => "Vous n'avez pas le droit d'enregistrer cette demande.",
        _ => "La demande n'a pas pu être enregistrée. Réessayez, ou appelez la mairie.",
    };
    errors.add("", whole);
}

/// What a procedure's promise is, in words.
pub fn promise(days: u32) -> Option<String> {
    match days {
        0 => None,
        days => Some(format!(
            "Nous nous engageons à vous répondre en {}.",
            format::plural(days.into(), "jour ouvré", "jours ouvrés")
        )),
    }
}

/// Names the question in the lines of the summary that are about one: away from it, « Répondez à cette question » would
/// not say which.
pub fn name_questions(lines: &mut [ErrorLine], answers: &[Field]) {
    for line in lines {
        let Some(question) = answers.iter().find(|field| field.id == line.id) else { continue };
        line.text = if question.label.ends_with('?') {
            format!("{} {}", question.label, line.text)
        } else {
            let mut text = line.text.chars();
            let first = text.next().into_iter().flat_map(char::to_lowercase);
            format!("{} : {}", question.label, first.chain(text).collect::<String>())
        };
    }
}

#[cfg(test)]
mod tests {
    use askama::Template as _;
    use parvis_kernel::FieldViolation;

    use super::*;

    #[test]
    fn days_typed_by_hand_are_read() {
        assert_eq!(iso_day("1/5/1985"), "1985-05-01");
        assert_eq!(iso_day("31.12.1985"), "1985-12-31");
        assert_eq!(iso_day("1985-12-31"), "1985-12-31");
        assert_eq!(iso_day("hier"), "hier");
    }

    #[test]
    fn a_field_shows_its_bounds() {
        let number = FormField { r#type: "number".into(), whole: true, min: Some(1.0), ..FormField::default() };
        let field = answer_field(&number);
        assert_eq!((field.step, field.min.as_str()), ("1", "1"));
        assert!(field.render().unwrap().contains(" step=\"1\""));
        let date = FormField {
            r#type: "date".into(),
            earliest: "1900-01-01".into(),
            latest: "today".into(),
            ..FormField::default()
        };
        let field = answer_field(&date);
        assert_eq!((field.min.as_str(), field.max.as_str()), ("1900-01-01", ""));
        let partial = answer_field(&FormField { partial: true, ..date });
        assert!(partial.input == Input::Line("text") && partial.hint.contains("05/1985"));
    }

    #[test]
    fn refusals_reach_their_fields_in_french() {
        let violation = |field: &str, reason: Reason| FieldViolation::new(field, reason, "in English");
        let error = Error::invalid_fields(vec![
            violation("answers.nom", Reason::Required),
            violation("answers.age", Reason::TooSmall { least: 18.0.into() }),
            violation("requester.postal_address", Reason::RequiredForMode { mode: "letter".into() }),
            violation("attachments[0].id", Reason::FileGone),
            FieldViolation { reason: None, ..violation("text", Reason::Required) },
        ]);
        let mut errors = Errors::default();
        explain(&error, &mut errors);
        assert_eq!(errors.of("answers.nom"), "Répondez à cette question.");
        assert_eq!(errors.of("answers.age"), "Le nombre doit être au moins 18.");
        assert!(errors.of("requester.postal_address").contains("adresse postale"));
        assert!(errors.of(FILE_FIELD).contains("fichier"));
        assert_eq!(errors.of("text"), "in English", "an older role is passed on");
    }

    #[test]
    fn a_form_asks_what_the_procedure_asks_and_reads_it_back() {
        let field = |code: &str, kind: &str| FormField {
            code: code.into(),
            label: code.into(),
            r#type: kind.into(),
            ..FormField::default()
        };
        let procedure = Procedure {
            kind: "incident".into(),
            fields: vec![field("ou", "address"), field("quand", "date"), field("danger", "boolean")],
            ..Procedure::default()
        };
        let values = Values(vec![
            ("answers.ou".into(), "3 rue du Port".into()),
            ("answers.quand".into(), "2/3/2026".into()),
            ("answers.inconnu".into(), "x".into()),
        ]);
        assert_eq!(place(&procedure, &values), "3 rue du Port");
        let answers = answers(&procedure, &values);
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[1].values, ["2026-03-02"]);
        let mut errors = Errors::default();
        let mut asked = procedure.clone();
        asked.fields[2].required = true;
        missing(Some(&asked), &values, &mut errors);
        assert_eq!(errors.lines(&[]).len(), 1);
        assert!(!errors.of("answers.danger").is_empty());
        asked.fields[0].label = "Où est-ce ?".into();
        errors.add("answers.ou", "Répondez à cette question.");
        let mut lines = errors.lines(&["answers.ou", "answers.danger"]);
        name_questions(&mut lines, &answer_fields(&asked, &values, &errors));
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Où est-ce ? Répondez à cette question.", "danger : répondez à cette question."]);
        let fields = answer_fields(&procedure, &values, &Errors::default());
        assert_eq!(fields[2].choices.len(), 2);
        assert_eq!(fields[0].value, "3 rue du Port");
    }
}
