//! What is done with an article: read again, published, withdrawn, an earlier version taken up.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use parvis_proto::knowledge::{ArticleVerbRequest, RestoreArticleRequest};

use super::{HOME, WRITERS, edit, find};
use crate::{
    csrf::CsrfFields,
    pages::{
        page::Desk,
        values::{Errors, Values},
    },
    problem::Problem,
    state::answer,
};

/// Does it.
pub async fn act(
    desk: Desk,
    Path((id, verb)): Path<(String, String)>,
    fields: CsrfFields,
) -> Result<Response, Problem> {
    desk.require(&WRITERS)?;
    let expected_revision = fields.first("revision").parse().unwrap_or_default();
    let request = ArticleVerbRequest { id: id.clone(), expected_revision };
    let mut knowledge = desk.page.state.knowledge()?;
    let (done, said) = match verb.as_str() {
        "relire" => (knowledge.review_article(desk.call(request)).await, "article-relu"),
        "publier" => (knowledge.publish_article(desk.call(request)).await, "article-publie"),
        "retirer" => (knowledge.withdraw_article(desk.call(request)).await, "article-retire"),
        "reprendre" => {
            let version = fields.first("version").parse().unwrap_or_default();
            let request = RestoreArticleRequest { id: id.clone(), expected_revision, version };
            (knowledge.restore_article(desk.call(request)).await, "article-repris")
        }
        _ => return Err(Problem::not_found("Cette action n'existe pas.")),
    };
    match answer(done) {
        Ok(article) => Ok(Redirect::to(&format!("{HOME}/{}?fait={said}", article.id)).into_response()),
        Err(error) => {
            let article = find(&desk, &id, 0).await?;
            let mut errors = Errors::default();
            let status = edit::explain(&error, &mut errors);
            let values: Values = edit::values_of(&article);
            edit::render(&desk, article, &values, &errors, status).await
        }
    }
}
