//! The answers against the form.

use std::collections::HashMap;

use parvis_kernel::{
    FieldViolation, Reason, Timestamp,
    reason::Expected,
    text::excerpt,
    typed::{Lines, email, number::decimal, one_line, phone, tidy::is_blank},
};
use parvis_proto::{common::Answer, intake::SubmittedAnswer};

use super::{MAX_ANSWERS, Violations, dates};
use crate::domain::procedure::{Field, FieldType, Procedure};

/// Characters of an address.
const ADDRESS: usize = 500;
/// Values that one answer may have.
const MAX_VALUES: usize = 300;

/// Checks every answer; gives those that say something, in the order of the form.
pub(super) fn check(
    given: &[SubmittedAnswer],
    procedure: Option<&Procedure>,
    now: Timestamp,
    found: &mut Violations,
) -> Vec<Answer> {
    // Before anything else: a flood must cost nothing.
    if given.len() > MAX_ANSWERS {
        found.add(
            "answers",
            Reason::TooMany { most: MAX_ANSWERS as u64 },
            format!("more than {MAX_ANSWERS} answers; a form has fewer fields"),
        );
        return Vec::new();
    }
    let Some(procedure) = procedure else {
        if !given.is_empty() {
            found.add(
                "answers",
                Reason::NotAllowedHere,
                "a request without a procedure has no form; write in text, or name the procedure",
            );
        }
        return Vec::new();
    };
    let fields = &procedure.content.fields;
    let mut by_field: HashMap<&str, &SubmittedAnswer> = HashMap::with_capacity(given.len());
    for answer in given {
        if !fields.iter().any(|field| field.code == answer.field) {
            found.add(
                path(&answer.field),
                Reason::UnknownField,
                "this form has no such field; remove it or correct its code",
            );
        } else if by_field.insert(&answer.field, answer).is_some() {
            found.add(
                path(&answer.field),
                Reason::Duplicate,
                "answered twice; keep one answer, with several values where they may be",
            );
        }
    }
    fields
        .iter()
        .filter_map(|field| {
            let values = by_field.get(field.code.as_str()).map_or(&[][..], |answer| &answer.values);
            one(field, values, now, found)
        })
        .collect()
}

fn path(field: &str) -> String {
    format!("answers.{}", excerpt(field, 40))
}

/// An empty value is no value: it is what a page sends for a field left blank.
fn one(field: &Field, values: &[String], now: Timestamp, found: &mut Violations) -> Option<Answer> {
    let at = path(&field.code);
    if values.len() > MAX_VALUES {
        found.add(
            at,
            Reason::TooMany { most: MAX_VALUES as u64 },
            format!("more than {MAX_VALUES} values; give fewer"),
        );
        return None;
    }
    let said: Vec<&str> = values.iter().map(String::as_str).filter(|value| !is_blank(value)).collect();
    if said.is_empty() {
        if field.required {
            found.add(at, Reason::Required, "an answer is needed; fill it in");
        }
        return None;
    }
    if said.len() > 1 && field.kind != FieldType::MultiChoice {
        found.add(at, Reason::TooMany { most: 1 }, "one value is expected; keep one");
        return None;
    }
    let mut answer = Answer {
        field: field.code.clone(),
        label: field.label.clone(),
        values: Vec::with_capacity(said.len()),
        display: Vec::with_capacity(said.len()),
    };
    for value in said {
        let (value, display) = read(field, &at, value, now, found)?;
        if answer.values.contains(&value) {
            found.add(at, Reason::Duplicate, format!("« {} » is there twice; keep one", excerpt(&value, 40)));
            return None;
        }
        answer.values.push(value);
        answer.display.push(display);
    }
    Some(answer)
}

/// One value and what a reader is shown.
fn read(field: &Field, at: &str, value: &str, now: Timestamp, found: &mut Violations) -> Option<(String, String)> {
    let same = |text: String| Some((text.clone(), text));
    let mut refuse = |reason: Reason, why: String| {
        found.add(at, reason, why);
        None
    };
    match field.kind {
        FieldType::Text => same(tidy(found, at, value, field.max_length as usize, Lines::One)?),
        FieldType::Textarea => same(tidy(found, at, value, field.max_length as usize, Lines::Many)?),
        FieldType::Address => same(tidy(found, at, value, ADDRESS, Lines::Many)?),
        FieldType::Date => {
            let date = dates::read(field, value, now).map_err(|(reason, why)| found.add(at, reason, why)).ok()?;
            Some((date.text(), date.shown()))
        }
        FieldType::Number => {
            let Some((read, text)) = decimal(value) else {
                return refuse(
                    Expected::Number.into(),
                    "not a number; write it in digits, such as 12 or 12.5".to_owned(),
                );
            };
            if field.whole && read.fract() != 0.0 {
                return refuse(Expected::WholeNumber.into(), "not a whole number".to_owned());
            }
            let text = if field.whole { text.split('.').next().unwrap_or_default().to_owned() } else { text };
            if let Some(min) = field.min.filter(|min| read < *min) {
                return refuse(Reason::TooSmall { least: min.into() }, format!("below {min}, the least accepted"));
            }
            if let Some(max) = field.max.filter(|max| read > *max) {
                return refuse(Reason::TooLarge { most: max.into() }, format!("above {max}, the most accepted"));
            }
            let display = text.replace('.', ",");
            Some((text, display))
        }
        FieldType::Email => match email::read(value) {
            Some(address) => same(address),
            None => {
                refuse(Expected::Email.into(), "not an e-mail address; it looks like prenom.nom@exemple.fr".to_owned())
            }
        },
        FieldType::Phone => match phone::read(value) {
            Ok(_) => same(one_line(value)),
            Err(fault) => refuse(fault.reason(), fault.message().to_owned()),
        },
        FieldType::Choice | FieldType::MultiChoice => {
            match field.choices.iter().find(|choice| choice.code == value.trim()) {
                Some(choice) => Some((choice.code.clone(), choice.label.clone())),
                None => {
                    let known: Vec<_> = field.choices.iter().take(30).map(|choice| choice.code.as_str()).collect();
                    found.push(FieldViolation::not_one_of(at, value, &known));
                    None
                }
            }
        }
        FieldType::Boolean => match value.trim() {
            "true" => Some(("true".to_owned(), "oui".to_owned())),
            "false" => Some(("false".to_owned(), "non".to_owned())),
            _ => refuse(Expected::Boolean.into(), "true or false is expected".to_owned()),
        },
    }
}

/// The text tidied, or nothing where it was refused.
fn tidy(found: &mut Violations, at: &str, value: &str, max: usize, lines: Lines) -> Option<String> {
    let tidy = found.text(at, value, max, lines);
    (!tidy.is_empty()).then_some(tidy)
}
