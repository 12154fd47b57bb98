//! Examples and names of types, from schemas.

use serde_json::{Map, Value, json};

use crate::problem::escape;

/// Schemas that hold themselves end somewhere.
const DEEPEST: usize = 8;

/// What a `$ref` names, else the value itself.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    target.and_then(|path| document.pointer(path)).unwrap_or(value)
}

/// An example of a schema.
pub fn example(document: &Value, schema: &Value) -> Value {
    build(document, schema, 0)
}

fn build(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolve(document, schema);
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return given.clone();
    }
    if depth == DEEPEST {
        return Value::Null;
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let Some(choices) = schema[key].as_array() else { continue };
        let chosen = choices.iter().find(|choice| choice["type"] != "null");
        return chosen.map_or(Value::Null, |choice| build(document, choice, depth + 1));
    }
    match kind(schema) {
        "object" => {
            let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields = fields.map(|(name, field)| (name.clone(), build(document, field, depth + 1)));
            // What may be left out and has no example of its own would only be noise.
            let fields = fields.filter(|(name, value)| *value != "" || required.iter().any(|one| **one == **name));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        "array" => json!([build(document, &schema["items"], depth + 1)]),
        "integer" => json!(1),
        "number" => json!(1.5),
        "boolean" => json!(true),
        _ => match schema["format"].as_str() {
            Some("date-time") => json!("2026-11-23T08:30:00Z"),
            _ => json!(""),
        },
    }
}

/// The first type of a schema that is not `null`.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    }
}

/// A type in a few words of HTML, with a link to the object it names.
pub fn type_name(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#objet-{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let Some(choices) = schema[key].as_array() else { continue };
        let chosen = choices.iter().find(|choice| choice["type"] != "null");
        return chosen.map(type_name).unwrap_or_default();
    }
    match kind(schema) {
        "array" => format!("liste de {}", type_name(&schema["items"])),
        "object" => "objet".to_owned(),
        "integer" => "entier".to_owned(),
        "number" => "nombre".to_owned(),
        "boolean" => "booléen".to_owned(),
        "string" => match schema["format"].as_str() {
            Some("date-time") => "instant (RFC 3339)".to_owned(),
            _ => "texte".to_owned(),
        },
        _ => "fichier".to_owned(),
    }
}
