//! The documentation page of the API, made by the server from the API's own document: no script, nothing from elsewhere.

mod example;
mod text;

use axum::{Router, response::Html, routing::get};
use bytes::Bytes;
use http::{HeaderValue, header};
use parvis_kernel::{Reason, Refusal};
use serde_json::Value;

use crate::{
    problem::{KINDS, escape},
    sentences,
    state::AppState,
};
use example::{example, type_name};
use text::{inline, prose, slug};

const STYLE: &str = include_str!("docs/style.css");
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Serves the page and its style.
pub fn router(page: String) -> Router<AppState> {
    let page = Bytes::from(page);
    let cache = [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))];
    let style = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Router::new()
        .route("/api/docs", get(async move || (cache, Html(page))))
        .route("/api/docs.css", get(async move || (style, STYLE)))
}

/// The page.
pub fn page(document: &Value) -> String {
    let sections: Vec<Section<'_>> = sections(document);
    let mut out = String::with_capacity(256 * 1024);
    out.push_str(
        "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>API de Parvis</title>\n\
         <link rel=\"stylesheet\" href=\"/api/docs.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#contenu\">Aller au contenu</a>\n<header>\n<h1>API de Parvis</h1>\n",
    );
    out.push_str(&format!(
        "<p>Version {} · <a href=\"{}\">document OpenAPI {}</a></p>\n</header>\n",
        text_of(&document["info"]["version"]),
        super::openapi::PATH,
        text_of(&document["openapi"]),
    ));
    contents(&mut out, &sections);
    out.push_str("<main id=\"contenu\">\n<section aria-labelledby=\"introduction\">\n<h2 id=\"introduction\">Introduction</h2>\n");
    out.push_str(&prose(document["info"]["description"].as_str().unwrap_or_default()));
    security(&mut out, document);
    out.push_str("</section>\n");
    for section in &sections {
        out.push_str(&format!(
            "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n",
            section.slug,
            escape(section.name)
        ));
        out.push_str(&prose(section.description));
        for operation in &section.operations {
            write_operation(&mut out, document, operation);
        }
        out.push_str("</section>\n");
    }
    schemas(&mut out, document);
    problems(&mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

struct Section<'a> {
    name: &'a str,
    slug: String,
    description: &'a str,
    operations: Vec<Operation<'a>>,
}

struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.value["operationId"].as_str().unwrap_or_default()
    }
}

fn sections(document: &Value) -> Vec<Section<'_>> {
    let operations = || {
        document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
            METHODS
                .into_iter()
                .filter_map(move |method| item.get(method).map(|value| Operation { method, path, value }))
        })
    };
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = tag["name"].as_str().unwrap_or_default();
        Section {
            name,
            slug: slug(name),
            description: tag["description"].as_str().unwrap_or_default(),
            operations: operations().filter(|operation| operation.value["tags"][0] == *name).collect(),
        }
    })
    .collect()
}

fn contents(out: &mut String, sections: &[Section<'_>]) {
    out.push_str("<nav aria-labelledby=\"sommaire\">\n<h2 id=\"sommaire\">Sommaire</h2>\n<ul>\n");
    out.push_str("<li><a href=\"#introduction\">Introduction</a></li>\n");
    for section in sections {
        out.push_str(&format!("<li><a href=\"#{}\">{}</a>\n<ul>\n", section.slug, escape(section.name)));
        for operation in &section.operations {
            out.push_str(&format!(
                "<li><a href=\"#{}\">{}</a></li>\n",
                operation.id(),
                escape(operation.value["summary"].as_str().unwrap_or(operation.path))
            ));
        }
        out.push_str("</ul></li>\n");
    }
    out.push_str(
        "<li><a href=\"#objets\">Objets</a></li>\n<li><a href=\"#problemes\">Problèmes</a></li>\n</ul>\n</nav>\n",
    );
}

fn security(out: &mut String, document: &Value) {
    out.push_str("<h3>S’authentifier</h3>\n<dl>\n");
    for (name, scheme) in document["components"]["securitySchemes"].as_object().into_iter().flatten() {
        let how = match (scheme["type"].as_str(), scheme["scheme"].as_str()) {
            (Some("apiKey"), _) => format!("en-tête {}", scheme["name"].as_str().unwrap_or_default()),
            (_, Some("basic")) => "Authorization: Basic".to_owned(),
            _ => "Authorization: Bearer".to_owned(),
        };
        let description = inline(scheme["description"].as_str().unwrap_or_default());
        out.push_str(&format!("<dt><code>{}</code> ({})</dt><dd>{description}</dd>\n", escape(name), escape(&how)));
    }
    out.push_str("</dl>\n");
}

fn write_operation(out: &mut String, document: &Value, operation: &Operation<'_>) {
    let (id, method) = (operation.id(), operation.method.to_uppercase());
    let summary = operation.value["summary"].as_str().unwrap_or(operation.path);
    out.push_str(&format!(
        "<article aria-labelledby=\"{id}\">\n<h3 id=\"{id}\">{}</h3>\n<p class=\"call\"><b class=\"{}\">{method}</b> <code>{}</code></p>\n",
        escape(summary),
        operation.method,
        escape(operation.path)
    ));
    out.push_str(&prose(operation.value["description"].as_str().unwrap_or_default()));
    out.push_str(&format!("<p>Accès : {}.</p>\n", access(operation.value)));
    parameters(out, operation.value);
    if let Some(body) = operation.value.get("requestBody") {
        out.push_str("<h4>Corps</h4>\n");
        for (media_type, content) in body["content"].as_object().into_iter().flatten() {
            let kind = type_name(&content["schema"]);
            out.push_str(&format!("<p><code>{}</code> : {kind}</p>\n", escape(media_type)));
        }
    }
    out.push_str("<h4>Exemple</h4>\n<pre tabindex=\"0\"><code>");
    out.push_str(&escape(&curl(document, operation)));
    out.push_str("</code></pre>\n");
    responses(out, document, operation);
    out.push_str("</article>\n");
}

fn access(operation: &Value) -> String {
    let all = operation["security"].as_array();
    let names = all.into_iter().flatten().map(|one| match one.as_object().and_then(|one| one.keys().next()) {
        None => "tout le monde".to_owned(),
        Some(name) => format!("<code>{}</code>", escape(name)),
    });
    let names: Vec<_> = names.collect();
    if names.is_empty() { "tout le monde".to_owned() } else { names.join(", ou ") }
}

fn parameters(out: &mut String, operation: &Value) {
    let Some(parameters) = operation["parameters"].as_array().filter(|all| !all.is_empty()) else { return };
    out.push_str(
        "<h4>Paramètres</h4>\n<table>\n<thead><tr><th scope=\"col\">Nom</th><th scope=\"col\">Où</th>\
         <th scope=\"col\">Type</th><th scope=\"col\">Description</th></tr></thead>\n<tbody>\n",
    );
    for parameter in parameters {
        let place = match parameter["in"].as_str() {
            Some("path") => "chemin",
            Some("query") => "requête",
            _ => "en-tête",
        };
        let required = if parameter["required"] == true { ", obligatoire" } else { "" };
        out.push_str(&format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td>{place}{required}</td><td>{}</td><td>{}</td></tr>\n",
            text_of(&parameter["name"]),
            type_name(&parameter["schema"]),
            inline(parameter["description"].as_str().unwrap_or_default()),
        ));
    }
    out.push_str("</tbody>\n</table>\n");
}

fn curl(document: &Value, operation: &Operation<'_>) -> String {
    let server = document["servers"][1]["url"].as_str().unwrap_or_default();
    let mut path = operation.path.to_owned();
    let mut headers = Vec::new();
    let mut query = Vec::new();
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let given = parameter.get("example").or_else(|| parameter["schema"]["examples"].get(0));
        let value = given.map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        match (parameter["in"].as_str(), value) {
            (Some("path"), value) => path = path.replace(&format!("{{{name}}}"), &value.unwrap_or("…".to_owned())),
            (Some("query"), Some(value)) => query.push(format!("{name}={value}")),
            (Some("header"), Some(value)) => headers.push(format!("{name}: {value}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    match access_header(operation.value) {
        Some("bearer") => headers.push("Authorization: Bearer JETON".to_owned()),
        Some("tracking_code") => headers.push("Tracking-Code: K7R-2MQ-9XB-4TD".to_owned()),
        _ => {}
    }
    let mut lines = vec![format!("curl '{server}{path}'")];
    if operation.method != "get" {
        lines.push(format!("-X {}", operation.method.to_uppercase()));
    }
    lines.extend(headers.into_iter().map(|header| format!("-H '{header}'")));
    // One way to send it is enough.
    let bodies = operation.value["requestBody"]["content"].as_object().into_iter().flatten();
    for (media_type, content) in bodies.take(1) {
        let value = example(document, &content["schema"]);
        match media_type.as_str() {
            "application/json" => {
                let body = serde_json::to_string_pretty(&value).unwrap_or_default().replace('\'', "’");
                lines.push("-H 'Content-Type: application/json'".to_owned());
                lines.push(format!("-d '{body}'"));
            }
            "application/x-www-form-urlencoded" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    lines.push(format!("-d {name}={}", value.as_str().unwrap_or_default()));
                }
            }
            _ => lines.push("--data-binary @fichier.pdf".to_owned()),
        }
    }
    lines.join(" \\\n  ")
}

fn access_header(operation: &Value) -> Option<&str> {
    operation["security"][0].as_object()?.keys().next().map(String::as_str)
}

fn responses(out: &mut String, document: &Value, operation: &Operation<'_>) {
    out.push_str(
        "<h4>Réponses</h4>\n<table>\n<thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Sens</th>\
         <th scope=\"col\">Contenu</th></tr></thead>\n<tbody>\n",
    );
    let mut shown = String::new();
    for (status, response) in operation.value["responses"].as_object().into_iter().flatten() {
        let response = example::resolve(document, response);
        let mut kinds = Vec::new();
        for (media_type, content) in response["content"].as_object().into_iter().flatten() {
            kinds.push(format!("<code>{}</code> : {}", escape(media_type), type_name(&content["schema"])));
            if status.starts_with('2') && media_type.ends_with("json") {
                let value = example(document, &content["schema"]);
                shown = serde_json::to_string_pretty(&value).unwrap_or_default();
            }
        }
        out.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
            escape(status),
            inline(response["description"].as_str().unwrap_or_default()),
            kinds.join("<br>")
        ));
    }
    out.push_str("</tbody>\n</table>\n");
    if !shown.is_empty() {
        out.push_str(&format!(
            "<details><summary>Exemple de réponse</summary>\n<pre tabindex=\"0\"><code>{}</code></pre></details>\n",
            escape(&shown)
        ));
    }
}

fn schemas(out: &mut String, document: &Value) {
    out.push_str("<section aria-labelledby=\"objets\">\n<h2 id=\"objets\">Objets</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        out.push_str(&format!("<article>\n<h3 id=\"objet-{0}\">{0}</h3>\n", escape(name)));
        out.push_str(&prose(schema["description"].as_str().unwrap_or_default()));
        let Some(properties) = schema["properties"].as_object() else {
            out.push_str(&format!("<p>{}</p>\n</article>\n", type_name(schema)));
            continue;
        };
        out.push_str(
            "<table>\n<thead><tr><th scope=\"col\">Champ</th><th scope=\"col\">Type</th>\
             <th scope=\"col\">Description</th></tr></thead>\n<tbody>\n",
        );
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        for (field, property) in properties {
            let mark = if required.iter().any(|name| **name == *field) { " (obligatoire)" } else { "" };
            out.push_str(&format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}{mark}</td><td>{}</td></tr>\n",
                escape(field),
                type_name(property),
                inline(property["description"].as_str().unwrap_or_default())
            ));
        }
        out.push_str("</tbody>\n</table>\n</article>\n");
    }
    out.push_str("</section>\n");
}

fn problems(out: &mut String) {
    out.push_str(
        "<section aria-labelledby=\"problemes\">\n<h2 id=\"problemes\">Problèmes</h2>\n\
         <p>Chaque erreur est un objet <a href=\"#objet-Problem\">Problem</a> dont <code>type</code> mène ici.</p>\n<dl>\n",
    );
    for (status, slug, title) in KINDS {
        out.push_str(&format!(
            "<dt id=\"probleme-{slug}\">{} — <code>{slug}</code></dt><dd>{}</dd>\n",
            status.as_u16(),
            escape(title)
        ));
    }
    out.push_str(
        "</dl>\n<h3 id=\"codes-de-champ\">Codes d’un champ</h3>\n\
         <p>Dans <code>errors[].code</code>. Le message peut être montré tel quel à la personne ; il change selon le \
         champ et les limites. <code>invalid</code> : la raison n’a pas de code, le message est celui d’origine.</p>\n",
    );
    let reasons = Reason::examples();
    codes(out, reasons.iter().map(|reason| (reason.code(), sentences::of_reason("champ", reason))));
    out.push_str(
        "<h3 id=\"codes-de-probleme\">Codes d’un problème</h3>\n\
         <p>Dans <code>code</code>, où la raison est connue ; <code>detail</code> dit la phrase.</p>\n",
    );
    let refusals = Refusal::examples();
    codes(out, refusals.iter().map(|refusal| (refusal.code(), sentences::of_refusal(refusal))));
    out.push_str("</section>\n");
}

fn codes(out: &mut String, all: impl Iterator<Item = (&'static str, String)>) {
    out.push_str(
        "<table>\n<thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Exemple</th></tr></thead>\n<tbody>\n",
    );
    for (code, said) in all {
        out.push_str(&format!("<tr><th scope=\"row\"><code>{code}</code></th><td>{}</td></tr>\n", escape(&said)));
    }
    out.push_str("</tbody>\n</table>\n");
}

fn text_of(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}
