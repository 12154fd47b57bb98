//! What is done to articles and response templates. Each change says which revision it was decided upon, by `If-Match`
//! or in the body.

use axum::{Json, extract::State};
use parvis_proto::knowledge::{ArticleVerbRequest, FillTemplateRequest, RestoreArticleRequest, SaveArticleRequest};
use tonic::Request;

use super::{
    articles::id_of,
    changes::{ArticleInPath, Change, ChangeRefused, VersionSeen},
    dto::{Article, FillBody, FilledTemplate, NewArticle, NewVersion, RestoreBody, RevisionBody, Shown as _},
    input::ApiPath,
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
pub async fn save(State(state): State<AppState>, change: Change<NewVersion>) -> Result<Json<Article>, Problem> {
    let request = SaveArticleRequest {
        id: id_of(&state, &change.caller, &change.path).await?,
        expected_revision: change.seen.version,
        content: Some(change.body.content.into()),
        note: change.body.note,
        ..SaveArticleRequest::default()
    };
    Ok(Json(change.seen.answered(state.knowledge()?.save_article(change.caller.call(request)).await)?.shown()))
}

/// The article that a verb is for, at the revision that was seen.
async fn upon(state: &AppState, change: &Change<RevisionBody>) -> Result<Request<ArticleVerbRequest>, Problem> {
    let id = id_of(state, &change.caller, &change.path).await?;
    Ok(change.caller.call(ArticleVerbRequest { id, expected_revision: change.seen.version }))
}

/// Noter comme relu
///
/// La dernière version est juste. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/review", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn review(State(state): State<AppState>, change: Change<RevisionBody>) -> Result<Json<Article>, Problem> {
    let request = upon(&state, &change).await?;
    Ok(Json(change.seen.answered(state.knowledge()?.review_article(request).await)?.shown()))
}

/// Publier
///
/// La dernière version est servie à tous. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/publish", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn publish(State(state): State<AppState>, change: Change<RevisionBody>) -> Result<Json<Article>, Problem> {
    let request = upon(&state, &change).await?;
    Ok(Json(change.seen.answered(state.knowledge()?.publish_article(request).await)?.shown()))
}

/// Retirer
///
/// Plus aucune version n’est servie ; toutes sont gardées. Les responsables et les administrateurs.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/withdraw", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RevisionBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn withdraw(State(state): State<AppState>, change: Change<RevisionBody>) -> Result<Json<Article>, Problem> {
    let request = upon(&state, &change).await?;
    Ok(Json(change.seen.answered(state.knowledge()?.withdraw_article(request).await)?.shown()))
}

/// Reprendre une version
///
/// Un nouveau brouillon dit la même chose qu’elle. Les agents.
#[utoipa::path(post, path = "/api/v1/articles/{slug}/restore", tag = "S’informer", security(("bearer" = [])),
    params(ArticleInPath, VersionSeen),
    request_body = RestoreBody,
    responses((status = 200, description = "L’article, changé", body = Article), ChangeRefused))]
pub async fn restore(State(state): State<AppState>, change: Change<RestoreBody>) -> Result<Json<Article>, Problem> {
    let id = id_of(&state, &change.caller, &change.path).await?;
    let request = RestoreArticleRequest { id, expected_revision: change.seen.version, version: change.body.version };
    Ok(Json(change.seen.answered(state.knowledge()?.restore_article(change.caller.call(request)).await)?.shown()))
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
