//! Law 2: the preview is the payload, all the way: shown, spooled, sent, logged, stored and receipted.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use candor_policy::Digest;
use serde_json::Value;

use crate::house::{BATCH, House, INSTALLER, Site, files, said, text};
use crate::journal::{self, Kept};

/// The bytes of the only report in the site's sent log, and its entry.
fn sent(site: &Site) -> (Vec<u8>, Value) {
    let (receipts, reports): (Vec<_>, Vec<_>) = files(&site.state().join("sent"))
        .into_iter()
        .partition(|(path, _)| path.to_string_lossy().ends_with(".entry.json"));
    let ([(_, receipt)], [(_, report)]) = (receipts.as_slice(), reports.as_slice()) else {
        panic!("one report and its receipt, not {} and {}", reports.len(), receipts.len());
    };
    (report.clone(), serde_json::from_slice(receipt).expect("JSON"))
}

fn only(mut kept: Vec<Kept>) -> Kept {
    assert_eq!(kept.len(), 1);
    kept.remove(0)
}

/// The report without what differs from one call to the next: its name and its moment.
fn timeless(report: &[u8]) -> String {
    let value: Value = serde_json::from_slice(report).expect("JSON");
    let period = &value["period"];
    [&value["report_id"], &period["start"], &period["end"]]
        .into_iter()
        .fold(text(report), |shown, part| shown.replace(&part.to_string(), "_"))
}

/// The value of a field, wherever it stands.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(name).or_else(|| map.values().find_map(|inner| find(inner, name))),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}

#[test]
fn law_2_the_preview_is_the_payload() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let preview = site.must(&[&["preview", "report"], INSTALLER].concat());
    assert_eq!(journal::reports(&house.data()).len(), 0, "a preview sends nothing");

    let output = site.install(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));
    let (bytes, _) = sent(&site);
    let kept = only(journal::reports(&house.data()));

    assert_eq!(timeless(preview.trim_end().as_bytes()), timeless(&bytes), "shown and sent");
    assert_eq!(text(&kept.body), text(&bytes), "sent and stored");
    assert_eq!(kept.stored_digest, Digest::of(&bytes));
    assert_eq!(kept.received_digest, Digest::of(&bytes), "what arrived is what is kept: nothing was dropped");
    let log = site.must(&["log"]);
    let id: Value = serde_json::from_slice(&bytes).expect("JSON");
    let id = id["report_id"].as_str().expect("an id").to_owned();
    assert!(log.contains(&id), "{log}");
    assert!(site.must(&["log", "--show", &id]).contains(&text(&bytes)), "the sent log shows the very bytes");
}

#[test]
fn law_2_what_an_administrator_agreed_to_is_what_the_vendor_keeps() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let database = site.database();
    let mut call = site.candor();
    call.arg("snapshot").args(BATCH).args(["--database", &database, "--ask", "--strict"]);
    call.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut candor = call.spawn().expect("candor starts");
    // The question comes after the bytes: what is read here was shown before anything could leave.
    let mut shown = String::new();
    BufReader::new(candor.stdout.as_mut().expect("an output")).read_line(&mut shown).expect("the bytes");
    assert_eq!(journal::reports(&house.data()).len(), 0, "nothing leaves unasked");
    candor.stdin.take().expect("an input").write_all(b"yes\n").expect("candor listens");
    let output = candor.wait_with_output().expect("candor ends");
    assert!(output.status.success(), "{}", said(&output));
    let kept = only(journal::reports(&house.data()));
    assert_eq!(text(&kept.body), shown.trim_end(), "shown, agreed to and stored");
    assert_eq!(kept.received_digest, Digest::of(shown.trim_end().as_bytes()));
    assert_eq!(text(&sent(&site).0), shown.trim_end(), "and logged");
}

#[test]
fn law_2_holds_for_a_report_that_waited() {
    let mut house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let output = site.snapshot(&["--deadline", "200ms"]);
    assert!(output.status.success(), "{}", said(&output));
    let waiting = files(&site.state().join("spool"));
    let [(_, spooled)] = waiting.as_slice() else { panic!("one report waits, not {}", waiting.len()) };

    house.start();
    // Any later call delivers what waits, also one that has nothing of its own to say here.
    site.must(&["consent", "show"]);
    let output = site.install(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));
    let kept = journal::reports(&house.data());
    assert!(kept.iter().any(|report| report.body == *spooled), "spooled and stored");
    let logged = files(&site.state().join("sent"));
    assert!(logged.iter().any(|(_, bytes)| bytes == spooled), "spooled and logged");
}

#[test]
fn law_1_what_is_not_declared_is_dropped_and_named() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let output = site.install(&["--set", "favourite_colour=planted-green", "--strict"]);
    // A mistake in the call costs that value alone: the call goes well, and the rest of its report arrives.
    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&only(journal::reports(&house.data())).body).expect("JSON");
    assert_eq!(
        (&report["application"], &report["version"]),
        (&"Lucity Web".into(), &"2016".into()),
        "{report}"
    );
    assert!(report["facts"]["os_version"].is_string(), "{report}");
    assert!(report["facts"].get("favourite_colour").is_none(), "{report}");
    let everything = files(house.folder());
    let carriers: Vec<&Path> = everything
        .iter()
        .filter(|(_, bytes)| bytes.windows(13).any(|window| window == b"planted-green"))
        .map(|(path, _)| path.as_path())
        .collect();
    assert_eq!(carriers, Vec::<&Path>::new());
    assert!(said(&output).contains("favourite_colour"), "the loss has a name: {}", said(&output));
}

#[test]
fn law_7_every_loss_has_a_name() {
    let house = House::open();
    let site = house.site("happyville");
    // Categories that are refused: the rest arrives, and what was left out has a name.
    site.must(&["consent", "grant", "--category", "environment", "--category", "modules"]);
    let output = site.snapshot(&[]);
    assert!(output.status.success(), "{}", said(&output));
    let kept = only(journal::reports(&house.data()));
    let report: Value = serde_json::from_slice(&kept.body).expect("JSON");
    assert!(find(&report, "module_records").is_some(), "{report}");
    let withheld = report["withheld"].to_string();
    for metric in ["options", "system_settings", "mobile_devices"] {
        assert!(withheld.contains(metric), "{metric} in {withheld}");
    }

    // A database that is not there: the report says what could not be measured, and why.
    let nowhere = ["--database", "sqlite:/nowhere/at/all.sqlite", "--strict"];
    let output = site.run(&[&["snapshot"], BATCH, &nowhere].concat());
    assert_eq!(output.status.code(), Some(6), "{}", said(&output));
    let kept = journal::reports(&house.data());
    let report: Value = serde_json::from_slice(&kept.last().expect("a report").body).expect("JSON");
    let reason = find(&report["not_measured"], "reason").and_then(Value::as_str);
    assert_eq!(reason, Some("unreachable"), "{report}");
}
