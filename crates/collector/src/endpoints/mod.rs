//! What installations and monitors reach. One endpoint, one file.
//!
//! A report is refused for the first of these that fails: signature fields, known key, digest, signature, how much, decompression, clock,
//! parsing, policy, period, `admit`; then come journal and receipt. (The signature of a small report is verified last, together with
//! those of others, and its fault is reported before all that follow it here.) Nothing of a refused report is kept, and nothing of any report is
//! logged.

mod address;
mod body;
mod health;
mod installations;
mod metrics;
mod reports;
mod signed_at;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use candor_policy::Problem;

use crate::AppState;

/// Reports, enrolment and health.
pub fn router() -> Router<AppState> {
    Router::new()
        .route(reports::PATH, post(reports::post))
        .route(installations::PATH, post(installations::post))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::get))
}

/// Middleware: counts refused reports and enrolments. What a browser, a monitor or a crawler asks for is neither, whatever it is
/// answered.
pub async fn count_refusals(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_submission = is_submission(request.method(), request.uri().path());
    let response = next.run(request).await;
    if !is_submission {
        return response;
    }
    let is_for_programs = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == b"application/problem+json");
    if is_for_programs && let Some(problem) = response.extensions().get::<Problem>() {
        state.refusals.count(problem.code);
        state.meters.refused(problem.code);
    }
    response
}

/// Whether a request was meant as a report or an enrolment.
fn is_submission(method: &Method, path: &str) -> bool {
    method == Method::POST && [reports::PATH, installations::PATH].contains(&path)
}
