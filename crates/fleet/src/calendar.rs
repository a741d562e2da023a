//! The simulated time: months since the first one, as a number with a fraction, and the timestamps they stand for.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Months, UTC, of which the last one may not be over yet.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The start of each month, and of the one after the last.
    starts: Vec<Timestamp>,
    until: Timestamp,
}

impl Calendar {
    /// `months` months, of which the last one holds the moment before `until`; nothing happens from `until` on.
    pub fn ending(until: Timestamp, months: u32) -> Self {
        let last = until.to_zoned(TimeZone::UTC).date().first_of_month();
        let on_the_first = until == midnight(last);
        let ahead = if on_the_first { 0 } else { 1 };
        let starts = (0..=i64::from(months.max(1)))
            .rev()
            .filter_map(|back| last.checked_sub((back - ahead).months()).ok().map(midnight))
            .collect();
        Self { starts, until }
    }

    /// How many months.
    pub fn months(&self) -> u32 {
        u32::try_from(self.starts.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The timestamp, in whole seconds, of a moment in months since the first month's start.
    pub fn at(&self, moment: f64) -> Timestamp {
        let last = self.starts.len().saturating_sub(2);
        let whole = (moment.max(0.0).floor() as usize).min(last);
        let (Some(start), Some(end)) = (self.starts.get(whole), self.starts.get(whole + 1)) else {
            return self.until;
        };
        let share = (moment - whole as f64).clamp(0.0, 0.999_99);
        let seconds = (end.as_second() - start.as_second()) as f64 * share;
        Timestamp::from_second(start.as_second() + seconds as i64).unwrap_or(*start)
    }

    /// Whether a moment has come by the end of the simulated time.
    pub fn has_come(&self, moment: f64) -> bool {
        moment < f64::from(self.months()) && self.at(moment) < self.until
    }
}

fn midnight(date: Date) -> Timestamp {
    // UTC has no gaps, and the dates here are within a few decades of the present.
    date.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_month_is_the_one_that_is_not_over_yet() {
        let calendar = Calendar::ending("2026-11-21T12:00:00Z".parse().unwrap(), 24);
        assert_eq!(calendar.months(), 24);
        assert_eq!(calendar.at(0.0).to_string(), "2024-12-01T00:00:00Z");
        assert_eq!(calendar.at(23.0).to_string(), "2026-11-01T00:00:00Z");
        assert!(calendar.has_come(23.5));
        assert!(!calendar.has_come(23.8));
    }

    #[test]
    fn a_month_that_is_over_is_there_as_a_whole() {
        let calendar = Calendar::ending("2026-11-01T00:00:00Z".parse().unwrap(), 1);
        assert_eq!(calendar.at(0.0).to_string(), "2026-10-01T00:00:00Z");
        assert!(calendar.has_come(0.999));
        assert!(!calendar.has_come(1.0));
    }
}
