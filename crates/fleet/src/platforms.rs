//! Operating systems and databases, oldest first, and how sites move up them in waves.

use crate::dice::Dice;
use crate::shape::{PLATFORM_RATE, PLATFORM_WAVE_RATE, PLATFORM_WAVES};

/// One line of versions, oldest first, each with its share of the base at the start.
pub(crate) struct Line {
    /// Words that a policy's own name for it may hold; the first is ours.
    pub(crate) names: &'static [&'static str],
    pub(crate) versions: &'static [(&'static str, u32)],
    /// Its editions, each with its share; none: it has no editions.
    pub(crate) editions: &'static [(&'static str, u32)],
}

pub(crate) const WINDOWS: Line = Line {
    names: &["Windows Server"],
    versions: &[
        ("Windows Server 2008 R2", 9),
        ("Windows Server 2012", 12),
        ("Windows Server 2012 R2", 26),
        ("Windows Server 2016", 27),
        ("Windows Server 2019", 20),
        ("Windows Server 2022", 6),
    ],
    editions: &[],
};

pub(crate) const DEBIAN: Line = Line {
    names: &["Debian GNU/Linux"],
    versions: &[
        ("Debian GNU/Linux 10", 20),
        ("Debian GNU/Linux 11", 50),
        ("Debian GNU/Linux 12", 30),
        ("Debian GNU/Linux 13", 0),
    ],
    editions: &[],
};

pub(crate) const SQL_SERVER: Line = Line {
    names: &["Microsoft SQL Server", "SQL Server", "mssql"],
    versions: &[("2008 R2", 12), ("2012", 20), ("2014", 22), ("2016", 26), ("2017", 14), ("2019", 6)],
    editions: &[("Express Edition", 30), ("Standard Edition", 55), ("Enterprise Edition", 15)],
};

pub(crate) const ORACLE: Line = Line {
    names: &["Oracle Database", "Oracle"],
    versions: &[("11g", 55), ("12c", 45)],
    editions: &[("Standard Edition One", 35), ("Standard Edition", 30), ("Enterprise Edition", 35)],
};

pub(crate) const POSTGRESQL: Line = Line {
    names: &["PostgreSQL", "postgres"],
    versions: &[("12", 20), ("13", 25), ("14", 30), ("15", 25), ("16", 0), ("17", 0)],
    editions: &[],
};

/// Where a site stands on a line, over time: months and places, the first at minus infinity.
#[derive(Clone, Debug)]
pub(crate) struct Climb {
    steps: Vec<(f64, usize)>,
}

impl Climb {
    /// The whole climb of one site.
    pub(crate) fn of(dice: &mut Dice, line: &Line, months: u32) -> Self {
        let mut place = dice.weighted(line.versions.iter().map(|(_, weight)| *weight));
        let mut steps = vec![(f64::NEG_INFINITY, place)];
        for month in 0..months {
            let at = f64::from(month) / f64::from(months.max(1));
            let wave = PLATFORM_WAVES.iter().any(|(from, to)| (*from..*to).contains(&at));
            // Who is furthest behind has the most reason to move in a wave.
            let pull = if wave && place * 2 < line.versions.len() { 1.6 } else { 1.0 };
            let rate = if wave { PLATFORM_WAVE_RATE * pull } else { PLATFORM_RATE };
            if dice.chance(rate) && place + 1 < line.versions.len() {
                place += 1 + dice.below((line.versions.len() - place - 1).min(3));
                steps.push((f64::from(month) + dice.share(), place));
            }
        }
        Self { steps }
    }

    /// The place at a moment.
    pub(crate) fn at(&self, moment: f64) -> usize {
        self.steps.iter().rev().find(|(from, _)| *from <= moment).map_or(0, |(_, place)| *place)
    }

    /// The moments of its moves.
    pub(crate) fn moves(&self) -> impl Iterator<Item = f64> + '_ {
        self.steps.iter().skip(1).map(|(moment, _)| *moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_climbs_down() {
        for site in 0..50 {
            let climb = Climb::of(&mut Dice::of(7, &format!("climb {site}")), &WINDOWS, 24);
            let places: Vec<usize> = (0..=24).map(|month| climb.at(f64::from(month))).collect();
            assert!(places.is_sorted(), "{places:?}");
        }
    }
}
