//! The collector: takes reports in, keeps what their policy declares, and shows it to the vendor's staff.
//!
//! Direction: `endpoints, web, jobs -> state -> ingest, accounts, insights -> store`, never back. SQL lives in [`store`] alone.

pub mod accounts;
pub mod clock;
pub mod config;
pub mod data_folder;
pub mod disk;
mod endpoints;
pub mod ingest;
pub mod insights;
pub mod jobs;
pub mod key_file;
pub mod layers;
pub mod limits;
pub mod meters;
pub mod open_files;
pub mod publish;
pub mod readiness;
pub mod serve;
mod state;
pub mod store;
pub mod succession;
pub mod voucher_key;
pub mod web;

use axum::Router;
use axum::middleware::from_fn_with_state;
use candor_web::errors::answer_errors;
use candor_web::request_id::{RequestIds, name_request};

pub use state::AppState;

/// All that the collector answers to.
pub fn router(state: AppState) -> Router {
    // The start in seconds tells this run's requests from the last one's.
    let run = state.clock.now().as_second() as u32;
    Router::new()
        .merge(endpoints::router())
        .merge(web::router(&state))
        .layer(from_fn_with_state(state.clone(), answer_errors::<AppState>))
        .layer(from_fn_with_state(state.clone(), endpoints::count_refusals))
        .layer(from_fn_with_state(RequestIds::new(run), name_request))
        .with_state(state)
}
