//! Vouchers with the real programs: made, issued, shipped, shown, and verified.

use crate::house::{House, said, text};

#[test]
fn a_voucher_goes_from_the_vendor_s_key_to_a_verified_installation() {
    let house = House::with_vouchers();
    let site = house.site("happyville");
    site.must(&["consent", "grant", "--actor", "Administrator"]);
    let file = house.issue("HAPPY-0417");
    let reported = site.install(&["--strict", "--voucher", &file]);
    assert!(reported.status.success(), "{}", said(&reported));
    assert!(!text(&reported.stdout).contains("Note:"), "{}", said(&reported));
    let stranger = house.site("stranger");
    stranger.must(&["consent", "grant", "--actor", "Administrator"]);
    assert!(stranger.install(&["--strict"]).status.success());

    let listed =
        house.collector_program(&["installation", "list"]).output().expect("candor-collector starts");
    let listed = text(&listed.stdout);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].ends_with("unverified") && lines[1].contains("of HAPPY-0417 (voucher "), "{listed}");

    let wrong = site.install(&["--voucher", "nowhere.voucher"]);
    assert!(!wrong.status.success() && said(&wrong).contains("nowhere.voucher"), "{}", said(&wrong));
    let revoked =
        house.collector_program(&["voucher", "revoke", &file]).output().expect("candor-collector starts");
    assert!(revoked.status.success(), "{}", said(&revoked));
    let third = house.site("third");
    third.must(&["consent", "grant", "--actor", "Administrator"]);
    let told = third.install(&["--strict", "--voucher", &file]);
    assert!(
        told.status.success() && text(&told.stdout).contains("the voucher was revoked"),
        "{}",
        said(&told)
    );
}
