//! Customers and what is known of one of them. Who reads here writes to the audit log first.

use jiff::Timestamp;

use super::keys::wanted;
use super::reader::{count, key_of, metric_of, moment, month};
use super::{BASE, CARRIED, ColumnsReader, KeyOf, MetricOf, Month, STOOD, Slice, WANTED};
use crate::store::StoreError;

const CUSTOMER_ROWS: &str = include_str!("queries/customers.customer_rows.sql");
const CUSTOMER_WORDS: &str = include_str!("queries/customers.words.sql");
const SPOKEN: &str = include_str!("queries/spoken.sql");

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its key: what it calls itself, or its only installation's name behind a tilde.
    pub key: String,
    /// What it calls itself.
    pub customer: Option<String>,
    /// Its name for people.
    pub customer_name: Option<String>,
    /// The name of one installation.
    pub installation: String,
    /// How many installations.
    pub installations: usize,
    /// How many of them are silent.
    pub silent: usize,
    /// The versions that they have.
    pub versions: Vec<String>,
    /// The end of its newest report's period.
    pub last: Timestamp,
}

/// One installation of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationRow {
    /// Numbered.
    pub installation: i64,
    /// Its name.
    pub name: String,
    /// The customer's own name, as this installation says it.
    pub customer_name: Option<String>,
    /// The application of the reports that this row speaks of.
    pub application: String,
    /// Its version.
    pub version: String,
    /// The end of its first report's period.
    pub first: Timestamp,
    /// The end of its newest report's period.
    pub last: Timestamp,
    /// How many reports.
    pub reports: usize,
}

/// What one installation said of one metric, once.
#[derive(Clone, Debug, PartialEq)]
pub struct FactRow {
    /// The installation's name.
    pub installation: String,
    /// The metric.
    pub metric: MetricOf,
    /// The key, where only one is meant; a table stands for the settings in it.
    pub key: Option<String>,
    /// As in the columns; `parts` where it was said key by key.
    pub state: String,
    /// The value as text.
    pub text: Option<String>,
    /// The value as a number.
    pub number: Option<f64>,
    /// When.
    pub ended: Timestamp,
    /// The report's number.
    pub seq: i64,
}

/// The newest report of a source at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSeen {
    /// The installation's name.
    pub installation: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
    /// The source.
    pub source: String,
    /// The version that it reports on.
    pub version: String,
    /// When.
    pub ended: Timestamp,
    /// The report's number.
    pub seq: i64,
}

/// A version, seen once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSeen {
    /// The installation's name.
    pub installation: String,
    /// The application.
    pub application: String,
    /// The version.
    pub version: String,
    /// When.
    pub ended: Timestamp,
}

impl ColumnsReader {
    /// All customers of the slice, those that fell silent before its first month among them, whose name, number or installation contains the search.
    pub fn customer_rows(&self, slice: &Slice, search: Option<&str>) -> Result<Vec<CustomerRow>, StoreError> {
        let sql = format!("WITH {BASE} {CUSTOMER_ROWS}");
        self.rows(&sql, slice, &[("search", &search)], |row| {
            let versions: String = row.get("versions")?;
            Ok(CustomerRow {
                key: row.get("key")?,
                customer: row.get("customer")?,
                customer_name: row.get("customer_name")?,
                installation: row.get("installation")?,
                installations: count(row, "installations")?,
                silent: count(row, "silent")?,
                versions: versions.split('\n').map(str::to_owned).collect(),
                last: moment(row, "last_end")?,
            })
        })
    }

    /// The installations of the slice's customer, a row for each application that they report for.
    pub fn installations_of(&self, slice: &Slice) -> Result<Vec<InstallationRow>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT base.installation, base.name, base.customer_name, r.application,
                    arg_max(r.version, (r.period_end, r.seq)) AS version, epoch_us(min(r.period_end)) AS first_end,
                    epoch_us(max(r.period_end)) AS last_end, count(*) AS reports
             FROM reports r
             JOIN base ON base.installation = r.installation
             WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
               AND ($product::VARCHAR IS NULL OR r.application = $product)
             GROUP BY base.installation, base.name, base.customer_name, r.application
             ORDER BY base.name, r.application"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(InstallationRow {
                installation: row.get("installation")?,
                name: row.get("name")?,
                customer_name: row.get("customer_name")?,
                application: row.get("application")?,
                version: row.get("version")?,
                first: moment(row, "first_end")?,
                last: moment(row, "last_end")?,
                reports: count(row, "reports")?,
            })
        })
    }

    /// Which version each report of the slice's customer names, oldest first within an installation's application.
    pub fn customer_versions(&self, slice: &Slice) -> Result<Vec<VersionSeen>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT i.name, r.application, r.version, epoch_us(r.period_end) AS ended
             FROM reports r
             JOIN base ON base.installation = r.installation
             JOIN installations i ON i.installation = r.installation
             WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
               AND ($product::VARCHAR IS NULL OR r.application = $product)
             ORDER BY i.name, r.application, r.period_end, r.seq"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(VersionSeen {
                installation: row.get("name")?,
                application: row.get("application")?,
                version: row.get("version")?,
                ended: moment(row, "ended")?,
            })
        })
    }

    /// What the slice's customer said of these metrics, and what it withheld or could not measure, oldest first within each
    /// installation's metric. What it said key by key is one row of state `parts`, but for keys that some report could not measure.
    pub fn customer_words(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<FactRow>, StoreError> {
        let sql = format!("WITH {BASE}, {SPOKEN}, {CUSTOMER_WORDS}");
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| {
            Ok(FactRow {
                installation: row.get("name")?,
                metric: metric_of(row)?,
                key: row.get("key")?,
                state: row.get("state")?,
                text: row.get("text")?,
                number: row.get("number")?,
                ended: moment(row, "ended")?,
                seq: row.get("seq")?,
            })
        })
    }

    /// From which sources and versions the slice's customer reports, each with its newest report.
    pub fn customer_sources(&self, slice: &Slice) -> Result<Vec<SourceSeen>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT i.name, r.policy, r.policy_version, r.source, r.version, epoch_us(max(r.period_end)) AS ended,
                    arg_max(r.seq, (r.period_end, r.seq)) AS seq
             FROM reports r
             JOIN base ON base.installation = r.installation
             JOIN installations i ON i.installation = r.installation
             WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
               AND ($product::VARCHAR IS NULL OR r.application = $product)
             GROUP BY i.name, r.policy, r.policy_version, r.source, r.version"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(SourceSeen {
                installation: row.get("name")?,
                policy: row.get("policy")?,
                policy_version: row.get("policy_version")?,
                source: row.get("source")?,
                version: row.get("version")?,
                ended: moment(row, "ended")?,
                seq: row.get("seq")?,
            })
        })
    }

    /// Records of each module at those of the slice's installations that are silent, as they said last.
    pub fn silent_counts(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
    ) -> Result<Vec<(KeyOf, f64)>, StoreError> {
        let sql = format!(
            "WITH {WANTED}, {BASE}, {STOOD}
             SELECT w.policy, w.metric, w.key, sum(s.number)::DOUBLE AS records
             FROM stood s
             JOIN wanted w ON w.name = s.name
             WHERE w.key IS NOT NULL AND s.number IS NOT NULL GROUP BY ALL ORDER BY ALL"
        );
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| Ok((key_of(row)?, row.get("records")?)))
    }

    /// When each of the slice's installations was last heard from, where it is silent.
    pub fn silent_installations(&self, slice: &Slice) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT i.name, epoch_us(base.last_end) AS ended
             FROM base
             JOIN installations i ON i.installation = base.installation
             WHERE base.last_end < $heard_since::TIMESTAMP
             ORDER BY i.name"
        );
        self.rows(&sql, slice, &[], |row| Ok((row.get("name")?, moment(row, "ended")?)))
    }

    /// Whether any installation has ever reported this key.
    pub fn is_reported(&self, slice: &Slice, key: &KeyOf) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS found FROM names
                   WHERE policy = $policy AND metric = $metric AND key = $key";
        let own: [(&str, &dyn duckdb::ToSql); 3] =
            [("policy", &key.policy), ("metric", &key.metric), ("key", &key.key)];
        Ok(self.rows(sql, slice, &own, |row| count(row, "found"))? != [0])
    }

    /// Records of each module of the slice's customer at each month's end, over its installations.
    pub fn customer_counts(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
    ) -> Result<Vec<(KeyOf, Month, f64)>, StoreError> {
        let sql = format!(
            "WITH {WANTED}, {BASE}, {CARRIED}
             SELECT w.policy, w.metric, w.key, c.month_number, sum(c.number)::DOUBLE AS records
             FROM (SELECT name, number, unnest(range(month_from, month_until)) AS month_number FROM carried) c
             JOIN wanted w ON w.name = c.name
             WHERE w.key IS NOT NULL AND c.number IS NOT NULL GROUP BY ALL ORDER BY ALL"
        );
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| {
            Ok((key_of(row)?, month(row)?, row.get("records")?))
        })
    }
}
