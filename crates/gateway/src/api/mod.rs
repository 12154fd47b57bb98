//! REST.
use axum::Router;

use crate::state::AppState;

/// Every resource.
pub fn router(_state: &AppState) -> Router<AppState> {
    Router::new()
}
