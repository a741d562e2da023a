//! `GET /metrics`: what Prometheus reads. Numbers of requests and times; nothing of any report.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::AppState;

/// The handler.
pub async fn get(State(state): State<AppState>) -> Response {
    state
        .meters
        .standing(state.acknowledger.waiting(), *state.store.last_batch().borrow() - state.projected.batch());
    let intake = &state.intake;
    state.meters.holding(intake.arriving.held(), intake.plain.held(), state.disk.is_nearly_full());
    state.meters.column_reads(state.store.columns().reads());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.meters.render()).into_response()
}
