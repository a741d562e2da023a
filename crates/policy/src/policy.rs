//! The checked policy: what a manifest says once every fault is out of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::release::collected;
use crate::{
    CategoryId, Collected, ConsentMode, Detector, Digest, KeyPattern, MetricId, PolicyId, PublicKey,
    PurposeId, Release, Releases, SourceId,
};

/// A collection policy without faults; only the manifest's reader makes one.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The same over all versions.
    pub id: PolicyId,
    /// The policy's own version, such as "2.0".
    pub version: String,
    /// The programme's name, for people.
    pub title: String,
    /// Who collects.
    pub publisher: String,
    /// What the programme is for, in a sentence or two.
    pub summary: String,
    /// Where questions go.
    pub contact: String,
    /// The first day on which this version holds.
    pub effective: Date,
    /// Who sees what is collected, a sentence each.
    pub readers: Vec<String>,
    /// How to opt out, a sentence each.
    pub opt_out: Vec<String>,
    /// What the installer's box shows at first.
    pub consent_mode: ConsentMode,
    /// Where reports go and who signs their receipts.
    pub collector: CollectorAddress,
    /// The product's releases, oldest first.
    pub releases: Releases,
    /// Why data is collected, in the manifest's order.
    pub purposes: Vec<Purpose>,
    /// What can be allowed or refused on its own, in the manifest's order.
    pub categories: Vec<Category>,
    /// The processes that gather, in the manifest's order.
    pub sources: Vec<Source>,
    /// What is collected, in the manifest's order.
    pub metrics: Vec<Metric>,
    /// The manifest, byte for byte.
    pub manifest: String,
    /// The digest of the manifest's bytes.
    pub digest: Digest,
}

/// Where reports go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorAddress {
    /// `https://…`, or `http://` on loopback; without a path's closing slash.
    pub url: String,
    /// The key that signs receipts.
    pub public_key: PublicKey,
    /// The key that signs vouchers; none: installations are not verified.
    pub voucher_key: Option<PublicKey>,
}

/// A reason to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its name within the policy.
    pub id: PurposeId,
    /// Its name for people.
    pub title: String,
    /// What is done with the data.
    pub description: String,
}

/// A group of metrics that an administrator allows or refuses on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name within the policy.
    pub id: CategoryId,
    /// Its name for people.
    pub title: String,
    /// What belongs to it.
    pub description: String,
}

/// A process that gathers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name within the policy.
    pub id: SourceId,
    /// Its kind.
    pub kind: SourceKind,
    /// Its name for people.
    pub title: String,
    /// The applications that it may name in a report.
    pub applications: Vec<String>,
    /// When it runs, for people: "right before the installer exits", "once a month".
    pub schedule: String,
}

/// The kinds of processes that gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// An installer or updater, once per run.
    Installer,
    /// A tool that an administrator starts.
    Utility,
    /// A scheduled service.
    Batch,
    /// The product itself.
    App,
}

/// One declared datum.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its name within the policy.
    pub id: MetricId,
    /// Its name for people.
    pub title: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Its type and what bounds its values.
    pub kind: MetricType,
    /// Where its value comes from.
    pub origin: Origin,
    /// The category that it is allowed or refused with.
    pub category: CategoryId,
    /// Why it is collected; at least one.
    pub purposes: Vec<PurposeId>,
    /// Who at the vendor answers for it.
    pub owner: String,
    /// How close it comes to the customer.
    pub sensitivity: Sensitivity,
    /// The processes that gather it; at least one.
    pub sources: Vec<SourceId>,
    /// How long the collector keeps it, months.
    pub retention_months: u32,
    /// The first release that collects it; none: all.
    pub since: Option<Release>,
    /// The last release that collects it; none: all.
    pub until: Option<Release>,
}

/// How close a metric comes to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// About software and machines: versions, platforms.
    Technical,
    /// About how the product is used and set up: counts, options.
    Operational,
    /// Names the customer's organisation, or a pseudonymous user.
    Identifying,
}

/// A metric's type.
#[derive(Clone, Debug)]
pub enum MetricType {
    /// A version as text.
    Version,
    /// Bounded text.
    Text(TextRule),
    /// Yes or no.
    Flag,
    /// A number within bounds, both included.
    Number {
        /// Smallest.
        minimum: Option<f64>,
        /// Largest.
        maximum: Option<f64>,
        /// What it counts or measures.
        unit: String,
    },
    /// Whole numbers from 0, by key (a table's name).
    Count {
        /// The keys that may appear.
        keys: Vec<KeyPattern>,
        /// Largest; none: [`crate::limits::NUMBER_MOST`].
        maximum: Option<f64>,
        /// What is counted.
        unit: String,
    },
    /// Values of settings, by key.
    Setting {
        /// The keys that may appear.
        keys: Vec<KeyPattern>,
        /// What is left out or rewritten.
        redaction: Redaction,
    },
    /// Devices, counted at the site by these columns, such as `model`, `os_version`.
    Devices {
        /// The names of the describing columns.
        columns: Vec<String>,
    },
    /// Counts, errors and durations of what was done, by dimensions.
    Usage {
        /// What it is broken down by.
        dimensions: Vec<Dimension>,
    },
    /// How far through ordered steps.
    Flow {
        /// The steps, in order.
        steps: Vec<String>,
        /// What it is broken down by.
        dimensions: Vec<Dimension>,
    },
    /// Tells customers, or pseudonymous users, apart.
    Identity(Identifies),
    /// The public address that a submission comes from; the collector takes it, a report never carries it.
    Transport(TransportForm),
}

impl MetricType {
    /// The word for it in a manifest.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Text(_) => "text",
            Self::Flag => "flag",
            Self::Number { .. } => "number",
            Self::Count { .. } => "count",
            Self::Setting { .. } => "setting",
            Self::Devices { .. } => "devices",
            Self::Usage { .. } => "usage",
            Self::Flow { .. } => "flow",
            Self::Identity(_) => "identity",
            Self::Transport(_) => "transport",
        }
    }
}

/// What brings a metric to the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The report's header: the application and its version.
    Header,
    /// The report's `facts`.
    Facts,
    /// The report's `usage`.
    Usage,
    /// The report's `flows`.
    Flows,
    /// The connection, never a report.
    Connection,
}

/// What a text may be.
#[derive(Clone, Debug)]
pub enum TextRule {
    /// One of these.
    OneOf(Vec<String>),
    /// Wholly matched by the pattern, and no longer than this many bytes.
    Pattern {
        /// Anchored at both ends by the reader.
        pattern: regex::Regex,
        /// Bytes.
        longest: usize,
    },
}

/// One way in which usage is broken down.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Its name, such as `role`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What its values may be.
    pub values: TextRule,
}

/// Whom an identity metric tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Identifies {
    /// The customer, by the vendor's own number or by a domain's name; what groups installations.
    Customer,
    /// The customer, by a name for people.
    CustomerName,
    /// A user, by a keyed pseudonym whose key never leaves the site: 64 hexadecimal digits.
    User,
}

/// How a public address is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TransportForm {
    /// As it is.
    Whole,
    /// The first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
    Truncated,
}

/// Where a metric's value comes from; written `from` in a manifest.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The application's name, from the report's header: `application.name`.
    ApplicationName,
    /// The application's version, from the report's header: `application.version`.
    ApplicationVersion,
    /// The operating system's name and version: `os.version`.
    OsVersion,
    /// The operating system's language: `os.locale`.
    OsLocale,
    /// The product of the database: `database.product`.
    DatabaseProduct,
    /// Its version: `database.version`.
    DatabaseVersion,
    /// Its edition: `database.edition`.
    DatabaseEdition,
    /// Record counts of tables: `database.row-counts`.
    DatabaseRowCounts {
        /// The tables.
        tables: Vec<KeyPattern>,
    },
    /// Each column of tables that hold one row of options, keyed `TABLE.COLUMN`: `database.columns`.
    DatabaseColumns {
        /// The tables.
        tables: Vec<KeyPattern>,
    },
    /// Each row of a table of names and values, keyed by the name: `database.rows`.
    DatabaseRows {
        /// The table.
        table: String,
        /// The column that holds the names.
        key_column: String,
        /// The column that holds the values.
        value_column: String,
    },
    /// Devices in a table, counted by columns: `database.devices`.
    DatabaseDevices {
        /// The table.
        table: String,
        /// For each of the metric's columns, in order, the table's column.
        columns: Vec<String>,
    },
    /// Given by the product or its configuration: `given`.
    Given,
    /// Recorded while the product runs: `recorded`.
    Recorded,
    /// The connection that a submission came over: `connection`.
    Connection,
}

/// What of a setting metric is left out or rewritten. Exceptions first, then names, then detectors.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Never read, never sent.
    pub except: Vec<KeyPattern>,
    /// Rewritten by name.
    pub named: Vec<(KeyPattern, RedactionForm)>,
    /// What to look for in values; found, the value becomes "in use".
    pub detectors: Vec<Detector>,
    /// Which values may leave at all; `None`: all that the rules above let through.
    pub strict: Option<AllowList>,
}

/// The values of a strict metric that may leave: those of a form that reveals nothing (numbers, versions, formats,
/// enumerated words and the like), and those that the policy names. Any other becomes "in use".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// Values that the policy names; letters in either case.
    pub harmless: Vec<String>,
}

/// How a value is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RedactionForm {
    /// Left out, key and value.
    Omit,
    /// Only that there is a value.
    InUse,
    /// A hash keyed with a secret of the site: tells equal from different there, and nothing else.
    Hash,
    /// The power of ten that a number falls into, such as `10-99`.
    Bucket,
}

impl Policy {
    /// The metric of this name.
    pub fn metric(&self, id: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id.as_str() == id)
    }

    /// The category of this name.
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.id.as_str() == id)
    }

    /// The purpose of this name.
    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.id.as_str() == id)
    }

    /// The source of this name.
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id.as_str() == id)
    }

    /// The metrics that a source gathers in a given version of the product.
    pub fn gathered<'a>(&'a self, source: &'a SourceId, version: &str) -> impl Iterator<Item = &'a Metric> {
        let running = self.releases.of_version(version);
        self.metrics
            .iter()
            .filter(move |metric| metric.sources.contains(source))
            .filter(move |metric| metric.collected_in(running.as_ref()) == Collected::Yes)
    }
}

impl Metric {
    /// Whether the metric is collected in a release; `None` is a version that the policy does not list.
    pub fn collected_in(&self, running: Option<&Release>) -> Collected {
        collected(self.since.as_ref(), self.until.as_ref(), running)
    }

    /// What brings it to the collector.
    pub fn carrier(&self) -> Carrier {
        if self.in_header() {
            return Carrier::Header;
        }
        match &self.kind {
            MetricType::Version
            | MetricType::Text(_)
            | MetricType::Flag
            | MetricType::Number { .. }
            | MetricType::Count { .. }
            | MetricType::Setting { .. }
            | MetricType::Devices { .. }
            | MetricType::Identity(_) => Carrier::Facts,
            MetricType::Usage { .. } => Carrier::Usage,
            MetricType::Flow { .. } => Carrier::Flows,
            MetricType::Transport(_) => Carrier::Connection,
        }
    }

    /// Whether a report's header carries it, so that its facts do not.
    pub fn in_header(&self) -> bool {
        matches!(self.origin, Origin::ApplicationName | Origin::ApplicationVersion)
    }
}
