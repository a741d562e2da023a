//! Law 3: no consent, no collection.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use candor_policy::{CategoryId, ConsentState, MetricId, OutcomeKind, Scope};
use candor_sdk::Bar;
use candor_sdk::{Cause, DeliveryEnd, Error, Loss, Site};

use jiff::SignedDuration;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, manifest, prepare, prepare_of_utility, submit, wider_manifest};

const DEADLINE: Duration = Duration::from_secs(5);
/// A metric that stands in no report: the collector sees it.
const PUBLIC_ADDRESS: &str = r#"
[metrics.public_ip]
title = "Public address"
description = "Where a submission comes from."
type = "transport"
form = "whole"
category = "licence"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "identifying"
sources = ["utility"]
retention_months = 12
"#;

fn cause(site: &Site) -> Cause {
    match site.draft("installer", "Sample Web", "2.0") {
        Err(Error::NotAllowed(cause)) => cause,
        other => panic!("{other:?}"),
    }
}

fn header(bar: Bar) -> Cause {
    let (metric, category) = (MetricId::parse("application"), CategoryId::parse("environment"));
    Cause::Header { metric: metric.unwrap(), category: category.unwrap(), bar }
}

fn categories(names: &[&str]) -> Scope {
    Scope::Categories(names.iter().map(|name| CategoryId::parse(name).unwrap()).collect())
}

#[test]
fn law_3_no_consent_no_collection() {
    let test = TestSite::alone();
    let site = test.open();
    assert_eq!(cause(&site), Cause::NotAsked);
    assert!(!test.state().join("installation.key").exists(), "not even a key is made before a consent");

    site.grant(Scope::All, "administrator").unwrap();
    assert!(prepare(&site).is_ok());

    site.deny("administrator").unwrap();
    assert!(matches!(cause(&site), Cause::Denied { actor, .. } if actor == "administrator"));
}

#[test]
fn law_3_denial_counts_for_every_source_at_once_even_when_nothing_can_be_reached() {
    let test = TestSite::alone();
    let first = test.granted();
    let other_process = test.open();
    let prepared = prepare_of_utility(&other_process).unwrap();
    submit(&first);
    other_process.submit(&prepare_of_utility(&other_process).unwrap()).unwrap();
    assert_eq!(first.waiting().unwrap().len(), 2);

    first.deny("administrator").unwrap();
    assert_eq!(other_process.waiting().unwrap(), [], "what waited is gone");
    assert_eq!(other_process.losses().unwrap()[&Loss::Denied], 2, "and counted");
    assert!(matches!(other_process.submit(&prepared), Err(Error::NotAllowed(Cause::Denied { .. }))));
    assert!(matches!(cause(&other_process), Cause::Denied { .. }));
    assert!(matches!(prepare_of_utility(&other_process), Err(Error::NotAllowed(Cause::Denied { .. }))));
}

#[test]
fn law_3_denial_between_spool_and_delivery_lets_nothing_leave() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    std::fs::write(test.settings_file(), "collection = \"denied\"").unwrap();
    let delivery = site.deliver(DEADLINE).unwrap();
    assert_eq!(delivery.end, DeliveryEnd::NotAllowed(Cause::MachineSettings(test.settings_file())));
    assert_eq!((delivery.waiting, site.losses().unwrap()[&Loss::Denied]), (0, 1));
    std::fs::remove_file(test.settings_file()).unwrap();
    site.deliver(DEADLINE).unwrap();
    assert_eq!(collector.requests(), [""; 0], "not even an enrolment");
}

#[test]
fn law_3_the_environment_and_the_machines_settings_override_a_grant_and_never_make_one() {
    let mut test = TestSite::alone();
    test.granted();
    for (name, value) in [("DO_NOT_TRACK", "1"), ("CANDOR_CONSENT", "denied")] {
        test.variables = vec![(name, value.to_owned())];
        assert_eq!(cause(&test.open()), Cause::Environment(name));
    }
    test.variables.clear();
    std::fs::write(test.settings_file(), "collection = \"denied\"").unwrap();
    assert_eq!(cause(&test.open()), Cause::MachineSettings(test.settings_file()));
    std::fs::write(test.settings_file(), "colection = \"denied\"").unwrap();
    assert!(matches!(cause(&test.open()), Cause::Settings(fault) if fault.line == Some(1)));
    std::fs::write(test.settings_file(), "collection = \"by-consent\"").unwrap();
    assert!(prepare(&test.open()).is_ok());

    let mut fresh = TestSite::alone();
    fresh.variables = vec![("CANDOR_CONSENT", "granted".to_owned())];
    assert_eq!(cause(&fresh.open()), Cause::NotAsked);
}

#[test]
fn law_3_what_a_variable_refuses_for_one_process_goes_on_waiting_for_the_others() {
    let mut test = TestSite::alone();
    submit(&test.granted());
    test.variables = vec![("DO_NOT_TRACK", "1".to_owned())];
    let quiet = test.open();
    assert_eq!(
        quiet.deliver(DEADLINE).unwrap().end,
        DeliveryEnd::NotAllowed(Cause::Environment("DO_NOT_TRACK"))
    );
    assert_eq!(quiet.waiting().unwrap().len(), 1);
}

#[test]
fn law_3_what_happened_before_consent_never_leaves() {
    let test = TestSite::alone();
    let site = test.open();
    test.clock.advance(SignedDuration::from_secs(3600));
    site.grant(Scope::All, "administrator").unwrap();
    let granted_at = site.consent().unwrap().grant.unwrap().granted_at;
    let hours = jiff::SignedDuration::from_hours;

    let mut draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    draft.period(granted_at - hours(24), granted_at + hours(1));
    let usage = r#"{"metric":"feature_use","dimensions":{},"count":40}"#;
    draft.usage(serde_json::from_str(usage).unwrap());
    let prepared = site.prepare(draft).unwrap();
    let period = prepared.report().period;
    assert_eq!((period.start, period.end), (granted_at, granted_at + hours(1)));
    assert!(prepared.report().usage.is_empty(), "the 40 were counted over both sides of the consent");
    assert!(prepared.outcomes().iter().any(|outcome| {
        outcome.kind == OutcomeKind::Withheld
            && outcome.metric.as_ref().is_some_and(|metric| metric.as_str() == "feature_use")
    }));

    let mut draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    draft.period(granted_at - hours(24), granted_at - hours(1));
    assert!(matches!(site.prepare(draft), Err(Error::NotAllowed(Cause::BeforeConsent { .. }))));
}

#[test]
fn law_3_a_refused_category_is_withheld_by_scope_and_by_the_machines_settings() {
    let test = TestSite::alone();
    let site = test.open();
    site.grant(categories(&["environment"]), "administrator").unwrap();
    let by_scope = prepare(&site).unwrap();
    site.grant(Scope::All, "administrator").unwrap();
    std::fs::write(test.settings_file(), "refuse = [\"licence\"]").unwrap();
    let by_settings = prepare(&site).unwrap();
    for prepared in [by_scope, by_settings] {
        let report = prepared.report();
        assert_eq!(report.withheld, BTreeSet::from([MetricId::parse("client_code").unwrap()]));
        assert_eq!(report.held, BTreeSet::new(), "it was refused, and does not wait");
        assert!(!report.facts.contains_key("client_code"));
        assert!(report.facts.contains_key("cluster"));
        assert_eq!(prepared.outcomes().iter().filter(|outcome| outcome.is_departure()).count(), 0, "no loss");
        assert!(!String::from_utf8_lossy(prepared.body()).contains("C-1042"));
    }
    let draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    assert!(!draft.wants("client_code") && draft.wants("cluster"));
    assert!(draft.narrowed_policy().metric("client_code").is_none(), "a gatherer does not even see it");
}

#[test]
fn law_3_a_narrower_consent_takes_back_what_waits() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    site.grant(categories(&["environment"]), "administrator").unwrap();
    let narrower = submit(&site);
    let delivery = site.deliver(DEADLINE).unwrap();
    assert_eq!(delivery.delivered.len(), 1, "{delivery:?}");
    assert_eq!(collector.reports(), [narrower.body()]);
    assert_eq!(site.losses().unwrap()[&Loss::Narrowed], 1);
}

/// Guards against an address that a collector stores for a report which it was taken back from.
#[test]
fn law_3_a_narrower_consent_takes_back_what_the_collector_would_see_of_the_sender() {
    let collector = TestCollector::start(Behaviour::Hold);
    let mut test = TestSite::new(&collector.url, &public_key().to_string());
    test.manifest.push_str(PUBLIC_ADDRESS);
    let site = test.granted();
    site.submit(&prepare_of_utility(&site).unwrap()).unwrap();
    site.grant(categories(&["environment"]), "administrator").unwrap();
    let narrower = prepare_of_utility(&site).unwrap();
    assert_eq!(narrower.report().withheld, BTreeSet::from([MetricId::parse("public_ip").unwrap()]));
    site.submit(&narrower).unwrap();
    site.deliver(DEADLINE).unwrap();
    assert_eq!(collector.reports(), [narrower.body()]);
    assert_eq!(site.losses().unwrap()[&Loss::Narrowed], 1);
}

#[test]
fn law_3_two_programmes_in_one_folder_have_their_own_consents_collectors_and_reports() {
    let (collector, elsewhere) =
        (TestCollector::start(Behaviour::Hold), TestCollector::start(Behaviour::Hold));
    let mut test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    let report = submit(&site);
    test.manifest =
        manifest(&elsewhere.url, &public_key().to_string()).replace("id = \"sample\"", "id = \"other\"");
    let other = test.granted();
    submit(&other);
    assert_eq!(other.deliver(DEADLINE).unwrap().delivered.len(), 1);
    assert_eq!((elsewhere.reports().len(), collector.requests().len()), (1, 0), "each to its own");

    other.deny("administrator").unwrap();
    let delivery = site.deliver(DEADLINE).unwrap();
    assert_eq!((delivery.delivered.len(), delivery.waiting), (1, 0), "the other one's denial took nothing");
    assert_eq!(collector.reports(), [report.body()]);
}

#[test]
fn law_3_a_denial_outlasts_an_upgrade() {
    let mut test = TestSite::alone();
    test.granted().deny("administrator").unwrap();
    test.manifest = wider_manifest("http://127.0.0.1:9", &public_key().to_string());
    let site = test.open();
    assert!(site.record_default("upgrade").unwrap().is_none());
    assert!(matches!(cause(&site), Cause::Denied { .. }));
}

#[test]
fn law_3_an_upgrade_keeps_or_narrows_a_consent_and_never_widens_it() {
    let mut test = TestSite::alone();
    test.granted();
    test.manifest = wider_manifest("http://127.0.0.1:9", &public_key().to_string());
    let site = test.open();
    let held = site.consent().unwrap().grant.unwrap().held;
    let name = |name| MetricId::parse(name).unwrap();
    assert_eq!(held, BTreeSet::from([name("client_code"), name("nodes")]), "the wider one and the new one");
    let report = prepare(&site).unwrap();
    assert_eq!(report.report().withheld, held);
    assert_eq!(report.report().held, held, "nobody was asked, so nobody refused");
    assert!(report.report().facts.contains_key("cluster"), "what did not change goes on");

    site.record_default("upgrade").unwrap();
    assert_eq!(site.consent().unwrap().grant.unwrap().held.len(), 2, "a default accepts nothing");
    site.grant(Scope::All, "administrator").unwrap();
    assert_eq!(site.consent().unwrap().grant.unwrap().held, BTreeSet::new());
}

/// Guards against "accept it", said of what somebody has refused.
#[test]
fn law_3_what_was_refused_does_not_wait_to_be_accepted() {
    let mut test = TestSite::alone();
    test.open().grant(categories(&["environment"]), "administrator").unwrap();
    test.manifest = wider_manifest("http://127.0.0.1:9", &public_key().to_string());
    let report = prepare(&test.open()).unwrap();
    let name = |name| MetricId::parse(name).unwrap();
    assert_eq!(report.report().withheld, BTreeSet::from([name("client_code"), name("nodes")]));
    assert_eq!(report.report().held, BTreeSet::from([name("nodes")]), "the wider one was refused before");
}

#[test]
fn law_3_another_collector_is_somebody_else_and_gets_nothing_before_it_is_accepted() {
    let new = TestCollector::start(Behaviour::Hold);
    let mut test = TestSite::alone();
    submit(&test.granted());
    test.manifest =
        test.manifest.replace("http://127.0.0.1:9", &new.url).replace("\"1.0\"\ntitle", "\"1.1\"\ntitle");
    let site = test.open();
    let delivery = site.deliver(DEADLINE).unwrap();
    assert!(
        matches!(delivery.end, DeliveryEnd::NotAllowed(Cause::Header { bar: Bar::Held, .. })),
        "{:?}",
        delivery.end
    );
    assert_eq!((delivery.waiting, new.requests().len()), (1, 0));

    site.grant(Scope::All, "administrator").unwrap();
    assert_eq!(site.deliver(DEADLINE).unwrap().delivered.len(), 1);
}

#[test]
fn law_3_a_consent_that_leaves_out_the_header_is_no_consent_to_a_report() {
    let test = TestSite::alone();
    let site = test.open();
    site.grant(categories(&["licence"]), "administrator").unwrap();
    assert_eq!(cause(&site), header(Bar::NotGranted));
    site.grant(Scope::All, "administrator").unwrap();
    std::fs::write(test.settings_file(), "refuse = [\"environment\"]").unwrap();
    assert_eq!(cause(&site), header(Bar::Refused));
}

#[test]
fn law_3_without_the_manifest_that_was_accepted_everything_is_held() {
    let mut test = TestSite::alone();
    test.granted();
    std::fs::remove_dir_all(test.state().join("policies")).unwrap();
    test.manifest = wider_manifest("http://127.0.0.1:9", &public_key().to_string());
    assert_eq!(cause(&test.open()), header(Bar::Held));
    assert_eq!(test.open().consent().unwrap().held.len(), 6, "every metric of the policy");
}

#[test]
fn law_3_a_ledger_that_does_not_hold_allows_nothing_and_can_still_be_decided_on() {
    let test = TestSite::alone();
    let site = test.granted();
    let ledger = test.state().join("consent.jsonl");
    let altered = std::fs::read_to_string(&ledger).unwrap().replace("\"all\"", "\"ALL\"");
    std::fs::write(&ledger, altered).unwrap();
    let Cause::Ledger(fault) = cause(&site) else { panic!() };
    assert_eq!(fault.line, 1);
    assert!(fault.to_string().contains("consent.jsonl, line 1"), "{fault}");

    site.deny("administrator").unwrap();
    assert!(matches!(cause(&site), Cause::Denied { .. }));
}

#[test]
fn a_default_is_recorded_once_and_never_overrides_a_decision() {
    let test = TestSite::alone();
    let site = test.open();
    assert!(site.record_default("silent installer").unwrap().is_some());
    assert_eq!(site.consent().unwrap().state, ConsentState::Granted);
    site.deny("administrator").unwrap();
    assert!(site.record_default("silent installer").unwrap().is_none());
    assert_eq!(site.consent().unwrap().state, ConsentState::Denied);
}

#[test]
fn law_3_a_default_never_overrides_a_denial_that_was_damaged() {
    for damage in ["\"dented\"", "\"granted\""] {
        let test = TestSite::alone();
        let site = test.open();
        site.deny("administrator").unwrap();
        let ledger = test.state().join("consent.jsonl");
        let text = std::fs::read_to_string(&ledger).unwrap().replace("\"denied\"", damage);
        std::fs::write(&ledger, &text).unwrap();
        let refused = site.record_default("silent installer");
        assert!(matches!(refused, Err(Error::NotAllowed(Cause::Ledger(_)))), "{refused:?}");
        assert!(matches!(cause(&site), Cause::Ledger(_)));
        assert_eq!(std::fs::read_to_string(&ledger).unwrap(), text, "it is not set aside either");
    }
}

/// Guards against a default that looked before a denial was recorded and wrote after it.
#[test]
fn law_3_a_denial_at_the_moment_of_a_default_stands() {
    for _ in 0..20 {
        let test = TestSite::alone();
        let (installer, administrator) = (test.open(), test.open());
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                installer.record_default("silent installer").unwrap();
            });
            start.wait();
            administrator.deny("administrator").unwrap();
        });
        assert!(matches!(cause(&installer), Cause::Denied { .. }));
    }
}

#[test]
fn a_manifest_that_was_damaged_is_kept_anew_by_the_next_grant() {
    let mut test = TestSite::alone();
    let site = test.granted();
    let folder = test.state().join("policies");
    let kept = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&kept, "damaged").unwrap();
    site.grant(Scope::All, "administrator").unwrap();
    test.manifest = wider_manifest("http://127.0.0.1:9", &public_key().to_string());
    assert_eq!(test.open().consent().unwrap().grant.unwrap().held.len(), 2, "not every metric of the policy");
}

#[test]
fn an_opt_in_policy_has_no_default() {
    let mut test = TestSite::alone();
    test.manifest = test.manifest.replace("opt-out\"", "opt-in\"");
    let site = test.open();
    assert!(matches!(site.record_default("silent installer"), Err(Error::MustAsk)));
    assert_eq!(cause(&site), Cause::NotAsked);
}

#[test]
fn a_scope_that_the_policy_does_not_have_is_named() {
    let site = TestSite::alone();
    let error = site.open().grant(categories(&["licences"]), "administrator").unwrap_err();
    assert!(matches!(&error, Error::UnknownCategory(name) if name == "licences"), "{error}");
}

/// Guards against a report that leaves after a denial, because consent was asked for before the collector took its time.
#[test]
fn law_3_a_denial_while_the_installation_enrols_lets_nothing_leave() {
    let collector = TestCollector::start(Behaviour::SlowEnrolment);
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    submit(&site);
    let delivery = std::thread::scope(|scope| {
        let delivering = scope.spawn(|| site.deliver(Duration::from_secs(10)).unwrap());
        let until = Instant::now() + Duration::from_secs(5);
        while collector.requests().is_empty() {
            assert!(Instant::now() < until, "it never enrolled");
            std::thread::yield_now();
        }
        test.open().deny("administrator").unwrap();
        collector.behave(Behaviour::Hold);
        delivering.join().unwrap()
    });
    assert!(matches!(delivery.end, DeliveryEnd::NotAllowed(Cause::Denied { .. }) | DeliveryEnd::Finished));
    assert_eq!((delivery.delivered.len(), delivery.waiting), (0, 0));
    assert_eq!(collector.requests(), [candor_policy::wire_paths::INSTALLATIONS], "the report was not sent");
    assert_eq!(site.sent().unwrap(), []);
}

/// Guards against a denial that another process can hold up by holding the ledger's lock.
#[test]
fn law_3_a_denial_holds_while_another_process_holds_the_ledger() {
    let test = TestSite::alone();
    let site = test.granted();
    submit(&site);
    let held = std::fs::File::options().write(true).open(test.state().join("state.lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(site.deny("Ada"), Err(Error::Unrecorded { .. })));
    assert!(matches!(cause(&test.open()), Cause::Denied { actor, .. } if actor == "Ada"));
    assert!(prepare(&test.open()).is_err(), "for every process at once");
    held.unlock().unwrap();

    assert_eq!(site.record_default("installer").unwrap(), None, "no default overrides it");
    site.grant(Scope::All, "Bob").unwrap();
    assert!(site.waiting().unwrap().is_empty(), "what waited when it was denied is gone");
    let ledger = std::fs::read_to_string(test.state().join("consent.jsonl")).unwrap();
    let states: Vec<bool> = ledger.lines().map(|line| line.contains("\"denied\"")).collect();
    assert_eq!(states, [false, true, false], "the ledger tells of it");
    assert!(prepare(&site).is_ok());
}

/// Guards against a denial that hangs or fails over what lies in the state folder.
#[cfg(unix)]
#[test]
fn law_3_a_denial_is_recorded_whatever_lies_in_its_way() {
    for name in ["consent.jsonl", "consent.head", "state.lock", "losses.json", "losses.lock"] {
        let test = TestSite::alone();
        test.granted();
        let path = test.state().join(name);
        let _ = std::fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let site = test.open();
        site.deny("Ada").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(matches!(cause(&test.open()), Cause::Denied { .. }), "{name}");
    }
}

#[test]
fn a_clock_that_was_set_back_is_told_and_tolerated_for_minutes() {
    let test = TestSite::alone();
    let site = test.granted();
    test.clock.set_date_by(SignedDuration::from_secs(-120));
    let period = prepare(&site).unwrap().report().period;
    assert_eq!(period.start, period.end);
    assert!(site.consent().unwrap().causes.is_empty());
    test.clock.set_date_by(SignedDuration::from_secs(-3600));
    assert!(matches!(cause(&site), Cause::ClockBehind { .. }));
    assert!(prepare(&site).is_err());
    let shown = cause(&site).to_string();
    assert!(shown.contains("later than this machine's clock"), "{shown}");
    test.granted();
    assert!(prepare(&site).is_ok(), "granted again, by the same administrator");
    test.clock.set_date_by(SignedDuration::from_secs(-301));
    assert!(prepare(&site).is_err());
    test.clock.advance(SignedDuration::from_secs(1));
    assert!(prepare(&site).is_ok());
}
