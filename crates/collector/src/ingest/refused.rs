//! The one error type of the wire: a problem with a stable code. It is counted and logged once, where it is answered.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use candor_policy::message::SignatureFault;
use candor_policy::{Problem, ProblemCode, Refusal};

use crate::AppState;
use crate::limits::RETRY_AFTER_SECONDS;
use crate::store::StoreError;
use crate::throttle::TooOften;

/// A refusal, on its way to the sender.
#[derive(Clone, Debug)]
pub struct Refused {
    problem: Problem,
    retry_after_seconds: Option<u32>,
}

impl Refused {
    /// A refusal with its detail. The detail is for the sender alone: it may name what no policy declares.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { problem: Problem::new(code, detail), retry_after_seconds: None }
    }

    /// The collector failed, whatever became of the report.
    pub fn in_doubt() -> Self {
        let detail = "the collector failed, and does not know whether it stored the report: send it again";
        Self::later(ProblemCode::Internal, detail, RETRY_AFTER_SECONDS)
    }

    fn later(code: ProblemCode, detail: &str, seconds: u32) -> Self {
        Self { problem: Problem::new(code, detail), retry_after_seconds: Some(seconds) }
    }

    /// The answer; counts and logs it.
    pub fn answer(self, state: &AppState) -> Response {
        let code = self.problem.code;
        state.refusals.count(code);
        state.meters.refused(code);
        if self.problem.status < 500 {
            tracing::debug!(%code, "refused");
        }
        self.into_response()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Text and a number: writing them to memory cannot fail.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let media_type = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(CONTENT_TYPE, media_type)], body).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code(), refusal.to_string())
    }
}

impl From<SignatureFault> for Refused {
    fn from(fault: SignatureFault) -> Self {
        let code = match fault {
            SignatureFault::Malformed => ProblemCode::MalformedSignature,
            SignatureFault::DigestMismatch => ProblemCode::DigestMismatch,
            SignatureFault::WrongKey => ProblemCode::BadSignature,
        };
        Self::new(code, fault.to_string())
    }
}

impl From<TooOften> for Refused {
    fn from(too_often: TooOften) -> Self {
        let detail =
            "more requests than this sender may send now; the field Retry-After says when to come back";
        Self::later(ProblemCode::RateLimited, detail, too_often.retry_after_seconds)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Closing => {
                tracing::warn!(%error, "refused");
                let detail = "the collector cannot take the report now; it was not stored";
                Self::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS)
            }
            error => {
                tracing::error!(%error, "refused");
                Self::in_doubt()
            }
        }
    }
}

/// How often each code was answered since the counts were last taken.
#[derive(Debug)]
pub struct Refusals(Vec<AtomicU64>);

impl Default for Refusals {
    fn default() -> Self {
        Self(ProblemCode::ALL.iter().map(|_| AtomicU64::new(0)).collect())
    }
}

impl Refusals {
    fn count(&self, code: ProblemCode) {
        let place = ProblemCode::ALL.iter().position(|known| *known == code);
        if let Some(count) = place.and_then(|place| self.0.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes the counts, leaving none.
    pub fn take(&self) -> Vec<(ProblemCode, u64)> {
        let counts = ProblemCode::ALL.iter().zip(&self.0);
        counts
            .map(|(code, count)| (*code, count.swap(0, Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Puts counts back that could not be kept.
    pub fn put_back(&self, counts: &[(ProblemCode, u64)]) {
        for (code, count) in counts {
            let place = ProblemCode::ALL.iter().position(|known| known == code);
            if let Some(place) = place.and_then(|place| self.0.get(place)) {
                place.fetch_add(*count, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shown(refused: Refused) -> (u16, Option<String>, serde_json::Value) {
        let response = refused.into_response();
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        (status, retry_after, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn our_own_faults_are_ours_and_say_when_to_come_back() {
        let busy = shown(StoreError::Busy.into()).await;
        let failed = shown(StoreError::Unreadable("disk full at /secret/path".into()).into()).await;
        assert_eq!((busy.0, failed.0), (503, 500));
        assert!(busy.1.is_some() && failed.1.is_some());
        insta::assert_json_snapshot!("unavailable", busy.2);
        insta::assert_json_snapshot!("internal", failed.2);
    }

    #[test]
    fn counts_are_taken_once_and_can_be_put_back() {
        let refusals = Refusals::default();
        refusals.count(ProblemCode::NotFound);
        let taken = refusals.take();
        assert_eq!(taken, [(ProblemCode::NotFound, 1)]);
        assert_eq!(refusals.take(), []);
        refusals.put_back(&taken);
        assert_eq!(refusals.take(), taken);
    }
}
