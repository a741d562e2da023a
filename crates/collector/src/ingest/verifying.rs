//! Signatures of reports, checked together: a batch takes well under half the time of as many single checks.
//!
//! A batch only ever says that all of its signatures hold. Where it does not, each is checked alone, so that a bad one
//! costs its own report, and its neighbours the time. A batch may take what the strict check would not: signatures of keys
//! of a small order, which are refused at enrolment and again where keys are read, and signatures that the holder of a key
//! twists on purpose so that the two checks differ. The latter need the key itself, and with it a plain signature can be had.

use candor_policy::message::{Claim, SignatureFault};
use ed25519_dalek::{VerifyingKey, verify_batch};

use crate::limits::BATCH_SIGNATURES;

/// Holds each claim against its key; the answers are in the same order.
pub fn verify_all(signatures: &[(&Claim, &VerifyingKey)]) -> Vec<Result<(), SignatureFault>> {
    signatures.chunks(BATCH_SIGNATURES).flat_map(verify_some).collect()
}

fn verify_some(signatures: &[(&Claim, &VerifyingKey)]) -> Vec<Result<(), SignatureFault>> {
    if signatures.len() > 1 && all_hold(signatures) {
        return vec![Ok(()); signatures.len()];
    }
    signatures.iter().map(|(claim, key)| claim.verify_with(key)).collect()
}

fn all_hold(signatures: &[(&Claim, &VerifyingKey)]) -> bool {
    let (messages, made): (Vec<&[u8]>, Vec<_>) =
        signatures.iter().map(|(claim, _)| claim.parts()).map(|(message, made)| (message, *made)).unzip();
    let keys: Vec<VerifyingKey> = signatures.iter().map(|(_, key)| **key).collect();
    verify_batch(&messages, &made, &keys).is_ok()
}

#[cfg(test)]
mod tests {
    use candor_policy::message::{Message, read, sign};
    use ed25519_dalek::SigningKey;
    use jiff::Timestamp;

    use super::*;

    fn signed(by: &SigningKey, body: &[u8]) -> Claim {
        let message = Message {
            method: "POST",
            path: candor_policy::wire_paths::REPORTS,
            content_type: "application/json",
            content_encoding: None,
            body,
        };
        read(&message, &sign(&message, by, "site", Timestamp::UNIX_EPOCH)).unwrap().0
    }

    /// As many claims of one key as fit into a batch; the one at `bad`, if any, was made by another key.
    fn batch(bad: Option<usize>) -> (Vec<Claim>, VerifyingKey) {
        let (key, stranger) = (SigningKey::from_bytes(&[3; 32]), SigningKey::from_bytes(&[4; 32]));
        let claims = (0..BATCH_SIGNATURES)
            .map(|place| signed(if bad == Some(place) { &stranger } else { &key }, &place.to_be_bytes()))
            .collect();
        (claims, key.verifying_key())
    }

    #[test]
    fn a_batch_holds_where_each_of_its_signatures_does() {
        let (claims, key) = batch(None);
        let signatures: Vec<_> = claims.iter().map(|claim| (claim, &key)).collect();
        assert!(all_hold(&signatures));
        assert!(verify_all(&signatures).iter().all(Result::is_ok));
    }

    #[test]
    fn a_bad_signature_costs_only_itself() {
        for bad in [0, 17, BATCH_SIGNATURES - 1] {
            let (claims, key) = batch(Some(bad));
            let signatures: Vec<_> = claims.iter().map(|claim| (claim, &key)).collect();
            assert!(!all_hold(&signatures));
            let refused: Vec<_> = verify_all(&signatures)
                .into_iter()
                .enumerate()
                .filter_map(|(place, verified)| verified.is_err().then_some(place))
                .collect();
            assert_eq!(refused, [bad]);
        }
    }

    #[test]
    fn a_lone_signature_is_held_against_its_key() {
        let (claims, key) = batch(Some(0));
        assert_eq!(verify_all(&[(&claims[0], &key)]), [Err(SignatureFault::WrongKey)]);
        assert_eq!(verify_all(&[(&claims[1], &key)]), [Ok(())]);
    }
}
