//! The state folder belongs to a product, and root works in it too.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{chown, symlink};

use candor_sdk::Loss;

use crate::support::{TestSite, submit};

/// Guards against root's call that removes the files of another folder, where the product's user has put a link to it.
#[test]
fn nothing_is_removed_through_a_link() {
    for name in ["damaged", "refused", "sent", "spool", "policies"] {
        let test = TestSite::alone();
        let site = test.granted();
        submit(&site);
        let roots = test.place.path().join("roots");
        fs::create_dir(&roots).unwrap();
        for index in 0..130 {
            fs::write(roots.join(format!("f{index}.conf")), "root's").unwrap();
            fs::write(roots.join(format!(".writing-{index}")), "root's").unwrap();
        }
        let _ = fs::remove_dir_all(test.state().join(name));
        symlink(&roots, test.state().join(name)).unwrap();
        // A report that is damaged and one that waits.
        let id = "01a21d8a-7c7c-746c-ab9c-536a830d0dbd";
        if name != "spool" {
            fs::write(test.state().join("spool").join(format!("{id}.sha-256-{}.json", "0".repeat(64))), "")
                .unwrap();
        }
        let _ = (test.open().waiting(), test.open().sent(), test.open().refused());
        let _ = test.open().deliver(std::time::Duration::from_millis(200));
        test.open().deny("Ada").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(fs::read_dir(&roots).unwrap().count(), 260, "{name}");
    }
}

/// A file that somebody else put among the reports is set aside and not sent.
#[test]
fn a_report_that_is_a_link_or_a_fifo_is_damaged() {
    let test = TestSite::alone();
    let site = test.granted();
    let prepared = submit(&site);
    let spool = test.state().join("spool");
    let name = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().file_name();
    let moved = test.place.path().join("moved");
    fs::rename(spool.join(&name), &moved).unwrap();
    symlink(&moved, spool.join(&name)).unwrap();
    assert!(site.waiting().unwrap().is_empty());
    assert_eq!(site.losses().unwrap()[&Loss::Damaged], 1);
    assert_eq!(fs::read(&moved).unwrap(), prepared.body());
}

/// A file of the product's folder that belongs to a third user is not believed.
#[test]
fn a_ledger_of_another_user_is_not_a_consent() {
    let test = TestSite::alone();
    test.granted();
    if chown(test.state().join("consent.jsonl"), Some(65_533), None).is_err() {
        return; // Only root can be tested with.
    }
    assert!(test.open().consent().unwrap().grant.is_none());
    test.open().deny("Ada").unwrap();
}
