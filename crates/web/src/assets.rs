//! What pages load: the script and the style sheets, embedded, served under names that follow from their content, so that a
//! browser may keep them for good.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// An embedded file.
struct Asset {
    /// Its path; the build puts a digest of the bytes into it.
    path: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    compressed: &'static [u8],
}

macro_rules! built {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/dist/", $name))
    };
}

const SCRIPT: Asset = Asset {
    path: concat!("/assets/", env!("CANDOR_PAGES_DIGEST"), "/charts.js"),
    media_type: "text/javascript; charset=utf-8",
    bytes: built!("charts.js"),
    compressed: built!("charts.js.gz"),
};

const STYLE: Asset = Asset {
    path: concat!("/assets/", env!("CANDOR_PAGES_DIGEST"), "/style.css"),
    media_type: "text/css; charset=utf-8",
    bytes: built!("style.css"),
    compressed: built!("style.css.gz"),
};

/// The script of charts.
pub const SCRIPT_PATH: &str = SCRIPT.path;
/// The style sheet of all pages.
pub const STYLE_PATH: &str = STYLE.path;
/// The style sheet of a rendered policy, whose text belongs to the policy's renderer.
pub const POLICY_STYLE_PATH: &str = "/assets/policy.css";
/// The icon in a browser's tab.
pub const ICON_PATH: &str = "/assets/icon.svg";
/// Where browsers look for it by themselves, such as beside a file of numbers, which names no icon.
const ICON_PATH_GUESSED: &str = "/favicon.ico";

const AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// Their routes.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(POLICY_STYLE_PATH, get(policy_style))
        .route(ICON_PATH, get(icon))
        .route(ICON_PATH_GUESSED, get(icon))
        .route("/assets/{digest}/{name}", get(built))
}

async fn icon() -> Response {
    let svg = include_str!("../assets/src/icon.svg");
    ([(header::CONTENT_TYPE, "image/svg+xml"), AN_HOUR], svg).into_response()
}

async fn policy_style() -> Response {
    ([(header::CONTENT_TYPE, STYLE.media_type), AN_HOUR], candor_policy::render::STYLE).into_response()
}

async fn built(Path((digest, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let wanted = format!("/assets/{digest}/{name}");
    let Some(asset) = [&SCRIPT, &STYLE].into_iter().find(|asset| asset.path == wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let for_good = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.split(',').any(|encoding| encoding.trim().starts_with("gzip")) {
        (for_good, [(header::CONTENT_ENCODING, "gzip")], asset.compressed).into_response()
    } else {
        (for_good, asset.bytes).into_response()
    }
}
