//! What the reader of JSON or of a query says of a value, as a reason. It says so in a sentence only: what is not
//! recognized keeps it.

use parvis_kernel::{
    Error, Reason,
    reason::{Choices, Expected},
};

/// What is wrong with a value in a body.
pub fn of_json(field: &str, message: &str) -> Error {
    let error = Error::invalid(field, message);
    // Instants are named so, and their reader has many ways to refuse one.
    let instant = || field.ends_with("_at").then_some(Reason::BadFormat { expected: Expected::Instant });
    match reason(message).or_else(instant) {
        Some(reason) => error.because(reason),
        None => error,
    }
}

/// What is wrong with a parameter of the address.
pub fn of_query(field: &str, message: &str) -> Error {
    let what = message.split_once(": ").map_or(message, |(_, what)| what);
    let error = of_json(field, message);
    let known = reason(what).or_else(|| {
        // What Rust's own readers of numbers and booleans say.
        let number =
            ["invalid digit", "number too", "cannot parse integer"].iter().any(|start| what.starts_with(start));
        let boolean = what.contains("provided string was not `true` or `false`");
        let expected = match () {
            () if number => Expected::WholeNumber,
            () if boolean => Expected::Boolean,
            () => return None,
        };
        Some(Reason::BadFormat { expected })
    });
    match known {
        Some(reason) => error.because(reason),
        None => error,
    }
}

fn reason(message: &str) -> Option<Reason> {
    if message.starts_with("unknown field ") {
        return Some(Reason::UnknownField);
    }
    if message.starts_with("missing field ") {
        return Some(Reason::Required);
    }
    if message.starts_with("duplicate field ") || message == "a field is given twice" {
        return Some(Reason::Duplicate);
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (_, expected) = rest.split_once("expected ")?;
        return Some(Reason::NotOneOf { choices: Choices::new(expected.split('`').skip(1).step_by(2)) });
    }
    if let Some(rest) = message.strip_prefix("at most ") {
        let most = rest.split_once(' ')?.0.parse().ok()?;
        return Some(Reason::TooMany { most });
    }
    let expected = match message.strip_prefix("invalid ") {
        Some(rest) => rest.rsplit_once("expected ")?.1,
        None => message,
    };
    let expected = match expected {
        "a string" | "a text" => Expected::Text,
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => Expected::WholeNumber,
        "f32" | "f64" => Expected::Number,
        "a boolean" => Expected::Boolean,
        "a sequence" => Expected::List,
        "a map" | "an object" | "an object {field: value}" => Expected::Object,
        other if other.starts_with("a text, a number") => Expected::Text,
        other if other.starts_with("struct ") => Expected::Object,
        other if other.contains("RFC 3339") || other.contains("timestamp") => Expected::Instant,
        _ => return None,
    };
    Some(Reason::BadFormat { expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: &Error) -> Option<Reason> {
        error.violations()[0].reason.clone()
    }

    #[test]
    fn what_serde_says_has_its_reason() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            #[serde(rename = "count")]
            _count: u32,
            #[serde(rename = "kind", default)]
            _kind: Option<Kind>,
            #[serde(rename = "text", default)]
            _text: String,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            One,
            Two,
        }
        let reads = |text: &str| {
            let message = serde_json::from_str::<Body>(text).unwrap_err().to_string();
            said(&of_json("x", message.rsplit_once(" at line ").map_or(&message, |(message, _)| message)))
        };
        let format = |expected| Some(Reason::BadFormat { expected });
        assert_eq!(reads("{}"), Some(Reason::Required));
        assert_eq!(reads(r#"{"nope":1}"#), Some(Reason::UnknownField));
        assert_eq!(reads(r#"{"count":1,"count":1}"#), Some(Reason::Duplicate));
        assert_eq!(reads(r#"{"count":"x"}"#), format(Expected::WholeNumber));
        assert_eq!(reads(r#"{"count":-1}"#), format(Expected::WholeNumber));
        assert_eq!(reads(r#"{"count":1,"text":12}"#), format(Expected::Text));
        let choices = Choices::new(["one", "two"]);
        assert_eq!(reads(r#"{"count":1,"kind":"three"}"#), Some(Reason::NotOneOf { choices }));
    }

    #[test]
    fn a_message_that_is_not_known_is_kept() {
        let error = of_json("x", "too odd to be said");
        assert_eq!((said(&error), error.violations()[0].message.as_str()), (None, "too odd to be said"));
        let error = of_query("page_size", "page_size: invalid digit found in string");
        assert_eq!(said(&error), Some(Reason::BadFormat { expected: Expected::WholeNumber }));
    }
}
