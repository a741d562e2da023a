//! Counts by name and month, made into a chart and its table.

use std::collections::BTreeMap;

use super::limits::{CHART_SERIES, CHART_SERIES_MOST};
use super::{Cell, Chart, Form, Month, Series, Table, Tones};
use crate::store::insights::Slice;

/// Installations by name and month.
#[derive(Clone, Debug, Default)]
pub struct ByMonth {
    counts: BTreeMap<String, BTreeMap<Month, usize>>,
}

impl ByMonth {
    /// Adds to a name's month.
    pub fn add(&mut self, name: &str, month: Month, count: usize) {
        match self.counts.get_mut(name) {
            Some(months) => *months.entry(month).or_default() += count,
            None => {
                self.counts.insert(name.to_owned(), BTreeMap::from([(month, count)]));
            }
        }
    }

    /// How many a name has in a month.
    pub fn at(&self, name: &str, month: Month) -> usize {
        self.counts.get(name).and_then(|months| months.get(&month)).copied().unwrap_or_default()
    }

    /// How many there are in a month.
    pub fn total(&self, month: Month) -> usize {
        self.counts.values().filter_map(|months| months.get(&month)).sum()
    }

    /// The names, those with the most in the last month first.
    pub fn by_size(&self, last: Month) -> Vec<String> {
        let mut names: Vec<String> = self.counts.keys().cloned().collect();
        names.sort_by_key(|name| {
            let ever: usize = self.counts.get(name).map_or(0, |months| months.values().sum());
            (std::cmp::Reverse(self.at(name, last)), std::cmp::Reverse(ever))
        });
        names
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many there are in a month; nothing where nobody is known, which is not zero.
    fn known(&self, month: Month) -> Option<usize> {
        Some(self.total(month)).filter(|total| *total > 0)
    }

    /// Columns per month, cut by name in this order; what is too much for one chart is one series, "33 others". Months in which
    /// nobody is known are gaps.
    pub fn stacked(&self, slice: &Slice, names: &[String], tones: Tones) -> Chart {
        let months: Vec<Month> = slice.from.through(slice.through).collect();
        let drawn = self.drawn(slice, names);
        let mut series: Vec<Series> = names
            .iter()
            .filter(|name| drawn.contains(name))
            .map(|name| Series {
                name: name.clone(),
                values: months
                    .iter()
                    .map(|month| self.known(*month).map(|_| self.at(name, *month) as f64))
                    .collect(),
            })
            .collect();
        if drawn.len() < names.len() {
            let other = |month: &Month| {
                self.known(*month).map(|total| {
                    let named: usize = drawn.iter().map(|name| self.at(name, *month)).sum();
                    (total - named) as f64
                })
            };
            let name = format!("{} others", names.len() - drawn.len());
            series.insert(0, Series { name, values: months.iter().map(other).collect() });
        }
        Chart {
            form: Form::StackedColumns,
            unit: "installations".to_owned(),
            labels: months.iter().map(Month::to_string).collect(),
            series,
            tones,
        }
    }

    /// The names that get a series of their own: those that were largest in any month. There are more of them while the others
    /// would together be larger than the smallest one, as long as a chart can be read.
    fn drawn<'a>(&self, slice: &Slice, names: &'a [String]) -> Vec<&'a String> {
        let months = || slice.from.through(slice.through);
        let peak = |name: &str| months().map(|month| self.at(name, month)).max().unwrap_or_default();
        let mut largest: Vec<&String> = names.iter().collect();
        largest.sort_by_cached_key(|name| std::cmp::Reverse((peak(name), self.at(name, slice.through))));
        let are_smaller = |drawn: usize| {
            let others = |month| largest[drawn..].iter().map(|name| self.at(name, month)).sum::<usize>();
            let least = largest[..drawn].last().map_or(0, |name| peak(name));
            months().all(|month| others(month) <= least)
        };
        let drawn = (CHART_SERIES..CHART_SERIES_MOST)
            .take_while(|drawn| *drawn + 1 < names.len())
            .find(|drawn| are_smaller(*drawn));
        let most = if names.len() <= CHART_SERIES_MOST + 1 { names.len() } else { CHART_SERIES_MOST };
        largest.truncate(drawn.unwrap_or(most));
        largest
    }

    /// A row per name: its share now, then the months, newest first; nothing for months in which nobody is known.
    pub fn table(&self, slice: &Slice, names: &[String], first_column: &str) -> Table {
        let months: Vec<Month> = slice.from.through(slice.through).rev().collect();
        let titles: Vec<String> = [first_column.to_owned(), format!("Share {}#", slice.through)]
            .into_iter()
            .chain(months.iter().map(|month| format!("{month}#")))
            .collect();
        let mut table = Table::new(titles.iter().map(String::as_str));
        let total = self.total(slice.through);
        for name in names {
            let counts = months.iter().map(|month| {
                self.known(*month).map_or(Cell::Missing, |_| Cell::count(self.at(name, *month)))
            });
            table.push(
                [Cell::text(name), Cell::share(self.at(name, slice.through), total)]
                    .into_iter()
                    .chain(counts)
                    .collect(),
            );
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::insights::Filter;

    #[test]
    fn what_is_too_much_for_one_chart_is_other_and_loses_nothing() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let slice = Filter::default().slice(now);
        let mut counts = ByMonth::default();
        for number in 1..=40 {
            counts.add(&format!("name {number:02}"), slice.through, number);
        }
        let names = counts.by_size(slice.through);
        assert_eq!(names[0], "name 40");
        let chart = counts.stacked(&slice, &names, Tones::Categories);
        assert_eq!(chart.series.len(), CHART_SERIES_MOST + 1);
        assert_eq!(chart.series[0].name, "28 others");
        let drawn: f64 = chart.series.iter().filter_map(|series| *series.values.last()?).sum();
        assert_eq!(drawn as usize, counts.total(slice.through));
        assert_eq!(counts.table(&slice, &names, "Name").rows.len(), 40);
    }

    /// The names of the series, those of the last month's counts `sizes`.
    fn drawn(sizes: &[usize]) -> Vec<(String, f64)> {
        let slice = Filter::default().slice("2026-11-21T12:00:00Z".parse().unwrap());
        let mut counts = ByMonth::default();
        for (size, number) in sizes.iter().zip(1..) {
            counts.add(&format!("name {number:02}"), slice.through, *size);
        }
        let names = counts.by_size(slice.through);
        let chart = counts.stacked(&slice, &names, Tones::Categories);
        chart
            .series
            .into_iter()
            .map(|one| (one.name, one.values.last().copied().flatten().unwrap()))
            .collect()
    }

    #[test]
    fn others_are_smaller_than_the_least_that_is_shown_where_that_can_be() {
        // Seven bands would leave 5 + 4 + 3 = 12 beside a least one of 6.
        let shown = drawn(&[20, 18, 16, 14, 12, 8, 6, 5, 4, 3]);
        assert_eq!(shown.len(), 10, "{shown:?}");
        let shown = drawn(&[20, 18, 16, 14, 12, 11, 10, 5, 4, 1]);
        assert_eq!((shown.len(), shown[0].clone()), (8, ("3 others".to_owned(), 10.0)));
        let shown = drawn(&[20, 18, 16, 14, 12, 11, 9, 5, 4, 1]);
        assert_eq!((shown.len(), shown[0].clone()), (9, ("2 others".to_owned(), 5.0)));
        // A flat tail is too long for any chart: its name says how many are in it.
        assert_eq!(drawn(&[1; 30])[0], ("18 others".to_owned(), 18.0));
    }

    #[test]
    fn nobody_is_the_only_other() {
        for names in 1..=13 {
            let shown = drawn(&vec![1; names]);
            assert_eq!(shown.len(), names, "{shown:?}");
        }
    }

    #[test]
    fn months_in_which_nobody_is_known_are_gaps_and_not_zero() {
        let slice = Filter::default().slice("2026-11-21T12:00:00Z".parse().unwrap());
        let mut counts = ByMonth::default();
        counts.add("A", slice.through, 2);
        counts.add("B", slice.through.plus(-2), 1);
        let names = counts.by_size(slice.through);
        let shown: Vec<String> =
            counts.table(&slice, &names, "Name").rows[0][1..5].iter().map(Cell::exact).collect();
        assert_eq!(shown, ["1.0000", "2", "", "0"]);
        let chart = counts.stacked(&slice, &names, Tones::Categories);
        assert_eq!(chart.series[0].values[21..], [Some(0.0), None, Some(2.0)]);
    }
}
