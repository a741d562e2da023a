//! The collector's key and address change, and what sites do: with the real programs, and the policies that were shipped before.

use std::fs;

use crate::house::{House, Site, said, text};
use crate::journal;

/// Runs a command on the collector's folder; gives its output.
fn collector(house: &House, words: &[&str]) -> String {
    let output = house.collector_program(words).output().expect("candor-collector starts");
    assert!(output.status.success(), "{}", said(&output));
    text(&output.stdout).trim().to_owned()
}

/// Publishes the next version of the policy, with this changed.
fn republish(house: &House, change: impl FnOnce(String) -> String) {
    let manifest = fs::read_to_string(house.policy()).expect("the policy");
    let version = manifest.lines().find(|line| line.starts_with("version = ")).expect("a version");
    let next = change(manifest.replacen(version, "version = \"next\"", 1));
    fs::write(house.policy(), next).expect("a policy");
    let policy = house.policy();
    collector(house, &["policy", "publish", policy.to_str().expect("a path in UTF-8")]);
}

/// The site's report arrives, and its receipt is believed.
fn delivers(site: &Site) {
    let output = site.install(&["--strict"]);
    assert!(output.status.success(), "{}", said(&output));
}

/// The receipt is not believed, so the report waits.
fn keeps_its_report(site: &Site) {
    let output = site.install(&["--strict", "--deadline", "5s"]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("not signed with the collector's key"), "{}", said(&output));
}

#[test]
fn a_site_believes_a_rotated_key_under_the_policy_that_it_has() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    delivers(&site);
    house.kill();
    let old = collector(&house, &["key"]);
    let new = collector(&house, &["key", "rotate"]);
    assert_ne!(old, new);
    house.start();
    delivers(&site);
    assert_eq!(site.must(&["log"]).matches("signature holds").count(), 2, "receipts of both keys");

    // The next version of the policy names the new key, and is accepted too.
    republish(&house, |manifest| manifest.replace(&old, &new));
    site.must(&["consent", "grant"]);
    delivers(&site);
    assert_eq!(journal::reports(&house.data()).len(), 3);
}

/// Whoever has the key before, a thief or an old backup, comes too late.
#[test]
fn a_site_that_has_heard_of_the_next_key_believes_the_one_before_it_no_more() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    house.kill();
    let key = house.data().join("collector.key");
    let before = fs::read(&key).expect("a key");
    collector(&house, &["key", "rotate"]);
    house.start();
    delivers(&site);
    house.kill();
    fs::write(&key, before).expect("a key");
    fs::remove_file(house.data().join("collector.succession")).expect("the keys in order");
    house.start();
    keeps_its_report(&site);
}

/// What the docs say to do when the key was stolen: what sites send until they have the new policy is not lost.
#[test]
fn after_a_theft_a_site_believes_the_new_key_as_soon_as_its_policy_names_it() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    delivers(&site);
    house.kill();
    let old = collector(&house, &["key"]);
    let new = collector(&house, &["key", "replace"]);
    house.start();

    keeps_its_report(&site);
    republish(&house, |manifest| manifest.replace(&old, &new));
    site.must(&["consent", "grant"]);
    delivers(&site);
    assert_eq!(journal::reports(&house.data()).len(), 3, "what waited arrived too");
}

#[test]
fn a_collector_that_moved_is_found_through_the_next_version_of_the_policy() {
    let mut house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    delivers(&site);
    house.kill();
    let old = house.address();
    house.move_to_another_port();
    house.start();
    assert_eq!(site.install(&["--strict", "--deadline", "2s"]).status.code(), Some(4), "nobody is there");
    republish(&house, |manifest| manifest.replace(&old, &house.address()));
    site.must(&["consent", "grant"]);
    delivers(&site);
    assert_eq!(journal::reports(&house.data()).len(), 3, "what waited arrived too");
}
