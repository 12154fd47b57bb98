//! What the authority and the public services say: found, read, proposed, judged; and, for agents, in every version.

use axum::{Json, extract::State};
use parvis_proto::knowledge::{
    GetArticleRequest, GetUsageRequest, ListArticlesRequest, ListPagesRequest, ListVersionsRequest, ReadPageRequest,
    RecordUseRequest, SearchRequest, SuggestRequest,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    changes::ArticleInPath,
    dto::{
        Article, ArticleHits, ArticlePage, ArticleSuggestions, ArticleVersions, Articles, Counted, FeedbackBody,
        KnowledgeUsage, Shown as _, SuggestBody,
    },
    input::{ApiPath, ApiQuery},
};
use crate::{
    auth::{ApiCaller, SignedIn},
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Question, avec des mots de tous les jours ; vide : tous les articles de la collectivité.
    #[param(example = "encombrants")]
    q: String,
    /// Thème ; vide : tous, et les fiches nationales.
    theme: String,
    /// Réponses, 50 au plus ; 10 par défaut.
    limit: u32,
}

/// Chercher
///
/// Articles, démarches et fiches nationales qui répondent à une question, les meilleurs d’abord. Sans question : la
/// liste des articles.
#[utoipa::path(get, path = "/api/v1/articles", tag = "S’informer", params(SearchQuery), security((), ("bearer" = [])),
    responses((status = 200, description = "Les réponses", body = ArticleHits)))]
pub async fn list(
    State(state): State<AppState>,
    caller: ApiCaller,
    ApiQuery(query): ApiQuery<SearchQuery>,
) -> Result<Json<ArticleHits>, Problem> {
    let mut knowledge = state.knowledge()?;
    if query.q.trim().is_empty() {
        let listed = answer(knowledge.list_pages(caller.call(ListPagesRequest { theme: query.theme })).await)?;
        return Ok(Json(ArticleHits { articles: listed.pages.shown() }));
    }
    let request = SearchRequest { query: query.q, theme: query.theme, limit: query.limit, audience: String::new() };
    let found = answer(knowledge.search(caller.call(request)).await)?;
    Ok(Json(ArticleHits { articles: found.hits.shown() }))
}

/// Lire une page
///
/// Un article publié ou une fiche nationale (`f1341`), avec sa source, sa date et sa licence.
#[utoipa::path(get, path = "/api/v1/articles/{slug}", tag = "S’informer", security((), ("bearer" = [])),
    params(("slug" = String, Path, description = "Adresse de la page", example = "encombrants")),
    responses((status = 200, description = "La page", body = ArticlePage)))]
pub async fn get(
    State(state): State<AppState>,
    caller: ApiCaller,
    slug: ApiPath,
) -> Result<Json<ArticlePage>, Problem> {
    let request = caller.call(ReadPageRequest { slug: slug.0 });
    Ok(Json(answer(state.knowledge()?.read_page(request).await)?.shown()))
}

/// Proposer des réponses
///
/// Ce qui peut répondre à un texte en cours d’écriture, avec les mots et le passage qui l’ont fait trouver. Rien n’est
/// enregistré.
#[utoipa::path(post, path = "/api/v1/articles/suggestions", tag = "S’informer", security((), ("bearer" = [])),
    request_body = SuggestBody,
    responses((status = 200, description = "Les propositions", body = ArticleSuggestions)))]
pub async fn suggest(
    State(state): State<AppState>,
    caller: ApiCaller,
    ApiJson(body): ApiJson<SuggestBody>,
) -> Result<Json<ArticleSuggestions>, Problem> {
    let request = SuggestRequest {
        text: body.text,
        channel: body.channel,
        audience: String::new(),
        procedure_code: body.procedure_code,
        limit: body.limit,
    };
    Ok(Json(answer(state.knowledge()?.suggest(caller.call(request)).await)?.shown()))
}

/// Dire si une page a aidé
///
/// Compté par jour et par page, sans rien de la personne.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/feedback", tag = "S’informer", security((), ("bearer" = [])),
    params(("slug" = String, Path, description = "Adresse de la page", example = "encombrants")),
    request_body = FeedbackBody,
    responses((status = 200, description = "Compté", body = Counted)))]
pub async fn feedback(
    State(state): State<AppState>,
    caller: ApiCaller,
    slug: ApiPath,
    ApiJson(body): ApiJson<FeedbackBody>,
) -> Result<Json<Counted>, Problem> {
    let mut kinds = vec![if body.helped { "helped" } else { "not_helped" }];
    if body.helped && body.instead_of_filing {
        kinds.push("not_filed");
    }
    let mut knowledge = state.knowledge()?;
    for kind in kinds {
        let request = RecordUseRequest { kind: kind.to_owned(), slug: slug.0.clone(), ..RecordUseRequest::default() };
        answer(knowledge.record_use(caller.call(request)).await)?;
    }
    Ok(Json(Counted { counted: true }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct DraftsQuery {
    /// article ou template ; vide : les deux.
    kind: String,
    /// draft, reviewed, published ou stale ; vide : tous.
    state: String,
    /// Thème ; vide : tous.
    theme: String,
}

/// Lister les articles de tous les états
///
/// Pour ceux qui les écrivent, sans les textes.
#[utoipa::path(get, path = "/api/v1/article-drafts", tag = "S’informer", params(DraftsQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "Les articles et les réponses types", body = Articles)))]
pub async fn drafts(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<DraftsQuery>,
) -> Result<Json<Articles>, Problem> {
    let request = ListArticlesRequest { kind: query.kind, state: query.state, theme: query.theme };
    Ok(Json(answer(state.knowledge()?.list_articles(caller.call(request)).await)?.shown()))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// Version voulue ; absente : la dernière.
    version: u32,
}

/// Lire un article dans une de ses versions
///
/// Publiée ou non, avec son Markdown.
#[utoipa::path(get, path = "/api/v1/articles/{slug}/draft", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionQuery),
    responses((status = 200, description = "L’article", body = Article)))]
pub async fn draft(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    ApiQuery(query): ApiQuery<VersionQuery>,
) -> Result<Json<Article>, Problem> {
    let request = GetArticleRequest { slug: slug.0, version: query.version, ..GetArticleRequest::default() };
    Ok(Json(answer(state.knowledge()?.get_article(caller.call(request)).await)?.shown()))
}

/// Lister les versions d’un article
///
/// La dernière d’abord ; aucune ne change jamais.
#[utoipa::path(get, path = "/api/v1/articles/{slug}/versions", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath),
    responses((status = 200, description = "Les versions", body = ArticleVersions)))]
pub async fn versions(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
) -> Result<Json<ArticleVersions>, Problem> {
    let id = id_of(&state, &caller, &slug).await?;
    Ok(Json(answer(state.knowledge()?.list_versions(caller.call(ListVersionsRequest { id })).await)?.shown()))
}

/// The id of an article, by its address.
pub(super) async fn id_of(state: &AppState, caller: &ApiCaller, slug: &ApiPath) -> Result<String, Problem> {
    let request = GetArticleRequest { slug: slug.0.clone(), ..GetArticleRequest::default() };
    Ok(answer(state.knowledge()?.get_article(caller.call(request)).await)?.id)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// Jours regardés, 365 au plus ; 30 par défaut.
    days: u32,
}

/// Savoir quoi écrire ensuite
///
/// Ce qui a été cherché sans réponse, ouvert, jugé utile. Pour les responsables et les administrateurs.
#[utoipa::path(get, path = "/api/v1/article-usage", tag = "S’informer", params(UsageQuery), security(("bearer" = [])),
    responses((status = 200, description = "Les comptes", body = KnowledgeUsage)))]
pub async fn usage(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiQuery(query): ApiQuery<UsageQuery>,
) -> Result<Json<KnowledgeUsage>, Problem> {
    let request = caller.call(GetUsageRequest { days: query.days });
    Ok(Json(answer(state.knowledge()?.get_usage(request).await)?.shown()))
}
