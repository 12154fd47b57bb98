//! Every endpoint of the REST interface, from its OpenAPI document.

use anyhow::{Context as _, Result, ensure};
use parvis_kernel::policy::{Answer, Verb};
use parvis_tests::Api;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{
    BY_A_SECRET, Matrix, TO_ALL,
    cast::{Cast, Looked, Member},
    example, nobodys_words,
};

/// What an endpoint of one case does to it; the others are about no case.
fn verb(method: &str, path: &str) -> Option<Verb> {
    Some(match (method, path) {
        ("get", "/api/v1/cases/{reference}" | "/api/v1/requests/{reference}/timeline") => Verb::ReadPublic,
        ("get", "/api/v1/cases/{reference}/decisions") => Verb::ReadRouting,
        ("get", "/api/v1/attachments/{id}") => Verb::ReadFiles,
        ("post", "/api/v1/requests/{reference}/messages") => Verb::AddForPerson,
        ("post", "/api/v1/cases/{reference}/notes") => Verb::AddNote,
        ("post", "/api/v1/cases/{reference}/close") => Verb::Decide,
        ("post", "/api/v1/cases/{reference}/messages" | "/api/v1/cases/{reference}/reopen") => Verb::Handle,
        _ => return None,
    })
}

/// Calls each as everybody, about each case.
pub async fn walk(api: &Api, cast: &Cast, matrix: &mut Matrix) -> Result<()> {
    let document: Value = api.http().get(api.url("/api/openapi.json")).send().await?.json().await?;
    let paths = document["paths"].as_object().context("no paths")?;
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let door = format!("{} {path}", method.to_uppercase());
            if BY_A_SECRET.contains(&door.as_str()) {
                matrix.insert(door, TO_ALL.to_owned());
                continue;
            }
            let about_case = path.contains("{reference}") || path.contains("{id}");
            let cases = if about_case { &cast.cases[..] } else { &cast.cases[..1] };
            for case in cases {
                let mut got = String::new();
                for member in &cast.members {
                    let (status, body) = call(api, &document, method, path, operation, case, member).await?;
                    let through = through(status);
                    got.push(if through { '+' } else { '-' });
                    check(method, path, case, member, status, through, &body)?;
                    nobodys_words(&format!("{method} {path}"), cast, member, &body)?;
                }
                let which = if !about_case {
                    ""
                } else if case.sensitive {
                    " (sensitive)"
                } else {
                    " (plain)"
                };
                matrix.insert(format!("{door}{which}"), got);
            }
        }
    }
    Ok(())
}

/// Whether who is answered so gets through; of the case, more is shown with more.
fn allows(verb: Verb, answer: Answer) -> bool {
    if verb == Verb::ReadFiles { answer.shows_filed() } else { answer != Answer::No }
}

/// Refused for who one is; anything else got through to what was asked.
fn through(status: StatusCode) -> bool {
    // Too many tries to sign in are no way in either.
    let closed =
        [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::TOO_MANY_REQUESTS];
    !closed.contains(&status)
}

async fn call(
    api: &Api,
    document: &Value,
    method: &str,
    path: &str,
    operation: &Value,
    case: &Looked,
    member: &Member,
) -> Result<(StatusCode, String)> {
    let is_file = path.starts_with("/api/v1/attachments");
    let id = if is_file { &case.file } else { &case.receipt.request_id };
    let path = path.replace("{reference}", &case.receipt.reference).replace("{id}", id);
    let mut path = path.replace("{code}", "acte-naissance").replace("{slug}", "rien");
    while let (Some(from), Some(until)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=until, "1");
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let query = parameters.iter().filter(|one| one["in"] == "query" && one["required"] == true);
    let query = query.map(|one| (text(&one["name"]), text(&one["example"])));
    let of_case = is_file.then(|| ("case".to_owned(), case.receipt.reference.clone()));
    let query: Vec<_> = query.chain(of_case).collect();
    let mut request =
        api.http().request(Method::from_bytes(method.to_uppercase().as_bytes())?, api.url(&path)).query(&query);
    if let Some(token) = &member.token {
        request = request.bearer_auth(token);
    }
    // A version that nobody has: whoever may is told of a conflict, and nothing changes.
    request = request.header("If-Match", "\"999999\"").header("Idempotency-Key", format!("murs-{}", member.name));
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !schema.is_null() {
        request = request.json(&example::of(document, schema));
    }
    let answer = request.send().await?;
    let status = answer.status();
    // Live events do not end.
    let body = if path.ends_with("/events") { String::new() } else { answer.text().await? };
    Ok((status, body))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn check(
    method: &str,
    path: &str,
    case: &Looked,
    member: &Member,
    status: StatusCode,
    through: bool,
    body: &str,
) -> Result<()> {
    let who = member.name;
    ensure!(!status.is_server_error(), "{method} {path} as {who}: {status} {body}");
    if let Some(verb) = verb(method, path) {
        let answer = case.may(&member.caller, verb)?;
        ensure!(
            through == allows(verb, answer),
            "{method} {path} of {} as {who}: {status}, and the policy says {answer:?}\n{body}",
            case.unit
        );
    }
    Ok(())
}
