//! How many tests passed and failed, as each runner tells it, added up for the closing line.

use std::fmt;
use std::ops::AddAssign;
use std::path::Path;

use anyhow::{Context, Result};

/// Tests counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Totals {
    /// Reads nextest's JUnit file.
    ///
    /// # Errors
    /// Where it is not there or has no totals.
    pub fn of_nextest(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("nextest left no {}", file.display()))?;
        Self::of_junit(&text).context("nextest's JUnit file has no totals")
    }

    fn of_junit(text: &str) -> Option<Self> {
        let head = text.split("<testsuites ").nth(1)?.split('>').next()?;
        let count = |name: &str| -> Option<u64> {
            head.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.parse().ok()
        };
        let failed = count("failures")? + count("errors")?;
        Some(Self { passed: count("tests")?.checked_sub(failed)?, failed, skipped: 0 })
    }

    /// Adds up the `test result:` lines of `cargo test`.
    pub fn of_cargo_test(lines: &[String]) -> Self {
        let mut totals = Self::default();
        for line in lines.iter().filter(|line| line.starts_with("test result:")) {
            totals.passed += before(line, "passed");
            totals.failed += before(line, "failed");
            totals.skipped += before(line, "ignored");
        }
        totals
    }

    /// Reads the closing lines of node's test runner.
    pub fn of_node(lines: &[String]) -> Self {
        let count = |name: &str| {
            let prefix = format!("ℹ {name} ");
            lines.iter().filter_map(|line| line.strip_prefix(&prefix)?.trim().parse::<u64>().ok()).sum()
        };
        Self { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped") }
    }
}

/// The number that stands before a word.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split([' ', ';']).collect();
    let place = words.iter().position(|candidate| *candidate == word);
    place.and_then(|place| words.get(place.checked_sub(1)?)?.parse().ok()).unwrap_or(0)
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runner_s_totals_are_read() {
        let junit = r#"<?xml version="1.0"?><testsuites name="nextest-run" tests="12" failures="2" errors="1" uuid="x">"#;
        assert_eq!(Totals::of_junit(junit), Some(Totals { passed: 9, failed: 3, skipped: 0 }));

        let cargo =
            ["test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s"
                .to_owned()];
        assert_eq!(Totals::of_cargo_test(&cargo), Totals { passed: 3, failed: 0, skipped: 1 });

        let node = ["ℹ tests 5", "ℹ pass 4", "ℹ fail 1", "ℹ cancelled 0"].map(str::to_owned);
        assert_eq!(Totals::of_node(&node), Totals { passed: 4, failed: 1, skipped: 0 });
    }

    #[test]
    fn the_closing_line_is_plain() {
        let totals = Totals { passed: 4, failed: 0, skipped: 0 };
        assert_eq!(totals.to_string(), "4 passed, 0 failed");
    }
}
