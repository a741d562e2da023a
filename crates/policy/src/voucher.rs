//! Vouchers: the vendor's signed word that an installation is a licensed copy, or one of a certain customer.
//!
//! A voucher is a small text in the product's configuration. It is issued offline with the voucher key that the policy declares,
//! and has up to two parts, each a certificate with a key pair of its own. The *bound* part names a customer. The *nameless*
//! part names nobody and is the same, byte for byte, in all vouchers of a key that end in the same year, so that its id says no
//! more than "a licensed copy". A part's private key signs the installation's key at enrolment: what is seen on the wire is of no
//! use for any other key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::identity_text::{self, IdentityFault};
use crate::limits::{NAMELESS_INSTALLATIONS, VOUCHER_BYTES};
use crate::{InstallationId, PublicKey};

/// What the file of a voucher key begins with.
const KEY_FORMAT: &str = "candor-voucher-key-1:";
/// What each part begins with: format and version.
const FORMAT: &str = "candor-voucher-1";
/// What a proof's signature covers begins with, so that no other signature can be taken for one.
const PROOF: &str = "candor-enrolment-1";
/// What the nameless part's key is derived from begins with.
const NAMELESS: &str = "candor-nameless-voucher-1";

/// A voucher, as it lies in a product's configuration.
#[derive(Clone)]
pub struct Voucher {
    bound: Option<VoucherPart>,
    nameless: VoucherPart,
}

/// A certificate and the private key that belongs to it.
#[derive(Clone)]
pub struct VoucherPart {
    /// What the vendor has signed.
    pub certificate: Certificate,
    /// The certificate with its signature, as it goes over the wire.
    text: String,
    secret: SigningKey,
}

/// What the vendor has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The day on which it was issued, UTC; a nameless part does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Date>,
    /// The last day on which an installation can enrol with it, UTC.
    pub expires: Date,
    /// How many installations can enrol with it.
    pub installations: u32,
    /// The customer, as the policy's identity metric has it; none: nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The key that signs enrolments.
    pub key: PublicKey,
}

/// What a bound part is to say.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// The customer.
    pub customer: &'a str,
    /// How many installations.
    pub installations: u32,
    /// 32 random bytes: the part's private key.
    pub seed: [u8; 32],
}

/// What an enrolment shows: a certificate, and the installation's key signed with the certificate's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoucherProof {
    /// The certificate with the vendor's signature.
    pub certificate: String,
    /// The signature over the installation's key, base64url.
    pub signature: String,
}

/// Why a voucher cannot be issued or read, or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoucherFault {
    /// The text is not a voucher of this version.
    #[error("not a voucher: {0}")]
    Malformed(&'static str),
    /// No voucher key that is asked for has signed it.
    #[error("the voucher is not signed with the policy's voucher key")]
    UnknownIssuer,
    /// The proof was made for another installation's key.
    #[error("the voucher was shown for another installation's key")]
    WrongKey,
    /// Its last day is over.
    #[error("the voucher ended on {0}")]
    Expired(Date),
    /// The customer cannot be told from others by its text.
    #[error("the customer `{0}` {1}")]
    Customer(String, IdentityFault),
}

/// What became of the voucher that an enrolment has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoucherAnswer {
    /// The installation is verified.
    Accepted,
    /// Not a voucher, or one of a later version.
    Malformed,
    /// No published policy declares the key that signed it.
    UnknownIssuer,
    /// It was shown for another installation's key.
    WrongKey,
    /// Its last day is over.
    Expired,
    /// The vendor has revoked it.
    Revoked,
    /// As many installations as it allows have enrolled with it.
    UsedUp,
}

impl VoucherAnswer {
    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Accepted => "the voucher was accepted",
            Self::Malformed => "the voucher cannot be read",
            Self::UnknownIssuer => "the voucher is not signed with a voucher key that the collector knows",
            Self::WrongKey => "the voucher was shown for another installation's key",
            Self::Expired => "the voucher has expired",
            Self::Revoked => "the voucher was revoked",
            Self::UsedUp => "as many installations as the voucher allows have enrolled with it",
        }
    }
}

impl From<&VoucherFault> for VoucherAnswer {
    fn from(fault: &VoucherFault) -> Self {
        match fault {
            VoucherFault::Malformed(_) | VoucherFault::Customer(..) => Self::Malformed,
            VoucherFault::UnknownIssuer => Self::UnknownIssuer,
            VoucherFault::WrongKey => Self::WrongKey,
            VoucherFault::Expired(_) => Self::Expired,
        }
    }
}

/// A voucher key as the text of its file.
pub fn key_text(key: &SigningKey) -> String {
    format!("{KEY_FORMAT}{}\n", URL_SAFE_NO_PAD.encode(key.as_bytes()))
}

/// The voucher key in the text of its file; none where it holds something else.
pub fn read_key(text: &str) -> Option<SigningKey> {
    Some(SigningKey::from_bytes(&bytes(text.trim().strip_prefix(KEY_FORMAT)?).ok()?))
}

impl Voucher {
    /// Issues a voucher that holds until a day: with a bound part where there are terms, and always with a nameless one, which
    /// holds until the end of that day's year.
    ///
    /// # Errors
    /// [`VoucherFault::Customer`] where the customer's text could be taken for another's; [`VoucherFault::Expired`] where the
    /// last day lies before the day of issue.
    pub fn issue(
        key: &SigningKey,
        terms: Option<&Terms<'_>>,
        issued: Date,
        expires: Date,
    ) -> Result<Self, VoucherFault> {
        if expires < issued {
            return Err(VoucherFault::Expired(expires));
        }
        let bound = terms.map(|terms| {
            let fault = |fault| VoucherFault::Customer(terms.customer.to_owned(), fault);
            identity_text::check(terms.customer).map_err(fault)?;
            let secret = SigningKey::from_bytes(&terms.seed);
            let certificate = Certificate {
                issued: Some(issued),
                expires,
                installations: terms.installations,
                customer: Some(terms.customer.to_owned()),
                key: public(&secret),
            };
            VoucherPart::sign(key, certificate, secret)
        });
        Ok(Self { bound: bound.transpose()?, nameless: nameless(key, expires.year())? })
    }

    /// Reads a voucher; empty lines and those that begin with `#` are left out.
    ///
    /// # Errors
    /// [`VoucherFault::Malformed`].
    pub fn read(text: &str) -> Result<Self, VoucherFault> {
        if text.len() > VOUCHER_BYTES {
            return Err(VoucherFault::Malformed("it is too long"));
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (mut bound, mut nameless) = (None, None);
        for line in lines {
            let part = VoucherPart::read(line)?;
            let place = if part.certificate.customer.is_some() { &mut bound } else { &mut nameless };
            if place.replace(part).is_some() {
                return Err(VoucherFault::Malformed("one of its parts is there twice"));
            }
        }
        Ok(Self { bound, nameless: nameless.ok_or(VoucherFault::Malformed("its nameless part is missing"))? })
    }

    /// The voucher as text, a line for each part.
    pub fn text(&self) -> String {
        self.parts().map(|part| format!("{}\n", part.line())).collect()
    }

    /// Its parts, the bound one first.
    pub fn parts(&self) -> impl Iterator<Item = &VoucherPart> {
        self.bound.iter().chain([&self.nameless])
    }

    /// The part to show: the bound one only where the customer may be named.
    pub fn part(&self, may_name_customer: bool) -> &VoucherPart {
        self.bound.as_ref().filter(|_| may_name_customer).unwrap_or(&self.nameless)
    }
}

/// The nameless part of a year: its key follows from the voucher key and the year, and so does everything else.
fn nameless(key: &SigningKey, year: i16) -> Result<VoucherPart, VoucherFault> {
    let mut derived = Sha256::new();
    derived.update(NAMELESS);
    derived.update(key.as_bytes());
    derived.update(year.to_be_bytes());
    let secret = SigningKey::from_bytes(&derived.finalize().into());
    let certificate = Certificate {
        issued: None,
        expires: date(year, 12, 31),
        installations: NAMELESS_INSTALLATIONS,
        customer: None,
        key: public(&secret),
    };
    VoucherPart::sign(key, certificate, secret)
}

impl VoucherPart {
    fn sign(key: &SigningKey, certificate: Certificate, secret: SigningKey) -> Result<Self, VoucherFault> {
        let json = serde_json::to_vec(&certificate)
            .map_err(|_| VoucherFault::Malformed("its content cannot be written"))?;
        let payload = format!("{FORMAT}.{}", URL_SAFE_NO_PAD.encode(json));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(payload.as_bytes()).to_bytes());
        Ok(Self { certificate, text: format!("{payload}.{signature}"), secret })
    }

    fn read(line: &str) -> Result<Self, VoucherFault> {
        let (text, secret) = line.rsplit_once('.').ok_or(VoucherFault::Malformed("it is cut off"))?;
        let secret = SigningKey::from_bytes(&bytes(secret)?);
        let (_, certificate, _) = read_certificate(text)?;
        if certificate.key != public(&secret) {
            return Err(VoucherFault::Malformed("its private key does not belong to its certificate"));
        }
        Ok(Self { certificate, text: text.to_owned(), secret })
    }

    fn line(&self) -> String {
        format!("{}.{}", self.text, URL_SAFE_NO_PAD.encode(self.secret.as_bytes()))
    }

    /// What an installation shows at its enrolment.
    pub fn proof(&self, installation: &PublicKey) -> VoucherProof {
        let signature = self.secret.sign(proven(installation, &self.text).as_bytes());
        VoucherProof {
            certificate: self.text.clone(),
            signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()),
        }
    }
}

impl fmt::Debug for Voucher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.parts()).finish()
    }
}

impl fmt::Debug for VoucherPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "VoucherPart({})", self.certificate.id())
    }
}

impl Certificate {
    /// Its name, which follows from its key as an installation's does: 22 characters.
    pub fn id(&self) -> String {
        InstallationId::of(&self.key).as_str().to_owned()
    }
}

impl VoucherProof {
    /// Holds the proof against the installation's key and the voucher keys of published policies.
    ///
    /// # Errors
    /// [`VoucherFault`] where it does not hold on that day.
    pub fn verify(
        &self,
        installation: &PublicKey,
        issuers: &[PublicKey],
        today: Date,
    ) -> Result<Certificate, VoucherFault> {
        if self.certificate.len() > VOUCHER_BYTES {
            return Err(VoucherFault::Malformed("it is too long"));
        }
        let (payload, certificate, signature) = read_certificate(&self.certificate)?;
        let message = proven(installation, &self.certificate);
        if !holds(&certificate.key, message.as_bytes(), &bytes(&self.signature)?) {
            return Err(VoucherFault::WrongKey);
        }
        if !issuers.iter().any(|issuer| holds(issuer, payload.as_bytes(), &signature)) {
            return Err(VoucherFault::UnknownIssuer);
        }
        if today > certificate.expires {
            return Err(VoucherFault::Expired(certificate.expires));
        }
        Ok(certificate)
    }
}

/// The signed text, what it says, and its signature, which is not verified yet.
fn read_certificate(text: &str) -> Result<(&str, Certificate, [u8; 64]), VoucherFault> {
    let (payload, signature) = text.rsplit_once('.').ok_or(VoucherFault::Malformed("it is cut off"))?;
    let json = payload
        .strip_prefix(FORMAT)
        .and_then(|rest| rest.strip_prefix('.'))
        .ok_or(VoucherFault::Malformed("it does not begin with `candor-voucher-1.`"))?;
    let json = URL_SAFE_NO_PAD.decode(json).map_err(|_| VoucherFault::Malformed("it is not base64url"))?;
    let certificate: Certificate = serde_json::from_slice(&json)
        .map_err(|_| VoucherFault::Malformed("its certificate cannot be read"))?;
    if let Some(customer) = &certificate.customer {
        identity_text::check(customer).map_err(|fault| VoucherFault::Customer(customer.clone(), fault))?;
    }
    Ok((payload, certificate, bytes(signature)?))
}

fn proven(installation: &PublicKey, certificate: &str) -> String {
    format!("{PROOF}\n{installation}\n{certificate}")
}

fn holds(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key.as_bytes())
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], VoucherFault> {
    let decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| VoucherFault::Malformed("it is not base64url"))?;
    decoded.try_into().map_err(|_| VoucherFault::Malformed("a key or a signature is cut off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = date(2026, 11, 27);

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32])
    }

    fn voucher(customer: &str, seed: u8, expires: Date) -> Voucher {
        let terms = Terms { customer, installations: 5, seed: [seed; 32] };
        Voucher::issue(&key(1), Some(&terms), TODAY, expires).unwrap()
    }

    #[test]
    fn a_voucher_is_read_as_it_was_written_and_never_shows_its_secret() {
        let voucher = voucher("4711", 2, date(2027, 6, 30));
        let text = format!("# For customer 4711.\n\n{}", voucher.text());
        let again = Voucher::read(&text).unwrap();
        assert_eq!(again.text(), voucher.text());
        let certificate = &again.part(true).certificate;
        assert_eq!((certificate.customer.as_deref(), certificate.installations), (Some("4711"), 5));
        let shown = format!("{again:?}");
        assert!(shown.contains(&certificate.id()) && !shown.contains("candor-voucher"), "{shown}");
    }

    #[test]
    fn the_nameless_part_is_the_same_for_every_customer_of_a_year() {
        let (one, other) = (voucher("4711", 2, date(2027, 6, 30)), voucher("4712", 3, date(2027, 1, 1)));
        let nameless = |voucher: &Voucher| voucher.part(false).line();
        assert_eq!(nameless(&one), nameless(&other));
        assert_eq!(one.part(false).certificate.customer, None);
        assert_ne!(nameless(&one), nameless(&voucher("4711", 2, date(2028, 1, 1))), "another year");
        let alone = Voucher::issue(&key(1), None, TODAY, date(2027, 3, 1)).unwrap();
        assert_eq!(nameless(&one), nameless(&alone));
        assert_eq!(alone.part(true).certificate.customer, None);
    }

    #[test]
    fn a_proof_holds_for_its_installation_its_issuer_and_its_time() {
        let voucher = voucher("4711", 2, date(2027, 6, 30));
        let (site, stranger) = (public(&key(8)), public(&key(9)));
        let issuers = [public(&key(7)), public(&key(1))];
        let proof = voucher.part(true).proof(&site);
        assert_eq!(proof.verify(&site, &issuers, date(2027, 6, 30)).unwrap(), voucher.part(true).certificate);
        assert_eq!(proof.verify(&stranger, &issuers, TODAY), Err(VoucherFault::WrongKey));
        assert_eq!(proof.verify(&site, &issuers[..1], TODAY), Err(VoucherFault::UnknownIssuer));
        let late = proof.verify(&site, &issuers, date(2027, 7, 1));
        assert_eq!(late, Err(VoucherFault::Expired(date(2027, 6, 30))));
    }

    #[test]
    fn a_certificate_that_was_changed_has_no_issuer() {
        let own = Voucher::issue(
            &key(6),
            Some(&Terms { customer: "4711", installations: 9, seed: [2; 32] }),
            TODAY,
            date(2027, 6, 30),
        );
        let (site, own) = (public(&key(8)), own.unwrap());
        assert_eq!(
            own.part(true).proof(&site).verify(&site, &[public(&key(1))], TODAY),
            Err(VoucherFault::UnknownIssuer)
        );
    }

    #[test]
    fn what_is_not_a_voucher_is_said_to_be_none() {
        let text = voucher("4711", 2, date(2027, 6, 30)).text();
        let lines: Vec<&str> = text.lines().collect();
        for bad in [
            String::new(),
            "hello".to_owned(),
            lines[0].to_owned(),
            format!("{0}\n{0}\n{1}", lines[0], lines[1]),
            text.replace("candor-voucher-1", "candor-voucher-2"),
            text[..text.len() - 20].to_owned(),
            "x".repeat(VOUCHER_BYTES + 1),
        ] {
            assert!(matches!(Voucher::read(&bad), Err(VoucherFault::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn no_voucher_is_issued_for_a_customer_that_looks_like_another_or_for_a_day_that_is_over() {
        let terms = |customer| Terms { customer, installations: 1, seed: [2; 32] };
        let issue =
            |customer, expires| Voucher::issue(&key(1), Some(&terms(customer)), TODAY, expires).map(drop);
        assert!(matches!(issue("\u{410}cme", date(2027, 1, 1)), Err(VoucherFault::Customer(..))));
        assert!(matches!(issue("Acme", date(2026, 11, 26)), Err(VoucherFault::Expired(_))));
        issue("Acme", TODAY).unwrap();
    }
}
