//! What redaction can look for. How each is found is the business of [`crate::redact`].

use serde::{Deserialize, Serialize};

/// What can be looked for in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Detector {
    /// A host's name: dotted, or a machine's bare name where the text is nothing else.
    HostName,
    /// A URL of any scheme.
    Url,
    /// An IPv4 or IPv6 address, or a network card's.
    IpAddress,
    /// An e-mail address.
    EmailAddress,
    /// A UNC path or a file's path.
    Path,
    /// A connection string.
    ConnectionString,
    /// A password, key, token or another secret.
    Secret,
    /// An account's name, or an entry of a directory.
    Account,
    /// A telephone number.
    PhoneNumber,
    /// An account at a bank or a payment card.
    BankAccount,
    /// A person's name, where the key speaks of one, or a street address.
    Person,
}

impl Detector {
    /// All detectors; what a setting metric uses where the manifest does not choose.
    pub const ALL: [Self; 11] = [
        Self::HostName,
        Self::Url,
        Self::IpAddress,
        Self::EmailAddress,
        Self::Path,
        Self::ConnectionString,
        Self::Secret,
        Self::Account,
        Self::PhoneNumber,
        Self::BankAccount,
        Self::Person,
    ];
}
