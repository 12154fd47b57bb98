//! Pages for those who read figures: never a case, never a name of a citizen.

pub mod chart;
pub mod csv;
pub mod figures;
pub mod period;

use axum::{Router, routing::get};
use parvis_kernel::Role;

use crate::state::AppState;

/// Who reads figures.
pub const READERS: [Role; 3] = [Role::ElectedOfficial, Role::Supervisor, Role::Administrator];

/// Their routes.
pub fn router() -> Router<AppState> {
    Router::new().route("/elus", get(figures::show)).route("/elus/chiffres.csv", get(csv::download))
}
