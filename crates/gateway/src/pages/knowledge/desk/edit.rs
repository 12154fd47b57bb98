//! One article or template: what it says, how it will be read, what may be done with it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use parvis_kernel::{Error, ErrorKind};
use parvis_proto::{
    intake::ListProceduresRequest,
    knowledge::{Article, ArticleContent, Body, SaveArticleRequest},
    routing::GetDirectoryRequest,
};
use serde::Deserialize;

use super::{EDITORS, HOME, WRITERS, find, frame, state};
use crate::{
    csrf::CsrfFields,
    pages::{
        citizen::catalogue::ORDER,
        field::{Choice, Field, Input, select},
        filing, format,
        page::{Desk, show_with},
        shell::{Link, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences,
    state::answer,
};

/// Fields of the form, in its order.
const NAMES: [&str; 14] = [
    "titre",
    "resume",
    "theme",
    "texte",
    "clair",
    "mots",
    "public",
    "services",
    "organismes",
    "demarche",
    "debut",
    "fin",
    "adresse",
    "note",
];
/// What sort of new one.
#[derive(Deserialize)]
pub struct Sort {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    titre: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    demarche: String,
}

#[derive(Template)]
#[template(path = "knowledge/desk_edit.html")]
struct EditPage {
    shell: Shell,
    tabs: Vec<Link>,
    errors: Vec<ErrorLine>,
    article: Article,
    template: bool,
    fields: Vec<Field>,
    state: &'static str,
    tone: &'static str,
    said: String,
    editor: bool,
    public: bool,
    placeholders: &'static str,
}

/// A new one's form.
pub async fn new(desk: Desk, Query(sort): Query<Sort>) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let article = blank(&sort.r#type);
    let mut values = values_of(&article);
    for (name, value, longest) in
        [("titre", sort.titre, 200), ("theme", sort.theme, 40), ("demarche", sort.demarche, 40)]
    {
        values.set(name, value.chars().take(longest).collect::<String>());
    }
    render(&desk, article, &values, &Errors::default(), StatusCode::OK).await
}

/// Keeps a new one.
pub async fn create(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let values = Values(fields.0);
    let article = blank(values.first("type"));
    keep(&desk, article, values).await
}

fn blank(kind: &str) -> Article {
    let kind = if kind == "template" { "template" } else { "article" };
    Article { kind: kind.to_owned(), state: "draft".to_owned(), ..Article::default() }
}

/// The page of one.
pub async fn show(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let article = find(&desk, &id, 0).await?;
    let values = values_of(&article);
    render(&desk, article, &values, &Errors::default(), StatusCode::OK).await
}

/// Keeps another version of one.
pub async fn save(desk: Desk, Path(id): Path<String>, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let article = find(&desk, &id, 0).await?;
    keep(&desk, article, Values(fields.0)).await
}

async fn keep(desk: &Desk, article: Article, values: Values) -> Result<Response, Problem> {
    let request = SaveArticleRequest {
        id: article.id.clone(),
        expected_revision: values.first("revision").parse().unwrap_or_default(),
        kind: article.kind.clone(),
        slug: values.first("adresse").to_owned(),
        content: Some(content_of(&values)),
        note: values.first("note").to_owned(),
    };
    match answer(desk.page.state.knowledge()?.save_article(desk.call(request)).await) {
        Ok(saved) => Ok(Redirect::to(&format!("{HOME}/{}?fait=article-garde", saved.id)).into_response()),
        Err(error) => {
            let mut errors = Errors::default();
            let status = explain(&error, &mut errors);
            render(desk, article, &values, &errors, status).await
        }
    }
}

/// What went wrong, in French, beside its field.
pub(super) fn explain(error: &Error, errors: &mut Errors) -> StatusCode {
    for violation in error.violations() {
        let field = match violation.field.strip_prefix("content.").unwrap_or(&violation.field) {
            "title" => "titre",
            "summary" => "resume",
            "theme" => "theme",
            "body" => "texte",
            "plain" => "clair",
            "keywords" => "mots",
            "audience" => "public",
            "units" => "services",
            "bodies" => "organismes",
            "procedure" => "demarche",
            "valid_from" => "debut",
            "valid_until" => "fin",
            "slug" => "adresse",
            "note" => "note",
            _ => "",
        };
        errors.add(field, sentences::of_field(violation));
    }
    match error.kind() {
        ErrorKind::Conflict => {
            errors.add(
                "",
                "Un collègue a modifié cet article pendant que vous l'aviez sous les yeux. Ce que vous avez écrit est \
                 resté ci-dessous : comparez avec l'historique, puis gardez à nouveau.",
            );
            StatusCode::CONFLICT
        }
        ErrorKind::Denied => {
            errors.add("", sentences::of_whole(error));
            StatusCode::FORBIDDEN
        }
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::FailedPrecondition => {
            errors.add("", sentences::of_whole(error));
            StatusCode::CONFLICT
        }
        _ => {
            errors.add(
                "",
                "Rien n'a pu être gardé. Votre texte est resté ci-dessous : réessayez dans quelques instants.",
            );
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The form's values of an article.
pub(super) fn values_of(article: &Article) -> Values {
    let content = article.content.clone().unwrap_or_default();
    let bodies: Vec<String> = content
        .bodies
        .iter()
        .map(|body| if body.url.is_empty() { body.name.clone() } else { format!("{} | {}", body.name, body.url) })
        .collect();
    let mut values = vec![
        ("titre", content.title),
        ("resume", content.summary),
        ("theme", content.theme),
        ("texte", content.body),
        ("clair", content.plain),
        ("mots", content.keywords.join(", ")),
        ("organismes", bodies.join("\n")),
        ("demarche", content.procedure),
        ("debut", content.valid_from),
        ("fin", content.valid_until),
    ];
    values.extend(content.audience.into_iter().map(|audience| ("public", audience)));
    values.extend(content.units.into_iter().map(|unit| ("services", unit)));
    Values(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn content_of(values: &Values) -> ArticleContent {
    let list = |name: &str| -> Vec<String> {
        let items = values.first(name).split([',', ';', '\n']);
        items.map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    };
    let body = |line: &str| {
        let (name, url) = line.split_once('|').unwrap_or((line, ""));
        Body { name: name.trim().to_owned(), url: url.trim().to_owned() }
    };
    let text = |name: &str| values.first(name).replace("\r\n", "\n");
    ArticleContent {
        title: text("titre"),
        summary: text("resume"),
        theme: text("theme"),
        audience: values.all("public").into_iter().map(str::to_owned).collect(),
        units: values.all("services").into_iter().map(str::to_owned).collect(),
        bodies: values.first("organismes").lines().filter(|line| !line.trim().is_empty()).map(body).collect(),
        keywords: list("mots"),
        body: text("texte"),
        plain: text("clair"),
        valid_from: filing::iso_day(values.first("debut")),
        valid_until: filing::iso_day(values.first("fin")),
        procedure: text("demarche"),
    }
}

/// What an article may be about: services and procedures, by their names. A role that is down leaves codes.
async fn subjects(desk: &Desk) -> (Vec<Choice>, Vec<Choice>) {
    let state = &desk.page.state;
    let (directory, procedures) = tokio::join!(
        async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
        async { answer(state.intake()?.list_procedures(desk.call(ListProceduresRequest::default())).await) },
    );
    let units = directory.unwrap_or_default().units.into_iter().map(|it| Choice::new(it.code, it.name));
    let procedures = procedures
        .unwrap_or_default()
        .procedures
        .into_iter()
        .map(|it| Choice { group: format::theme(&it.theme).to_owned(), ..Choice::new(it.code, it.title) });
    (units.collect(), procedures.collect())
}

fn fields(
    article: &Article,
    values: &Values,
    errors: &Errors,
    (units, procedures): (Vec<Choice>, Vec<Choice>),
) -> Vec<Field> {
    let template = article.kind == "template";
    let mut themes = vec![Choice::new("", "Choisissez…")];
    themes.extend(ORDER.map(|code| Choice::new(code, format::theme(code))));
    let current = values.first("theme");
    if !current.is_empty() && !ORDER.contains(&current) {
        themes.push(Choice::new(current, format::theme(current)));
    }
    let publics = [
        Choice::new("person", "Particuliers"),
        Choice::new("organization", "Associations, entreprises"),
        Choice::new("agent", "Agents"),
    ];
    let text_hint = if template {
        "Le texte envoyé. Les champs entre accolades sont remplis avec ceux du dossier."
    } else {
        "Titres : ## devant. Listes : un tiret devant. Gras : **mot**. Lien : [texte](https://adresse)."
    };
    let mut fields = vec![
        Field::new("titre", "Titre", Input::Line("text")),
        Field::new("resume", "Résumé", Input::Area(2)).hint("La réponse, en une ou deux phrases.").max_length(500),
        Field::new("theme", "Thème", Input::Select).choices(themes),
        Field::new("texte", "Texte", Input::Area(16)).hint(text_hint).max_length(40_000),
    ];
    if template {
        fields[1] = Field::new("resume", "À quoi elle sert", Input::Line("text")).optional();
    } else {
        fields.push(
            Field::new("clair", "En langage clair", Input::Area(6))
                .optional()
                .hint("La même chose pour tous : des phrases courtes, une idée par phrase."),
        );
    }
    fields.push(
        Field::new("mots", "Autres mots pour le dire", Input::Line("text"))
            .optional()
            .hint("Ceux que les gens emploient, séparés par des virgules."),
    );
    if !template {
        fields.push(Field::new("public", "Pour qui", Input::Checks).optional().choices(publics.into()));
    }
    let chosen: Vec<String> = values.all("services").into_iter().map(str::to_owned).collect();
    fields.push(Field::checks("services", "Services concernés", units, &chosen).optional());
    if !template {
        fields.extend([
            Field::new("organismes", "Autres organismes compétents", Input::Area(2))
                .optional()
                .hint("Un par ligne : nom | https://adresse"),
            Field::new("demarche", "Démarche qui suit", Input::Select).optional().choices(select(
                procedures,
                values.first("demarche"),
                "Aucune",
            )),
            Field::new("debut", "Valable à partir du", Input::Line("date")).optional(),
            Field::new("fin", "Valable jusqu'au", Input::Line("date")).optional(),
        ]);
    }
    if article.id.is_empty() {
        fields.push(
            Field::new("adresse", "Adresse de la page", Input::Line("text"))
                .optional()
                .no_spelling()
                .hint("Faite du titre si vous n'écrivez rien. Elle ne change plus ensuite."),
        );
    }
    fields.push(
        Field::new("note", "Ce qui change", Input::Line("text"))
            .optional()
            .hint("Pour l'historique, en quelques mots."),
    );
    fields.into_iter().map(|field| field.fill(values, errors)).collect()
}

/// The page, with what was typed and what is wrong with it.
pub(super) async fn render(
    desk: &Desk,
    article: Article,
    values: &Values,
    errors: &Errors,
    status: StatusCode,
) -> Result<Response, Problem> {
    let lines = errors.lines(&NAMES);
    let template = article.kind == "template";
    let title = match (article.id.is_empty(), template) {
        (true, true) => "Nouvelle réponse type".to_owned(),
        (true, false) => "Nouvel article".to_owned(),
        _ => article.content.as_ref().map(|content| content.title.clone()).unwrap_or_default(),
    };
    let (shell, tabs) = frame(desk, &title).await;
    let shell = shell.under(&[(HOME, "Connaissances")]).with_errors(lines.len());
    let (said_state, tone) = state(&article);
    let zone = desk.page.zone();
    let at = |at: &prost_types::Timestamp| format::date_time(format::instant(Some(at)), &zone);
    let mut said = article
        .saved_at
        .as_ref()
        .map(|saved| format!("Version {} écrite par {}, le {}.", article.version, article.author, at(saved)))
        .unwrap_or_default();
    if let Some(reviewed) = &article.reviewed_at {
        said.push_str(&format!(" Relue par {}, le {}.", article.reviewed_by, at(reviewed)));
    }
    let page = EditPage {
        fields: fields(&article, values, errors, subjects(desk).await),
        editor: desk.has(&EDITORS),
        public: !template && article.published_version > 0,
        placeholders: "reference, date, objet, usager, agent, service, telephone, courriel, adresse, collectivite",
        errors: lines,
        shell,
        tabs,
        template,
        state: said_state,
        tone,
        said,
        article,
    };
    show_with(status, &page)
}
