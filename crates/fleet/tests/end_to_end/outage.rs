//! The collector is not there: the host's process does not wait, nothing is lost, a later call delivers.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::house::{House, files, said};
use crate::journal;

/// What starting a process may cost on a busy machine, beside the deadline.
const START: Duration = Duration::from_secs(2);

/// The deadline of a call that names none, as the docs promise it.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(2);

#[test]
fn a_report_that_waits_is_delivered_by_a_later_call() {
    let mut house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);

    let quiet = site.install(&["--deadline", "300ms"]);
    assert!(quiet.status.success(), "{}", said(&quiet));
    let strict = site.maintain(&["--deadline", "300ms", "--strict"]);
    assert_eq!(strict.status.code(), Some(4), "{}", said(&strict));

    house.start();
    let later = site.snapshot(&["--strict"]);
    assert!(later.status.success(), "{}", said(&later));
    assert_eq!(journal::reports(&house.data()).len(), 3);
    assert_eq!(files(&site.state().join("spool")).len(), 0);
}

#[test]
fn law_5_the_host_comes_first_the_deadline_is_hard() {
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    // Something accepts the connection and never says a word.
    let address = house.address();
    let silent = TcpListener::bind(address.trim_start_matches("http://")).expect("the collector's port");

    let timed = |more: &[&str]| {
        let started = Instant::now();
        let output = site.install(more);
        assert!(output.status.success(), "{}", said(&output));
        started.elapsed()
    };
    // What starting a process costs here and now is in both, so their difference is that of the deadlines.
    let by_default = timed(&[]);
    let asked_for = timed(&["--deadline", "300ms"]);
    assert!(by_default < DEFAULT_DEADLINE + START, "took {by_default:?}");
    assert!(
        asked_for + Duration::from_secs(1) < by_default,
        "took {asked_for:?}, and {by_default:?} unasked"
    );
    assert_eq!(files(&site.state().join("spool")).len(), 2, "nothing is lost");
    drop(silent);
}

#[test]
fn law_6_a_collector_that_is_killed_keeps_what_it_acknowledged_and_counts_it_once() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    for _ in 0..3 {
        let output = site.install(&["--strict"]);
        assert!(output.status.success(), "{}", said(&output));
    }
    house.kill();
    assert_eq!(journal::reports(&house.data()).len(), 3);
    house.start();
    let output = site.install(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(journal::reports(&house.data()).len(), 4);
}
