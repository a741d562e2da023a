//! Forms come from our own pages: a request that changes something and that a browser says comes from elsewhere is refused, by
//! its `Sec-Fetch-Site`, or by its `Origin` where the browser is older. The session's token stands beside this.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use candor_policy::{Digest, ProblemCode};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::problem::Refused;

/// The layer that refuses forms of other sites.
pub fn layer() -> CsrfLayer<fn(ProtectionError) -> Response<Body>> {
    CsrfLayer::new().with_rejection_response(refuse as fn(ProtectionError) -> Response<Body>)
}

fn refuse(_: ProtectionError) -> Response<Body> {
    Refused::new(ProblemCode::NotAllowed, "the form was sent from another site").into_response()
}

/// Whether a form's token is the session's. They are compared by digest: the time it takes says nothing of where they differ.
pub fn is_token(given: &str, expected: &str) -> bool {
    Digest::of(given.as_bytes()) == Digest::of(expected.as_bytes())
}
