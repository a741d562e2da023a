//! Receipts, signed together: what is durable at the same moment shares one signature, and each receipt shows its place
//! under it. A signature for each would cost more than all else that is done for a report.

use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use candor_policy::answer::{Node, PROOF_FIELD, SignedAnswers, TREE_FIELD};
use candor_policy::{Clock, ProblemCode, Receipt};
use ed25519_dalek::SIGNATURE_LENGTH;

use super::Refused;
use crate::gathering::Gatherer;
use crate::limits::BATCH_REPORTS;

const ANSWER_TREE: HeaderName = HeaderName::from_static(TREE_FIELD);
const ANSWER_PROOF: HeaderName = HeaderName::from_static(PROOF_FIELD);
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// What receipts that were signed together share.
struct Signed {
    answers: SignedAnswers,
    fields: [(HeaderName, HeaderValue); 3],
}

/// A receipt's place among those.
type Place = (Arc<Signed>, usize);

/// The face of the task that signs; the task ends with it.
pub struct Signer(Gatherer<Node, Option<Place>>);

impl Signer {
    /// Starts the task.
    pub fn start(key: Ed25519KeyPair, clock: Arc<dyn Clock>) -> Self {
        Self(Gatherer::start(BATCH_REPORTS, move |leaves: &[Node]| match sign(&key, &*clock, leaves) {
            Some(signed) => {
                let signed = Arc::new(signed);
                (0..leaves.len()).map(|place| Some((signed.clone(), place))).collect()
            }
            None => vec![None; leaves.len()],
        }))
    }

    /// The answer that carries a receipt, with its signature.
    ///
    /// # Errors
    /// [`Refused`] where it cannot be written, or the runtime is stopping.
    pub async fn answer(&self, receipt: &Receipt) -> Result<Response, Refused> {
        let unwritten = || {
            tracing::error!("a receipt could not be written");
            Refused::new(ProblemCode::Internal, "the collector could not write its answer")
        };
        let body = serde_json::to_vec(receipt).map_err(|_| unwritten())?;
        let (signed, place) = self.0.ask(Node::leaf(&body)).await?.ok_or_else(unwritten)?;
        let proof = HeaderValue::try_from(signed.answers.proof(place)).map_err(|_| unwritten())?;
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ANSWER_PROOF, proof);
        for (name, value) in &signed.fields {
            headers.insert(name, value.clone());
        }
        Ok(response)
    }
}

fn sign(key: &Ed25519KeyPair, clock: &dyn Clock, leaves: &[Node]) -> Option<Signed> {
    let answers = SignedAnswers::sign(leaves.to_vec(), clock.now(), |base| {
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
