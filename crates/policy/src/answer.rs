//! Signed answers: the collector's word, as RFC 9421 signs a response and RFC 9530 names its body.
//!
//! The signature covers the status and the body's digest, so any library of RFC 9421 verifies it, and it can be verified
//! again years later from what the site has kept. What the answer is to, its body says: a receipt names the report and the
//! digest of the bytes that arrived.

use ed25519_dalek::SIGNATURE_LENGTH;
use jiff::Timestamp;

use crate::message::{
    Covered, SignatureFault, SignatureFields, claim, content_digest, read_content_digest, sign_covered,
};
use crate::{Digest, PublicKey};

/// The name under which a collector signs; its key is in the policy.
pub const COLLECTOR: &str = "collector";

/// The status of every answer that is signed.
const STATUS: u16 = 200;

/// Signs an answer. `created` is the signer's clock; `sign` makes the Ed25519 signature of the bytes that it is given.
pub fn sign(
    body: &[u8],
    created: Timestamp,
    sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_LENGTH],
) -> SignatureFields {
    let content_digest = content_digest(&Digest::of(body));
    let signed = sign_covered(&covered(&content_digest), COLLECTOR, created, sign);
    SignatureFields { content_digest, signature_input: signed.signature_input, signature: signed.signature }
}

/// Whether the collector of this key signed an answer with this body.
///
/// # Errors
/// [`SignatureFault::Malformed`] where a field is missing or of another form; [`SignatureFault::DigestMismatch`] where the
/// body is not the one that was signed; [`SignatureFault::WrongKey`] where another key signed.
pub fn verify(body: &[u8], fields: &SignatureFields, collector: &PublicKey) -> Result<(), SignatureFault> {
    let claim = claim(&covered(&fields.content_digest), &fields.signature_input, &fields.signature)?;
    if claim.key_id != COLLECTOR {
        return Err(SignatureFault::WrongKey);
    }
    if read_content_digest(&fields.content_digest)? != Digest::of(body).as_bytes() {
        return Err(SignatureFault::DigestMismatch);
    }
    claim.verify(collector)
}

fn covered(content_digest: &str) -> Covered {
    Covered {
        components: r#""@status" "content-digest""#.to_owned(),
        base: format!("\"@status\": {STATUS}\n\"content-digest\": {content_digest}\n"),
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn signed(body: &[u8], key: &SigningKey) -> SignatureFields {
        sign(body, Timestamp::UNIX_EPOCH, |base| key.sign(base).to_bytes())
    }

    #[test]
    fn an_answer_holds_for_its_body_and_its_key_alone() {
        let (key, stranger) = (SigningKey::from_bytes(&[3; 32]), SigningKey::from_bytes(&[4; 32]));
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        let fields = signed(b"receipt", &key);
        assert_eq!(verify(b"receipt", &fields, &public), Ok(()));
        assert_eq!(verify(b"receipts", &fields, &public), Err(SignatureFault::DigestMismatch));
        assert_eq!(
            verify(b"receipt", &signed(b"receipt", &stranger), &public),
            Err(SignatureFault::WrongKey)
        );

        let input = |from, to| SignatureFields {
            signature_input: fields.signature_input.replace(from, to),
            ..fields.clone()
        };
        let renamed = input("keyid=\"collector\"", "keyid=\"somebody\"");
        assert_eq!(verify(b"receipt", &renamed, &public), Err(SignatureFault::WrongKey));
        let later = input("created=0", "created=1");
        assert_eq!(verify(b"receipt", &later, &public), Err(SignatureFault::WrongKey));
        let shorter = input("\"@status\" ", "");
        assert_eq!(verify(b"receipt", &shorter, &public), Err(SignatureFault::Malformed));
    }

    #[test]
    fn a_request_that_an_installation_signed_is_no_answer() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        let message = crate::message::Message {
            method: "POST",
            path: "/v1/reports",
            content_type: "application/json",
            content_encoding: None,
            body: b"receipt",
        };
        let fields = crate::message::sign(&message, &key, COLLECTOR, Timestamp::UNIX_EPOCH);
        assert_eq!(verify(b"receipt", &fields, &public), Err(SignatureFault::Malformed));
    }
}
