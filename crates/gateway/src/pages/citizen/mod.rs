//! Pages for anybody: ask, follow, reach the town.

pub mod catalogue;
pub mod confirmation;
pub mod file;
pub mod follow;
pub mod grants;
pub mod home;
pub mod legal;
pub mod live;
pub mod procedure;
pub mod request;
pub mod sign_in_to_follow;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use super::upload::MAX_FILES;
use crate::state::AppState;

/// Their routes.
pub fn router(state: &AppState) -> Router<AppState> {
    let config = state.config();
    let with_files = DefaultBodyLimit::max(config.max_json_bytes + config.max_upload_bytes.saturating_mul(MAX_FILES));
    let filing = Router::new()
        .route("/demande/envoi", get(request::again_free).post(request::file_free))
        .route("/demarches/{code}/demande/envoi", get(request::again).post(request::file))
        .route("/demande/reponses", get(request::again_free).post(request::look_free))
        .route("/demarches/{code}/demande/reponses", get(request::again).post(request::look))
        .layer(with_files);
    Router::new()
        .merge(filing)
        .route("/", get(home::home))
        .route("/demande", get(request::show_free))
        .route("/demarches/{code}/demande", get(request::show))
        .route("/demarches", get(catalogue::list))
        .route("/demarches/{code}", get(procedure::show))
        .route("/confirmation/{reference}", get(confirmation::show))
        .route("/suivi", get(sign_in_to_follow::show).post(sign_in_to_follow::open))
        .route("/suivi/quitter", post(sign_in_to_follow::leave))
        .route("/suivi/{reference}", get(follow::show))
        .route("/suivi/{reference}/message", post(follow::write))
        .route("/suivi/{reference}/evenements", get(live::events))
        .route("/suivi/{reference}/pieces/{id}", get(file::download))
        .route("/contact", get(home::contact))
        .route("/accessibilite", get(legal::accessibility))
        .route("/mentions-legales", get(legal::notice))
        .route("/donnees-personnelles", get(legal::personal_data))
}
