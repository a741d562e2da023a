//! Who reports, when, and which version they have.

use duckdb::Connection;
use jiff::Timestamp;

use super::{BASE, CARRIED, CUSTOMER_KEY, HEARD, Month, Slice, count, moment, month, rows};

const VERSION_MONTHS: &str = include_str!("queries/reports.version_months.sql");
const BASE_MONTHS: &str = include_str!("queries/reports.base_months.sql");

/// The installed base in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseMonth {
    /// The month.
    pub month: Month,
    /// Installations with a report whose period ends in it.
    pub reporting: usize,
    /// Those of them that had never reported before.
    pub new: usize,
    /// All that have ever reported, up to its end.
    pub known: usize,
    /// Those heard from within the silence limit, at its end.
    pub heard: usize,
}

/// How many installations had a version at a month's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionMonth {
    /// The policy that they report under.
    pub policy: String,
    /// The version.
    pub version: String,
    /// The month.
    pub month: Month,
    /// How many.
    pub installations: usize,
}

/// What filters can be set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Applications, by name.
    pub products: Vec<String>,
    /// Versions that some installation has now, by name.
    pub versions: Vec<String>,
}

/// One of the newest reports; it names no customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastReport {
    /// When it arrived.
    pub received: Timestamp,
    /// What its period ends with.
    pub period_end: Timestamp,
    /// The installation's name.
    pub installation: String,
    /// The application.
    pub application: String,
    /// Its version.
    pub version: String,
    /// The process that gathered.
    pub source: String,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
}

/// The installed base, month by month.
pub fn base_months(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<BaseMonth>> {
    let sql = format!("WITH {BASE}, {HEARD}, {BASE_MONTHS}");
    rows(connection, &sql, slice, &[], |row| {
        Ok(BaseMonth {
            month: month(row, 0)?,
            reporting: count(row, 1)?,
            new: count(row, 2)?,
            known: count(row, 3)?,
            heard: count(row, 4)?,
        })
    })
}

/// Versions at each month's end; an installation counts once, with the version of its newest report.
pub fn version_months(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<VersionMonth>> {
    let sql = format!(
        "WITH {BASE}, {VERSION_MONTHS}, {CARRIED}
         SELECT policy, version, at_number, count(*) FROM carried GROUP BY ALL ORDER BY ALL"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(VersionMonth {
            policy: row.get(0)?,
            version: row.get(1)?,
            month: month(row, 2)?,
            installations: count(row, 3)?,
        })
    })
}

/// The version that one installation has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionNow {
    /// The installation's name.
    pub name: String,
    /// The customer's key.
    pub customer: String,
    /// The customer's own name.
    pub customer_name: Option<String>,
    /// The policy that it reports under.
    pub policy: String,
    /// The version.
    pub version: String,
}

/// The version of each installation that was heard from within the silence limit, at the slice's end.
pub fn versions_now(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<VersionNow>> {
    let sql = format!(
        "WITH {BASE}, {VERSION_MONTHS}, {CARRIED}
         SELECT i.name, {CUSTOMER_KEY}, i.customer_name, c.policy, c.version
         FROM carried c
         JOIN installations i ON i.installation = c.installation
         WHERE c.at_number = $through
         ORDER BY i.name"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(VersionNow {
            name: row.get(0)?,
            customer: row.get(1)?,
            customer_name: row.get(2)?,
            policy: row.get(3)?,
            version: row.get(4)?,
        })
    })
}

/// How many installations were heard from within the silence limit, at the slice's end.
pub fn reporting_installations(connection: &Connection, slice: &Slice) -> duckdb::Result<usize> {
    let sql = format!("WITH {BASE} SELECT count(*) FROM base WHERE last_end >= $heard_since::TIMESTAMP");
    let found = rows(connection, &sql, slice, &[], |row| count(row, 0))?;
    Ok(found.first().copied().unwrap_or_default())
}

/// What the filters of a page offer. Versions are those of the chosen product, whatever version is chosen.
pub fn choices(connection: &Connection, slice: &Slice) -> duckdb::Result<Choices> {
    let open = Slice { version: None, customer: None, ..slice.clone() };
    let versions = format!("WITH {BASE} SELECT DISTINCT version FROM base ORDER BY version");
    let products = "SELECT DISTINCT application FROM reports ORDER BY application";
    Ok(Choices {
        products: rows(connection, products, &open, &[], |row| row.get(0))?,
        versions: rows(connection, &versions, &open, &[], |row| row.get(0))?,
    })
}

/// The newest reports by the time of their receipt.
pub fn last_reports(connection: &Connection, slice: &Slice, limit: usize) -> duckdb::Result<Vec<LastReport>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "WITH {BASE}
         SELECT epoch_us(r.received_at), epoch_us(r.period_end), i.name, r.application, r.version, r.source, r.policy,
                r.policy_version
         FROM reports r
         JOIN base ON base.installation = r.installation
         JOIN installations i ON i.installation = r.installation
         WHERE ($product::VARCHAR IS NULL OR r.application = $product)
           AND year(r.month) * 12 + month(r.month) - 1 BETWEEN $from AND $through
         ORDER BY r.received_at DESC, r.seq DESC
         LIMIT $limit"
    );
    rows(connection, &sql, slice, &[("limit", &limit)], |row| {
        Ok(LastReport {
            received: moment(row, 0)?,
            period_end: moment(row, 1)?,
            installation: row.get(2)?,
            application: row.get(3)?,
            version: row.get(4)?,
            source: row.get(5)?,
            policy: row.get(6)?,
            policy_version: row.get(7)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fragments_name_a_customer_in_one_way() {
        assert!(BASE.contains(CUSTOMER_KEY));
    }
}
