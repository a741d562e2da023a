//! The main job: consent, the installer's call, the utility's call, the monthly snapshot; then the staff see it.

use std::time::{Duration, Instant};

use crate::house::{House, said, within};
use crate::journal;
use crate::staff::Staff;

/// From the last receipt to the dashboard.
const LAG: Duration = Duration::from_secs(2);

#[test]
fn the_main_job_reaches_the_dashboard_within_two_seconds() {
    let house = House::open();
    let mut staff = Staff::sign_in(&house);
    assert!(!staff.get("/customers").contains("Town of Happyville"));

    let site = house.site("happyville");
    site.must(&["consent", "grant", "--actor", "Administrator"]);
    for output in [site.install(&["--strict"]), site.maintain(&["--strict"]), site.snapshot(&["--strict"])] {
        assert!(output.status.success(), "{}", said(&output));
    }
    let receipted = Instant::now();
    // Each page shows what the site said: who it is, what it runs on, what its modules hold, how it is set.
    for (page, wanted) in [
        ("/customers", "Town of Happyville"),
        ("/platforms", "SQLite"),
        ("/modules", "WKORDER"),
        ("/settings", "OPTIONS"),
        ("/", "2016"),
    ] {
        let left = LAG.saturating_sub(receipted.elapsed());
        assert!(within(left, || staff.get(page).contains(wanted)), "{page} shows {wanted} within {LAG:?}");
    }
    assert_eq!(journal::reports(&house.data()).len(), 3);
}

#[test]
fn the_same_figures_after_the_columns_are_rebuilt() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    for output in [site.maintain(&["--strict"]), site.snapshot(&["--strict"])] {
        assert!(output.status.success(), "{}", said(&output));
    }
    let mut staff = Staff::sign_in(&house);
    let pages = ["/modules", "/settings", "/customers"];
    assert!(within(LAG, || staff.get("/modules").contains("WKORDER")));
    let before: Vec<String> = pages.iter().map(|page| figures(&staff.get(page))).collect();

    house.kill();
    std::fs::remove_file(house.data().join("columns.duckdb")).expect("the columns are a file");
    let _ = std::fs::remove_file(house.data().join("columns.duckdb.wal"));
    house.start();
    assert!(within(Duration::from_secs(10), || staff.get("/modules").contains("WKORDER")));
    let after: Vec<String> = pages.iter().map(|page| figures(&staff.get(page))).collect();
    assert_eq!(before, after);
}

/// The tables of a page: its numbers, without what differs from one reading to the next.
fn figures(page: &str) -> String {
    page.split("<table").skip(1).filter_map(|rest| rest.split("</table>").next()).collect()
}
