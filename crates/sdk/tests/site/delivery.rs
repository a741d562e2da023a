//! Delivery: whatever the collector and the network do, within the deadline, and nothing is lost.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use candor_policy::{ProblemCode, wire_paths};
use candor_sdk::{Delivery, DeliveryEnd, Site};

use jiff::SignedDuration;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, submit};

const AMPLE: Duration = Duration::from_secs(5);
const TIGHT: Duration = Duration::from_millis(300);
/// How late a delivery may come back on a busy machine.
const SLACK: Duration = Duration::from_millis(1200);

fn against(collector: &TestCollector) -> TestSite {
    TestSite::new(&collector.url, &public_key().to_string())
}

/// Delivers within a tight deadline, and holds the delivery to it.
fn deliver_in_time(site: &Site) -> Delivery {
    let began = Instant::now();
    let delivery = site.deliver(TIGHT).unwrap();
    let took = began.elapsed();
    assert!(took < TIGHT + SLACK, "it took {took:?}");
    delivery
}

/// The report that could not be delivered goes to a collector that answers, by a later call.
fn delivered_later(mut test: TestSite) {
    let collector = TestCollector::start(Behaviour::Hold);
    std::fs::write(test.settings_file(), format!("collector_url = \"{}\"", collector.url)).unwrap();
    test.variables.clear();
    let site = test.open();
    let until = Instant::now() + AMPLE;
    // A thread that was left behind may still be letting go of the lock.
    while !site.waiting().unwrap().is_empty() && Instant::now() < until {
        site.deliver(AMPLE).unwrap();
        std::thread::yield_now();
    }
    assert_eq!(collector.reports().len(), 1);
    assert_eq!(site.sent().unwrap().len(), 1);
}

#[test]
fn a_report_is_delivered_once_and_the_oldest_first() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    let first = submit(&site);
    test.clock.advance(SignedDuration::from_secs(1));
    let second = submit(&site);
    let delivery = site.deliver(AMPLE).unwrap();
    let order: Vec<_> = delivery.delivered.iter().map(|sent| sent.report_id).collect();
    assert_eq!(order, [first.report().report_id, second.report().report_id]);
    assert_eq!((delivery.waiting, delivery.end), (0, DeliveryEnd::Finished));
    assert_eq!(
        collector.requests(),
        [
            candor_policy::wire_paths::INSTALLATIONS,
            candor_policy::wire_paths::REPORTS,
            candor_policy::wire_paths::REPORTS
        ]
    );

    site.deliver(AMPLE).unwrap();
    assert_eq!(collector.requests().len(), 3, "nothing is sent twice");
}

#[test]
fn an_installation_that_was_forgotten_enrols_again() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    site.deliver(AMPLE).unwrap();
    collector.forget_installations();
    submit(&site);
    assert_eq!(site.deliver(AMPLE).unwrap().delivered.len(), 1);
    let enrolments =
        collector.requests().iter().filter(|path| *path == candor_policy::wire_paths::INSTALLATIONS).count();
    assert_eq!(enrolments, 2);
}

#[test]
fn a_collector_that_refuses_the_connection_costs_no_report() {
    let free_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let test = TestSite::new(&format!("http://{free_port}"), &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let delivery = deliver_in_time(&site);
    assert!(matches!(delivery.end, DeliveryEnd::Unreachable(_)), "{:?}", delivery.end);
    assert_eq!(delivery.waiting, 1);
    delivered_later(test);
}

#[test]
fn a_black_hole_costs_the_deadline_and_no_report() {
    // Bound and never accepted: the connection stands and nobody speaks.
    let hole = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hole.local_addr().unwrap());
    let test = TestSite::new(&url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let delivery = deliver_in_time(&site);
    assert_eq!((delivery.end, delivery.waiting), (DeliveryEnd::Deadline, 1));
    delivered_later(test);
}

#[test]
fn a_collector_that_stalls_after_accepting_costs_the_deadline_and_no_report() {
    let collector = TestCollector::start(Behaviour::Stall);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    let delivery = deliver_in_time(&site);
    assert_eq!((delivery.end, delivery.waiting), (DeliveryEnd::Deadline, 1));
    delivered_later(test);
}

#[test]
fn a_name_that_does_not_resolve_costs_no_more_than_the_deadline_and_no_report() {
    let test = TestSite::new("https://collector.invalid", &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let delivery = deliver_in_time(&site);
    assert_eq!(delivery.waiting, 1);
    assert_ne!(delivery.end, DeliveryEnd::Finished);
    delivered_later(test);
}

#[test]
fn a_receipt_that_was_lost_on_the_way_leads_to_one_report_and_one_entry() {
    let collector = TestCollector::start(Behaviour::LoseReceipt);
    let test = against(&collector);
    let site = test.granted();
    submit(&site);
    assert_eq!(deliver_in_time(&site).waiting, 1);
    collector.behave(Behaviour::Hold);
    let delivery = site.deliver(AMPLE).unwrap();
    let receipt = delivery.delivered[0].verified(&public_key()).unwrap().unwrap();
    assert!(receipt.duplicate);
    assert_eq!((collector.reports().len(), site.sent().unwrap().len()), (1, 1));
}

#[test]
fn a_receipt_that_does_not_hold_is_no_receipt() {
    for behaviour in [Behaviour::ForgedReceipt, Behaviour::ReceiptForOtherBytes, Behaviour::ErrorPage] {
        let collector = TestCollector::start(behaviour);
        let test = against(&collector);
        let site = test.granted();
        submit(&site);
        let delivery = site.deliver(AMPLE).unwrap();
        assert!(matches!(delivery.end, DeliveryEnd::Unreachable(_)), "{behaviour:?}: {:?}", delivery.end);
        assert_eq!((delivery.delivered.len(), delivery.waiting), (0, 1), "{behaviour:?}");
        assert!(site.sent().unwrap()[0].receipt().is_none(), "{behaviour:?}");
    }
}

#[test]
fn what_is_refused_for_good_moves_out_of_the_way_and_stays_in_sight() {
    let collector = TestCollector::start(Behaviour::Refuse(ProblemCode::UnknownSource, None));
    let test = against(&collector);
    let site = test.granted();
    let prepared = submit(&site);
    let delivery = site.deliver(AMPLE).unwrap();
    assert_eq!(delivery.refused.len(), 1);
    assert_eq!((delivery.waiting, delivery.end), (0, DeliveryEnd::Finished));
    let refused = test.open().refused().unwrap();
    assert_eq!(refused[0].bytes, prepared.body());
    assert_eq!(refused[0].problem.code, ProblemCode::UnknownSource);
}

#[test]
fn a_report_that_must_wait_does_not_hold_up_the_others_unless_the_collector_is_down() {
    let cases = [
        (ProblemCode::UnknownPolicy, 3),
        (ProblemCode::Internal, 2),
        (ProblemCode::NotFound, 1),
        (ProblemCode::Unavailable, 1),
    ];
    for (code, tried) in cases {
        let collector = TestCollector::start(Behaviour::Refuse(code, None));
        let test = against(&collector);
        let site = test.granted();
        for _ in 0..3 {
            submit(&site);
        }
        let delivery = site.deliver(AMPLE).unwrap();
        assert_eq!((delivery.postponed.len(), delivery.waiting), (tried, 3), "{code}");
    }
}

#[test]
fn retry_after_is_honoured_across_processes_and_never_for_longer_than_a_day() {
    let collector = TestCollector::start(Behaviour::Refuse(ProblemCode::RateLimited, Some("120")));
    let test = against(&collector);
    submit(&test.granted());
    test.open().deliver(AMPLE).unwrap();
    collector.behave(Behaviour::Hold);
    let asked = collector.requests().len();

    test.clock.advance(SignedDuration::from_secs(119));
    assert!(matches!(test.open().deliver(AMPLE).unwrap().end, DeliveryEnd::NotBefore(_)));
    assert_eq!(collector.requests().len(), asked);
    test.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(test.open().deliver(AMPLE).unwrap().delivered.len(), 1);

    collector.behave(Behaviour::Refuse(ProblemCode::Unavailable, Some("999999999")));
    submit(&test.open());
    test.open().deliver(AMPLE).unwrap();
    collector.behave(Behaviour::Hold);
    test.clock.advance(SignedDuration::from_secs(24 * 3600 + 1));
    assert_eq!(test.open().deliver(AMPLE).unwrap().delivered.len(), 1);
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_named_and_nothing_is_lost() {
    let test = TestSite::new("https://collector.invalid", &public_key().to_string());
    let site = test.granted();
    submit(&site);
    std::fs::write(test.settings_file(), "ca_file = \"/nowhere/ca.pem\"").unwrap();
    let delivery = deliver_in_time(&site);
    assert!(
        matches!(&delivery.end, DeliveryEnd::Unreachable(why) if why.contains("/nowhere/ca.pem")),
        "{:?}",
        delivery.end
    );
    assert_eq!(delivery.waiting, 1);
}

/// Guards against a portal that answers everything, and gets a report.
#[test]
fn nothing_follows_to_what_does_not_enrol_with_the_collectors_signature() {
    for behaviour in [Behaviour::Portal, Behaviour::UnsignedEnrolment, Behaviour::ForgedEnrolment] {
        let collector = TestCollector::start(behaviour);
        let test = TestSite::new(&collector.url, &public_key().to_string());
        let site = test.granted();
        submit(&site);
        let delivery = site.deliver(Duration::from_secs(5)).unwrap();
        assert!(
            matches!(&delivery.end, DeliveryEnd::Unreachable(why) if why.contains("not as the policy's collector")),
            "{:?}",
            delivery.end
        );
        assert_eq!(collector.requests(), [wire_paths::INSTALLATIONS]);
        collector.behave(Behaviour::Hold);
        site.deliver(Duration::from_secs(5)).unwrap();
        assert_eq!(collector.reports().len(), 1, "and it arrives once the way is open");
    }
}

/// Guards against a receipt that is never understood, since something on the way has compressed it unasked.
#[test]
fn answers_that_were_compressed_on_the_way_are_understood() {
    let collector = TestCollector::start(Behaviour::CompressedAnswers);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let delivery = site.deliver(Duration::from_secs(5)).unwrap();
    assert_eq!((delivery.end, delivery.delivered.len(), delivery.waiting), (DeliveryEnd::Finished, 1, 0));
}
