//! The collector: takes reports in, keeps what their policy declares, and shows it to the vendor's staff.
//!
//! Direction: `web, ingest, jobs -> insights -> store`, never back. SQL lives in [`store`] alone.

pub mod accounts;
pub mod clock;
pub mod config;
pub mod ingest;
pub mod jobs;
pub mod limits;
mod state;
pub mod store;

use axum::Router;

pub use state::AppState;

/// All that the collector answers to.
pub fn router(state: AppState) -> Router {
    Router::new().merge(ingest::router(&state)).with_state(state)
}
