//! What the collector answers: enrolment, receipt, and what became of each value.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::voucher::{VoucherAnswer, VoucherProof};
use crate::{Digest, InstallationId, MetricId, PublicKey};

/// The body of `POST /v1/installations`, signed with the key that it names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The installation's key.
    pub public_key: PublicKey,
    /// The voucher that it shows, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherProof>,
}

/// The answer to an enrolment; signed by the collector's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrolled {
    /// The name that follows from the key.
    pub installation: InstallationId,
    /// What became of the voucher, where one was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherAnswer>,
}

/// The collector's word that it holds a report; its response is signed by the collector's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The report.
    pub report_id: Uuid,
    /// The digest of the JSON that arrived, before compression.
    pub received_digest: Digest,
    /// The digest of the JSON that is kept; the same where nothing was dropped.
    pub stored_digest: Digest,
    /// When it was made durable, UTC.
    pub received_at: Timestamp,
    /// Whether the collector held it already.
    pub duplicate: bool,
    /// How many values were accepted as they came.
    pub accepted: u64,
    /// What became of the others.
    pub outcomes: Vec<Outcome>,
}

/// What became of values of one metric, or of something that no policy declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The metric, where the policy declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricId>,
    /// What became of them.
    pub kind: OutcomeKind,
    /// How many values.
    pub count: u64,
    /// For the sender only: a name or key that shows which. Never stored by the collector where the policy does not
    /// declare it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// What became of a value or a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// Kept as it came.
    Accepted,
    /// The policy declares no such metric, key, dimension or field.
    Undeclared,
    /// Of another type than the policy says.
    WrongType,
    /// Of the right type, outside of what the policy allows.
    NotAllowed,
    /// A customer's text with characters that cannot be seen, or that look like others.
    LookAlike,
    /// Longer, or more of them, than the limits allow.
    TooLarge,
    /// The metric is not gathered by this source.
    WrongSource,
    /// The product's version is older than the metric's `since`.
    NotYet,
    /// The product's version is newer than the metric's `until`.
    NoLonger,
    /// The product's version is none that the policy lists.
    UnknownRelease,
    /// Rewritten or left out by a redaction rule.
    Redacted,
    /// Left out by the customer's own rule.
    Withheld,
    /// Could not be measured at the site.
    NotMeasured,
    /// A report that was held already.
    Duplicate,
}

impl OutcomeKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Self; 14] = [
        Self::Accepted,
        Self::Undeclared,
        Self::WrongType,
        Self::NotAllowed,
        Self::LookAlike,
        Self::TooLarge,
        Self::WrongSource,
        Self::NotYet,
        Self::NoLonger,
        Self::UnknownRelease,
        Self::Redacted,
        Self::Withheld,
        Self::NotMeasured,
        Self::Duplicate,
    ];

    /// The word on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Undeclared => "undeclared",
            Self::WrongType => "wrong-type",
            Self::NotAllowed => "not-allowed",
            Self::LookAlike => "look-alike",
            Self::TooLarge => "too-large",
            Self::WrongSource => "wrong-source",
            Self::NotYet => "not-yet",
            Self::NoLonger => "no-longer",
            Self::UnknownRelease => "unknown-release",
            Self::Redacted => "redacted",
            Self::Withheld => "withheld",
            Self::NotMeasured => "not-measured",
            Self::Duplicate => "duplicate",
        }
    }
}

impl Outcome {
    /// One value of a declared metric.
    pub fn of(metric: &MetricId, kind: OutcomeKind, example: Option<&str>) -> Self {
        Self { metric: Some(metric.clone()), kind, count: 1, example: example.map(shortened) }
    }

    /// One thing that the policy does not declare.
    pub fn undeclared(name: &str, kind: OutcomeKind) -> Self {
        Self { metric: None, kind, count: 1, example: Some(shortened(name)) }
    }

    /// Whether a value was lost or changed on the way; what the site itself left out is not lost.
    pub fn is_departure(&self) -> bool {
        !matches!(self.kind, OutcomeKind::Accepted | OutcomeKind::Withheld | OutcomeKind::NotMeasured)
    }
}

/// Names in receipts stay short, whatever a sender calls its fields.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}
