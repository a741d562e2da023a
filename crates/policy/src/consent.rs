//! The words of consent: what a site may decide, and what of that decision a report carries.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::SCOPE_CATEGORIES;
use crate::{CategoryId, Digest};

/// What the box of the installer shows before anybody touches it. Either way the answer is recorded before anything is
/// gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConsentMode {
    /// Ticked: data is shared unless the box is cleared.
    OptOut,
    /// Clear: nothing is shared unless the box is ticked.
    OptIn,
}

/// What a site has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// Nobody has been asked: nothing is gathered.
    NotAsked,
    /// Collection is allowed, within a scope.
    Granted,
    /// Collection is refused: nothing is gathered.
    Denied,
}

/// The categories that a consent covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All categories of the policy whose digest stands beside it.
    All,
    /// These categories and no others.
    Categories(#[serde(deserialize_with = "few")] BTreeSet<CategoryId>),
}

/// Categories, counted while they are read.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<CategoryId>, D::Error> {
    struct Few;
    impl<'de> Visitor<'de> for Few {
        type Value = BTreeSet<CategoryId>;
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(out, "at most {SCOPE_CATEGORIES} categories")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
            let mut categories = BTreeSet::new();
            while let Some(category) = sequence.next_element()? {
                categories.insert(category);
                if categories.len() > SCOPE_CATEGORIES {
                    return Err(serde::de::Error::invalid_length(categories.len(), &self));
                }
            }
            Ok(categories)
        }
    }
    deserializer.deserialize_seq(Few)
}

impl Scope {
    /// Whether the scope covers a category.
    pub fn covers(&self, category: &CategoryId) -> bool {
        match self {
            Self::All => true,
            Self::Categories(categories) => categories.contains(category),
        }
    }
}

/// The consent that a report was gathered under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentReference {
    /// The categories that it covers.
    pub scope: Scope,
    /// When it was granted, UTC.
    pub granted_at: Timestamp,
    /// The digest of the ledger's entry that holds it, on the site.
    pub entry: Digest,
}
