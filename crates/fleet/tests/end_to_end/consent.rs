//! Law 3: no consent, no collection.

use std::net::TcpListener;
use std::path::Path;

use crate::house::{BATCH, House, INSTALLER, Site, UTILITY, files, said, text};
use crate::journal;

/// What `--strict` ends with where nothing may be gathered.
const NOT_ALLOWED: i32 = 3;

/// All sources of the site make their calls, against a database that says whether anybody knocked.
fn everything_calls(site: &Site, strict: bool) {
    let database = TcpListener::bind("127.0.0.1:0").expect("a port");
    database.set_nonblocking(true).expect("a socket that does not block");
    let address = format!("postgres://reader@{}/product", database.local_addr().expect("an address"));
    let reads = ["--database", address.as_str()];
    let flags: &[&str] = if strict { &["--strict"] } else { &[] };
    for call in [
        [&["report"], INSTALLER, flags].concat(),
        [&["report"], UTILITY, &reads, flags].concat(),
        [&["snapshot"], BATCH, &reads, flags].concat(),
    ] {
        let output = site.run(&call);
        let wanted = if strict { NOT_ALLOWED } else { 0 };
        assert_eq!(output.status.code(), Some(wanted), "{}: {}", call.join(" "), said(&output));
    }
    let knocked = database.accept();
    assert!(knocked.is_err(), "the product's database was opened although nothing may be gathered");
}

fn waiting(state: &Path) -> usize {
    files(&state.join("spool")).len()
}

#[test]
fn law_3_no_consent_no_collection() {
    let house = House::open();
    let site = house.site("happyville");

    // Nobody was asked: nothing is gathered, in either way of calling.
    everything_calls(&site, false);
    everything_calls(&site, true);
    assert_eq!(journal::reports(&house.data()).len(), 0);

    site.must(&["consent", "grant", "--actor", "Administrator"]);
    let sent = site.snapshot(&["--strict"]);
    assert!(sent.status.success(), "{}", said(&sent));
    assert_eq!(journal::reports(&house.data()).len(), 1);

    // One box stops all sources, the monthly batch included.
    site.must(&["consent", "deny", "--actor", "Administrator"]);
    everything_calls(&site, false);
    everything_calls(&site, true);
    assert_eq!(journal::reports(&house.data()).len(), 1);
    assert_eq!(waiting(site.state()), 0);
}

#[test]
fn law_3_denial_works_while_the_collector_is_down_and_empties_the_spool() {
    let mut house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let output = site.install(&["--deadline", "200ms"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(waiting(site.state()), 1);

    site.must(&["consent", "deny"]);
    assert_eq!(waiting(site.state()), 0);

    // What was gathered before the denial and not sent never leaves.
    house.start();
    everything_calls(&site, false);
    assert_eq!(journal::reports(&house.data()).len(), 0);
}

#[test]
fn law_3_the_machine_and_the_environment_narrow_and_nothing_widens() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let settings = house.folder().join("settings.toml");
    std::fs::write(&settings, "collection = \"denied\"\n").expect("a settings file");
    for (name, value) in [
        ("DO_NOT_TRACK", "1"),
        ("CANDOR_CONSENT", "denied"),
        ("CANDOR_SETTINGS", settings.to_str().expect("a path in UTF-8")),
    ] {
        let mut call = site.candor();
        call.arg("report").args(INSTALLER).arg("--strict").env(name, value);
        let output = call.output().expect("candor starts");
        assert_eq!(output.status.code(), Some(NOT_ALLOWED), "{name}={value}: {}", said(&output));
    }
    assert_eq!(journal::reports(&house.data()).len(), 0);
}

#[test]
fn a_refused_category_is_withheld_and_named() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant", "--category", "environment"]);
    let output = site.maintain(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));

    let kept = journal::reports(&house.data());
    let [report] = kept.as_slice() else { panic!("one report, not {}", kept.len()) };
    let body = text(&report.body);
    assert!(!body.contains("Town of Happyville") && !body.contains("HAPPY-0417"), "{body}");
    let report: serde_json::Value = serde_json::from_slice(&report.body).expect("JSON");
    let withheld: Vec<&str> =
        report["withheld"].as_array().expect("a list").iter().filter_map(|metric| metric.as_str()).collect();
    assert!(withheld.contains(&"client_id") && withheld.contains(&"client_name"), "{withheld:?}");
}

#[test]
fn an_address_is_stored_only_with_its_category() {
    let house = House::open();
    let (open, closed) = (house.site("open"), house.site("closed"));
    open.must(&["consent", "grant"]);
    closed.must(&["consent", "grant", "--category", "environment"]);
    for site in [&open, &closed] {
        let output = site.install(&["--strict"]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let kept = journal::reports(&house.data());
    let addresses: Vec<Option<&str>> = kept.iter().map(|report| report.address.as_deref()).collect();
    assert_eq!(addresses, [Some("127.0.0.1"), None]);
}
