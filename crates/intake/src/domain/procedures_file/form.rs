//! `[[procedure.field]]` and `[[procedure.document]]`

use std::collections::HashMap;

use super::section::Section;
use crate::domain::{
    procedure::{Choice, DayBound, Document, Field, FieldType},
    validate::MAX_ANSWERS,
};

const MAX_CHOICES: usize = 300;
const MAX_DOCUMENTS: usize = 50;
/// Characters of a one-line text where the form does not say.
const TEXT_LENGTH: u32 = 200;
/// Characters of a text of several lines where the form does not say.
const TEXTAREA_LENGTH: u32 = 4000;
/// Characters that a form may ask for at most.
const LONGEST: u32 = 20_000;

/// The form, in order.
pub(super) fn fields(procedure: &mut Section<'_>) -> Vec<Field> {
    let mut seen = HashMap::new();
    let mut fields = Vec::new();
    for mut section in procedure.tables("field", "field", MAX_ANSWERS) {
        let code = code_once(&procedure.name, &mut section, "field", &mut seen);
        if let Some(field) = field(&mut section, code) {
            fields.push(field);
        }
        procedure.absorb(section.finish());
    }
    fields
}

/// The supporting documents, in order.
pub(super) fn documents(procedure: &mut Section<'_>) -> Vec<Document> {
    let mut seen = HashMap::new();
    let mut documents = Vec::new();
    for mut section in procedure.tables("document", "document", MAX_DOCUMENTS) {
        let code = code_once(&procedure.name, &mut section, "document", &mut seen);
        documents.push(Document {
            code,
            label: section.required_text("label", 200),
            required: section.boolean("required"),
            help: section.text("help", 500),
        });
        procedure.absorb(section.finish());
    }
    documents
}

/// Reads the code of a part of `owner`, names the part by it, and refuses it the second time.
fn code_once(owner: &str, section: &mut Section<'_>, what: &str, seen: &mut HashMap<String, usize>) -> String {
    section.name = format!("{owner}, {what}");
    let Some((code, line)) = section.required_code("code") else { return String::new() };
    section.name = format!("{owner}, {what} « {code} »");
    if let Some(first) = seen.get(&code) {
        section.error_at(line, format!("the code is already used at line {first}; choose another"));
    } else {
        seen.insert(code.clone(), line);
    }
    code
}

fn field(section: &mut Section<'_>, code: String) -> Option<Field> {
    let label = section.required_text("label", 300);
    let kind: Option<FieldType> = section.required_word("type", &FieldType::known());
    let required = section.boolean("required");
    let help = section.text("help", 500);
    let max_length = section.integer("max_length", 1, LONGEST);
    let (min, max) = (section.number("min"), section.number("max"));
    let whole = section.boolean("whole");
    let (earliest, latest) = (day_bound(section, "earliest"), day_bound(section, "latest"));
    let partial = section.boolean("partial");
    let choices = choices(section);
    let kind = kind?;

    let with_choices = matches!(kind, FieldType::Choice | FieldType::MultiChoice);
    if with_choices && !section.has("choices") {
        section.error(format!("choices is missing; a {kind} needs at least one {{ code = \"…\", label = \"…\" }}"));
    }
    only_with(section, "choices", with_choices, "choice or multi_choice");
    only_with(section, "max_length", matches!(kind, FieldType::Text | FieldType::Textarea), "text or textarea");
    for key in ["min", "max", "whole"] {
        only_with(section, key, kind == FieldType::Number, "number");
    }
    for key in ["earliest", "latest", "partial"] {
        only_with(section, key, kind == FieldType::Date, "date");
    }
    if let (Some(DayBound::Day(first)), Some(DayBound::Day(last))) = (earliest, latest)
        && first > last
    {
        let line = section.line_of("earliest");
        section.error_at(line, format!("earliest ({first}) is after latest ({last}); swap or correct them"));
    }
    if let (Some(low), Some(high)) = (min, max)
        && low > high
    {
        let line = section.line_of("min");
        section.error_at(line, format!("min ({low}) is above max ({high}); swap or correct them"));
    }
    let default_length = match kind {
        FieldType::Text => TEXT_LENGTH,
        FieldType::Textarea => TEXTAREA_LENGTH,
        _ => 0,
    };
    Some(Field {
        code,
        label,
        kind,
        required,
        help,
        max_length: max_length.unwrap_or(default_length),
        min,
        max,
        whole,
        earliest,
        latest,
        partial,
        choices,
    })
}

fn day_bound(section: &mut Section<'_>, key: &'static str) -> Option<DayBound> {
    if !section.has(key) {
        return None;
    }
    let text = section.text(key, 10);
    let bound = text.parse().ok();
    if bound.is_none() {
        let line = section.line_of(key);
        section.error_at(line, format!("{key}: write \"today\", or a day such as \"1900-01-01\""));
    }
    bound
}

fn only_with(section: &mut Section<'_>, key: &str, allowed: bool, types: &str) {
    if !allowed && section.has(key) {
        let line = section.line_of(key);
        section.error_at(line, format!("{key} goes only with type {types}; remove it"));
    }
}

fn choices(field: &mut Section<'_>) -> Vec<Choice> {
    let mut seen = HashMap::new();
    let mut choices = Vec::new();
    let parts = field.tables("choices", "choice", MAX_CHOICES);
    if parts.is_empty() && field.has("choices") {
        let line = field.line_of("choices");
        field.error_at(line, "choices holds no choice; write at least one { code = \"…\", label = \"…\" }");
    }
    for mut section in parts {
        let code = code_once(&field.name, &mut section, "choice", &mut seen);
        choices.push(Choice { code, label: section.required_text("label", 300) });
        field.absorb(section.finish());
    }
    choices
}
