//! The report: what one installation says of one period.

mod reading;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ConsentReference, Digest, Histogram, InstallationId, MetricId, Outcome, PolicyId, SourceId, Value,
};

/// What one installation says of one period. Its JSON is what the preview shows, what is sent and what is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Report {
    /// UUIDv7; the collector counts each once.
    pub report_id: Uuid,
    /// The policy that it was gathered under.
    pub policy: PolicyReference,
    /// The installation that speaks.
    pub installation: InstallationId,
    /// The process that gathered.
    pub source: SourceId,
    /// The application's name, declared as the metric whose origin is `application.name`.
    pub application: String,
    /// The application's version, declared as the metric whose origin is `application.version`.
    pub version: String,
    /// What the report covers.
    pub period: Period,
    /// The consent that it was gathered under.
    pub consent: ConsentReference,
    /// Values by metric.
    pub facts: BTreeMap<String, Value>,
    /// Usage rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub usage: Vec<Usage>,
    /// Flow rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub flows: Vec<Flow>,
    /// Metrics that the customer's own rule left out.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub withheld: BTreeSet<MetricId>,
    /// Those of the withheld metrics that nobody was asked about yet: new or wider in this version of the policy.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub held: BTreeSet<MetricId>,
    /// What could not be measured, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub not_measured: Vec<NotMeasured>,
    /// Faults met while reading the JSON: unknown fields, rows that could not be read. Never written.
    #[serde(skip)]
    pub unreadable: Vec<Outcome>,
}

/// A policy, named exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyReference {
    /// The policy's name.
    pub id: PolicyId,
    /// Its version.
    pub version: String,
    /// The digest of its manifest.
    pub digest: Digest,
}

/// A span of time, UTC; the end does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First moment.
    pub start: Timestamp,
    /// First moment after it; for a fact taken at one moment, that moment.
    pub end: Timestamp,
}

/// How often something was done in the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// A metric of type `usage`.
    pub metric: String,
    /// Values by dimension.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// How often.
    pub count: u64,
    /// How often it failed.
    #[serde(default)]
    pub errors: u64,
    /// How long it took, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durations: Option<Histogram>,
}

/// How far a flow was followed in the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// A metric of type `flow`.
    pub metric: String,
    /// Values by dimension.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// One per step that was reached.
    pub steps: Vec<FlowStep>,
}

/// One step of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FlowStep {
    /// The step's name.
    pub step: String,
    /// How often it was reached.
    pub reached: u64,
    /// How often it failed there.
    #[serde(default)]
    pub failed: u64,
}

/// Something that could not be measured; not the same as zero and not the same as withheld.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotMeasured {
    /// The metric.
    pub metric: MetricId,
    /// The key, where the metric has keys and only this one is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// Why something could not be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No database, or no value, was named in the configuration.
    NotConfigured,
    /// The database does not answer, or is not there.
    Unreachable,
    /// The database refuses the login or the read.
    AccessDenied,
    /// The table is not there.
    TableMissing,
    /// The column is not there.
    ColumnMissing,
    /// Row security hides rows of the table from the login, so that no number of them is true.
    RowSecurity,
    /// Another process holds the database.
    Locked,
    /// The time for it ran out.
    TimedOut,
    /// A part of it would have made the report larger than one may be.
    TooLarge,
    /// Anything else; the site's log says what.
    Failed,
}

impl Reason {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotConfigured => "not-configured",
            Self::Unreachable => "unreachable",
            Self::AccessDenied => "access-denied",
            Self::TableMissing => "table-missing",
            Self::ColumnMissing => "column-missing",
            Self::RowSecurity => "row-security",
            Self::Locked => "locked",
            Self::TimedOut => "timed-out",
            Self::TooLarge => "too-large",
            Self::Failed => "failed",
        }
    }
}

/// The bytes are not a report: not JSON, cut off, or without a field that every report has.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl Report {
    /// Reads a report. A field that no report has is dropped and named in `unreadable`.
    ///
    /// # Errors
    /// [`ParseError`] where the bytes are not JSON, end early, or lack a field that every report has.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = error.to_string();
            let place = format!(" at line {line} column {column}");
            ParseError { line, column, what: what.strip_suffix(&place).unwrap_or(&what).to_owned() }
        })
    }

    /// The report's JSON, the same bytes for the same report.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        // Every map of a report has text keys, and writing to memory cannot fail.
        let _written = serde_json::to_writer(&mut json, self);
        json
    }
}

/// Room for an ordinary report, so that writing one does not begin small and move again and again.
const USUAL_BYTES: usize = 1024;
