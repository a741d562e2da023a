//! Answers that carry the collector's signature, and the clock that requests are held against.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use candor_policy::ProblemCode;
use candor_policy::limits::CLOCK_SKEW_SECONDS;
use candor_policy::message::{Claim, Message, Start, sign_with};
use ed25519_dalek::SIGNATURE_LENGTH;
use serde::Serialize;

use super::Refused;
use crate::AppState;

/// The name under which the collector signs; its key stands in the policy.
const KEY_ID: &str = "collector";
const JSON: &str = "application/json";

/// A signed 200.
pub fn signed_json(state: &AppState, answer: &impl Serialize) -> Result<Response, Refused> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Refused::new(ProblemCode::Internal, "the collector could not write its answer")
    })?;
    let message = Message {
        start: Start::Response { status: 200 },
        content_type: JSON,
        content_encoding: None,
        body: &body,
    };
    let fields = sign_with(&message, KEY_ID, state.clock.now(), |base| {
        let mut signature = [0; SIGNATURE_LENGTH];
        signature.copy_from_slice(state.signing_key.sign(base).as_ref());
        signature
    });
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response();
    for (name, value) in [
        ("content-digest", fields.content_digest),
        ("signature-input", fields.signature_input),
        ("signature", fields.signature),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Refuses what was signed at another time than now.
pub fn check_clock(state: &AppState, claim: &Claim) -> Result<(), Refused> {
    let now = state.clock.now();
    let off_seconds = claim.created.as_second().abs_diff(now.as_second());
    if off_seconds <= CLOCK_SKEW_SECONDS.unsigned_abs() {
        return Ok(());
    }
    let detail = format!(
        "signed at {}, and here it is {now}; {} hours are allowed between",
        claim.created,
        CLOCK_SKEW_SECONDS / 3600
    );
    Err(Refused::new(ProblemCode::ClockSkew, detail))
}
