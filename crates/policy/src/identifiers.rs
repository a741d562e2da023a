//! The names that policy and report share, each a type of its own so that one cannot stand where another belongs.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::limits::IDENTIFIER_LENGTH;

/// Declares an identifier: lower-case letters, digits, `_` and `-`, a letter first, at most 64 characters.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z][a-z0-9_-]{0,63}$")))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier, where `text` is one.
            pub fn parse(text: &str) -> Option<Self> {
                is_identifier(text).then(|| Self(text.to_owned()))
            }

            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

identifier!(
    /// A policy's name, the same over all its versions.
    PolicyId
);
identifier!(
    /// A metric's name within its policy. A report may carry one that no policy declares; [`crate::admit`] drops it.
    MetricId
);
identifier!(
    /// A category's name within its policy.
    CategoryId
);
identifier!(
    /// A purpose's name within its policy.
    PurposeId
);
identifier!(
    /// A source's name within its policy.
    SourceId
);

/// Whether `text` has the form of an identifier.
pub fn is_identifier(text: &str) -> bool {
    text.len() <= IDENTIFIER_LENGTH
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

/// An installation's name: the first 16 bytes of the SHA-256 of its public key, base64url, 22 characters.
/// It follows from the key, so nobody can claim another's name without its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstallationId(String);

impl TryFrom<String> for InstallationId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("an installation's name is 16 bytes in base64url, 22 characters")
    }
}

impl From<InstallationId> for String {
    fn from(id: InstallationId) -> Self {
        id.0
    }
}

impl InstallationId {
    /// The name that follows from a public key.
    pub fn of(key: &PublicKey) -> Self {
        let hash = Sha256::digest(key.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(&hash[..16]))
    }

    /// The name, where `text` has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// An Ed25519 public key (RFC 8032), written `ed25519:<base64>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key with these 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key, where `text` is `ed25519:` and 32 bytes in base64.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("ed25519:")?).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The key's 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ed25519:{}", STANDARD.encode(self.0))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a public key is `ed25519:` and 32 bytes in base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_starts_with_a_letter_and_has_no_spaces() {
        for good in ["a", "os_version", "web-installer", "x1"] {
            assert!(MetricId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "1a", "OS", "os version", "é", &"a".repeat(65)] {
            assert!(MetricId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_installation_is_named_after_its_key() {
        let key = PublicKey::from_bytes([7; 32]);
        let name = InstallationId::of(&key);
        assert_eq!(InstallationId::parse(name.as_str()), Some(name));
        assert_eq!(PublicKey::parse(&key.to_string()), Some(key));
    }
}
