//! Law 2 and law 7 where an answer is lost: what left, or may have, is in the sent log, whenever the process ends.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candor_policy::ProblemCode;
use candor_sdk::limits::SENT_REPORTS;
use candor_sdk::{DeliveryEnd, Loss, SentReport, Site};

use jiff::SignedDuration;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, submit};

const AMPLE: Duration = Duration::from_secs(5);
const TIGHT: Duration = Duration::from_millis(300);

fn against(collector: &TestCollector) -> TestSite {
    TestSite::new(&collector.url, &public_key().to_string())
}

/// The only entry of the log.
fn only(site: &Site) -> SentReport {
    let mut sent = site.sent().unwrap();
    assert_eq!(sent.len(), 1);
    sent.remove(0)
}

/// The files of the log whose names end so.
fn files(test: &TestSite, ending: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(test.state().join("sent")).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

/// What the entry says in short: its state, the tries, those without an answer, and whether that leaves a doubt.
fn story(sent: &SentReport) -> (&'static str, u64, u64, bool) {
    let sending = &sent.sending;
    (sending.word(), sending.tries, sending.unanswered, sending.may_be_held())
}

#[test]
fn law_2_a_report_is_in_the_log_before_its_answer_comes() {
    let collector = TestCollector::start(Behaviour::Stall);
    let test = against(&collector);
    let site = test.granted();
    let prepared = submit(&site);
    std::thread::scope(|scope| {
        scope.spawn(|| site.deliver(Duration::from_secs(2)).unwrap());
        let until = Instant::now() + AMPLE;
        while !collector.requests().iter().any(|path| path == candor_policy::wire_paths::REPORTS) {
            assert!(Instant::now() < until, "the report was never sent");
            std::thread::yield_now();
        }
        // The collector has the request and says nothing: this is what a process finds that is ended here.
        let sent = only(&test.open());
        assert_eq!(story(&sent), ("no-answer", 1, 1, true));
        assert_eq!(
            (sent.bytes.as_slice(), sent.sending.collector.as_str()),
            (prepared.body(), &*collector.url)
        );
    });
    collector.behave(Behaviour::Hold);
    test.clock.advance(SignedDuration::from_secs(60));
    let until = Instant::now() + AMPLE;
    // The thread that was left behind may still be letting go of the lock.
    while test.open().deliver(AMPLE).unwrap().delivered.is_empty() {
        assert!(Instant::now() < until, "the report was never delivered");
    }
    let sent = only(&test.open());
    assert_eq!(story(&sent), ("held", 2, 1, false), "the same entry, completed");
    assert_eq!((sent.sending.last_at - sent.sending.first_at).get_seconds(), 60);
}

#[test]
fn law_7_a_lost_answer_is_a_doubt_that_somebody_can_see() {
    for (behaviour, wanted) in [
        (Behaviour::LoseReceipt, ("no-answer", 1, 1, true)),
        (Behaviour::ForgedReceipt, ("no-answer", 1, 1, true)),
        (Behaviour::ErrorPage, ("no-answer", 1, 1, true)),
        (Behaviour::Refuse(ProblemCode::Unavailable, None), ("refused", 1, 0, false)),
        (Behaviour::Refuse(ProblemCode::UnknownSource, None), ("refused", 1, 0, false)),
    ] {
        let collector = TestCollector::start(behaviour);
        let test = against(&collector);
        let site = test.granted();
        submit(&site);
        site.deliver(AMPLE).unwrap();
        let sent = only(&site);
        assert_eq!(story(&sent), wanted, "{behaviour:?}");
        assert_eq!(
            sent.sending.why.is_some(),
            wanted.3,
            "{behaviour:?}: the reason is kept where it is known"
        );
    }
}

#[test]
fn a_report_of_which_no_byte_left_is_not_in_the_log() {
    let collector = TestCollector::start(Behaviour::LoseReceipt);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    assert_eq!(story(&only(&site)), ("no-answer", 1, 1, true));
    // It is known there, and nobody listens any more.
    let mark = test.state().join("enrolled");
    let nowhere = "http://127.0.0.1:9";
    let moved = std::fs::read_to_string(&mark).unwrap().replace(&collector.url, nowhere);
    std::fs::write(&mark, moved).unwrap();
    std::fs::write(test.settings_file(), format!("collector_url = \"{nowhere}\"")).unwrap();
    submit(&site);
    assert!(matches!(site.deliver(AMPLE).unwrap().end, DeliveryEnd::Unreachable(_)));
    let sent = only(&site);
    assert_eq!(story(&sent), ("no-answer", 1, 1, true), "as before that try");
    assert_eq!(sent.sending.collector, collector.url);
}

#[test]
fn bytes_whose_entry_was_never_written_have_not_left() {
    let collector = TestCollector::start(Behaviour::LoseReceipt);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    // As a stop between the two files leaves it.
    let [entry] = files(&test, ".entry.json").try_into().unwrap();
    std::fs::remove_file(entry).unwrap();
    assert_eq!(site.sent().unwrap(), []);
    let id = uuid::Uuid::nil();
    std::fs::write(test.state().join("sent").join(format!("{id}.json")), "{}").unwrap();

    collector.behave(Behaviour::Hold);
    site.deliver(AMPLE).unwrap();
    assert_eq!(story(&only(&site)), ("held", 1, 0, false));
    assert_eq!(files(&test, ".json").len(), 2, "and what was left over is gone");
}

#[test]
fn law_5_law_7_where_the_log_cannot_be_written_nothing_leaves_and_nothing_is_lost() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    std::fs::write(test.state().join("sent"), "no room for a folder").unwrap();
    let prepared = submit(&site);
    let began = Instant::now();
    let delivery = site.deliver(TIGHT).unwrap();
    assert!(began.elapsed() < TIGHT + Duration::from_secs(1));
    let said = delivery.end.to_string();
    assert!(matches!(delivery.end, DeliveryEnd::Failed(_)) && said.contains("sent"), "{said}");
    assert_eq!((delivery.waiting, collector.reports().len()), (1, 0));

    std::fs::remove_file(test.state().join("sent")).unwrap();
    assert_eq!(site.deliver(AMPLE).unwrap().delivered.len(), 1);
    assert_eq!(collector.reports(), [prepared.body()]);
}

/// Guards against a report that waited for long and whose entry is the first to be trimmed, while it is being written.
#[test]
fn an_old_report_that_leaves_at_last_stays_in_a_full_log() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    let old = submit(&site);
    let [entry] = files(&test, ".entry.json").try_into().unwrap();
    let later: u64 = 4_000_000_000_000;
    for newer in 0..SENT_REPORTS as u64 {
        let id = uuid::Builder::from_unix_timestamp_millis(later + newer, &[0; 10]).into_uuid();
        std::fs::write(entry.with_file_name(format!("{id}.json")), "{}").unwrap();
        std::fs::copy(&entry, entry.with_file_name(format!("{id}.entry.json"))).unwrap();
    }
    site.deliver(AMPLE).unwrap();
    let sent = site.sent().unwrap();
    assert_eq!(sent.len(), SENT_REPORTS);
    assert!(sent.iter().any(|sent| sent.report_id == old.report().report_id));
    assert_eq!(site.losses().unwrap()[&Loss::SentLogTrimmed], 2);
}

#[test]
fn law_7_a_damaged_entry_is_set_aside_and_counted() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    let [entry] = files(&test, ".entry.json").try_into().unwrap();
    std::fs::write(&entry, "{\"tries\":").unwrap();
    assert_eq!(site.sent().unwrap(), []);
    assert_eq!(site.losses().unwrap()[&Loss::Damaged], 1);
    std::fs::write(&entry, vec![b' '; 16 << 20]).unwrap();
    assert_eq!(site.sent().unwrap(), [], "one that is far too long is damaged as well");
    assert_eq!(site.losses().unwrap()[&Loss::Damaged], 2);
    let aside = |file: &Path| test.state().join("damaged").join(file.file_name().unwrap());
    assert!(aside(&entry).is_file(), "the entry and the bytes are kept for a look");
    assert_eq!(std::fs::read_dir(test.state().join("damaged")).unwrap().count(), 2);
}

#[test]
fn law_2_a_receipt_for_other_bytes_than_the_log_holds_is_named() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    let bytes = files(&test, ".json").into_iter().find(|path| !path.to_string_lossy().contains(".entry."));
    let bytes = bytes.unwrap();
    let other = std::fs::read_to_string(&bytes).unwrap().replace("C-1042", "C-9999");
    std::fs::write(&bytes, other).unwrap();
    let fault = only(&site).verified(&public_key()).unwrap().unwrap_err();
    assert_eq!(fault, candor_sdk::ReceiptFault::OtherReport);
}
