//! What a machine that stops at the wrong moment leaves behind.

use std::time::Duration;

use candor_policy::Scope;
use candor_sdk::Loss;

use jiff::SignedDuration;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, submit};

#[test]
fn a_half_written_report_is_never_shown_or_sent_and_is_swept_away() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let half = test.state().join("spool").join(".writing-1-half.json");
    std::fs::write(&half, "{\"report_id\":").unwrap();
    assert_eq!(site.waiting().unwrap().len(), 1);
    submit(&site);
    assert!(!half.exists());
    assert_eq!(site.deliver(Duration::from_secs(5)).unwrap().delivered.len(), 2);
}

#[test]
fn a_damaged_report_is_set_aside_and_the_others_are_delivered() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    let damaged = submit(&site).report().report_id;
    test.clock.advance(SignedDuration::from_secs(1));
    submit(&site);
    let folder = test.state().join("spool");
    let file = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.to_string_lossy().contains(&damaged.to_string())).unwrap();
    // Still a report, but not the one that was shown.
    let text = std::fs::read_to_string(&file).unwrap().replace("C-1042", "C-9999");
    std::fs::write(&file, text).unwrap();

    let delivery = site.deliver(Duration::from_secs(5)).unwrap();
    assert_eq!((delivery.delivered.len(), delivery.waiting), (1, 0));
    assert_eq!(site.losses().unwrap()[&Loss::Damaged], 1);
    let kept = test.state().join("damaged").join(file.file_name().unwrap());
    assert!(std::fs::read_to_string(kept).unwrap().contains("C-9999"));
}

#[test]
fn a_stop_between_sent_log_and_spool_sends_twice_and_logs_once() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let folder = test.state().join("spool");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&file).unwrap();
    site.deliver(Duration::from_secs(5)).unwrap();
    std::fs::write(&file, bytes).unwrap();

    assert_eq!(site.deliver(Duration::from_secs(5)).unwrap().delivered.len(), 1);
    assert_eq!((site.sent().unwrap().len(), collector.reports().len()), (1, 1));
}

/// Guards against reports from before a denial that leave after a later grant.
#[test]
fn law_3_a_stop_between_a_denial_and_the_spool_lets_nothing_leave_after_a_later_grant() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let folder = test.state().join("spool");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&file).unwrap();
    site.deny("administrator").unwrap();
    std::fs::write(&file, bytes).unwrap();

    site.grant(Scope::All, "administrator").unwrap();
    test.clock.advance(SignedDuration::from_secs(1));
    let after = submit(&site);
    let delivery = site.deliver(Duration::from_secs(5)).unwrap();
    assert_eq!((delivery.delivered.len(), delivery.waiting), (1, 0));
    assert_eq!(collector.reports(), [after.body()]);
    assert_eq!(site.losses().unwrap()[&Loss::Denied], 2, "once with the denial, once found after it");
}
