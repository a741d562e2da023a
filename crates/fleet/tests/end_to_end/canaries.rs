//! Secrets planted in the sample product's database arrive nowhere: in no file, no report, no log and no page.

use std::fs;
use std::path::Path;

use crate::house::{BATCH, House, files, said, text};
use crate::journal;
use crate::staff::Staff;

/// The planted strings, one a line.
fn canaries() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sample-product/CANARIES.txt");
    let text = fs::read_to_string(file).expect("the sample product says what it planted");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// Whether a canary stands in these bytes, letters in either case.
fn holds(bytes: &[u8], canary: &str) -> bool {
    text(bytes).to_ascii_lowercase().contains(&canary.to_ascii_lowercase())
}

#[test]
fn planted_secrets_arrive_nowhere() {
    let canaries = canaries();
    assert!(
        canaries.len() >= 4,
        "a licence code, a password, a host name and a URL at the least: {canaries:?}"
    );
    let mut house = House::open();
    let site = house.site("happyville");
    let product = site.database().trim_start_matches("sqlite:").to_owned();
    let planted = fs::read(&product).expect("the product's database");
    for canary in &canaries {
        assert!(holds(&planted, canary), "{canary} is not planted: this test could not fail");
    }

    let mut spoken = Vec::new();
    site.must(&["consent", "grant"]);
    let database = site.database();
    let preview = [&["preview", "snapshot"], BATCH, &["--database", &database]].concat();
    spoken.push(("preview".to_owned(), site.must(&preview)));
    for (name, output) in [
        ("install", site.install(&["--strict"])),
        ("maintain", site.maintain(&["--strict"])),
        ("snapshot", site.snapshot(&["--strict"])),
    ] {
        assert!(output.status.success(), "{}", said(&output));
        spoken.push((name.to_owned(), said(&output)));
    }
    spoken.push(("log".to_owned(), site.must(&["log"])));
    for kept in journal::reports(&house.data()) {
        spoken.push(("a report in the journal".to_owned(), text(&kept.body)));
    }
    assert!(spoken.iter().any(|(_, words)| words.contains("in-use")), "the settings did arrive, redacted");
    spoken.extend(Staff::sign_in(&house).everything());
    house.kill();

    for canary in &canaries {
        for (place, words) in &spoken {
            assert!(!holds(words.as_bytes(), canary), "{canary} in {place}:\n{words}");
        }
        for (path, bytes) in files(house.folder()) {
            assert!(path == Path::new(&product) || !holds(&bytes, canary), "{canary} in {}", path.display());
        }
    }
}
