//! Receipts, signed together: what is durable at the same moment shares one signature, and each receipt shows its place
//! under it. A signature for each would keep the throughput from its aim (`docs/benchmarks.md`).

use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use candor_policy::answer::{Node, PROOF_FIELD, SignedAnswers, TREE_FIELD};
use candor_policy::{ProblemCode, Receipt};
use ed25519_dalek::SIGNATURE_LENGTH;
use jiff::Timestamp;

use super::Refused;

const ANSWER_TREE: HeaderName = HeaderName::from_static(TREE_FIELD);
const ANSWER_PROOF: HeaderName = HeaderName::from_static(PROOF_FIELD);
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// A receipt with its place among those that were signed together.
pub struct SignedReceipt {
    /// Whether the report was held already.
    pub duplicate: bool,
    body: Vec<u8>,
    place: usize,
    signed: Arc<Signed>,
}

/// What receipts that were signed together share.
struct Signed {
    answers: SignedAnswers,
    fields: [(HeaderName, HeaderValue); 3],
}

/// Signs receipts together; each refusal stays one, in its place.
pub fn sign_all(
    receipts: Vec<Result<Receipt, Refused>>,
    key: &Ed25519KeyPair,
    now: Timestamp,
) -> Vec<Result<SignedReceipt, Refused>> {
    let bodies: Vec<Result<(bool, Vec<u8>), Refused>> = receipts
        .into_iter()
        .map(|receipt| {
            let receipt = receipt?;
            Ok((receipt.duplicate, serde_json::to_vec(&receipt).map_err(|_| unwritten())?))
        })
        .collect();
    let leaves: Vec<Node> = bodies.iter().flatten().map(|(_, body)| Node::leaf(body)).collect();
    let signed = if leaves.is_empty() { None } else { sign(key, now, leaves) };
    let Some(signed) = signed.map(Arc::new) else {
        return bodies.into_iter().map(|body| Err(body.err().unwrap_or_else(unwritten))).collect();
    };
    let mut places = 0..;
    let mut seat = |(duplicate, body)| SignedReceipt {
        duplicate,
        body,
        place: places.next().unwrap_or_default(),
        signed: signed.clone(),
    };
    bodies.into_iter().map(|body| body.map(&mut seat)).collect()
}

fn sign(key: &Ed25519KeyPair, now: Timestamp, leaves: Vec<Node>) -> Option<Signed> {
    let answers = SignedAnswers::sign(leaves, now, |base| {
        let mut signature = [0; SIGNATURE_LENGTH];
        signature.copy_from_slice(key.sign(base).as_ref());
        signature
    });
    let value = |text: &str| HeaderValue::try_from(text).ok();
    let fields = [
        (ANSWER_TREE, value(&answers.tree)?),
        (SIGNATURE_INPUT, value(&answers.signature_input)?),
        (SIGNATURE, value(&answers.signature)?),
    ];
    Some(Signed { answers, fields })
}

impl SignedReceipt {
    /// The answer that carries it.
    ///
    /// # Errors
    /// [`Refused`] where it cannot be written.
    pub fn into_answer(self) -> Result<Response, Refused> {
        let proof = HeaderValue::try_from(self.signed.answers.proof(self.place)).map_err(|_| unwritten())?;
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ANSWER_PROOF, proof);
        for (name, value) in &self.signed.fields {
            headers.insert(name, value.clone());
        }
        Ok(response)
    }
}

fn unwritten() -> Refused {
    tracing::error!("a receipt could not be written");
    Refused::new(ProblemCode::Internal, "the collector could not write its answer")
}
