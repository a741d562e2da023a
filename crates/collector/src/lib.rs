//! The collector: takes reports in, keeps what their policy declares, and shows it to the vendor's staff.
//!
//! Direction: `web, ingest, jobs -> insights -> store`, never back. SQL lives in [`store`] alone.

pub mod accounts;
pub mod clock;
pub mod config;
pub mod data_folder;
pub mod ingest;
pub mod insights;
pub mod jobs;
pub mod key_file;
pub mod layers;
pub mod limits;
pub mod meters;
pub mod open_files;
pub mod publish;
pub mod serve;
mod state;
pub mod store;
pub mod throttle;
mod tls;
pub mod web;

use axum::Router;

pub use state::AppState;

/// All that the collector answers to.
pub fn router(state: AppState) -> Router {
    Router::new()
        .merge(ingest::router())
        .merge(web::router(&state))
        .fallback(web::not_found)
        .method_not_allowed_fallback(ingest::method_not_allowed)
        .with_state(state)
}
