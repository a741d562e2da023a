//! The collector's signed word that it holds a report: held against the policy's key before it is believed, and kept
//! with its signature so that anybody can hold it against that key again.

use candor_policy::answer;
use candor_policy::message::SignatureFields;
use candor_policy::succession::present_key;
use candor_policy::{Digest, PublicKey, Receipt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A receipt, byte for byte as it came, with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// The receipt's JSON.
    pub body: String,
    /// `Content-Digest` (RFC 9530), as it came.
    pub content_digest: String,
    /// `Signature-Input` (RFC 9421), as it came.
    pub signature_input: String,
    /// `Signature` (RFC 9421), as it came.
    pub signature: String,
    /// `Collector-Succession`, as it came: the collector's keys since the one that the policy names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succession: Option<String>,
}

/// Why a receipt is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// It cannot be read as one.
    #[error("the collector's answer is not a receipt")]
    Malformed,
    /// The policy's collector key did not sign it.
    #[error("the receipt is not signed with the collector's key that the policy names")]
    Signature,
    /// It is for another report, or for other bytes.
    #[error("the receipt is for another report or for other bytes")]
    OtherReport,
}

impl SignedReceipt {
    /// What the receipt says, where the collector of this key signed it, or the key that follows it by its own word.
    ///
    /// # Errors
    /// [`ReceiptFault`] where it did not, or where it cannot be read as a receipt.
    pub fn verify(&self, collector: &PublicKey) -> Result<Receipt, ReceiptFault> {
        self.verify_as(collector)
    }

    /// The same for any signed answer of the collector.
    pub(crate) fn verify_as<T: DeserializeOwned>(&self, collector: &PublicKey) -> Result<T, ReceiptFault> {
        let fields = SignatureFields {
            content_digest: self.content_digest.clone(),
            signature_input: self.signature_input.clone(),
            signature: self.signature.clone(),
        };
        let present = self.succession.as_deref().map(|field| present_key(collector, field));
        let collector = present.as_ref().unwrap_or(collector);
        answer::verify(self.body.as_bytes(), &fields, collector).map_err(|_| ReceiptFault::Signature)?;
        serde_json::from_str(&self.body).map_err(|_| ReceiptFault::Malformed)
    }

    /// The same, for this report and these bytes alone.
    pub(crate) fn verify_for(
        &self,
        collector: &PublicKey,
        report_id: Uuid,
        digest: Digest,
    ) -> Result<Receipt, ReceiptFault> {
        let receipt = self.verify(collector)?;
        if receipt.report_id != report_id || receipt.received_digest != digest {
            return Err(ReceiptFault::OtherReport);
        }
        Ok(receipt)
    }
}
