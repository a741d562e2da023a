//! Signed HTTP messages: RFC 9421 signatures over an RFC 9530 `Content-Digest`, Ed25519 and nothing else.
//!
//! An installation signs its requests so; [`crate::answer`] has how the collector signs its answers. Which components
//! are covered is not negotiated: the list follows from the message, and a signature over any other list is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer, SigningKey, VerifyingKey};
use jiff::Timestamp;
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, ListEntry, Parser};

use crate::{Digest, PublicKey};

/// The label of our signature in `Signature-Input` and `Signature`.
const LABEL: &str = "candor";
/// The digest that `Content-Digest` has to name; others beside it are not looked at.
const DIGEST_ALGORITHM: &str = "sha-256";

/// A request, as its signature sees it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Upper case.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// `Content-Type`, as sent.
    pub content_type: &'a str,
    /// `Content-Encoding`, as sent.
    pub content_encoding: Option<&'a str>,
    /// The body, as sent: compressed, where it is.
    pub body: &'a [u8],
}

/// The three header fields that carry a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFields {
    /// `Content-Digest` (RFC 9530).
    pub content_digest: String,
    /// `Signature-Input` (RFC 9421).
    pub signature_input: String,
    /// `Signature` (RFC 9421).
    pub signature: String,
}

/// A signature that was read and whose digest fits the body; not yet held against a key.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who says to have signed: an installation's name.
    pub key_id: String,
    /// When, by the signer's clock.
    pub created: Timestamp,
    base: String,
    signature: Signature,
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// A field is missing or not of the form that [`sign`] gives it.
    #[error(
        "the fields Content-Digest, Signature-Input and Signature are not all there in the form of RFC 9421"
    )]
    Malformed,
    /// The body is not the one that was signed.
    #[error("the body does not have the digest that Content-Digest names")]
    DigestMismatch,
    /// The key did not make this signature.
    #[error("the signature was not made by this key over this message")]
    WrongKey,
}

/// What a signature covers.
pub(crate) struct Covered {
    /// The components' names, as an inner list without its brackets.
    pub components: String,
    /// Their lines of the signature base (RFC 9421, section 2.5), each ended.
    pub base: String,
}

/// The two fields of RFC 9421.
pub(crate) struct Signed {
    pub signature_input: String,
    pub signature: String,
}

/// Signs a message. `created` is the signer's clock, in whole seconds on the wire.
pub fn sign(message: &Message<'_>, key: &SigningKey, key_id: &str, created: Timestamp) -> SignatureFields {
    let content_digest = content_digest(&Digest::of(message.body));
    let covered = covered(message, &content_digest);
    let signed = sign_covered(&covered, key_id, created, |base| key.sign(base).to_bytes());
    SignatureFields { content_digest, signature_input: signed.signature_input, signature: signed.signature }
}

/// Reads a message's signature and holds its digest against the body. Returns the body's digest as well.
///
/// # Errors
/// [`SignatureFault::Malformed`] or [`SignatureFault::DigestMismatch`].
pub fn read(message: &Message<'_>, fields: &SignatureFields) -> Result<(Claim, Digest), SignatureFault> {
    let (claim, said) = read_head(message, fields)?;
    if said != Digest::of(message.body) {
        return Err(SignatureFault::DigestMismatch);
    }
    Ok((claim, said))
}

/// Reads a message's signature before its body has arrived, which is not looked at: who says to have signed, and the digest that
/// the body must have.
///
/// # Errors
/// [`SignatureFault::Malformed`].
pub fn read_head(message: &Message<'_>, fields: &SignatureFields) -> Result<(Claim, Digest), SignatureFault> {
    let covered = covered(message, &fields.content_digest);
    let claim = claim(&covered, &fields.signature_input, &fields.signature)?;
    let said = read_content_digest(&fields.content_digest)?.try_into();
    Ok((claim, Digest::from_bytes(said.map_err(|_| SignatureFault::Malformed)?)))
}

/// Signs what is covered with a key that somebody else may hold.
pub(crate) fn sign_covered(
    covered: &Covered,
    key_id: &str,
    created: Timestamp,
    sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_LENGTH],
) -> Signed {
    let created = created.as_second();
    let parameters = format!("({});created={created};keyid=\"{key_id}\";alg=\"ed25519\"", covered.components);
    let signature = STANDARD.encode(sign(signature_base(covered, &parameters).as_bytes()));
    Signed { signature_input: format!("{LABEL}={parameters}"), signature: format!("{LABEL}=:{signature}:") }
}

/// Reads a signature over what is covered.
pub(crate) fn claim(
    covered: &Covered,
    signature_input: &str,
    signature: &str,
) -> Result<Claim, SignatureFault> {
    labelled_claim(covered, LABEL, signature_input, signature).ok_or(SignatureFault::Malformed)
}

fn labelled_claim(covered: &Covered, label: &str, signature_input: &str, signature: &str) -> Option<Claim> {
    let parameters = read_input(signature_input, label)?;
    let (key_id, created) = read_parameters(covered, &parameters)?;
    let signature = Signature::from_slice(&read_bytes(signature, label)?).ok()?;
    let parameters = vec![ListEntry::InnerList(parameters)].serialize()?;
    Some(Claim { key_id, created, base: signature_base(covered, &parameters), signature })
}

impl Claim {
    /// Holds the claim against a key.
    ///
    /// # Errors
    /// [`SignatureFault::WrongKey`] where the key did not make it.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| SignatureFault::WrongKey)?;
        self.verify_with(&key)
    }

    /// Holds the claim against a key that is ready to verify with: reading one is a part of the work.
    ///
    /// # Errors
    /// [`SignatureFault::WrongKey`] where the key did not make it.
    pub fn verify_with(&self, key: &VerifyingKey) -> Result<(), SignatureFault> {
        key.verify_strict(self.base.as_bytes(), &self.signature).map_err(|_| SignatureFault::WrongKey)
    }

    /// The bytes that were signed and their signature, for whoever checks many at once.
    pub fn parts(&self) -> (&[u8], &Signature) {
        (self.base.as_bytes(), &self.signature)
    }
}

/// `Content-Digest` (RFC 9530) of a body.
pub(crate) fn content_digest(body: &Digest) -> String {
    format!("{DIGEST_ALGORITHM}=:{}:", STANDARD.encode(body.as_bytes()))
}

/// The digest that `Content-Digest` names.
pub(crate) fn read_content_digest(field: &str) -> Result<Vec<u8>, SignatureFault> {
    read_bytes(field, DIGEST_ALGORITHM).ok_or(SignatureFault::Malformed)
}

fn covered(message: &Message<'_>, content_digest: &str) -> Covered {
    let Message { method, path, content_type, .. } = message;
    let mut covered = Covered {
        components: r#""@method" "@path" "content-digest" "content-type""#.to_owned(),
        base: format!(
            "\"@method\": {method}\n\"@path\": {path}\n\"content-digest\": {content_digest}\n\
             \"content-type\": {content_type}\n"
        ),
    };
    if let Some(encoding) = message.content_encoding {
        covered.components.push_str(r#" "content-encoding""#);
        covered.base.push_str(&format!("\"content-encoding\": {encoding}\n"));
    }
    covered
}

/// The signature base of RFC 9421, section 2.5.
fn signature_base(covered: &Covered, parameters: &str) -> String {
    format!("{}\"@signature-params\": {parameters}", covered.base)
}

/// Who says to have signed, and when; `None` where anything else than what is expected was covered or said.
fn read_parameters(covered: &Covered, parameters: &InnerList) -> Option<(String, Timestamp)> {
    let expected = covered.components.split(' ').map(|component| component.trim_matches('"'));
    let named = parameters.items.iter().map(|item| match &item.bare_item {
        BareItem::String(name) if item.params.is_empty() => Some(name.as_str()),
        _ => None,
    });
    if !named.eq(expected.map(Some)) {
        return None;
    }
    let (mut key_id, mut created) = (None, None);
    for (name, value) in &parameters.params {
        match (name.as_str(), value) {
            ("keyid", BareItem::String(id)) => key_id = Some(id.as_str().to_owned()),
            ("created", BareItem::Integer(second)) => {
                created = Some(Timestamp::from_second((*second).into()).ok()?);
            }
            ("alg", BareItem::String(algorithm)) if algorithm.as_str() == "ed25519" => {}
            _ => return None,
        }
    }
    Some((key_id?, created?))
}

/// The member of this label in `Signature-Input`: what is covered, in order, and the signature's parameters.
fn read_input(field: &str, label: &str) -> Option<InnerList> {
    match Parser::new(field).parse::<Dictionary>().ok()?.swap_remove(label)? {
        ListEntry::InnerList(list) => Some(list),
        ListEntry::Item(_) => None,
    }
}

fn read_bytes(field: &str, label: &str) -> Option<Vec<u8>> {
    match Parser::new(field).parse::<Dictionary>().ok()?.swap_remove(label)? {
        ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), .. }) => Some(bytes),
        ListEntry::Item(_) | ListEntry::InnerList(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &[u8]) -> Message<'_> {
        Message {
            method: "POST",
            path: "/v1/reports",
            content_type: "application/json",
            content_encoding: Some("gzip"),
            body,
        }
    }

    fn key() -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        (key, public)
    }

    #[test]
    fn a_signature_holds_for_its_message_and_its_key() {
        let (key, public) = key();
        let fields = sign(&message(b"body"), &key, "me", Timestamp::UNIX_EPOCH);
        let (claim, _) = read(&message(b"body"), &fields).unwrap();
        assert_eq!(claim.key_id, "me");
        assert_eq!(claim.created, Timestamp::UNIX_EPOCH);
        assert_eq!(claim.verify(&public), Ok(()));
        let stranger = PublicKey::from_bytes(SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes());
        assert_eq!(claim.verify(&stranger), Err(SignatureFault::WrongKey));
    }

    /// RFC 9421, appendix B.2.6: another label, other components, no `alg`.
    #[test]
    fn the_rfcs_own_ed25519_signature_holds() {
        let private = "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=";
        let public = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
        let thirty_two = |text: &str| -> [u8; 32] { STANDARD.decode(text).unwrap().try_into().unwrap() };
        let key = SigningKey::from_bytes(&thirty_two(private));
        let public = PublicKey::from_bytes(thirty_two(public));
        assert_eq!(key.verifying_key().as_bytes(), public.as_bytes());

        let components = r#""date" "@method" "@path" "@authority" "content-type" "content-length""#;
        let covered = Covered {
            components: components.to_owned(),
            base: "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
                   \"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n"
                .to_owned(),
        };
        let parameters = format!("({components});created=1618884473;keyid=\"test-key-ed25519\"");
        let signature =
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
        assert_eq!(
            STANDARD.encode(key.sign(signature_base(&covered, &parameters).as_bytes()).to_bytes()),
            signature
        );

        // Beside somebody else's signature, such as a gateway's.
        let input = format!("gateway=(\"@status\");created=1, sig-b26={parameters}");
        let field = format!("gateway=:AA==:, sig-b26=:{signature}:");
        let claim = labelled_claim(&covered, "sig-b26", &input, &field).unwrap();
        assert_eq!((claim.key_id.as_str(), claim.created.as_second()), ("test-key-ed25519", 1_618_884_473));
        assert_eq!(claim.verify(&public), Ok(()));
    }

    #[test]
    fn another_body_another_path_and_another_list_are_refused() {
        let (key, public) = key();
        let fields = sign(&message(b"body"), &key, "me", Timestamp::UNIX_EPOCH);
        assert_eq!(read(&message(b"bodi"), &fields).unwrap_err(), SignatureFault::DigestMismatch);

        let elsewhere = Message { method: "POST", path: "/v1/mine", ..message(b"body") };
        assert_eq!(read(&elsewhere, &fields).unwrap().0.verify(&public), Err(SignatureFault::WrongKey));

        let shorter = fields.signature_input.replace("\"@path\" ", "");
        let fewer = SignatureFields { signature_input: shorter, ..fields.clone() };
        assert_eq!(read(&message(b"body"), &fewer).unwrap_err(), SignatureFault::Malformed);

        let other =
            SignatureFields { signature_input: fields.signature_input.replace("ed25519", "rsa"), ..fields };
        assert_eq!(read(&message(b"body"), &other).unwrap_err(), SignatureFault::Malformed);
    }
}
