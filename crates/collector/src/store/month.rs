//! A calendar month, UTC: what charts count by.

use std::fmt;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A month of the common era, counted from January of year 0; in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month with this number: twelve times the year, and 0 for January.
    pub fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The number that [`Self::from_number`] reads.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The month that a moment lies in, UTC.
    pub fn of(moment: Timestamp) -> Self {
        Self::of_day(moment.to_zoned(TimeZone::UTC).date())
    }

    /// The month that a day lies in.
    pub fn of_day(day: Date) -> Self {
        Self(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }

    /// The month, where `text` is one: `2026-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        ((1..=9990).contains(&year) && (1..=12).contains(&month)).then_some(Self(year * 12 + month - 1))
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        let year = i16::try_from(self.0.div_euclid(12)).unwrap_or(1).clamp(1, 9998);
        let month = i8::try_from(self.0.rem_euclid(12) + 1).unwrap_or(1);
        date(year, month, 1)
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        self.first_day().to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    }

    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        self.plus(1).start()
    }

    /// This many months later; negative: earlier.
    pub fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// All months from this one to `last`, both included.
    pub fn through(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

/// The moment this many days before another.
pub fn days_before(moment: Timestamp, days: i64) -> Timestamp {
    moment.checked_sub((days * 24).hours()).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_and_written() {
        let month = Month::parse("2026-01").unwrap();
        assert_eq!(month.to_string(), "2026-01");
        assert_eq!(month.plus(-1).to_string(), "2025-12");
        assert_eq!(month.end(), Month::parse("2026-02").unwrap().start());
        assert_eq!(Month::of(month.start()), month);
        assert_eq!(month.through(month.plus(2)).count(), 3);
    }

    #[test]
    fn what_is_no_month_is_none() {
        for bad in ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "x-y", "-001-01"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }
}
