//! Ingest.

use axum::Router;

use crate::AppState;

/// Reports, enrolment and health.
pub fn router(_state: &AppState) -> Router<AppState> {
    Router::new()
}
