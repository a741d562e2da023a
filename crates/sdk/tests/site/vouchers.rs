//! What of a voucher a site shows, and what it says where the vendor does not accept it.

use std::collections::BTreeSet;
use std::time::Duration;

use candor_policy::voucher::{Certificate, Terms, Voucher};
use candor_policy::{CategoryId, PublicKey, Scope};
use ed25519_dalek::SigningKey;
use jiff::civil::date;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, submit};

const AMPLE: Duration = Duration::from_secs(5);
const TODAY: jiff::civil::Date = date(2026, 1, 1);
/// The vendor's number of the customer, in the category of the licence.
const IDENTITY: &str = r#"
[metrics.client_id]
title = "Client number"
description = "The vendor's number of the customer."
type = "identity"
identifies = "customer"
from = "given"
category = "licence"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "identifying"
sources = ["installer"]
retention_months = 24
"#;

fn issuer() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

fn voucher(seed: u8) -> Voucher {
    let terms = Terms { customer: "C-1042", installations: 5, seed: [seed; 32] };
    Voucher::issue(&issuer(), Some(&terms), TODAY, date(2099, 12, 31)).unwrap()
}

/// A site whose policy declares a voucher key, with a voucher in the product's configuration.
fn site(collector: &TestCollector) -> TestSite {
    let mut test = TestSite::new(&collector.url, &public_key().to_string());
    let key = PublicKey::from_bytes(issuer().verifying_key().to_bytes());
    let line = format!("public_key = \"{}\"\n", public_key());
    test.manifest = test.manifest.replace(&line, &format!("{line}voucher_key = \"{key}\"\n")) + IDENTITY;
    test.voucher = Some(voucher(1));
    test
}

fn deliver(test: &TestSite) -> Vec<String> {
    let site = test.open();
    submit(&site);
    site.deliver(AMPLE).unwrap().notes
}

/// What the last enrolment showed; it holds for the key that it names.
fn shown(collector: &TestCollector) -> Option<Certificate> {
    let enrolment = collector.enrolments().pop().expect("an enrolment");
    let issuers = [PublicKey::from_bytes(issuer().verifying_key().to_bytes())];
    let proof = enrolment.voucher?;
    Some(proof.verify(&enrolment.public_key, &issuers, TODAY).unwrap())
}

#[test]
fn the_customer_is_named_where_the_consent_covers_that_and_once() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = site(&collector);
    test.granted();
    assert_eq!(deliver(&test), Vec::<String>::new());
    assert_eq!(shown(&collector).unwrap().customer.as_deref(), Some("C-1042"));
    deliver(&test);
    assert_eq!(collector.enrolments().len(), 1);
}

#[test]
fn nobody_is_named_where_the_consent_does_not_cover_that() {
    let collector = TestCollector::start(Behaviour::Hold);
    let test = site(&collector);
    let environment = Scope::Categories(BTreeSet::from([CategoryId::parse("environment").unwrap()]));
    test.open().grant(environment, "administrator").unwrap();
    deliver(&test);
    let certificate = shown(&collector).unwrap();
    assert_eq!(certificate, voucher(2).part(false).certificate, "the same as any other customer's");
    let enrolment = serde_json::to_string(&collector.enrolments()).unwrap();
    let own = voucher(1).part(true).certificate.id();
    assert!(!enrolment.contains("C-1042") && !enrolment.contains(&own), "{enrolment}");

    // Named later, it shows the other part; a settings file that refuses the category takes it back before it is shown.
    test.granted();
    std::fs::write(test.settings_file(), "refuse = [\"licence\"]").unwrap();
    deliver(&test);
    assert_eq!(collector.enrolments().len(), 1);
    std::fs::write(test.settings_file(), "").unwrap();
    deliver(&test);
    assert_eq!(shown(&collector).unwrap().customer.as_deref(), Some("C-1042"));
}

#[test]
fn a_policy_without_a_voucher_key_is_shown_no_voucher() {
    let collector = TestCollector::start(Behaviour::Hold);
    let mut test = TestSite::new(&collector.url, &public_key().to_string());
    test.voucher = Some(voucher(1));
    test.granted();
    deliver(&test);
    assert_eq!(shown(&collector), None);
}

#[test]
fn a_voucher_that_the_settings_name_is_shown_and_one_that_cannot_be_used_costs_no_report() {
    let collector = TestCollector::start(Behaviour::Hold);
    let mut test = site(&collector);
    test.voucher = None;
    test.granted();
    let file = test.place.path().join("product.voucher");
    std::fs::write(test.settings_file(), format!("voucher = \"{}\"", file.display())).unwrap();
    let notes = deliver(&test);
    assert!(notes[0].contains("product.voucher") && notes[0].contains("the file is not there"), "{notes:?}");
    assert_eq!((shown(&collector), collector.reports().len()), (None, 1));
    std::fs::write(&file, "# Issued for you.\n".to_owned() + &voucher(3).text()).unwrap();
    assert_eq!(deliver(&test), Vec::<String>::new());
    assert_eq!(shown(&collector), Some(voucher(3).part(true).certificate.clone()));
    std::fs::write(&file, voucher(4).text()).unwrap();
    deliver(&test);
    assert_eq!(collector.enrolments().len(), 3, "a new voucher is shown");
}
