//! `GET /healthz`: the process answers. `GET /readyz`: it can also take reports in. Whether it can show
//! them is said, and does not count: a collector whose columns fail must go on taking reports.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::AppState;

/// What is ready, by part.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// The journal makes reports durable.
    journal: bool,
    /// The columns follow it.
    columns: bool,
    /// How many batches the columns lie behind.
    batches_behind: i64,
    /// What is wrong with the journal, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
}

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Reports are made durable; 503 where they are not.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Ready>) {
    let failed = state.store.has_just_failed(state.clock.now());
    let fault = state.readiness.fault(&state.store).await.or(failed).or(state.disk.fault());
    let journal = state.acknowledger.is_running() && fault.is_none();
    let columns = !state.projected.has_failed() && state.store.columns().fault().borrow().is_none();
    let batches_behind = *state.store.last_batch().borrow() - state.projected.batch();
    let status = if journal { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { journal, columns, batches_behind, fault }))
}
