//! A body that an endpoint takes, from the API's own document.

use serde_json::{Map, Value, json};

/// Schemas that hold themselves end somewhere.
const DEEPEST: usize = 6;

/// The value of `schema`, by its examples.
pub fn of(document: &Value, schema: &Value) -> Value {
    build(document, schema, 0)
}

fn build(document: &Value, schema: &Value, depth: usize) -> Value {
    let target = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let schema = target.and_then(|path| document.pointer(path)).unwrap_or(schema);
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return given.clone();
    }
    if depth == DEEPEST {
        return Value::Null;
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(chosen) = schema[key].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return build(document, chosen, depth + 1);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = schema["properties"].as_object().into_iter().flatten();
            let needed = fields.filter(|(name, _)| required.iter().any(|one| one == *name));
            Value::Object(
                needed.map(|(name, field)| (name.clone(), build(document, field, depth + 1))).collect::<Map<_, _>>(),
            )
        }
        "array" => json!([]),
        "integer" | "number" => json!(1),
        "boolean" => json!(false),
        _ => json!("texte"),
    }
}
