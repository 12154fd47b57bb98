//! The document of the API (OpenAPI 3.1), made from the handlers, completed with what goes for all of them.

use axum::{Router, routing::get};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};
use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder, Tag,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use crate::{problem::KINDS, state::AppState};

/// Where the document is.
pub const PATH: &str = "/api/openapi.json";

const TAGS: [(&str, &str); 11] = [
    ("Démarches", "Ce que la collectivité propose, avec les formulaires."),
    ("Déposer une demande", "Par le public, par un agent pour un usager, par un partenaire."),
    ("Suivre une demande", "Avec le code de suivi remis au dépôt, ou un jeton d’agent."),
    ("Accueillir", "Au guichet et au téléphone."),
    ("Traiter les dossiers", "Pour les agents instructeurs et leurs responsables."),
    ("Répartir", "Qui traite quoi, et pourquoi."),
    ("S’informer", "Articles, fiches nationales et réponses types."),
    ("Avis", "Ce qui est dit aux usagers."),
    ("Connaître la collectivité", "Annuaire, agents, chiffres."),
    ("Administrer", "Comptes et partenaires."),
    ("S’authentifier", "Jetons, sessions et clés publiques."),
];

const DESCRIPTION: &str = "API de Parvis, plateforme de relation usagers multicanale.\n\n\
    La collectivité est celle du nom d’hôte appelé ; l’en-tête `X-Parvis-Tenant` peut en nommer une autre de la même \
    installation. Les dates sont en RFC 3339. Les erreurs sont des problèmes RFC 9457 \
    (`application/problem+json`), décrits en fin de documentation : chaque champ en cause a un `code` stable, pour le \
    logiciel, et un `message` en français, à montrer à la personne. Les noms sont en `snake_case` ; un champ inconnu \
    est refusé et nommé. Chaque réponse porte `X-Request-Id`, à citer en cas de difficulté.";

/// What comes before the handlers' own part.
pub fn base() -> OpenApi {
    let tag = |(name, description): (&str, &str)| -> Tag {
        TagBuilder::new().name(name).description(Some(description)).build()
    };
    let info = InfoBuilder::new()
        .title("Parvis")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(utoipa::openapi::LicenseBuilder::new().name("EUPL-1.2").identifier(Some("EUPL-1.2")).build()))
        .build();
    let mut bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    bearer.description =
        Some("Jeton d’agent (`POST /api/v1/session`) ou de partenaire (`POST /api/v1/tokens`).".into());
    let mut client = Http::new(HttpAuthScheme::Basic);
    client.description = Some("Identifiant et secret d’un partenaire.".into());
    let code = ApiKeyValue::with_description("Tracking-Code", "Code de suivi remis au dépôt de la demande.");
    let components = utoipa::openapi::ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("client", SecurityScheme::Http(client))
        .security_scheme("tracking_code", SecurityScheme::ApiKey(ApiKey::Header(code)))
        .build();
    OpenApiBuilder::new().info(info).tags(Some(TAGS.map(tag))).components(Some(components)).build()
}

/// The whole document: problems that any route may answer, distinct operation ids, the servers.
pub fn complete(document: &OpenApi, public_url: &str) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    name_unsigned_formats(&mut document);
    document["servers"] = json!([
        { "url": "/", "description": "Cette collectivité" },
        { "url": public_url, "description": "Adresse publique" },
    ]);
    let responses: Map<String, Value> = statuses()
        .into_iter()
        .map(|(status, titles)| {
            let content =
                json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            (format!("Problem{status}"), json!({ "description": titles.join(" ; "), "content": content }))
        })
        .collect();
    document["components"]["responses"] = Value::Object(responses);
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        for (method, operation) in item {
            operation["operationId"] = operation_id(method, path).into();
            say_that_headers_are_never_null(operation);
            add_problems(method, path, operation);
        }
    }
    document
}

/// Each status of a problem with the titles of its kinds.
fn statuses() -> std::collections::BTreeMap<u16, Vec<&'static str>> {
    let mut statuses = std::collections::BTreeMap::<u16, Vec<&'static str>>::new();
    for (status, _, title) in KINDS {
        statuses.entry(status.as_u16()).or_default().push(title);
    }
    statuses
}

fn operation_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(['/', '.', '-']).filter(|word| !word.is_empty());
    let words = words.map(|word| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        Some(name) => format!("by_{name}"),
        None => word.to_owned(),
    });
    std::iter::once(method.to_owned()).chain(words).collect::<Vec<_>>().join("_")
}

/// What is never negative is told as a signed number, which holds half as much: named by the registry of formats.
fn name_unsigned_formats(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("minimum").is_some_and(|minimum| *minimum == 0)
                && let Some(format) = map.get_mut("format")
            {
                match format.as_str() {
                    Some("int32") => *format = "uint32".into(),
                    Some("int64") => *format = "uint64".into(),
                    _ => {}
                }
            }
            map.values_mut().for_each(name_unsigned_formats);
        }
        Value::Array(all) => all.iter_mut().for_each(name_unsigned_formats),
        _ => {}
    }
}

/// A header that may be left out is not one that may be `null`.
fn say_that_headers_are_never_null(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for parameter in parameters.filter(|parameter| parameter["in"] == "header") {
        let Some(kind) = parameter.pointer_mut("/schema/type") else { continue };
        let only = kind.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).cloned();
        *kind = only.unwrap_or_else(|| kind.take());
    }
}

fn add_problems(method: &str, path: &str, operation: &mut Value) {
    let mut statuses = vec![404, 500, 503];
    if path.starts_with("/.well-known") {
        statuses.retain(|status| *status != 404);
    }
    if method != "get" {
        statuses.push(429);
    }
    let body = operation.get("requestBody").is_some();
    let json = operation["requestBody"]["content"].get("application/json").is_some();
    if body {
        statuses.extend([408, 413]);
    }
    if json {
        statuses.extend([400, 415, 422]);
    }
    if path.ends_with("/attachments") {
        statuses.extend([400, 422]);
    }
    let has_query = operation["parameters"]
        .as_array()
        .is_some_and(|parameters| parameters.iter().any(|parameter| parameter["in"] == "query"));
    if has_query {
        statuses.push(422);
    }
    let secured =
        operation["security"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|one| *one != json!({})));
    if secured {
        statuses.extend([401, 403]);
    } else if operation["security"].as_array().is_some_and(|all| all.len() > 1) {
        statuses.push(401);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for status in statuses {
        let reference = json!({ "$ref": format!("#/components/responses/Problem{status}") });
        responses.entry(status.to_string()).or_insert(reference);
    }
}

/// Serves the document.
pub fn router(document: &Value) -> Router<AppState> {
    let bytes = Bytes::from(serde_json::to_vec_pretty(document).unwrap_or_default());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    Router::new().route(PATH, get(async move || (headers, bytes)))
}
