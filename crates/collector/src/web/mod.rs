//! Pages: what the vendor's staff look at, and the public policies. One page, one file.
//!
//! A page renders figures and adds no number to them. It is whole without JavaScript, asks nothing of any other origin, and
//! shows nothing of a customer that the audit log does not know of first.

mod account;
mod address;
mod ask;
mod audit;
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
mod platforms;
mod policies;
mod settings;
mod setup;
mod staff;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use candor_web::errors::Framing;
use candor_web::limits::FORM_BYTES;
use candor_web::{assets, csrf, headers};
use tower_http::compression::CompressionLayer;

use crate::AppState;
use crate::accounts::session_layer;

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
        .route("/account", get(account::page))
        .route("/account/password", post(account::password))
        .route("/account/sessions", post(account::sessions))
        .route("/audit", get(audit::page))
        .route("/figures/{file}", get(figure_files::file))
        .route("/policies", get(policies::list))
        .route("/policies/{id}", get(policies::newest))
        .route("/policies/{id}/{version}", get(policies::version))
        .route("/login", get(login::page).post(login::post))
        .route("/logout", post(login::out))
        .route("/setup", get(setup::page).post(setup::post))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(session_layer(&state.access))
        .layer(csrf::layer())
        .layer(CompressionLayer::new().gzip(true))
        .merge(assets::router())
        .layer(from_fn_with_state(state.headers(), headers::guard))
}
