//! Every number that a figure rests on, with its reason.

pub use crate::store::insights::SILENCE_DAYS;

/// A module is actively used where its records grew within this many months: shorter, and a quiet season looks like
/// disuse; longer, and last year's use looks like today's.
pub const ACTIVE_MONTHS: i32 = 3;
/// The months that a page shows where its address names none: two years, so that a season can be held against the last.
pub const DEFAULT_MONTHS: i32 = 24;
/// The longest span that a page shows, months: what the collector keeps at the most, with room.
pub const LONGEST_MONTHS: i32 = 120;
/// The series of one chart, where the others are smaller than each of them: nobody tells nine colours apart.
pub const CHART_SERIES: usize = 7;
/// The series of one chart, where the others are not that small. More of them would be thinner than their names.
pub const CHART_SERIES_MOST: usize = 12;
/// The most values of one setting that are listed by name; the rest is gathered under "Other values".
pub const SETTING_VALUES: usize = 20;
/// The most settings on one page.
pub const SETTINGS_PER_PAGE: usize = 100;
/// The most customers on one page.
pub const CUSTOMERS_PER_PAGE: usize = 100;
/// The newest reports that the overview lists.
pub const LAST_REPORTS: usize = 10;
