//! Vouchers in the manifest, on its page and in its differences; and the numbers and names of strangers, held against bounds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use candor_policy::diff::{Effect, diff};
use candor_policy::limits::NUMBER_MOST;
use candor_policy::{Policy, PublicKey, Report, admit, render};
use serde_json::json;

use support::{EVERYTHING, everything, read, report_json};

const KEY: &str = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Another key than the collector's.
fn voucher_key() -> PublicKey {
    let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

fn with_voucher_key(key: &str) -> String {
    let line = format!("public_key = \"{KEY}\"\n");
    assert!(EVERYTHING.contains(&line));
    EVERYTHING.replacen(&line, &format!("{line}voucher_key = \"{key}\"\n"), 1)
}

#[test]
fn the_voucher_key_is_a_key_of_its_own() {
    assert_eq!(everything().collector.voucher_key, None);
    let own = read(&with_voucher_key(&voucher_key().to_string()));
    assert_eq!(own.collector.voucher_key, Some(voucher_key()));
    for (key, fault) in [
        (KEY, "`voucher_key` is the collector's own key"),
        ("ed25519:AAAA", "`voucher_key` is not an Ed25519 key"),
    ] {
        let faults = Policy::read(&with_voucher_key(key)).unwrap_err().to_string();
        assert!(faults.contains(fault) && faults.contains("candor-collector voucher key"), "{faults}");
    }
}

#[test]
fn the_page_says_what_a_voucher_tells_and_who_asks_for_one() {
    let key = voucher_key().to_string();
    let page = render::markdown(&read(&with_voucher_key(&key)));
    for text in ["Voucher", "the same for all customers whose vouchers end in the same year", key.as_str()] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    assert!(!render::markdown(&everything()).contains("Voucher"));
}

#[test]
fn another_voucher_key_is_named_and_asks_for_no_consent_anew() {
    let next = |manifest: &str| read(&manifest.replacen("version = \"1.0\"", "version = \"1.1\"", 1));
    let difference = diff(&everything(), &next(&with_voucher_key(&voucher_key().to_string())));
    let [change] = &difference.changes[..] else { panic!("{difference:?}") };
    assert_eq!(change.effect, Effect::Reworded);
    assert!(change.text.contains("the key of vouchers") && change.text.contains("none"), "{}", change.text);
    assert!(difference.needs_consent.is_empty());
}

/// The outcomes of a report with these fields, a word and a count each.
fn outcomes(manifest: &str, fields: serde_json::Value) -> Vec<(&'static str, u64)> {
    let policy = read(manifest);
    let report = Report::parse(&report_json(&policy, fields)).unwrap();
    let (_, outcomes) = admit(&policy, report).unwrap();
    outcomes.into_iter().map(|outcome| (outcome.kind.word(), outcome.count)).collect()
}

#[test]
fn numbers_are_bounded_by_the_policy_and_by_a_million_million_where_it_sets_none() {
    let records = |number: u64| json!({ "facts": { "records": { "WKORDER": number } } });
    assert_eq!(outcomes(EVERYTHING, records(NUMBER_MOST)), []);
    for number in [NUMBER_MOST + 1, 1_000_000_000_000_000, i64::MAX as u64] {
        assert_eq!(outcomes(EVERYTHING, records(number)), [("too-large", 1)], "{number}");
    }
    let bounded = EVERYTHING.replacen("unit = \"records\"", "unit = \"records\"\nmax = 500", 1);
    assert_eq!(outcomes(&bounded, records(500)), []);
    assert_eq!(outcomes(&bounded, records(501)), [("too-large", 1)]);
    let most = u64::MAX;
    let fields = json!({
        "facts": { "devices": [{ "model": "iPad Air", "os_version": "9.1", "count": NUMBER_MOST + 1 }] },
        "usage": [{ "metric": "features", "dimensions": { "feature": "search" }, "count": most, "errors": most }],
        "flows": [{ "metric": "checkout", "dimensions": {}, "steps": [{ "step": "opened", "reached": most, "failed": most }] }],
    });
    assert_eq!(outcomes(EVERYTHING, fields), [("too-large", 1), ("too-large", 1), ("too-large", 1)]);
}

#[test]
fn a_customer_is_named_by_what_can_be_seen() {
    for name in ["47\u{200b}11", "\u{202e}1174", "Luсity", "ＡＣＭＥ"] {
        assert_eq!(
            outcomes(EVERYTHING, json!({ "facts": { "customer": name } })),
            [("look-alike", 1)],
            "{name}"
        );
    }
    assert_eq!(outcomes(EVERYTHING, json!({ "facts": { "customer": "Gemeinde Grünwald" } })), []);
}
