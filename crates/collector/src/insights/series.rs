//! Counts by name and month, made into a chart and its table.

use std::collections::BTreeMap;

use super::limits::CHART_SERIES;
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

    /// Columns per month, cut by name in this order; what is too much for one chart is one series "Other".
    pub fn stacked(&self, slice: &Slice, names: &[String], tones: Tones) -> Chart {
        let months: Vec<Month> = slice.from.through(slice.through).collect();
        let drawn = self.drawn(slice, names);
        let mut series: Vec<Series> = names
            .iter()
            .filter(|name| drawn.contains(name))
            .map(|name| Series {
                name: name.clone(),
                values: months.iter().map(|month| Some(self.at(name, *month) as f64)).collect(),
            })
            .collect();
        if drawn.len() < names.len() {
            let other = |month: &Month| {
                let named: usize = drawn.iter().map(|name| self.at(name, *month)).sum();
                Some((self.total(*month) - named) as f64)
            };
            series.insert(0, Series { name: "Other".to_owned(), values: months.iter().map(other).collect() });
        }
        Chart {
            form: Form::StackedColumns,
            unit: "installations".to_owned(),
            labels: months.iter().map(Month::to_string).collect(),
            series,
            tones,
        }
    }

    /// The names that get a series of their own: those that were largest in any month, the last one first of all.
    fn drawn<'a>(&self, slice: &Slice, names: &'a [String]) -> Vec<&'a String> {
        if names.len() <= CHART_SERIES + 1 {
            return names.iter().collect();
        }
        let peak = |name: &str| slice.from.through(slice.through).map(|month| self.at(name, month)).max();
        let mut largest: Vec<&String> = names.iter().collect();
        largest.sort_by_key(|name| std::cmp::Reverse(peak(name)));
        largest.truncate(CHART_SERIES);
        largest
    }

    /// A row per name: its share now, then the months, newest first.
    pub fn table(&self, slice: &Slice, names: &[String], first_column: &str) -> Table {
        let months: Vec<Month> = slice.from.through(slice.through).rev().collect();
        let titles: Vec<String> = [first_column.to_owned(), format!("Share {}#", slice.through)]
            .into_iter()
            .chain(months.iter().map(|month| format!("{month}#")))
            .collect();
        let mut table = Table::new(titles.iter().map(String::as_str));
        let total = self.total(slice.through);
        for name in names {
            let counts = months.iter().map(|month| Cell::count(self.at(name, *month)));
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
        for number in 1..=12 {
            counts.add(&format!("name {number:02}"), slice.through, number);
        }
        let names = counts.by_size(slice.through);
        assert_eq!(names[0], "name 12");
        let chart = counts.stacked(&slice, &names, Tones::Categories);
        assert_eq!(chart.series.len(), CHART_SERIES + 1);
        let drawn: f64 = chart.series.iter().filter_map(|series| *series.values.last()?).sum();
        assert_eq!(drawn as usize, counts.total(slice.through));
        assert_eq!(counts.table(&slice, &names, "Name").rows.len(), 12);
    }
}
