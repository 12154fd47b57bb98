//! Style, script and icon: inside the binary, served under a name that changes with their content.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::state::AppState;

const CSS: &str = concat!(
    include_str!("../../assets/css/1-base.css"),
    include_str!("../../assets/css/2-forms.css"),
    include_str!("../../assets/css/3-parts.css"),
    include_str!("../../assets/css/4-work.css"),
);
const JS: &str = include_str!("../../assets/js/parvis.js");
const ICON: &str = include_str!("../../assets/mark.svg");

struct Asset {
    path: String,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = hex::encode(Sha256::digest(content.as_bytes()));
        Self { path: format!("/assets/{stem}-{}.{extension}", &digest[..12]), media_type, content }
    }
}

static ALL: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("parvis", "css", "text/css; charset=utf-8", CSS),
        Asset::new("parvis", "js", "text/javascript; charset=utf-8", JS),
        Asset::new("parvis", "svg", "image/svg+xml", ICON),
    ]
});

/// Address of the style sheet.
pub fn css() -> &'static str {
    &ALL[0].path
}

/// Address of the script.
pub fn js() -> &'static str {
    &ALL[1].path
}

/// Address of the icon.
pub fn icon() -> &'static str {
    &ALL[2].path
}

/// Serves them.
pub fn router() -> Router<AppState> {
    Router::new().route("/assets/{name}", get(serve)).route("/favicon.ico", get(favicon))
}

async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = ALL.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers =
        [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.content).into_response()
}

async fn favicon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], ICON).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_content() {
        let one = Asset::new("a", "css", "text/css", "x");
        let other = Asset::new("a", "css", "text/css", "y");
        assert_ne!(one.path, other.path);
        assert!(css().starts_with("/assets/parvis-") && css().ends_with(".css"));
    }

    #[test]
    fn nothing_comes_from_elsewhere() {
        for text in [CSS, JS] {
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"));
        }
    }
}
