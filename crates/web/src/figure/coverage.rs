//! How much of the base a figure rests on.

use serde::Serialize;

use super::words::{self, grouped_count, installations, percent};

/// How much of the base a figure rests on, in installations. The parts do not overlap and add up to `reporting`; those that
/// are silent come beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Those that said it.
    pub known: usize,
    /// Those that reported at all.
    pub reporting: usize,
    /// Those whose own rule left it out.
    pub withheld: usize,
    /// Those that could not measure it.
    pub not_measured: usize,
    /// Those that report and that no voucher verifies, though their policy asks for one; beside `reporting`, unless they are
    /// included.
    pub unverified: usize,
    /// Whether those count, too.
    pub includes_unverified: bool,
    /// Those that reported once and have fallen silent: what they said last is not counted.
    pub silent: usize,
}

impl Coverage {
    /// Those that report, and say nothing of it: an older version, or another source.
    pub fn unsaid(&self) -> usize {
        self.reporting.saturating_sub(self.known + self.withheld + self.not_measured)
    }

    /// The sentence under the figure; it names every part that is not empty.
    pub fn sentence(&self) -> String {
        let unverified = match (self.unverified, self.includes_unverified) {
            (0, _) => None,
            (count, true) => Some(format!("{} of them unverified.", grouped_count(count))),
            (1, false) => Some("1 unverified installation is not counted.".to_owned()),
            (count, false) => {
                Some(format!("{} unverified installations are not counted.", grouped_count(count)))
            }
        };
        let silent = match self.silent {
            0 => None,
            1 => Some("1 installation is silent and not counted.".to_owned()),
            silent => Some(format!("{} are silent and not counted.", installations(silent))),
        };
        [Some(self.of_reporting()), unverified, silent].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn of_reporting(&self) -> String {
        if self.reporting == 0 {
            return "No installation is reporting.".to_owned();
        }
        if self.known == 1 && self.reporting == 1 {
            return "Known for the only installation reporting.".to_owned();
        }
        if self.known == self.reporting {
            return format!("Known for all {} reporting.", installations(self.reporting));
        }
        let parts = [
            ("withheld by", self.withheld),
            ("not measured at", self.not_measured),
            ("not reported by", self.unsaid()),
        ];
        let missing: Vec<String> = parts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{what} {}", grouped_count(count)))
            .collect();
        format!(
            "Known for {} of {} reporting ({}); {}.",
            grouped_count(self.known),
            installations(self.reporting),
            percent(self.known, self.reporting),
            words::listed(&missing),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_names_every_part_of_the_base() {
        let coverage =
            Coverage { known: 241, reporting: 287, withheld: 12, not_measured: 3, ..Coverage::default() };
        assert_eq!(coverage.unsaid(), 31);
        assert_eq!(
            coverage.sentence(),
            "Known for 241 of 287 installations reporting (84\u{a0}%); withheld by 12, not measured at 3 and not reported \
             by 31."
        );
        assert_eq!(Coverage::default().sentence(), "No installation is reporting.");
        let whole = Coverage { known: 5, reporting: 5, ..Coverage::default() };
        assert_eq!(whole.sentence(), "Known for all 5 installations reporting.");
        let beside = Coverage { unverified: 2, ..whole };
        let said = "Known for all 5 installations reporting. 2 unverified installations are not counted.";
        assert_eq!(beside.sentence(), said);
        let among = Coverage { includes_unverified: true, ..beside };
        assert_eq!(among.sentence(), "Known for all 5 installations reporting. 2 of them unverified.");
    }

    #[test]
    fn who_is_silent_is_not_passed_over() {
        let sentence =
            |known, silent| Coverage { known, reporting: known, silent, ..Coverage::default() }.sentence();
        assert_eq!(
            sentence(5, 2),
            "Known for all 5 installations reporting. 2 installations are silent and not counted."
        );
        assert_eq!(
            sentence(1, 1),
            "Known for the only installation reporting. 1 installation is silent and not counted."
        );
        assert_eq!(sentence(0, 1), "No installation is reporting. 1 installation is silent and not counted.");
        let both = Coverage {
            known: 2,
            reporting: 2,
            unverified: 1,
            includes_unverified: true,
            silent: 1,
            ..Coverage::default()
        };
        assert_eq!(
            both.sentence(),
            "Known for all 2 installations reporting. 1 of them unverified. 1 installation is silent and not counted."
        );
    }
}
