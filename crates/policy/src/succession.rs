//! The collector's keys in order: each one signs for the one that follows it, so that a site whose policy names an earlier key
//! believes the present one, and its policy stays what it was.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SIGNATURE_LENGTH, Signature, VerifyingKey};
use jiff::Timestamp;

use crate::PublicKey;

/// The field of an answer that carries them.
pub const SUCCESSION_FIELD: &str = "collector-succession";
/// Most keys that follow each other: one a year outlives the product.
const MOST: usize = 32;

/// One key's word that another follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The key that signs.
    pub from: PublicKey,
    /// The key that follows it.
    pub to: PublicKey,
    /// Since when, UTC.
    pub at: Timestamp,
    signature: [u8; SIGNATURE_LENGTH],
}

impl Succession {
    /// Names a successor; `sign` makes the Ed25519 signature of the bytes that it is given, with the key that is followed.
    pub fn sign(
        from: PublicKey,
        to: PublicKey,
        at: Timestamp,
        sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_LENGTH],
    ) -> Self {
        let signature = sign(&message(&from, &to, at));
        Self { from, to, at, signature }
    }

    /// Whether the key that is followed signed it.
    pub fn holds(&self) -> bool {
        let signed = message(&self.from, &self.to, self.at);
        VerifyingKey::from_bytes(self.from.as_bytes())
            .is_ok_and(|key| key.verify_strict(&signed, &Signature::from_bytes(&self.signature)).is_ok())
    }

    /// One as [`fmt::Display`] writes it; nothing where it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let succession = Self {
            from: PublicKey::parse(words.next()?)?,
            to: PublicKey::parse(words.next()?)?,
            at: words.next()?.parse().ok()?,
            signature: STANDARD.decode(words.next()?).ok()?.try_into().ok()?,
        };
        words.next().is_none().then_some(succession)
    }
}

impl fmt::Display for Succession {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {} {}", self.from, self.to, self.at, STANDARD.encode(self.signature))
    }
}

/// What is signed. It starts with words that neither a manifest, an answer nor a head of the audit log starts with.
fn message(from: &PublicKey, to: &PublicKey, at: Timestamp) -> Vec<u8> {
    format!("The collector's key {from} is followed by {to} since {at}").into_bytes()
}

/// The key that now stands where `named` stood, by the successions of an answer's field, in any order. A word that does not
/// hold counts for nothing.
pub fn present_key(named: &PublicKey, field: &str) -> PublicKey {
    let all: Vec<Succession> = field.split(',').take(MOST).filter_map(Succession::parse).collect();
    let mut key = *named;
    // A circle ends too.
    for _ in 0..all.len() {
        let Some(next) = all.iter().find(|next| next.from == key && next.holds()) else { break };
        key = next.to;
    }
    key
}

/// The successions as an answer's field carries them.
pub fn field(successions: &[Succession]) -> String {
    successions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn key(byte: u8) -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[byte; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        (key, public)
    }

    fn follows(from: u8, to: u8) -> Succession {
        let (signer, public) = key(from);
        Succession::sign(public, key(to).1, Timestamp::UNIX_EPOCH, |bytes| signer.sign(bytes).to_bytes())
    }

    #[test]
    fn the_present_key_is_found_from_each_one_before_it() {
        let text = field(&[follows(2, 3), follows(1, 2)]);
        for named in 1..=3 {
            assert_eq!(present_key(&key(named).1, &text), key(3).1, "from {named}");
        }
        assert_eq!(present_key(&key(9).1, &text), key(9).1, "another collector's");
        assert_eq!(present_key(&key(1).1, ""), key(1).1);
    }

    #[test]
    fn a_word_that_was_changed_or_that_another_signed_counts_for_nothing() {
        let good = follows(1, 2);
        let (own, _) = key(4);
        let forged =
            Succession::sign(key(1).1, key(4).1, Timestamp::UNIX_EPOCH, |bytes| own.sign(bytes).to_bytes());
        let turned = Succession { to: key(4).1, ..good };
        for bad in [forged, turned] {
            assert!(!bad.holds());
            assert_eq!(present_key(&key(1).1, &bad.to_string()), key(1).1);
            assert_eq!(present_key(&key(1).1, &field(&[bad, good])), key(2).1);
        }
        for text in ["x", "a b c d", &format!("{good} more"), &good.to_string()[1..]] {
            assert_eq!(Succession::parse(text), None, "{text}");
        }
        assert_eq!(Succession::parse(&good.to_string()), Some(good));
    }

    #[test]
    fn a_circle_of_keys_ends() {
        let text = field(&[follows(1, 2), follows(2, 1)]);
        let found = present_key(&key(1).1, &text);
        assert!(found == key(1).1 || found == key(2).1);
    }
}
