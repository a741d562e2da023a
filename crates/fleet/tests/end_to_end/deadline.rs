//! Law 5: one deadline over the whole call, where both the product's database and the collector stall.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::house::{BATCH, House, UTILITY, files, said};

/// What starting a process may cost on a busy machine, beside the deadline.
const START: Duration = Duration::from_millis(1500);

/// Something that a connection can be made to and that never says a word.
struct Silent(TcpListener);

impl Silent {
    fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        listener.set_nonblocking(true).expect("a socket that does not block");
        Self(listener)
    }

    fn database(&self) -> String {
        format!("postgres://reader@{}/product", self.0.local_addr().expect("an address"))
    }

    fn was_asked(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// Why each metric of the only report that waits was not measured.
fn reasons(state: &std::path::Path) -> Vec<String> {
    let waiting = files(&state.join("spool"));
    let [(_, report)] = waiting.as_slice() else { panic!("one report waits, not {}", waiting.len()) };
    let report: Value = serde_json::from_slice(report).expect("JSON");
    let missing = report["not_measured"].as_array().cloned().unwrap_or_default();
    missing.iter().map(|missing| missing["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A utility waits for the whole call: a slow database takes of the deadline, and leaves the delivery its share.
#[test]
fn law_5_the_host_comes_first_one_deadline_covers_database_and_collector() {
    // Long enough that database and delivery with a deadline each would be told apart from one over both.
    let deadline = Duration::from_secs(4);
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let collector = Silent::at(house.address().trim_start_matches("http://"));
    let database = Silent::at("127.0.0.1:0");

    let began = Instant::now();
    let output =
        site.run(&[&["report"], UTILITY, &["--database", &database.database(), "--deadline", "4s"]].concat());
    let took = began.elapsed();
    assert!(output.status.success(), "{}", said(&output));
    assert!(took < deadline + START, "took {took:?}: {}", said(&output));
    assert!(database.was_asked() && collector.was_asked(), "each had its share: {}", said(&output));
    let reasons = reasons(site.state());
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason == "timed-out"), "{reasons:?}");
}

/// Nobody waits for a snapshot: what its reading takes is its own, and the delivery still has the whole deadline.
#[test]
fn a_slow_snapshot_leaves_the_delivery_its_deadline() {
    let deadline = Duration::from_secs(1);
    // The agent's own limit for a connection to a database.
    let reading = Duration::from_secs(5);
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let collector = Silent::at(house.address().trim_start_matches("http://"));
    let database = Silent::at("127.0.0.1:0");

    let began = Instant::now();
    let output =
        site.run(&[&["snapshot"], BATCH, &["--database", &database.database(), "--deadline", "1s"]].concat());
    let took = began.elapsed();
    assert!(output.status.success(), "{}", said(&output));
    assert!(took > reading, "the database took longer than the deadline: {took:?}");
    assert!(collector.was_asked(), "the delivery had time: {}", said(&output));
    assert!(took < reading + deadline + START, "and no more than its deadline: {took:?}");
    assert!(reasons(site.state()).iter().all(|reason| reason == "timed-out"));
}
