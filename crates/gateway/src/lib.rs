//! The doors: REST with OpenAPI, and the pages. Keeps nothing.
//!
//! Every handler reads what came in, calls a role on behalf of whoever is behind it, and shows the answer; no rule of
//! the domain lives here, and no permission is granted here: each role authorises its own calls. What belongs to the
//! door itself:
//!
//! - which authority a request is about ([`tenant`]);
//! - the session of an agent in a browser ([`session`]), forms taken from our own pages only ([`csrf`]);
//! - what goes around everything: limits, headers, log ([`headers`], [`limits`]);
//! - errors in the words of the web ([`problem`]) and of whoever reads them ([`sentences`]).

pub mod api;
pub mod auth;
pub mod body;
pub mod config;
pub mod cookies;
pub mod csrf;
pub mod headers;
pub mod limits;
pub mod origin;
pub mod pages;
pub mod problem;
pub mod sentences;
pub mod session;
pub mod state;
pub mod streams;
pub mod tenant;

use axum::{Router, middleware::from_fn_with_state};
use parvis_kernel::Result;
use parvis_runtime::{Deps, RoleParts, RoleSpec};

pub use state::AppState;

/// The role.
pub fn role() -> RoleSpec {
    RoleSpec {
        name: "gateway",
        migrations: None,
        check: |config| config.section::<config::GatewayConfig>("gateway")?.check(),
        create: |deps| Box::pin(create(deps)),
    }
}

async fn create(deps: Deps) -> Result<RoleParts> {
    let state = AppState::new(&deps)?;
    Ok(RoleParts { http: Some(router(&state)), ..RoleParts::default() })
}

/// Every page and resource, with what goes around them.
pub fn router(state: &AppState) -> Router {
    let pages = pages::router(state)
        .layer(from_fn_with_state(state.clone(), session::layer))
        .layer(from_fn_with_state(state.clone(), csrf::layer));
    let pages = pages::again::around(pages.with_state(state.clone()), state.clone());
    headers::around(pages.merge(api::router(state).with_state(state.clone())), state)
}
