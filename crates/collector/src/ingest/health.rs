//! `GET /healthz`: the process answers. `GET /readyz`: it can also take reports in and show them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::AppState;

/// What is ready, by part.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// The journal answers.
    journal: bool,
    /// The columns follow it.
    columns: bool,
    /// How many batches the columns lie behind.
    batches_behind: i64,
}

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The stores answer; 503 where they do not. Columns that lie behind, as after a rebuild begins, are still ready: reports
/// are taken in meanwhile.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Ready>) {
    let journal = state.store.installations().count().await.is_ok();
    let columns = !state.projected.has_failed();
    let batches_behind = *state.store.last_batch().borrow() - state.projected.batch();
    let status = if journal && columns { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { journal, columns, batches_behind }))
}
