//! Pages of those who handle requests: their day, the cases, the counter, what is to be handed over.

pub mod case;
pub mod cases;
pub mod counter;
pub mod day;
pub mod deadlines;
pub mod handovers;
pub mod instant;
pub mod offers;
pub mod password;
pub mod presence;
pub mod resend;
pub mod row;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
pub mod tabs;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use parvis_kernel::Role;

use super::upload::MAX_FILES;
use crate::state::AppState;

/// Who handles requests.
pub const HANDLERS: [Role; 3] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor];

/// Their routes.
pub fn router(state: &AppState) -> Router<AppState> {
    let config = state.config();
    let with_files = DefaultBodyLimit::max(config.max_json_bytes + config.max_upload_bytes.saturating_mul(MAX_FILES));
    let counter = Router::new().route("/agent/accueil", get(counter::show).post(counter::act)).layer(with_files);
    Router::new()
        .merge(counter)
        .route("/connexion", get(sign_in::show).post(sign_in::sign_in))
        .route("/deconnexion", post(sign_in::sign_out))
        .route("/agent", get(day::show_or_lead))
        .route("/agent/mot-de-passe", get(password::show).post(password::change))
        .route(second_factor::PATH, get(second_factor::show).post(second_factor::act))
        .route("/agent/sessions", get(sessions::show).post(sessions::end))
        .route("/agent/presence", post(presence::set))
        .route("/agent/proposition", post(offers::act))
        .route("/agent/dossiers", get(cases::list))
        .route("/agent/dossiers/recherche", get(cases::begin_again).post(cases::search))
        .route(tabs::DEADLINES, get(deadlines::list))
        .route("/agent/dossiers/{reference}", get(case::show))
        .route("/agent/dossiers/{reference}/pieces/{id}", get(case::download))
        .route("/agent/dossiers/{reference}/transmission", get(case::referral::show))
        .route("/agent/dossiers/{reference}/{action}", post(case::act))
        .route("/agent/accueil/recu/{reference}", get(counter::receipt))
        .route("/agent/reponse-immediate", get(instant::show).post(instant::record))
        .route("/agent/avis-a-remettre", get(handovers::list))
        .route("/agent/avis-a-remettre/courriers", get(handovers::print))
        .route("/agent/avis-a-remettre/{id}", get(handovers::whole).post(handovers::done))
        .route("/agent/avis/{id}/renvoi", post(resend::act))
}
