//! Pages: what the vendor's staff look at, and the public policies. One page, one file.
//!
//! A page renders figures and adds no number to them. It is whole without JavaScript, asks nothing of any other origin, and
//! shows nothing of a customer that the audit log does not know of first.

mod address;
mod ask;
mod audit;
mod csv_file;
mod customers;
mod failure;
mod figure_files;
mod figures;
mod filters;
mod key_page;
mod layout;
mod login;
mod modules;
mod overview;
mod pages_of;
mod platforms;
mod policies;
mod settings;
mod setup;
mod staff;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use candor_web::{assets, headers};
use tower_http::compression::CompressionLayer;

use crate::AppState;
use crate::accounts::{same_origin, session_layer};
use crate::ingest;
use crate::limits::FORM_BYTES;
use failure::Failure;

/// All pages.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/", get(overview::page))
        .route("/platforms", get(platforms::page))
        .route("/modules", get(modules::page))
        .route("/modules/{policy}/{metric}/{key}", get(key_page::module))
        .route("/settings", get(settings::page))
        .route("/settings/{policy}/{metric}/{key}", get(key_page::setting))
        .route("/customers", get(customers::page))
        .route("/customers/{customer}", get(customers::customer))
        .route("/audit", get(audit::page))
        .route("/figures/{file}", get(figure_files::file))
        .route("/policies", get(policies::list))
        .route("/policies/{id}", get(policies::newest))
        .route("/policies/{id}/{version}", get(policies::version))
        .route("/login", get(login::page).post(login::post))
        .route("/logout", post(login::out))
        .route("/setup", get(setup::page).post(setup::post))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(session_layer(state))
        .layer(from_fn_with_state(state.clone(), same_origin))
        .layer(CompressionLayer::new().gzip(true))
        .merge(assets::router())
        .layer(from_fn(headers::guard))
}

/// The answer where there is nothing: a page to a browser, problem details to everybody else.
pub async fn not_found(state: State<AppState>, request_headers: HeaderMap, uri: Uri) -> Response {
    let accepts =
        request_headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if uri.path().starts_with("/v1/") || !accepts.contains("text/html") {
        return ingest::not_found(state, uri).await;
    }
    headers::guarded(Failure::NotFound(format!("page at {}", uri.path())).into_response())
}
