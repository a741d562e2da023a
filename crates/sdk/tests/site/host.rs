//! Law 5: the host comes first. No crash, no unbounded disk, no unbounded wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candor_policy::{Clock, Scope};
use candor_sdk::limits::{SENT_BYTES, SENT_REPORTS, SPOOL_BYTES, SPOOL_REPORTS};
use candor_sdk::{Error, Loss};
use jiff::{SignedDuration, Timestamp};

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, prepare, submit};

/// A clock that fails the way only a mistake can.
struct BrokenClock;

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        panic!("the clock is broken")
    }

    fn instant(&self) -> std::time::Instant {
        panic!("the clock is broken")
    }
}

#[test]
fn law_5_the_host_comes_first_a_panic_inside_is_contained_and_counted() {
    let test = TestSite::alone();
    test.granted();
    submit(&test.open());
    let site = test.open_with(Arc::new(BrokenClock));
    assert!(
        matches!(site.grant(Scope::All, "administrator"), Err(Error::Contained(why)) if why.contains("clock"))
    );
    assert!(matches!(site.draft("installer", "Sample Web", "2.0"), Err(Error::Contained(_))));
    assert!(
        matches!(site.deliver(Duration::from_secs(1)), Err(Error::Contained(_))),
        "on the delivery's thread too"
    );
    assert_eq!(test.open().losses().unwrap()[&Loss::Contained], 3);
    assert!(prepare(&test.open()).is_ok(), "and nothing is locked or broken after it");
}

#[test]
fn law_5_the_host_comes_first_the_spool_is_bounded_and_gives_up_the_oldest() {
    let test = TestSite::alone();
    let site = test.granted();
    let first = submit(&site);
    for _ in 0..SPOOL_REPORTS + 2 {
        test.clock.advance(SignedDuration::from_secs(1));
        submit(&site);
    }
    let waiting = site.waiting().unwrap();
    assert_eq!(waiting.len(), SPOOL_REPORTS);
    assert!(waiting.iter().all(|report| report.report_id != first.report().report_id));
    assert_eq!(site.losses().unwrap()[&Loss::SpoolFull], 3);
}

#[test]
fn law_5_the_host_comes_first_a_state_folder_that_cannot_be_written_is_an_error_and_no_crash() {
    let test = TestSite::alone();
    std::fs::write(test.state(), "a file where the folder should be").unwrap();
    let site = test.open();
    let error = site.grant(Scope::All, "administrator").unwrap_err();
    assert!(matches!(&error, Error::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains("state"), "{error}");
    assert!(site.draft("installer", "Sample Web", "2.0").is_err());
    assert!(site.deliver(Duration::from_millis(200)).is_err() || site.waiting().is_err());
}

#[test]
fn law_5_the_host_comes_first_a_lock_that_is_not_given_back_is_not_waited_for_long() {
    let test = TestSite::alone();
    let site = test.granted();
    let prepared = prepare(&site).unwrap();
    let holder = std::fs::File::create(test.state().join("state.lock")).unwrap();
    holder.lock().unwrap();
    let began = Instant::now();
    assert!(matches!(site.submit(&prepared), Err(Error::Busy { .. })));
    assert!(began.elapsed() < Duration::from_secs(4));
    drop(holder);
    site.submit(&prepared).unwrap();
}

#[test]
fn law_5_the_host_comes_first_the_sent_log_is_bounded() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    site.deliver(Duration::from_secs(5)).unwrap();
    let folder = test.state().join("sent");
    let entry = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let entry = entry.into_iter().find(|path| path.to_string_lossy().ends_with(".entry.json")).unwrap();
    for older in 0..SENT_REPORTS {
        let id = uuid::Builder::from_unix_timestamp_millis(older as u64, &[0; 10]).into_uuid();
        std::fs::write(folder.join(format!("{id}.json")), "{}").unwrap();
        std::fs::copy(&entry, folder.join(format!("{id}.entry.json"))).unwrap();
    }
    test.clock.advance(SignedDuration::from_secs(1));
    submit(&site);
    site.deliver(Duration::from_secs(5)).unwrap();
    let sent = site.sent().unwrap();
    assert_eq!(sent.len(), SENT_REPORTS);
    assert_eq!(
        sent.iter().filter(|sent| sent.bytes.len() > 2).count(),
        2,
        "the newest are the ones that stay"
    );
    assert_eq!(site.losses().unwrap()[&Loss::SentLogTrimmed], 2);
}

/// Large files that cost no disk; their reports are older than any other.
fn large(folder: &std::path::Path, number: u64, bytes: u64, name: impl Fn(uuid::Uuid) -> String) {
    for older in 0..number {
        let id = uuid::Builder::from_unix_timestamp_millis(older, &[0; 10]).into_uuid();
        std::fs::File::create(folder.join(name(id))).unwrap().set_len(bytes).unwrap();
    }
}

#[test]
fn law_5_the_host_comes_first_spool_and_sent_log_are_bounded_in_bytes() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    let digest = candor_policy::Digest::of(b"").to_string().replace(':', "-");
    std::fs::create_dir(test.state().join("spool")).unwrap();
    large(&test.state().join("spool"), 3, SPOOL_BYTES / 2, |id| format!("{id}.{digest}.json"));
    let newest = submit(&site);
    assert_eq!(
        site.losses().unwrap()[&Loss::SpoolFull],
        2,
        "one of them and the new one are within the bound"
    );

    let entry = |id| format!("{id}.entry.json");
    std::fs::create_dir(test.state().join("sent")).unwrap();
    large(&test.state().join("sent"), 3, SENT_BYTES / 2, |id| format!("{id}.json"));
    large(&test.state().join("sent"), 3, 2, entry);
    site.deliver(Duration::from_secs(5)).unwrap();
    assert_eq!(site.losses().unwrap()[&Loss::SentLogTrimmed], 2);
    assert_eq!(collector.reports(), [newest.body()]);
}
