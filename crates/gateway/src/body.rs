//! Bodies, read within bounds, with a problem that says what is wrong and where.

use std::{fmt, marker::PhantomData, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Request, multipart::MultipartError},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use serde_json::Value;

use crate::{problem::Problem, sentences::of_json, state::AppState};

/// The media type of a body, in small letters, without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A small body that takes longer is one that never comes.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A whole body of at most `limit` bytes.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(READ_TIMEOUT, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Ok(Err(_)) => Err(Problem::syntax("Le corps de la requête a été interrompu.")),
        Err(_) => Err(Problem::timeout()),
    }
}

/// What is wrong with a multipart body.
pub fn multipart_problem(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large_file(),
        _ => Problem::syntax("Le corps multipart/form-data est mal formé."),
    }
}

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let media_type = media_type(request.headers());
        if media_type != "application/json"
            && !(media_type.starts_with("application/") && media_type.ends_with("+json"))
        {
            return Err(Problem::media_type("application/json"));
        }
        let bytes = read(request.into_body(), state.config().max_json_bytes).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads JSON. The path of an error is only looked for once there is one.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Object(value)) => Ok(value),
        Err(_) => without_nulls(bytes),
    }
}

/// What is not taken may only have a `null` for what is absent, as many programs write it.
fn without_nulls<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return Err(explain::<T>(bytes)) };
    if !drop_nulls(&mut value) {
        return Err(explain::<T>(bytes));
    }
    let bytes = serde_json::to_vec(&value).map_err(|_| Problem::syntax("Le JSON est mal formé."))?;
    match serde_json::from_slice(&bytes) {
        Ok(Object(value)) => Ok(value),
        Err(_) => Err(explain::<T>(&bytes)),
    }
}

/// Whether there was any, however deep.
fn drop_nulls(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|_, value| !value.is_null());
            let dropped = fields.len() < before;
            // Every one is visited: a search that stops at the first would leave the rest.
            fields.values_mut().map(drop_nulls).filter(|dropped| *dropped).count() > 0 || dropped
        }
        Value::Array(items) => items.iter_mut().map(drop_nulls).filter(|dropped| *dropped).count() > 0,
        _ => false,
    }
}

/// What is written as a JSON object. A derived type would also take an array, its fields in order, which nobody means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMap<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(OnlyMap(PhantomData)).map(Self)
    }
}

fn explain<T: DeserializeOwned>(bytes: &[u8]) -> Problem {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Problem::syntax(format!("Le corps n’est pas de l’UTF-8 valide, à l’octet {}.", error.valid_up_to()));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = match serde_path_to_error::deserialize::<_, Object<T>>(&mut json) {
        Ok(_) => {
            let at = json.end().err().map(|error| place(&error)).unwrap_or_default();
            return Problem::syntax(format!("Du texte suit la fin du JSON{at}."));
        }
        Err(error) => error,
    };
    let path = error.path().to_string();
    let inner = error.into_inner();
    if !inner.is_data() {
        let message = without_place(&inner);
        return Problem::syntax(format!("Le JSON est mal formé{} : {message}", place(&inner)));
    }
    let message = without_place(&inner);
    // An unknown field is named in the message and not in the path of what holds it.
    let field = match (quoted(&message, "unknown field `").or_else(|| quoted(&message, "missing field `")), &*path) {
        (Some(name), "." | "?") => name.to_owned(),
        (Some(name), path) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (Some(name), path) => format!("{path}.{name}"),
        (None, "." | "?") => "body".to_owned(),
        (None, path) => path.to_owned(),
    };
    Problem::from(of_json(&field, &message))
}

fn place(error: &serde_json::Error) -> String {
    format!(", ligne {}, colonne {}", error.line(), error.column())
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before).and_then(|rest| rest.split_once('`')).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "count")]
        _count: u32,
    }

    #[test]
    fn what_and_where_are_said() {
        let cases: [(&[u8], u16, &str); 9] = [
            (b"{\"inner\":{\"count\":\"x\"}}", 422, "inner.count"),
            (b"{\"inner\":{\"count\":1,\"other\":2}}", 422, "inner.other"),
            (b"{\"inner\":{}}", 422, "inner.count"),
            (b"{\"nope\":1}", 422, "nope"),
            (b"[]", 422, "body"),
            (b"{\"inner\"", 400, "ligne 1"),
            (b"", 400, "ligne 1"),
            (b"{\"inner\":{\"count\":1}} x", 400, "suit la fin"),
            (b"{\"inner\":\"\xff\"}", 400, "octet 10"),
        ];
        for (body, status, expected) in cases {
            let problem = parse::<Outer>(body).unwrap_err();
            assert_eq!(problem.status, status, "{problem:?}");
            let said = problem.errors.first().map_or(problem.detail.as_str(), |error| error.field.as_str());
            assert!(said.contains(expected), "{problem:?}");
        }
        for null in [
            &b"{\"inner\":{\"count\":1,\"other\":null},\"more\":null}"[..],
            b"{\"inner\":{\"count\":1},\"nope\":{\"a\":null}}",
        ] {
            let said = parse::<Outer>(null).map_err(|problem| problem.errors[0].field.clone());
            assert_eq!(said.err().as_deref(), if null.ends_with(b"null}") { None } else { Some("nope") });
        }
        let missing = parse::<Outer>(b"{\"inner\":{\"count\":null}}").unwrap_err();
        assert_eq!((missing.status, missing.errors[0].field.as_str()), (422, "inner.count"));
        let deep = [b"{\"inner\":".to_vec(), b"[".repeat(100_000)].concat();
        assert!(matches!(parse::<Outer>(&deep).unwrap_err().status, 400 | 422));
        let deep = b"{\"a\":".repeat(100_000);
        assert_eq!(parse::<serde_json::Value>(&deep).unwrap_err().status, 400);
    }
}
