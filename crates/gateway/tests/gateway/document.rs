//! The document of the API says what is, and all of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{fakes::*, get, send};

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (method.clone(), path.clone(), operation))
        })
        .collect()
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(path) => document.pointer(&path[1..]).unwrap_or_else(|| panic!("{path} leads nowhere")),
        None => value,
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(path) = map.get("$ref").and_then(Value::as_str) {
                found.insert(path.to_owned());
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_holds_together() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[("host", "unknown.test")]).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30);
    for path in &found {
        assert!(document.pointer(&path[1..]).is_some(), "{path} leads nowhere");
    }
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone().to_string()).collect();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is not unique");
        assert!(tags.contains(&operation["tags"][0].to_string()), "{id}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            assert!(parameter["description"].is_string() && parameter["schema"].is_object(), "{id}: {parameter}");
        }
        let named: BTreeSet<_> =
            parameters.iter().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap().to_owned()).collect();
        let template: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(ToOwned::to_owned)
            .collect();
        assert_eq!(named, template, "{id}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(resolve(&document, response)["description"].is_string(), "{id} {status}");
        }
        let security = operation["security"].as_array().unwrap_or_else(|| panic!("{id} says nothing of access"));
        for name in security.iter().flat_map(|one| one.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(name), "{id}: {name}");
        }
        assert!(operation.get("requestBody").is_none() || method != "get", "{id}");
    }
}

/// Programs are generated from the document: what it allows must be what is taken.
#[tokio::test]
async fn the_document_promises_no_more_than_is_taken() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[]).await.json();
    let mut formats = BTreeSet::new();
    numbers(&document, &mut formats);
    assert_eq!(formats, ["double", "int64", "uint32", "uint64"].map(String::from).into());
    for (_, path, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let kind = &parameter["schema"]["type"];
            assert!(parameter["in"] != "header" || kind.is_string(), "{path}: a header cannot be null: {parameter}");
        }
    }
    let at = |path: &str| document.pointer(path).unwrap_or_else(|| panic!("{path} leads nowhere"));
    let file = resolve(&document, at("/components/schemas/FileBytes"));
    assert_eq!((&file["type"], &file["format"]), (&json!("string"), &json!("binary")));
    let upload = at("/paths/~1api~1v1~1attachments/post/requestBody/content");
    assert!(
        upload.get("application/octet-stream").is_some() && upload.get("multipart/form-data").is_some(),
        "{upload}"
    );
    // A file comes with the type it has.
    assert!(at("/paths/~1api~1v1~1attachments~1{id}/get/responses/200/content").get("*/*").is_some());
    assert!(at("/paths/~1api~1v1~1routing~1simulate/post/responses").get("409").is_some(), "no rules, no draft");
    let required = |schema: &str, field: &str| {
        at(&format!("/components/schemas/{schema}/required")).as_array().unwrap().contains(&json!(field))
    };
    assert!(required("TokenForm", "grant_type") && required("MoveWorkBody", "reason"));
    for (path, name) in [("cases", "view"), ("citizens", "q")] {
        let parameters = at(&format!("/paths/~1api~1v1~1{path}/get/parameters")).as_array().unwrap();
        assert!(parameters.iter().any(|it| it["name"] == name && it["required"] == true), "{path} {name}");
    }
}

fn numbers(value: &Value, formats: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let kind = value["type"].to_string();
            if kind.contains("integer") || kind.contains("number") {
                formats.extend(value["format"].as_str().map(ToOwned::to_owned));
            }
            map.values().for_each(|value| numbers(value, formats));
        }
        Value::Array(all) => all.iter().for_each(|value| numbers(value, formats)),
        _ => {}
    }
}

#[tokio::test]
async fn every_handler_is_in_the_document_and_nothing_else_is_routed() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[]).await.json();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    let (mut handlers, mut bare) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        handlers += text.matches("#[utoipa::path(").count();
        bare.extend((0..text.matches(".route(").count()).map(|_| path.file_name().unwrap().to_owned()));
    }
    assert_eq!(operations(&document).len(), handlers);
    bare.sort();
    // The page and its style, the two that answer "no such route", and the document itself.
    assert_eq!(bare, ["docs.rs", "docs.rs", "mod.rs", "mod.rs", "openapi.rs"]);
}

fn example(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return given.clone();
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    // Only what has an example, or must be there.
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = fields.filter_map(|(name, field)| {
        let value = example(document, field);
        (value != Value::Object(Default::default()) || required.iter().any(|one| one == name.as_str()))
            .then(|| (name.clone(), if value.is_object() && field["type"] == "string" { "x".into() } else { value }))
    });
    Value::Object(fields.collect())
}

#[tokio::test]
async fn every_documented_route_answers_as_documented() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[]).await.json();
    let agent = world.agent("clairval");
    for (method, path, operation) in operations(&document) {
        let mut path = path;
        let mut headers = vec![];
        let mut query = String::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let given = &parameter["example"];
            let text = given.as_str().map_or_else(|| given.to_string(), ToOwned::to_owned);
            match parameter["in"].as_str().unwrap() {
                "path" if name == "reference" => path = path.replace("{reference}", KNOWN),
                "path" => path = path.replace(&format!("{{{name}}}"), &text),
                "query" if !given.is_null() => query += &format!("{name}={text}&"),
                "header" if !given.is_null() => headers.push((name, text)),
                _ => {}
            }
        }
        if operation["security"].to_string().contains("bearer") && !path.ends_with("/requests") {
            headers.push(("authorization", agent.clone()));
        }
        if operation["security"].to_string().contains("tracking_code") {
            headers.push(("tracking-code", TRACKING_CODE.to_owned()));
        }
        let mut body = String::new();
        for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten().take(1) {
            headers.push(("content-type", media_type.clone()));
            let value = example(&document, &content["schema"]);
            body = match media_type.as_str() {
                "application/x-www-form-urlencoded" => {
                    "grant_type=client_credentials&client_id=portail&client_secret=s3%3Acret".into()
                }
                "application/json" if path.ends_with("/session") => {
                    r#"{"login":"a","password":"un bon mot de passe"}"#.into()
                }
                _ => value.to_string(),
            };
        }
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        // A live stream does not end: it is read in its own test.
        if path.ends_with("/events") {
            continue;
        }
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = send(&world.router, &method.to_uppercase(), &path, &headers, body).await;
        let status = answer.status.as_u16().to_string();
        assert!(answer.status.is_success(), "{method} {path}: {status} {}", answer.text());
        let content = &operation["responses"][&status]["content"];
        assert!(content.is_object(), "{method} {path} answers {status}, which is not documented");
        let content_type = answer.headers["content-type"].to_str().unwrap();
        if !path.contains("/attachments/") {
            assert!(content.get(content_type).is_some(), "{method} {path}: {content_type}");
        }
        let Some(schema) = content.get("application/json").map(|content| resolve(&document, &content["schema"])) else {
            continue;
        };
        let answered = answer.json();
        if let (Some(properties), Some(answered)) = (schema["properties"].as_object(), answered.as_object()) {
            let (said, is): (BTreeSet<_>, BTreeSet<_>) = (properties.keys().collect(), answered.keys().collect());
            assert_eq!(said, is, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_route_and_needs_nothing_from_elsewhere() {
    let world = World::new();
    let document = get(&world.router, "/api/openapi.json", &[]).await.json();
    let answer = get(&world.router, "/api/docs", &[]).await;
    let page = answer.text();
    assert!(page.contains("<html lang=\"fr\">") && page.contains("class=\"skip\""));
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("<h3 id=\"{id}\">")), "{method} {path}");
        assert!(page.contains(&format!("href=\"#{id}\"")), "{method} {path} is not in the contents");
    }
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
    for elsewhere in ["<script", "src=", "href=\"http", "style=\"", "onclick"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    assert!(page.contains("curl &#39;") && page.contains("id=\"probleme-invalid\""));
    assert!(!page.contains("://localhost:8080//"));
    assert_eq!(get(&world.router, "/api/docs.css", &[]).await.headers["content-type"], "text/css; charset=utf-8");
    let without = World::with(&[("gateway.docs", "false")]);
    assert_eq!(get(&without.router, "/api/docs", &[]).await.status, 404);
}
