//! Every number that a figure rests on, with its reason.

/// An installation that has said nothing for this many days is silent, and nothing that it said counts any more: one
/// monthly report may be missed, and the next may be late, before anybody worries. Until then its last word holds,
/// however old: an operating system is said by an installer, once per upgrade.
pub const SILENCE_DAYS: i64 = 90;
/// A module is actively used where its records grew within this many months: shorter, and a quiet season looks like
/// disuse; longer, and last year's use looks like today's.
pub const ACTIVE_MONTHS: i32 = 3;
/// The months that a page shows where its address names none: two years, so that a season can be held against the last.
pub const DEFAULT_MONTHS: i32 = 24;
/// The longest span that a page shows, months: what the collector keeps at the most, with room.
pub const LONGEST_MONTHS: i32 = 120;
/// The most series in one chart; the rest is gathered under "Other", since nobody tells nine colours apart.
pub const CHART_SERIES: usize = 7;
/// The most values of one setting that are listed by name; the rest is gathered under "Other values".
pub const SETTING_VALUES: usize = 20;
/// The most settings on one page.
pub const SETTINGS_PER_PAGE: usize = 100;
/// The most customers on one page.
pub const CUSTOMERS_PER_PAGE: usize = 100;
/// The newest reports that the overview lists.
pub const LAST_REPORTS: usize = 10;
