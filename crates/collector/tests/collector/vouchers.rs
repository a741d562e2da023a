//! Who is who: what a voucher verifies, what a stranger's reports count for, and what staff do about an installation.

use std::process::Command;

use candor_policy::Policy;
use candor_policy::voucher::VoucherAnswer;
use serde_json::{Value, json};

use crate::support::{Browser, Site, TestApp, vouched_manifest, voucher};

/// A name for people, beside the customer's number.
const CLIENT_NAME: &str = r#"
[metrics.client_name]
title = "Client name"
description = "The customer's name."
type = "identity"
identifies = "customer-name"
from = "given"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "identifying"
sources = ["batch"]
retention_months = 60
"#;

/// Runs `candor-collector` beside the collector that serves this folder; what it printed, and whether it succeeded.
fn command(app: &TestApp, arguments: &[&str]) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    let output = command.args(arguments).arg("--data").arg(app.folder()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.success())
}

/// A report of customer 4711 with this name and system, and so many records.
fn report(site: &Site, policy: &Policy, number: u128, name: &str, system: &str, records: u64) -> Value {
    let mut report = site.report(policy, number);
    report["facts"]["client_name"] = json!(name);
    report["facts"]["os_version"] = json!(system);
    report["facts"]["record_counts"] = json!({ "ASSET": 12, "WORKORDER": records });
    report
}

async fn taken(app: &TestApp, site: &Site, report: &Value) -> Value {
    let answer = site.post(app, report).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Customer 4711 with a voucher of its own, Windows Server 2022 and 345 work orders.
async fn with_customer() -> (TestApp, Policy, Site) {
    let app = TestApp::start().await;
    let policy = app.publish(&(vouched_manifest() + CLIENT_NAME)).await;
    let site = Site::new(1);
    let answer = site.enrol_with(&app, voucher("4711", 1).part(true)).await;
    assert_eq!(answer, Some(VoucherAnswer::Accepted));
    taken(&app, &site, &report(&site, &policy, 1, "Town of Happyville", "Windows Server 2022", 345)).await;
    app.projected().await;
    (app, policy, site)
}

const PAGES: [&str; 5] = ["/", "/platforms", "/modules", "/customers", "/customers/4711"];

/// Nothing that the stranger of these tests says stands on any page.
async fn nothing_of_the_stranger_counts(browser: &Browser) {
    for path in PAGES {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        for text in ["Windows XP", "Renamed", "1000000000", "1,000,000,000"] {
            assert!(!page.text.contains(text), "{path} shows {text}:\n{}", page.text);
        }
    }
    browser.open("/customers/4711").await.shows(&["Town of Happyville", "345 records", "1 installation"]);
    browser.open("/customers").await.shows(&["1 customer; "]);
    let platforms = browser.open("/platforms").await;
    platforms.shows(&["Windows Server 2022", "1 unverified installation is not counted."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_adds_nothing_to_a_customer_and_renames_nobody() {
    let (app, policy, _) = with_customer().await;
    let stranger = Site::enrolled(&app, 66).await;
    let flood = report(&stranger, &policy, 2, "Renamed", "Windows XP", 1_000_000_000_000_000);
    let receipt = taken(&app, &stranger, &flood).await;
    let outcomes = receipt["outcomes"].to_string();
    assert!(outcomes.contains("too-large"), "more than any table has: {outcomes}");
    taken(&app, &stranger, &report(&stranger, &policy, 3, "Renamed", "Windows XP", 1_000_000_000_000)).await;
    app.projected().await;

    let browser = Browser::signed_in(&app).await;
    nothing_of_the_stranger_counts(&browser).await;

    // Asked for, the installation stands beside the customer, under its pseudonym.
    let platforms = browser.open("/platforms?unverified=yes").await;
    platforms.shows(&["Windows XP", "Known for all 2 installations reporting. 1 of them unverified."]);
    let customers = browser.open("/customers?unverified=yes").await;
    customers.shows(&["2 customers; ", "Town of Happyville"]);
    assert!(!customers.text.contains("Renamed"), "{}", customers.text);
    let customer = browser.open("/customers/4711?unverified=yes").await;
    assert!(!customer.text.contains("Windows XP") && customer.text.contains("345 records"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_on_the_wire_verifies_no_other_key() {
    let (app, policy, site) = with_customer().await;
    let stranger = Site::new(66);
    let part = voucher("4711", 1);
    let seen = part.part(true).proof(&site.public_key());

    // The very request, as it was seen: it enrols whom it named.
    let copied = site.enrolment_with(&app, &seen);
    assert_eq!(stranger.send(&app, copied).await.status, 200);
    // The proof under the stranger's own key.
    let answer = stranger.send(&app, stranger.enrolment_with(&app, &seen)).await.json();
    assert_eq!(answer["voucher"], "wrong-key");
    // The certificate, with a signature of the stranger's own.
    let own = voucher("4711", 66).part(true).proof(&stranger.public_key());
    let forged = candor_policy::voucher::VoucherProof { signature: own.signature, ..seen };
    let answer = stranger.send(&app, stranger.enrolment_with(&app, &forged)).await.json();
    assert_eq!(answer["voucher"], "wrong-key");

    // A report that was seen, sent under the stranger's key: it names another installation.
    let mut copied = site.submission(&app, serde_json::to_vec(&site.report(&policy, 9)).unwrap());
    (copied.key, copied.key_id) = (stranger.key.clone(), stranger.name.to_string());
    let answer = stranger.send(&app, copied).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("wrong-installation")));

    taken(&app, &stranger, &report(&stranger, &policy, 2, "Renamed", "Windows XP", 1_000_000_000)).await;
    app.projected().await;
    nothing_of_the_stranger_counts(&Browser::signed_in(&app).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_voucher_of_its_own_cannot_speak_for_another() {
    let (app, policy, _) = with_customer().await;
    let neighbour = Site::new(2);
    assert_eq!(
        neighbour.enrol_with(&app, voucher("4712", 2).part(true)).await,
        Some(VoucherAnswer::Accepted)
    );
    taken(&app, &neighbour, &report(&neighbour, &policy, 2, "Renamed", "Windows XP", 7)).await;
    // A licensed copy without a name: it says who it is, but not that it is somebody with a voucher.
    let nameless = Site::new(3);
    let part = voucher("4713", 3);
    assert_eq!(nameless.enrol_with(&app, part.part(false)).await, Some(VoucherAnswer::Accepted));
    let mut claim = report(&nameless, &policy, 3, "Renamed", "Windows XP", 7);
    claim["facts"]["client_id"] = json!(" 4711");
    taken(&app, &nameless, &claim).await;
    let honest = Site::new(4);
    assert_eq!(honest.enrol_with(&app, part.part(false)).await, Some(VoucherAnswer::Accepted));
    let mut claim = report(&honest, &policy, 4, "Village of Oakham", "Windows Server 2022", 7);
    claim["facts"]["client_id"] = json!("4713");
    taken(&app, &honest, &claim).await;
    app.projected().await;

    let browser = Browser::signed_in(&app).await;
    browser.open("/customers/4711").await.shows(&["Town of Happyville", "345 records", "1 installation,"]);
    let customers = browser.open("/customers").await;
    customers.shows(&["4 customers; ", "Town of Happyville", "Village of Oakham"]);
    assert!(!customers.text.contains("Renamed"), "{}", customers.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_without_vouchers_beside_one_with_them_is_no_way_around() {
    let (app, policy, _) = with_customer().await;
    let open = app.publish(&crate::support::manifest(None).replace("test-programme", "open-programme")).await;
    let stranger = Site::enrolled(&app, 66).await;
    taken(&app, &stranger, &report(&stranger, &policy, 2, "Renamed", "Windows XP", 1_000_000_000)).await;
    let mut newer = stranger.report(&open, 3);
    newer["facts"]["os_version"] = json!("Windows XP");
    newer["period"]["end"] = json!("2026-05-02T00:00:00Z");
    taken(&app, &stranger, &newer).await;
    // An earlier version of the policy, from before there were vouchers.
    let earlier =
        app.publish(&crate::support::manifest(None).replace("version = \"1.0\"", "version = \"0.9\"")).await;
    app.publish(&(vouched_manifest() + CLIENT_NAME).replace("version = \"1.0\"", "version = \"1.1\"")).await;
    let other = Site::enrolled(&app, 67).await;
    let mut old = other.report(&earlier, 4);
    old["facts"]["os_version"] = json!("Windows XP");
    taken(&app, &other, &old).await;
    app.projected().await;

    let browser = Browser::signed_in(&app).await;
    for path in ["/platforms", "/customers/4711"] {
        let page = browser.open(path).await;
        assert!(!page.text.contains("Windows XP"), "{path}:\n{}", page.text);
    }
    browser.open("/platforms").await.shows(&["2 unverified installations are not counted."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_holds_for_so_many_installations_until_its_day_and_until_it_is_revoked() {
    let (app, policy, first) = with_customer().await;
    let part = voucher("4711", 1);
    let (second, third) = (Site::new(2), Site::new(3));
    assert_eq!(second.enrol_with(&app, part.part(true)).await, Some(VoucherAnswer::Accepted));
    assert_eq!(third.enrol_with(&app, part.part(true)).await, Some(VoucherAnswer::UsedUp));
    assert_eq!(first.enrol_with(&app, part.part(true)).await, Some(VoucherAnswer::Accepted), "once more");
    taken(&app, &second, &report(&second, &policy, 2, "Town of Happyville", "Windows Server 2019", 5)).await;
    // Whoever is not verified reports all the same.
    taken(&app, &third, &report(&third, &policy, 3, "Renamed", "Windows XP", 1_000_000_000)).await;
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    browser
        .open("/platforms")
        .await
        .shows(&["Windows Server 2019", "1 unverified installation is not counted."]);

    let id = part.part(true).certificate.id();
    let (listed, done) = command(&app, &["voucher", "list"]);
    assert!(
        done && listed.contains(&format!("{id} 4711: 2 of 2 installations, until 2026-12-31")),
        "{listed}"
    );
    let (said, done) = command(&app, &["voucher", "revoke", &id]);
    assert!(done && said.contains("installations that are unverified now: 2"), "{said}");
    let (again, done) = command(&app, &["voucher", "revoke", &id]);
    assert!(done && again.contains("was revoked before"), "{again}");
    assert_eq!(first.enrol_with(&app, part.part(true)).await, Some(VoucherAnswer::Revoked));
    assert_eq!(third.enrol_with(&app, voucher("4711", 9).part(true)).await, Some(VoucherAnswer::Accepted));
    let revoked = async {
        while !browser.open("/platforms").await.text.contains("2 unverified installations are not counted.") {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), revoked).await.expect("the revocation shows");
    browser.open("/audit").await.shows(&["revoked a voucher", &id]);

    app.clock.advance(jiff::SignedDuration::from_hours(24 * 232));
    let late = Site::new(7);
    assert_eq!(late.enrol_with(&app, voucher("4714", 4).part(true)).await, Some(VoucherAnswer::Expired));
    assert_eq!(late.enrol_with(&app, voucher("4714", 4).part(false)).await, Some(VoucherAnswer::Expired));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_installation_is_told_so_and_one_that_is_removed_leaves_no_trace() {
    let (app, policy, site) = with_customer().await;
    let stranger = Site::enrolled(&app, 66).await;
    taken(&app, &stranger, &report(&stranger, &policy, 2, "Renamed", "Windows XP", 1_000_000_000)).await;
    app.projected().await;
    let name = stranger.name.to_string();
    let (listed, _) = command(&app, &["installation", "list"]);
    assert!(listed.contains(&format!("{name} enrolled 2026-05-15T12:00:00Z, unverified")), "{listed}");
    assert!(listed.contains("of 4711 (voucher "), "{listed}");

    let (said, done) = command(&app, &["installation", "block", &name]);
    assert!(done && said.contains(&format!("Blocked {name}")), "{said}");
    app.state().blocked.refresh(app.store()).await.unwrap();
    let blocked = stranger.post(&app, &stranger.report(&policy, 3)).await;
    assert_eq!((blocked.status, &blocked.json()["code"]), (403, &json!("installation-blocked")));
    assert!(blocked.json()["detail"].as_str().unwrap().contains("blocked this installation"), "{blocked:?}");
    assert_eq!(stranger.enrol(&app).await.json()["code"], "installation-blocked");
    // Whoever cannot sign for it learns nothing of it.
    let mut unsigned = stranger.submission(&app, serde_json::to_vec(&stranger.report(&policy, 4)).unwrap());
    unsigned.key = site.key.clone();
    assert_eq!(stranger.send(&app, unsigned).await.json()["code"], "bad-signature");
    taken(&app, &site, &site.report(&policy, 5)).await;

    let (said, done) = command(&app, &["installation", "remove", &name, "--json"]);
    assert!(done && said.contains("\"reports\": 1"), "{said}");
    let gone = async {
        while app.rows("SELECT 1 FROM facts WHERE text = 'Windows XP'").await != Vec::<Vec<String>>::new() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), gone).await.expect("the columns follow");
    let browser = Browser::signed_in(&app).await;
    assert!(!browser.open("/platforms?unverified=yes").await.text.contains("Windows XP"));
    browser.open("/audit").await.shows(&["erased an installation's reports", "blocked an installation"]);
    for wrong in ["no-name", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let (said, done) = command(&app, &["installation", "remove", wrong]);
        assert!(!done && (said.contains("22 characters") || said.contains("has enrolled; ")), "{said}");
    }
    let (said, done) = command(&app, &["installation", "unblock", &name]);
    assert!(done && said.contains("let in again"), "{said}");
    app.state().blocked.refresh(app.store()).await.unwrap();
    taken(&app, &stranger, &stranger.report(&policy, 6)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_hidden_or_look_alike_characters_is_dropped_by_name() {
    let (app, policy, _) = with_customer().await;
    let nameless = Site::new(3);
    nameless.enrol_with(&app, voucher("4713", 3).part(false)).await;
    for (number, name) in [(2, "47\u{200b}11"), (3, "4711\u{202e}"), (4, "\u{422}own"), (5, "４７１１")] {
        let mut claim = nameless.report(&policy, number);
        claim["facts"]["client_id"] = json!(name);
        let outcomes = &taken(&app, &nameless, &claim).await["outcomes"];
        assert_eq!(outcomes[0], json!({ "metric": "client_id", "kind": "look-alike", "count": 1 }), "{name}");
    }
}

#[test]
fn a_voucher_is_issued_offline_and_its_files_are_for_their_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor-collector"));
        let output = command.current_dir(place.path()).args(arguments).output().unwrap();
        (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.success())
    };
    let (said, done) = run(&["voucher", "key", "--out", "v.key"]);
    assert!(done && said.contains("voucher_key = \"ed25519:"), "{said}");
    let issue = ["voucher", "issue", "--key", "v.key", "--customer", "4711", "--expires", "2099-12-31"];
    let (said, done) = run(&[&issue[..], &["--installations", "3", "--out", "4711.voucher"]].concat());
    assert!(done && said.contains("for 4711, until 2099-12-31: 4711.voucher"), "{said}");
    let text = std::fs::read_to_string(place.path().join("4711.voucher")).unwrap();
    let voucher = candor_policy::voucher::Voucher::read(&text).unwrap();
    assert_eq!(voucher.part(true).certificate.customer.as_deref(), Some("4711"));
    assert_eq!(voucher.part(true).certificate.installations, 3);
    #[cfg(unix)]
    for file in ["v.key", "4711.voucher"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    for (arguments, remedy) in [
        (vec!["voucher", "key", "--out", "v.key"], "is not overwritten"),
        (
            vec!["voucher", "issue", "--key", "none.key", "--expires", "2099-12-31", "--out", "x"],
            "voucher key --out none.key",
        ),
        (
            vec!["voucher", "issue", "--key", "4711.voucher", "--expires", "2099-12-31", "--out", "x"],
            "does not hold a voucher key",
        ),
        (
            vec!["voucher", "issue", "--key", "v.key", "--expires", "2020-12-31", "--out", "x"],
            "correct --customer or --expires",
        ),
        (
            vec![
                "voucher",
                "issue",
                "--key",
                "v.key",
                "--customer",
                "\u{410}cme",
                "--expires",
                "2099-12-31",
                "--out",
                "x",
            ],
            "looks like another one",
        ),
        (vec!["voucher", "revoke", "nothing", "--data", "."], "neither a voucher's name"),
    ] {
        let (said, done) = run(&arguments);
        assert!(!done && said.contains(remedy), "{arguments:?}: {said}");
    }
    assert!(!place.path().join("x").exists());
}
