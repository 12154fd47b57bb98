//! What is done to articles and response templates. Each change says which revision it was decided upon, by `If-Match`
//! or in the body.

use axum::{Json, extract::State};
use http::HeaderMap;
use parvis_proto::knowledge::{ArticleVerbRequest, FillTemplateRequest, RestoreArticleRequest, SaveArticleRequest};
use tonic::Request;

use super::{
    articles::id_of,
    changes::{ArticleInPath, ChangeRefused, VersionSeen},
    dto::{Article, FillBody, FilledTemplate, NewArticle, NewVersion, RestoreBody, RevisionBody, Shown as _},
    input::{ApiPath, Seen},
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// Écrire un article
///
/// Un article ou une réponse type, comme brouillon. Les agents.
#[utoipa::path(post, path = "/api/v1/articles", tag = "S’informer", security(("bearer" = [])),
    request_body = NewArticle,
    responses((status = 200, description = "Le brouillon", body = Article)))]
pub async fn create(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiJson(body): ApiJson<NewArticle>,
) -> Result<Json<Article>, Problem> {
    let request = SaveArticleRequest {
        kind: body.kind,
        slug: body.slug,
        content: Some(body.content.into()),
        note: body.note,
        ..SaveArticleRequest::default()
    };
    Ok(Json(answer(state.knowledge()?.save_article(caller.call(request)).await)?.shown()))
}

/// Écrire une nouvelle version
///
/// Elle est un brouillon ; la version publiée reste servie. Les agents.
#[utoipa::path(put, path = "/api/v1/articles/{slug}", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = NewVersion,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn save(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<NewVersion>,
) -> Result<Json<Article>, Problem> {
    let seen = Seen::new(&headers, body.revision)?;
    let request = SaveArticleRequest {
        id: id_of(&state, &caller, &slug).await?,
        expected_revision: seen.version,
        content: Some(body.content.into()),
        note: body.note,
        ..SaveArticleRequest::default()
    };
    Ok(Json(seen.answered(state.knowledge()?.save_article(caller.call(request)).await)?.shown()))
}

/// The article that a verb is for, at the revision that was seen.
async fn upon(
    state: &AppState,
    caller: &SignedIn,
    slug: &ApiPath,
    seen: Seen,
) -> Result<Request<ArticleVerbRequest>, Problem> {
    let id = id_of(state, caller, slug).await?;
    Ok(caller.call(ArticleVerbRequest { id, expected_revision: seen.version }))
}

/// Noter comme relu
///
/// La dernière version est juste. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/review", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn review(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RevisionBody>,
) -> Result<Json<Article>, Problem> {
    let seen = Seen::new(&headers, body.revision)?;
    let request = upon(&state, &caller, &slug, seen).await?;
    Ok(Json(seen.answered(state.knowledge()?.review_article(request).await)?.shown()))
}

/// Publier
///
/// La dernière version est servie à tous. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/publish", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn publish(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RevisionBody>,
) -> Result<Json<Article>, Problem> {
    let seen = Seen::new(&headers, body.revision)?;
    let request = upon(&state, &caller, &slug, seen).await?;
    Ok(Json(seen.answered(state.knowledge()?.publish_article(request).await)?.shown()))
}

/// Retirer
///
/// Plus aucune version n’est servie ; toutes sont gardées. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/withdraw", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn withdraw(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RevisionBody>,
) -> Result<Json<Article>, Problem> {
    let seen = Seen::new(&headers, body.revision)?;
    let request = upon(&state, &caller, &slug, seen).await?;
    Ok(Json(seen.answered(state.knowledge()?.withdraw_article(request).await)?.shown()))
}

/// Reprendre une version
///
/// Un nouveau brouillon dit la même chose qu’elle. Les agents.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/restore", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RestoreBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn restore(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RestoreBody>,
) -> Result<Json<Article>, Problem> {
    let seen = Seen::new(&headers, body.revision)?;
    let id = id_of(&state, &caller, &slug).await?;
    let request = RestoreArticleRequest { id, expected_revision: seen.version, version: body.version };
    Ok(Json(seen.answered(state.knowledge()?.restore_article(caller.call(request)).await)?.shown()))
}

/// Remplir une réponse type
///
/// Un champ sans valeur reste entre crochets, et est nommé. Les agents.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/fill", tag = "S’informer", security(("bearer" = [])),
    params(("slug" = String, Path, description = "Adresse de la réponse type", example = "rt-encombrants")),
    request_body = FillBody,
    responses((status = 200, description = "Le texte", body = FilledTemplate)))]
pub async fn fill(
    State(state): State<AppState>,
    caller: SignedIn,
    slug: ApiPath,
    ApiJson(body): ApiJson<FillBody>,
) -> Result<Json<FilledTemplate>, Problem> {
    let request = caller.call(FillTemplateRequest { slug: slug.0, values: body.values });
    Ok(Json(answer(state.knowledge()?.fill_template(request).await)?.shown()))
}
