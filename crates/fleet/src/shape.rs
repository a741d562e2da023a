//! Every number that shapes the base, with its reason. Rates are per month where nothing else is said.

/// Customers by their number of users: half of all towns have fewer than this many.
pub(crate) const MEDIAN_USERS: f64 = 35.0;
/// Spread of the logarithm of a customer's users: one in six is more than three times the median.
pub(crate) const USERS_SPREAD: f64 = 1.1;
/// Users above which a customer runs one installation more: a test system, a second department, a web farm.
pub(crate) const USERS_PER_INSTALLATION: f64 = 60.0;
/// Most installations of one customer.
pub(crate) const MOST_INSTALLATIONS: usize = 6;
/// Joining over time: `months * share^JOINING`; above 1, most join early, when the programme's first release reaches them.
pub(crate) const JOINING: f64 = 1.7;
/// Share of installations that one day just stop.
pub(crate) const FALL_SILENT: f64 = 0.06;
/// Share of installations whose administrator denies consent one day.
pub(crate) const DENY_LATER: f64 = 0.04;
/// Share of installations that deny in the installer: they are never heard of.
pub(crate) const DENY_AT_ONCE: f64 = 0.05;
/// Share of installations that refuse one category and share the rest.
pub(crate) const REFUSE_CATEGORY: f64 = 0.07;
/// Share of snapshots that meet a database which does not answer, is locked or refuses the login.
pub(crate) const DATABASE_FAILS: f64 = 0.015;
/// Share of snapshots that miss one table.
pub(crate) const TABLE_MISSING: f64 = 0.02;
/// Share of scheduled runs that do not happen: the machine was off.
pub(crate) const RUN_MISSED: f64 = 0.02;
/// Where in the simulated time the newest release comes out, as a share: late enough to watch it spread.
pub(crate) const NEWEST_RELEASE_AT: f64 = 0.62;
/// Share of the releases that are out before the first month.
pub(crate) const RELEASES_BEFORE: f64 = 0.45;
/// Months until half of the sites have taken up a release.
pub(crate) const UPGRADE_MEDIAN: f64 = 2.5;
/// Spread of the logarithm of that delay: one in ten takes more than eight months.
pub(crate) const UPGRADE_SPREAD: f64 = 0.95;
/// Share of releases that a site leaves out.
pub(crate) const SKIP_RELEASE: f64 = 0.15;
/// Share of sites that stay on what they have.
pub(crate) const NEVER_UPGRADE: f64 = 0.07;
/// Share of sites that move a platform on, outside of a wave.
pub(crate) const PLATFORM_RATE: f64 = 0.01;
/// The same within a wave: support for an old platform ends, budgets open.
pub(crate) const PLATFORM_WAVE_RATE: f64 = 0.06;
/// The waves, as shares of the simulated time.
pub(crate) const PLATFORM_WAVES: [(f64, f64); 2] = [(0.33, 0.46), (0.75, 0.87)];
/// Share of customers' modules that are given up one day.
pub(crate) const ABANDON_MODULE: f64 = 0.08;
/// Share of settings that an administrator changes once in the simulated time.
pub(crate) const SETTING_CHANGES: f64 = 0.12;
/// Most usage rows of one metric in one report: enough for every pair of role and feature of a small product.
pub(crate) const USAGE_ROWS: usize = 100;
/// Most draws for one histogram; the rest of its count is spread over them.
pub(crate) const DURATION_DRAWS: u64 = 12;
/// Most pseudonymous users of one installation; a real site reports all of them, a demonstration needs a few.
pub(crate) const USERS_SEEN: usize = 6;
