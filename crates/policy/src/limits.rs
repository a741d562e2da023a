//! Every number that bounds a policy or a report, with its reason.

/// Longest identifier: long enough for a sentence in snake case, short enough for a table's column.
pub const IDENTIFIER_LENGTH: usize = 64;
/// Longest version of an application, and longest name of a release, bytes: "2015r2 SP1" and a build's number take half of it.
pub const VERSION_LENGTH: usize = 64;
/// Longest text value, bytes: a fact is a name or a version, never prose.
pub const TEXT_LENGTH: usize = 256;
/// Longest value of one setting, bytes: longer ones are documents, templates or keys, and those stay on the site.
pub const SETTING_LENGTH: usize = 512;
/// Largest voucher, bytes: two parts of a few hundred each, and comments.
pub const VOUCHER_BYTES: usize = 8 * 1024;
/// Installations that can enrol with the nameless part of a year's vouchers: those of the customers who do not let themselves be
/// named, over all customers of a vendor.
pub const NAMELESS_INSTALLATIONS: u32 = 10_000;
/// Largest number that a count, a usage row or a flow may hold where the policy sets no bound, a million million: no table has
/// more rows, and sums over a hundred thousand installations stay exact to a thousandth.
pub const NUMBER_MOST: u64 = 1_000_000_000_000;
/// Longest key of a count or a setting, bytes: `TABLE.COLUMN`, each at most 128 (PostgreSQL 63, SQL Server 128).
pub const KEY_LENGTH: usize = 257;
/// Most keys of one metric in one report: a large product has a few thousand options.
pub const KEYS_PER_METRIC: usize = 10_000;
/// Most device rows in one report; the rows are counts per model, not devices.
pub const DEVICE_ROWS: usize = 2_000;
/// Most usage or flow rows in one report.
pub const USAGE_ROWS: usize = 20_000;
/// Largest row of usage or flows as JSON, bytes: a full histogram takes 7,000.
pub const ROW_BYTES: usize = 16 * 1024;
/// Most names in each list of a report's metrics: withheld, held, not measured. Tables that are missing count one by one.
pub const NAMES_PER_LIST: usize = 20_000;
/// Most facts in one report: far more metrics than a policy that people read.
pub const FACTS: usize = 2_000;
/// Most keys, cells and rows in all facts of one report together, a row counted as [`ROW_ELEMENTS`]. Each takes some 100 bytes of
/// memory, however few it has on the wire; a large product's snapshot has 30,000.
pub const ELEMENTS: usize = 100_000;
/// Elements that a row counts for beside its cells: even an empty map takes a node of memory.
pub const ROW_ELEMENTS: usize = 8;
/// Most cells of a row: a device's columns.
pub const ROW_CELLS: usize = 64;
/// Most categories in a consent's scope.
pub const SCOPE_CATEGORIES: usize = 1_000;
/// Most buckets in one histogram: at scale 3, one microsecond to a day needs 292.
pub const HISTOGRAM_BUCKETS: usize = 320;
/// Largest report, bytes, before compression; a snapshot with 10,000 settings is about 600 kB.
pub const REPORT_BYTES: usize = 4 * 1024 * 1024;
/// Largest submission on the wire, bytes, after compression: any report, also one that gzip makes no smaller.
pub const SUBMISSION_BYTES: usize = REPORT_BYTES + 16 * 1024;
/// Furthest that a request's signature may lie from the collector's clock, seconds: a wrong time zone passes, a wrong
/// year does not.
pub const CLOCK_SKEW_SECONDS: i64 = 36 * 3600;
/// Oldest period that is accepted, days: a site that was cut off for years may still deliver what its spool kept.
pub const PERIOD_AGE_DAYS: i64 = 5 * 366;
/// Longest line of text in a manifest, bytes: a sentence on a page, or a regular expression that can still be read.
pub const LINE_LENGTH: usize = 500;
/// Longest text of several lines in a manifest, bytes: a page's paragraph.
pub const PROSE_LENGTH: usize = 4_000;
/// Largest compiled form of a pattern in a manifest, bytes: a site pays for it at every start.
pub const PATTERN_BYTES: usize = 256 * 1024;
