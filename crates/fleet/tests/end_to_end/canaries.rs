//! Secrets planted in the sample product's database arrive nowhere: in no file, no report, no log and no page.

use std::fs;
use std::path::Path;
use std::process::Command;

use candor_testing::canaries::{canaries, found_in};

use crate::house::{BATCH, House, files, program, said, text};
use crate::staff::Staff;

/// Every value that the collector keeps, decompressed, and where it stands.
fn cells(data: &Path) -> Vec<(String, String)> {
    let kept = Command::new(program("examples/kept")).arg(data).output().expect("the example starts");
    assert!(kept.status.success(), "{}", said(&kept));
    let cell = |line: &str| -> Option<(String, String)> {
        let cell: serde_json::Value = serde_json::from_str(line).ok()?;
        Some((cell["place"].as_str()?.to_owned(), cell["text"].as_str()?.to_owned()))
    };
    text(&kept.stdout).lines().map(|line| cell(line).expect("a place and a text")).collect()
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
    let planted = text(&fs::read(&product).expect("the product's database"));
    assert_eq!(found_in(&planted), canaries, "what is not planted could not be found");
    for canary in &canaries {
        let in_json = serde_json::json!({ "value": canary }).to_string();
        assert!(found_in(&in_json).contains(canary), "{canary} would not be found in {in_json}");
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
    spoken.extend(Staff::sign_in(&house).everything());
    house.kill();
    let cells = cells(&house.data());
    for place in ["journal reports.body", "columns facts.state", "columns current_states.state"] {
        let redacted = cells.iter().any(|(at, words)| at == place && words.contains("in-use"));
        assert!(redacted, "the settings did arrive, redacted, and this test finds them in {place}");
    }
    spoken.extend(cells);

    for (place, words) in &spoken {
        assert_eq!(found_in(words), Vec::<&str>::new(), "{place}:\n{words}");
    }
    for (path, bytes) in files(house.folder()) {
        let found = if path == Path::new(&product) { Vec::new() } else { found_in(&text(&bytes)) };
        assert_eq!(found, Vec::<&str>::new(), "{}", path.display());
    }
}
