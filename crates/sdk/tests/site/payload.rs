//! Law 2: the preview is the payload. And law 1, as far as it is the SDK's: declared or dropped.

use std::time::Duration;

use candor_policy::{Digest, OutcomeKind, Reason, Value};
use candor_sdk::{Error, ReceiptFault};

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, prepare};

#[test]
fn law_2_the_preview_is_the_payload() {
    let collector = TestCollector::start(Behaviour::Refuse(candor_policy::ProblemCode::Unavailable, None));
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();
    let prepared = prepare(&site).unwrap();
    let shown = prepared.body().to_vec();

    site.submit(&prepared).unwrap();
    site.deliver(Duration::from_secs(5)).unwrap();
    let waiting = test.open().waiting().unwrap();
    assert_eq!(waiting[0].bytes, shown, "what waits, as another process shows it");

    collector.behave(Behaviour::Hold);
    let delivery = site.deliver(Duration::from_secs(5)).unwrap();
    assert_eq!(delivery.delivered.len(), 1, "{delivery:?}");
    assert_eq!(collector.reports(), std::slice::from_ref(&shown), "what arrived");

    let sent = test.open().sent().unwrap();
    assert_eq!(sent[0].bytes, shown, "what the sent log keeps");
    let receipt = sent[0].verified(&public_key()).unwrap().unwrap();
    assert_eq!(receipt.received_digest, Digest::of(&shown), "what the receipt is for");
    let stranger = candor_policy::PublicKey::from_bytes([9; 32]);
    assert_eq!(sent[0].verified(&stranger), Some(Err(ReceiptFault::Signature)));
}

#[test]
fn law_2_a_large_report_is_compressed_on_the_wire_and_the_same_bytes_after() {
    let collector = TestCollector::start(Behaviour::Hold);
    let mut test = TestSite::new(&collector.url, &public_key().to_string());
    test.manifest = test.manifest.replace(
        "[metrics.client_code]",
        "[metrics.options]\ntitle = \"Options\"\ndescription = \"How it is set up.\"\ntype = \"setting\"\n\
         from = \"database.columns\"\ntables = [\"*OPTIONS\"]\ncategory = \"environment\"\npurposes = [\"platforms\"]\n\
         owner = \"Platform team\"\nsensitivity = \"operational\"\nsources = [\"installer\"]\nretention_months = 24\n\n\
         [metrics.client_code]",
    );
    let site = test.granted();
    let mut draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    let entries = (0..500).map(|key| (format!("WKOPTIONS.KEY{key}"), candor_policy::Entry::Integer(key)));
    draft.fact("options", Value::Keyed(entries.collect()));
    let prepared = site.prepare(draft).unwrap();
    assert!(prepared.body().len() > 4096);
    site.submit(&prepared).unwrap();
    assert_eq!(site.deliver(Duration::from_secs(5)).unwrap().delivered.len(), 1);
    assert_eq!(collector.reports(), [prepared.body()]);
}

#[test]
fn law_1_what_is_not_declared_is_dropped_before_it_is_stored_and_named() {
    let test = TestSite::alone();
    let site = test.granted();
    let mut draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    draft.fact("user_name", Value::Text("ada".to_owned()));
    draft.fact("client_code", Value::Text("not a code".to_owned()));
    let prepared = site.prepare(draft).unwrap();
    site.submit(&prepared).unwrap();
    let stored = String::from_utf8(site.waiting().unwrap()[0].bytes.clone()).unwrap();
    assert!(!stored.contains("ada") && !stored.contains("not a code"), "{stored}");
    let kinds: Vec<OutcomeKind> = prepared.outcomes().iter().map(|outcome| outcome.kind).collect();
    assert!(
        kinds.contains(&OutcomeKind::Undeclared) && kinds.contains(&OutcomeKind::NotAllowed),
        "{kinds:?}"
    );
}

#[test]
fn what_nobody_gave_is_not_measured_and_an_unlisted_release_is_named() {
    let test = TestSite::alone();
    let site = test.granted();
    let prepared = site.prepare(site.draft("installer", "Sample Web", "2.0").unwrap()).unwrap();
    let missing: Vec<_> =
        prepared.report().not_measured.iter().map(|m| (m.metric.as_str(), m.reason)).collect();
    assert_eq!(missing, [("client_code", Reason::NotConfigured), ("cluster", Reason::NotConfigured)]);
    assert!(prepared.report().facts.contains_key("os_version"), "the SDK takes this itself");

    let prepared = site.prepare(site.draft("installer", "Sample Web", "9.9").unwrap()).unwrap();
    let unlisted: Vec<_> =
        prepared.outcomes().iter().filter(|outcome| outcome.kind == OutcomeKind::UnknownRelease).collect();
    assert_eq!(unlisted.len(), 1);
    assert_eq!(unlisted[0].metric.as_ref().unwrap().as_str(), "cluster");
}

#[test]
fn a_source_or_an_application_that_the_policy_does_not_know_is_refused() {
    let site = TestSite::alone().granted();
    for (source, application) in [("batch", "Sample Web"), ("installer", "Sample Wep")] {
        assert!(matches!(site.draft(source, application, "2.0"), Err(Error::Refused(_))));
    }
}
