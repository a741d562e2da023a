//! Customers and what is known of one of them. Who reads here writes to the audit log first.

use duckdb::Connection;
use jiff::Timestamp;

use super::keys::wanted;
use super::{
    BASE, CARRIED, COUNTING, KeyOf, MONTHLY, MetricOf, Month, SPOKEN, Slice, WANTED, count, moment, month,
    rows,
};

const CUSTOMER_ROWS: &str = include_str!("queries/customers.customer_rows.sql");
const CUSTOMER_WORDS: &str = include_str!("queries/customers.words.sql");
const SAID: &str = include_str!("queries/counts.said.sql");

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

/// All customers of the slice, those that fell silent before its first month among them, whose name, number or installation contains the search.
pub fn customer_rows(
    connection: &Connection,
    slice: &Slice,
    search: Option<&str>,
) -> duckdb::Result<Vec<CustomerRow>> {
    let sql = format!("WITH {BASE} {CUSTOMER_ROWS}");
    rows(connection, &sql, slice, &[("search", &search)], |row| {
        let versions: String = row.get(5)?;
        Ok(CustomerRow {
            key: row.get(0)?,
            customer: row.get(1)?,
            customer_name: row.get(2)?,
            installation: row.get(3)?,
            installations: count(row, 4)?,
            versions: versions.split('\n').map(str::to_owned).collect(),
            last: moment(row, 6)?,
        })
    })
}

/// The installations of the slice's customer, a row for each application that they report for.
pub fn installations_of(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<InstallationRow>> {
    let sql = format!(
        "WITH {BASE}
         SELECT i.installation, i.name, i.customer_name, r.application,
                arg_max(r.version, (r.period_end, r.seq)), epoch_us(min(r.period_end)), epoch_us(max(r.period_end)),
                count(*)
         FROM reports r
         JOIN base ON base.installation = r.installation
         JOIN installations i ON i.installation = r.installation
         WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
           AND ($product::VARCHAR IS NULL OR r.application = $product)
         GROUP BY i.installation, i.name, i.customer_name, r.application
         ORDER BY i.name, r.application"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(InstallationRow {
            installation: row.get(0)?,
            name: row.get(1)?,
            customer_name: row.get(2)?,
            application: row.get(3)?,
            version: row.get(4)?,
            first: moment(row, 5)?,
            last: moment(row, 6)?,
            reports: count(row, 7)?,
        })
    })
}

/// Which version each report of the slice's customer names, oldest first within an installation's application.
pub fn customer_versions(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<VersionSeen>> {
    let sql = format!(
        "WITH {BASE}
         SELECT i.name, r.application, r.version, epoch_us(r.period_end)
         FROM reports r
         JOIN base ON base.installation = r.installation
         JOIN installations i ON i.installation = r.installation
         WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
           AND ($product::VARCHAR IS NULL OR r.application = $product)
         ORDER BY i.name, r.application, r.period_end, r.seq"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(VersionSeen {
            installation: row.get(0)?,
            application: row.get(1)?,
            version: row.get(2)?,
            ended: moment(row, 3)?,
        })
    })
}

/// What the slice's customer said of these metrics, and what it withheld or could not measure, oldest first within each
/// installation's metric. What it said key by key is one row of state `parts`, but for keys that some report could not measure.
pub fn customer_words(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<FactRow>> {
    let sql = format!("WITH {WANTED}, {BASE}, {SPOKEN}, {CUSTOMER_WORDS}");
    rows(connection, &sql, slice, &[("wanted", &wanted(metrics))], |row| {
        Ok(FactRow {
            installation: row.get(0)?,
            metric: MetricOf { policy: row.get(1)?, metric: row.get(2)? },
            key: row.get(3)?,
            state: row.get(4)?,
            text: row.get(5)?,
            number: row.get(6)?,
            ended: moment(row, 7)?,
            seq: row.get(8)?,
        })
    })
}

/// From which sources and versions the slice's customer reports, each with its newest report.
pub fn customer_sources(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<SourceSeen>> {
    let sql = format!(
        "WITH {BASE}
         SELECT i.name, r.policy, r.policy_version, r.source, r.version, epoch_us(max(r.period_end)),
                arg_max(r.seq, (r.period_end, r.seq))
         FROM reports r
         JOIN base ON base.installation = r.installation
         JOIN installations i ON i.installation = r.installation
         WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
           AND ($product::VARCHAR IS NULL OR r.application = $product)
         GROUP BY i.name, r.policy, r.policy_version, r.source, r.version"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(SourceSeen {
            installation: row.get(0)?,
            policy: row.get(1)?,
            policy_version: row.get(2)?,
            source: row.get(3)?,
            version: row.get(4)?,
            ended: moment(row, 5)?,
            seq: row.get(6)?,
        })
    })
}

/// Records of each module of the slice's customer at each month's end, over its installations.
pub fn customer_counts(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<(KeyOf, Month, f64)>> {
    let sql = format!(
        "WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SAID}, {CARRIED}
         SELECT policy, metric, key, at_number, sum(number)::DOUBLE FROM carried
         WHERE key IS NOT NULL AND number IS NOT NULL GROUP BY ALL ORDER BY ALL"
    );

    rows(connection, &sql, slice, &[("wanted", &wanted(metrics))], |row| {
        Ok((
            KeyOf { policy: row.get(0)?, metric: row.get(1)?, key: row.get(2)? },
            month(row, 3)?,
            row.get(4)?,
        ))
    })
}
