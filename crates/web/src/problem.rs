//! The one error type of endpoints and pages: a problem with a stable code (RFC 9457).
//!
//! It answers with problem details. [`crate::errors`] turns those into a page where a browser asked.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use candor_policy::message::SignatureFault;
use candor_policy::{Problem, ProblemCode, Refusal};

use crate::throttle::TooOften;

/// A refusal, on its way to the client. The answer carries its [`Problem`] as an extension, for whoever counts or shows it.
#[derive(Clone, Debug)]
pub struct Refused {
    problem: Problem,
    retry_after_seconds: Option<u32>,
}

impl Refused {
    /// A refusal with its detail. The detail is for the client alone, and never logged: it may name what no policy declares.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { problem: Problem::new(code, detail), retry_after_seconds: None }
    }

    /// A refusal that asks the client to come back after this many seconds.
    pub fn later(code: ProblemCode, detail: impl Into<String>, seconds: u32) -> Self {
        Self { problem: Problem::new(code, detail), retry_after_seconds: Some(seconds) }
    }

    /// Its stable code.
    pub fn code(&self) -> ProblemCode {
        self.problem.code
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = problem_details(&self.problem);
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self.problem);
        response
    }
}

/// An answer with this problem as its body.
pub(crate) fn problem_details(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // Text and a number: writing them to memory cannot fail.
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let media_type = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, media_type)], body).into_response()
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
