//! Ingest: what installations and monitors reach. One endpoint, one file.
//!
//! A report is refused for the first of these that fails: caps, signature fields and digest, decompression, parsing, known
//! key, signature, how often, clock, policy, period, `admit`; then come journal and receipt. (The signature is verified last,
//! together with those of other reports, and its fault is reported first.) Nothing of a refused report is kept, and nothing of any
//! report is logged.

mod acknowledging;
mod address;
mod body;
mod caches;
mod gathering;
mod health;
mod installations;
mod metrics;
mod refused;
mod reports;
mod signed_at;
mod signing;
mod verifying;

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};
use candor_policy::ProblemCode;

use crate::AppState;
pub use acknowledging::Acknowledger;
pub use address::{ClientAddress, Sender, TrustedProxy};
pub use caches::{InstallationCache, PolicyCache};
pub use refused::{Refusals, Refused};

/// Reports, enrolment and health.
pub fn router() -> Router<AppState> {
    Router::new()
        .route(reports::PATH, post(reports::post))
        .route(installations::PATH, post(installations::post))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::get))
}

/// The answer where there is nothing.
pub async fn not_found(State(state): State<AppState>, uri: Uri) -> Response {
    let detail = format!("there is nothing at {}", uri.path());
    Refused::new(ProblemCode::NotFound, detail).answer(&state)
}

/// The answer where the method does not fit the address.
pub async fn method_not_allowed(State(state): State<AppState>, uri: Uri) -> Response {
    let detail = format!("{} does not take this method; see the field Allow", uri.path());
    Refused::new(ProblemCode::MethodNotAllowed, detail).answer(&state)
}
