//! The collector's key: one that is missing or another's stops the start; a change of keys is in the audit log and in every answer.

use std::path::Path;
use std::process::Command;

use candor_collector::key_file;
use candor_policy::PublicKey;
use candor_policy::succession::present_key;
use serde_json::Value;

use crate::program::{Program, prepare, report};
use crate::support::{Site, collector_key};

/// What a command says, on its output and beside it, and whether it ended well.
fn said(data: &Path, words: &[&str]) -> (String, String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    let ran = command.args(words).arg("--data").arg(data).output().unwrap();
    let [out, beside] = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (out.trim().to_owned(), beside, ran.status.success())
}

/// A data folder that has taken one report.
async fn served(data: &Path) -> (candor_policy::Policy, Site) {
    let policy = prepare(data).await;
    let program = Program::start(data);
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    assert_eq!(program.post(&site, &report(&site, &policy, 1)).await, 200);
    program.until_well().await;
    assert!(program.stop().1.success());
    (policy, site)
}

fn start_fails(data: &Path, why: &str) {
    let (_, beside, done) = said(data, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!done && beside.contains(why), "{beside}");
}

/// An answer's field, as the present collector gives it.
async fn field(program: &Program, site: &Site, report: &Value) -> Option<String> {
    let answer = program.answer(site, report).await;
    assert_eq!(answer.status(), 200);
    let value = answer.headers().get("collector-succession");
    value.map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_key_a_journal_is_not_served_and_no_other_key_is_made() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    served(&data).await;
    let key = std::fs::read(data.join(key_file::FILE)).unwrap();
    std::fs::remove_file(data.join(key_file::FILE)).unwrap();
    start_fails(&data, "Restore collector.key from the backup");
    for words in [&["key"][..], &["account", "link"], &["audit", "verify"], &["key", "rotate"]] {
        let (_, beside, done) = said(&data, words);
        assert!(!done, "{words:?}: {beside}");
    }
    assert!(!data.join(key_file::FILE).exists(), "no other key was made");
    std::fs::write(data.join(key_file::FILE), key).unwrap();
    Program::start(&data).until_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_collectors_key_a_journal_is_not_served() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    served(&data).await;
    std::fs::write(data.join(key_file::FILE), [8; 32]).unwrap();
    start_fails(&data, "is not this collector's");
    std::fs::write(data.join(key_file::FILE), b"cut off").unwrap();
    start_fails(&data, "it has 7 bytes instead of 32");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_signed_for_by_the_one_before_it() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = served(&data).await;
    let mut keys = vec![collector_key().to_string()];
    for _ in 0..2 {
        let (key, beside, done) = said(&data, &["key", "rotate"]);
        assert!(done && beside.contains("Name it as `collector.public_key`"), "{beside}");
        assert_eq!(said(&data, &["key"]).0, key);
        keys.push(key);
    }
    let (verified, beside, whole) = said(&data, &["audit", "verify"]);
    assert!(whole, "the log goes on under the new key: {verified}{beside}");

    let program = Program::start(&data);
    let field = field(&program, &site, &report(&site, &policy, 2)).await.unwrap();
    for named in &keys {
        let present = present_key(&PublicKey::parse(named).unwrap(), &field);
        assert_eq!(present.to_string(), keys[2], "from {named}");
    }
    let (_, beside, done) = said(&data, &["key", "rotate"]);
    assert!(!done && beside.contains("another collector serves"), "{beside}");
    let another = place.path().join("policy.toml");
    let old = policy.manifest.replace("version = \"1.0\"", "version = \"1.1\"");
    std::fs::write(&another, &old).unwrap();
    let publish = ["policy", "publish", another.to_str().unwrap()];
    let (_, beside, done) = said(&data, &publish);
    assert!(!done && beside.contains("names another collector"), "a new version names the new key: {beside}");
    std::fs::write(&another, old.replace(&keys[0], &keys[2])).unwrap();
    let (_, beside, done) = said(&data, &publish);
    assert!(done, "{beside}");
}

/// Guards against a stop of the machine between the steps of a change.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_broken_off_is_ended_by_another() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = served(&data).await;
    let next = key_file::next(&data).unwrap();
    start_fails(&data, "a change of keys was begun and not ended");
    let (key, beside, done) = said(&data, &["key", "rotate"]);
    assert!(done && key == key_file::public_key(&next).to_string(), "{beside}");
    assert!(said(&data, &["audit", "verify"]).2);
    let program = Program::start(&data);
    assert!(field(&program, &site, &report(&site, &policy, 2)).await.is_some());
}

/// A stolen key can sign for any other, so nothing is said for the one that replaces it.
#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_key_is_known_through_a_new_policy_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = served(&data).await;
    let (key, beside, done) = said(&data, &["key", "replace"]);
    assert!(done && beside.contains("until they have a policy that names it"), "{beside}");
    assert!(said(&data, &["audit", "verify"]).2);
    let program = Program::start(&data);
    assert_eq!(field(&program, &site, &report(&site, &policy, 2)).await, None);
    let another = place.path().join("policy.toml");
    let named = policy.manifest.replace("version = \"1.0\"", "version = \"1.1\"");
    std::fs::write(&another, named.replace(&collector_key().to_string(), &key)).unwrap();
    let (_, beside, done) = said(&data, &["policy", "publish", another.to_str().unwrap()]);
    assert!(done, "{beside}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_replaced_and_the_collector_starts_again() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    served(&data).await;
    std::fs::remove_file(data.join(key_file::FILE)).unwrap();
    let (key, beside, done) = said(&data, &["key", "replace"]);
    assert!(done, "{beside}");
    assert_ne!(key, collector_key().to_string());
    assert!(said(&data, &["audit", "verify"]).2);
    Program::start(&data).until_well().await;
}
