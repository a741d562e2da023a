//! Receipts and enrolments, signed as RFC 9421 signs a response: what a site keeps as proof, and by what it knows the collector.

use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use candor_policy::succession::SUCCESSION_FIELD;
use candor_policy::{Clock, ProblemCode, answer};
use ed25519_dalek::SIGNATURE_LENGTH;
use serde::Serialize;

use super::Refused;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SUCCESSION: HeaderName = HeaderName::from_static(SUCCESSION_FIELD);
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// Signs with the collector's key.
pub struct Signer {
    key: Ed25519KeyPair,
    /// The words by which the key followed earlier ones, for sites whose policy names one of those.
    succession: Option<HeaderValue>,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// With this key; `succession` says how it followed earlier ones, as an answer's field carries it.
    pub fn new(key: Ed25519KeyPair, succession: Option<HeaderValue>, clock: Arc<dyn Clock>) -> Self {
        Self { key, succession, clock }
    }

    /// The answer that carries this receipt, or this word on an enrolment.
    ///
    /// # Errors
    /// [`Refused`] where it cannot be written.
    pub fn answer(&self, said: &impl Serialize) -> Result<Response, Refused> {
        let body = serde_json::to_vec(said).map_err(|_| unwritten())?;
        let fields = answer::sign(&body, self.clock.now(), |base| {
            let mut signature = [0; SIGNATURE_LENGTH];
            signature.copy_from_slice(self.key.sign(base).as_ref());
            signature
        });
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [
            (CONTENT_DIGEST, fields.content_digest),
            (SIGNATURE_INPUT, fields.signature_input),
            (SIGNATURE, fields.signature),
        ] {
            headers.insert(name, HeaderValue::try_from(value).map_err(|_| unwritten())?);
        }
        if let Some(succession) = &self.succession {
            headers.insert(SUCCESSION, succession.clone());
        }
        Ok(response)
    }
}

fn unwritten() -> Refused {
    tracing::error!("an answer could not be written");
    Refused::new(ProblemCode::Internal, "the collector could not write its answer")
}
