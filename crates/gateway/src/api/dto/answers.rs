//! The answers to a form, as JSON gives them: an object, each value a scalar or a list of scalars.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

/// Answers of a form at most; a form has tens.
const MOST_ANSWERS: usize = 1_000;
/// Values of one answer at most.
const MOST_VALUES: usize = 200;

/// The answers, in the order sent. A field given twice is refused rather than silently dropped.
#[derive(Debug, Default)]
pub struct Answers(pub Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Answers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Answers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object {field: value}")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answers, A::Error> {
                let mut answers = Vec::new();
                let mut seen = std::collections::HashSet::new();
                while let Some(field) = map.next_key::<String>()? {
                    if answers.len() == MOST_ANSWERS {
                        return Err(de::Error::custom(format!("at most {MOST_ANSWERS} answers")));
                    }
                    let Values(values) = map.next_value()?;
                    if !seen.insert(field.clone()) {
                        return Err(de::Error::custom("a field is given twice"));
                    }
                    answers.push((field, values));
                }
                Ok(Answers(answers))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The values of one answer, as text: a scalar is a list of one, `null` an empty one.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor).map(Self)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a boolean, or a list of them")
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Vec<String>, E> {
        Ok(vec![value.to_owned()])
    }
    fn visit_string<E: de::Error>(self, value: String) -> Result<Vec<String>, E> {
        Ok(vec![value])
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Vec<String>, E> {
        Ok(vec![value.to_string()])
    }
    fn visit_unit<E: de::Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut values = Vec::new();
        while let Some(Scalar(value)) = seq.next_element()? {
            if values.len() == MOST_VALUES {
                return Err(de::Error::custom(format!("at most {MOST_VALUES} values")));
            }
            values.push(value);
        }
        Ok(values)
    }
}

/// One value of a list.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, a number or a boolean")]
enum ScalarValue {
    Text(String),
    Boolean(bool),
    Natural(u64),
    Integer(i64),
    Real(f64),
}

#[derive(Deserialize)]
#[serde(from = "ScalarValue")]
struct Scalar(String);

impl From<ScalarValue> for Scalar {
    fn from(value: ScalarValue) -> Self {
        Self(match value {
            ScalarValue::Text(text) => text,
            ScalarValue::Boolean(value) => value.to_string(),
            ScalarValue::Natural(value) => value.to_string(),
            ScalarValue::Integer(value) => value.to_string(),
            ScalarValue::Real(value) => value.to_string(),
        })
    }
}
