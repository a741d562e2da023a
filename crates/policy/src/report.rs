//! The report: what one installation says of one period.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::limits::{FACTS, NAMES_PER_LIST, ROW_BYTES, USAGE_ROWS};
use crate::value::{Room, ValueSeed};
use crate::{
    ConsentReference, Digest, Histogram, InstallationId, MetricId, Outcome, OutcomeKind, PolicyId, SourceId,
    Value,
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

struct ReportVisitor;

/// Reads one field into its place; a field that stands twice hides one of its values, so the report is refused.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if place.is_some() {
        return Err(serde::de::Error::duplicate_field(name));
    }
    *place = Some(map.next_value()?);
    Ok(())
}

fn present<T, E: serde::de::Error>(place: Option<T>, name: &'static str) -> Result<T, E> {
    place.ok_or_else(|| E::missing_field(name))
}

/// A list of at most so many items, whose unreadable items cost themselves and not the report. What comes after them is skipped.
struct Readable<T, const MOST: usize> {
    items: Vec<T>,
    unreadable: u64,
    skipped: u64,
}

impl<T, const MOST: usize> Default for Readable<T, MOST> {
    fn default() -> Self {
        Self { items: Vec::new(), unreadable: 0, skipped: 0 }
    }
}

impl<'de, T: serde::de::DeserializeOwned, const MOST: usize> Deserialize<'de> for Readable<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <&RawValue>::deserialize(deserializer)?;
        let mut json = serde_json::Deserializer::from_str(written.get());
        // Only another shape than a list fails: each item was read as JSON before.
        let list = json.deserialize_seq(ListVisitor(std::marker::PhantomData));
        Ok(list.unwrap_or(Self { unreadable: 1, ..Self::default() }))
    }
}

type Rows<T> = Readable<T, USAGE_ROWS>;
type Names<T> = Readable<T, NAMES_PER_LIST>;

struct ListVisitor<T, const MOST: usize>(std::marker::PhantomData<T>);

impl<'de, T: serde::de::DeserializeOwned, const MOST: usize> Visitor<'de> for ListVisitor<T, MOST> {
    type Value = Readable<T, MOST>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut list = Readable::default();
        for _ in 0..MOST {
            let Some(item) = sequence.next_element::<&RawValue>()? else { return Ok(list) };
            match read_row(item.get()) {
                Some(item) => list.items.push(item),
                None => list.unreadable += 1,
            }
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            list.skipped += 1;
        }
        Ok(list)
    }
}

fn read_row<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    if json.len() > ROW_BYTES { None } else { serde_json::from_str(json).ok() }
}

impl<T, const MOST: usize> Readable<T, MOST> {
    /// The items that could be read; the others become outcomes under the list's name.
    fn counted(self, name: &str, outcomes: &mut Vec<Outcome>) -> Vec<T> {
        for (kind, count) in
            [(OutcomeKind::WrongType, self.unreadable), (OutcomeKind::TooLarge, self.skipped)]
        {
            if count > 0 {
                outcomes.push(Outcome { count, ..Outcome::undeclared(name, kind) });
            }
        }
        self.items
    }
}

/// Facts by name; one that stands twice is unreadable, for the same reason. What there is no room for is an outcome.
struct Facts {
    facts: BTreeMap<String, Value>,
    skipped: Vec<Outcome>,
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FactsVisitor;
        impl<'de> Visitor<'de> for FactsVisitor {
            type Value = Facts;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("facts by metric")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut room = Room::default();
                let (mut facts, mut skipped) = (BTreeMap::new(), Vec::new());
                let mut facts_skipped = 0;
                while let Some(name) = map.next_key::<String>()? {
                    if let Some(known) = facts.get_mut(&name) {
                        *known = Value::Unreadable;
                        map.next_value::<IgnoredAny>()?;
                    } else if facts.len() < FACTS {
                        let value = map.next_value_seed(ValueSeed(&mut room))?;
                        note_skipped(&name, std::mem::take(&mut room.skipped), &mut skipped);
                        facts.insert(name, value);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        facts_skipped += 1;
                    }
                }
                if facts_skipped > 0 {
                    skipped.push(Outcome {
                        count: facts_skipped,
                        ..Outcome::undeclared("facts", OutcomeKind::TooLarge)
                    });
                }
                Ok(Facts { facts, skipped })
            }
        }
        deserializer.deserialize_map(FactsVisitor)
    }
}

/// What was skipped within a fact is of its metric, if the policy has one of that name: `admit` knows.
fn note_skipped(name: &str, count: u64, outcomes: &mut Vec<Outcome>) {
    if count > 0 {
        let metric = MetricId::parse(name);
        outcomes.push(Outcome { metric, count, ..Outcome::undeclared(name, OutcomeKind::TooLarge) });
    }
}

impl<'de> Visitor<'de> for ReportVisitor {
    type Value = Report;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Report, A::Error> {
        let (mut report_id, mut policy, mut installation, mut source) = (None, None, None, None);
        let (mut application, mut version, mut period, mut consent) = (None, None, None, None);
        let mut facts = None::<Facts>;
        let (mut usage, mut flows) = (None::<Rows<Usage>>, None::<Rows<Flow>>);
        let (mut withheld, mut held) = (None::<Names<MetricId>>, None::<Names<MetricId>>);
        let mut not_measured = None::<Names<NotMeasured>>;
        let mut undeclared = None::<Outcome>;
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*name {
                "report_id" => once(&mut report_id, "report_id", &mut map)?,
                "policy" => once(&mut policy, "policy", &mut map)?,
                "installation" => once(&mut installation, "installation", &mut map)?,
                "source" => once(&mut source, "source", &mut map)?,
                "application" => once(&mut application, "application", &mut map)?,
                "version" => once(&mut version, "version", &mut map)?,
                "period" => once(&mut period, "period", &mut map)?,
                "consent" => once(&mut consent, "consent", &mut map)?,
                "facts" => once(&mut facts, "facts", &mut map)?,
                "usage" => once(&mut usage, "usage", &mut map)?,
                "flows" => once(&mut flows, "flows", &mut map)?,
                "withheld" => once(&mut withheld, "withheld", &mut map)?,
                "held" => once(&mut held, "held", &mut map)?,
                "not_measured" => once(&mut not_measured, "not_measured", &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    // One outcome for all of them: a report may have nothing but such fields.
                    undeclared
                        .get_or_insert(Outcome {
                            count: 0,
                            ..Outcome::undeclared(&name, OutcomeKind::Undeclared)
                        })
                        .count += 1;
                }
            }
        }
        let report_id = present(report_id, "report_id")?;
        let facts: Facts = present(facts, "facts")?;
        let mut unreadable: Vec<Outcome> = undeclared.into_iter().chain(facts.skipped).collect();
        Ok(Report {
            report_id,
            policy: present(policy, "policy")?,
            installation: present(installation, "installation")?,
            source: present(source, "source")?,
            application: present(application, "application")?,
            version: present(version, "version")?,
            period: present(period, "period")?,
            consent: present(consent, "consent")?,
            facts: facts.facts,
            usage: usage.unwrap_or_default().counted("usage", &mut unreadable),
            flows: flows.unwrap_or_default().counted("flows", &mut unreadable),
            withheld: withheld.unwrap_or_default().counted("withheld", &mut unreadable).into_iter().collect(),
            held: held.unwrap_or_default().counted("held", &mut unreadable).into_iter().collect(),
            not_measured: not_measured.unwrap_or_default().counted("not_measured", &mut unreadable),
            unreadable,
        })
    }
}

impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReportVisitor)
    }
}
