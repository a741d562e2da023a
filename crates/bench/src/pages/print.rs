//! The table for people, and whether the aims are met.

use super::Measured;
use super::times::Times;
use crate::figures::{aim, table};

/// Most that a page or file may take, milliseconds, 95 times in 100.
const PAGE_AIM: f64 = 1000.0;
/// The same for the page that everybody opens first.
const OVERVIEW_AIM: f64 = 300.0;
const OVERVIEW: &str = "/";
/// Longest rebuild of the columns, seconds.
const REBUILD_AIM: f64 = 180.0;
/// Reports a second that the projector keeps up with.
const PROJECTOR_AIM: f64 = 2_000.0;

pub(super) fn print(pages: &Measured) {
    let base = &pages.base;
    println!("{}", pages.machine.line());
    println!(
        "base: {} installations over {} months, {} reports, sent in {:.0} s ({:.0} reports/s); the columns held all {:.1} s \
         after the last receipt",
        base.installations,
        base.months,
        base.reports,
        base.sent_seconds,
        base.reports as f64 / base.sent_seconds.max(f64::EPSILON),
        base.behind_seconds
    );
    let rows: Vec<Vec<String>> = pages.pages.iter().map(row).collect();
    println!("{}", table(&["address", "p50 ms", "p95 ms", "reads ms", "reads", "aim ms", ""], &rows));
    let missed = pages.pages.iter().filter(|times| !is_met(times)).count();
    println!("{} addresses, {missed} over their aim", pages.pages.len());
    if let Some(rebuilt) = &pages.rebuilt {
        println!(
            "rebuild of the columns: {:.1} s (aim: {REBUILD_AIM:.0} s or less: {})",
            rebuilt.seconds,
            aim(rebuilt.seconds <= REBUILD_AIM)
        );
        println!(
            "projector: {:.0} reports/s in the rebuild (aim: {PROJECTOR_AIM:.0} or more: {})",
            rebuilt.reports_per_second,
            aim(rebuilt.reports_per_second >= PROJECTOR_AIM)
        );
    }
}

fn row(times: &Times) -> Vec<String> {
    let shown = |figure: Option<f64>, places: usize| {
        figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.places$}"))
    };
    vec![
        times.address.clone(),
        format!("{:.0}", times.p50),
        format!("{:.0}", times.p95),
        shown(times.reads, 0),
        shown(times.read_count, 1),
        format!("{:.0}", aim_of(times)),
        aim(is_met(times)).to_owned(),
    ]
}

fn aim_of(times: &Times) -> f64 {
    if times.address == OVERVIEW { OVERVIEW_AIM } else { PAGE_AIM }
}

fn is_met(times: &Times) -> bool {
    times.p95 <= aim_of(times)
}
