//! Law 2 and law 7 with the real programs: `candor` is killed while it waits for the answer, and its log says what left.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::house::{House, INSTALLER, Site, said, within};
use crate::journal;

/// The sent log's entries.
fn entries(site: &Site) -> Vec<Value> {
    let log: Value = serde_json::from_str(&site.must(&["log", "--json"])).expect("JSON");
    log["sent"].as_array().expect("a list").clone()
}

/// Takes a connection and reads the request's head, and some of what follows; never answers.
fn take_request(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut part).expect("a request");
        assert_ne!(read, 0, "the request ended early");
        head.extend_from_slice(&part[..read]);
    }
    (stream, String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn law_2_what_may_have_left_is_in_the_log_though_candor_is_killed() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    // The first report enrols, so that the next one is the first thing that is sent.
    assert!(site.install(&["--strict"]).status.success());
    house.kill();

    let listener = TcpListener::bind(house.address().trim_start_matches("http://")).expect("the port");
    let mut call = site.candor();
    call.arg("report")
        .args(INSTALLER)
        .args(["--deadline", "60s"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut candor = call.spawn().expect("candor starts");
    let (stream, head) = take_request(&listener);
    assert!(head.starts_with("POST /v1/reports "), "{head}");
    candor.kill().expect("a process that runs can be killed");
    candor.wait().expect("a process that was killed ends");
    drop((stream, listener));

    let doubtful: Vec<Value> =
        entries(&site).into_iter().filter(|entry| entry["may_be_held"] == true).collect();
    let [entry] = doubtful.as_slice() else { panic!("one entry in doubt, not {doubtful:?}") };
    assert_eq!((&entry["state"], &entry["tries"]), (&"no-answer".into(), &1.into()), "{entry}");
    assert_eq!((&entry["waits"], &entry["collector"]), (&true.into(), &house.address().into()), "{entry}");
    assert!(site.must(&["log"]).contains("the collector may hold it"));

    house.start();
    let output = site.install(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));
    let after = entries(&site);
    assert!(after.iter().all(|entry| entry["state"] == "held"), "{after:?}");
    let completed = after.iter().find(|later| later["report_id"] == entry["report_id"]).expect("its entry");
    assert_eq!((&completed["tries"], &completed["digest"]), (&2.into(), &entry["digest"]), "{completed}");
    assert_eq!((after.len(), journal::reports(&house.data()).len()), (3, 3));
}

/// Kills `candor` at many moments of its call: whatever it was doing, what the collector holds stands in the site's log,
/// nothing is counted twice, and a later call brings everything to its end.
#[test]
fn law_6_law_7_whenever_candor_is_killed_the_log_covers_what_the_collector_holds() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    assert!(site.install(&["--strict"]).status.success());
    for milliseconds in (0..48).step_by(2) {
        let mut call = site.candor();
        call.arg("report").args(INSTALLER).stdout(Stdio::null()).stderr(Stdio::null());
        let mut candor = call.spawn().expect("candor starts");
        // Not a wait for something: the moments at which it is killed are spread over its call.
        std::thread::sleep(Duration::from_millis(milliseconds));
        let _ = candor.kill();
        candor.wait().expect("a process that was killed ends");
        let held = journal::reports(&house.data());
        let logged: Vec<String> = entries(&site).iter().map(|entry| entry["digest"].to_string()).collect();
        for report in &held {
            let digest = format!("\"{}\"", report.received_digest);
            assert!(
                logged.contains(&digest),
                "{digest} is held and not logged, killed after {milliseconds} ms"
            );
        }
    }
    assert!(within(Duration::from_secs(20), || site.install(&["--strict"]).status.success()));
    let log = entries(&site);
    assert!(log.iter().all(|entry| entry["state"] == "held"), "{log:?}");
    assert_eq!(log.len(), journal::reports(&house.data()).len());
}
