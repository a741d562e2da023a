//! Who reports, when, and which version they have.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reader::{count, moment, month};
use super::{BASE, ColumnsReader, MONTHS, Month, Slice};
use crate::store::StoreError;
use crate::store::states::OPEN;

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

/// Who of the slice is heard from at its end, and who is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Installations heard from within the silence limit.
    pub reporting: usize,
    /// Those that reported once, and not within it.
    pub silent: usize,
    /// The newest end of a period that a silent one reported.
    pub silent_last: Option<Timestamp>,
}

/// What filters can be set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Applications, by name.
    pub products: Vec<String>,
    /// Versions that some installation has now, by name.
    pub versions: Vec<String>,
    /// Whether the slice's customer has ever reported; true where it has none.
    pub knows_customer: bool,
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

impl ColumnsReader {
    /// The installed base, month by month.
    pub fn base_months(&self, slice: &Slice) -> Result<Vec<BaseMonth>, StoreError> {
        let sql = format!("WITH {BASE}, {MONTHS} {BASE_MONTHS}");
        let found = self.rows(&sql, slice, &[], |row| {
            let counts = (count(row, "reporting")?, count(row, "known")?, count(row, "heard")?);
            Ok((month(row)?, counts))
        })?;
        let found: BTreeMap<Month, _> = found.into_iter().collect();
        let at = |month: Month| found.get(&month).copied().unwrap_or_default();
        let months = slice.from.through(slice.through).map(|month| {
            let ((reporting, known, heard), (_, known_before, _)) = (at(month), at(month.plus(-1)));
            BaseMonth { month, reporting, new: known - known_before, known, heard }
        });
        Ok(months.collect())
    }

    /// Versions at each month's end; an installation counts once, with the version of its newest report.
    pub fn version_months(&self, slice: &Slice) -> Result<Vec<VersionMonth>, StoreError> {
        let sql = format!(
            "WITH {BASE}, {MONTHS}
             SELECT policy, version, month_number, count(*) AS installations FROM months
             WHERE is_heard AND month_number >= $from GROUP BY ALL ORDER BY ALL"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(VersionMonth {
                policy: row.get("policy")?,
                version: row.get("version")?,
                month: month(row)?,
                installations: count(row, "installations")?,
            })
        })
    }

    /// The version of each installation that was heard from within the silence limit, at the slice's end.
    pub fn versions_now(&self, slice: &Slice) -> Result<Vec<VersionNow>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT name, customer_key, customer_name, policy, version
             FROM base
             WHERE last_end >= $heard_since::TIMESTAMP
             ORDER BY name"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(VersionNow {
                name: row.get("name")?,
                customer: row.get("customer_key")?,
                customer_name: row.get("customer_name")?,
                policy: row.get("policy")?,
                version: row.get("version")?,
            })
        })
    }

    /// Who is heard from at the slice's end, and who is silent.
    pub fn presence(&self, slice: &Slice) -> Result<Presence, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT count(*) FILTER (WHERE is_heard) AS reporting, count(*) FILTER (WHERE NOT is_heard) AS silent,
                    epoch_us(max(last_end) FILTER (WHERE NOT is_heard)) AS silent_last
             FROM (SELECT last_end, last_end >= $heard_since::TIMESTAMP AS is_heard FROM base)"
        );
        let found = self.rows(&sql, slice, &[], |row| {
            let last: Option<i64> = row.get("silent_last")?;
            Ok(Presence {
                reporting: count(row, "reporting")?,
                silent: count(row, "silent")?,
                silent_last: last.and_then(|last| Timestamp::from_microsecond(last).ok()),
            })
        })?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// The month of the first report of the slice's installations; none where none has reported up to its end.
    pub fn first_month(&self, slice: &Slice) -> Result<Option<Month>, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT min(h.month_from) AS first
             FROM headers h
             JOIN base ON base.installation = h.installation
             WHERE ($product::VARCHAR IS NULL AND h.is_whole OR h.application = $product)"
        );
        let found = self.rows(&sql, slice, &[], |row| row.get::<_, Option<i32>>("first"))?;
        Ok(found.into_iter().flatten().next().map(Month::from_number))
    }

    /// How many reports the slice's months have.
    pub fn reports_in(&self, slice: &Slice) -> Result<usize, StoreError> {
        let sql = format!(
            "WITH {BASE}
             SELECT count(*) AS reports
             FROM reports r
             JOIN base ON base.installation = r.installation
             WHERE ($product::VARCHAR IS NULL OR r.application = $product)
               AND year(r.month) * 12 + month(r.month) - 1 BETWEEN $from AND $through"
        );
        let found = self.rows(&sql, slice, &[], |row| count(row, "reports"))?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// How many installations of the slice no voucher verifies, though their policy asks for one; those that were heard from within
    /// the silence limit, at its end.
    pub fn unverified_installations(&self, slice: &Slice) -> Result<usize, StoreError> {
        if slice.vouched.is_empty() {
            return Ok(0);
        }
        let sql = format!(
            "WITH {BASE} SELECT count(*) AS installations FROM everyone WHERE NOT counts AND last_end >= $heard_since::TIMESTAMP"
        );
        let found = self.rows(&sql, slice, &[], |row| count(row, "installations"))?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// What the filters of a page offer. Versions are those of the chosen product, whatever version is chosen.
    pub fn choices(&self, slice: &Slice) -> Result<Choices, StoreError> {
        let open = Slice { version: None, customer: None, ..slice.clone() };
        let versions = format!("WITH {BASE} SELECT DISTINCT version FROM base ORDER BY version");
        let through = Month::from_number(OPEN - 1);
        let ever = Slice { product: None, version: None, through, ..slice.clone() };
        let customers = format!("WITH {BASE} SELECT count(*) AS found FROM base");
        let knows_customer = match slice.customer {
            Some(_) => self.rows(&customers, &ever, &[], |row| count(row, "found"))? != [0],
            None => true,
        };
        let products =
            "SELECT DISTINCT application FROM headers WHERE application IS NOT NULL ORDER BY application";
        Ok(Choices {
            products: self.rows(products, &open, &[], |row| row.get("application"))?,
            versions: self.rows(&versions, &open, &[], |row| row.get("version"))?,
            knows_customer,
        })
    }

    /// The newest reports by the time of their receipt.
    pub fn last_reports(&self, slice: &Slice, limit: usize) -> Result<Vec<LastReport>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!(
            "WITH {BASE}
             SELECT epoch_us(r.received_at) AS received, epoch_us(r.period_end) AS ended, base.name, r.application, r.version,
                    r.source, r.policy, r.policy_version
             FROM reports r
             JOIN base ON base.installation = r.installation
             WHERE ($product::VARCHAR IS NULL OR r.application = $product)
               AND year(r.month) * 12 + month(r.month) - 1 BETWEEN $from AND $through
             ORDER BY r.received_at DESC, r.seq DESC
             LIMIT $limit"
        );
        self.rows(&sql, slice, &[("limit", &limit)], |row| {
            Ok(LastReport {
                received: moment(row, "received")?,
                period_end: moment(row, "ended")?,
                installation: row.get("name")?,
                application: row.get("application")?,
                version: row.get("version")?,
                source: row.get("source")?,
                policy: row.get("policy")?,
                policy_version: row.get("policy_version")?,
            })
        })
    }
}
