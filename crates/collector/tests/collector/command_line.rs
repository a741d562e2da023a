//! The command line, beside a collector that runs and where there is none: what it prints, and what it refuses.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn candor(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    command.args(arguments).arg("--data").arg(data);
    command
}

/// What a command says on either stream, and whether it succeeds.
fn said(arguments: &[&str], data: &Path) -> (String, bool) {
    let output = candor(arguments, data).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.success())
}

/// A collector that serves, ended with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Starts a collector on any free port; returns its first line.
fn serve(arguments: &[&str], data: &Path) -> (Served, String) {
    let mut command = candor(&["serve", "--listen", "127.0.0.1:0"], data);
    let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Served(child), line.trim().to_owned())
}

#[test]
fn a_link_is_under_the_address_that_people_use() {
    let folder = tempfile::tempdir().unwrap();
    let (served, line) = serve(&[], folder.path());
    let listening = line.strip_prefix("Listening on ").unwrap().to_owned();
    let (link, _) = said(&["account", "link"], folder.path());
    assert!(link.starts_with(&format!("{listening}/setup?token=")), "{link}, {line}");
    drop(served);

    let (served, line) = serve(&["--public-url", "https://collector.vendor.example/"], folder.path());
    assert!(line.starts_with("Listening on http://127.0.0.1:"), "{line}");
    assert!(line.ends_with("; people use https://collector.vendor.example"), "{line}");
    drop(served);
    let (link, _) = said(&["account", "link"], folder.path());
    assert!(link.starts_with("https://collector.vendor.example/setup?token="), "{link}");

    let (link, _) = said(&["account", "link", "--url", "https://other.example/"], folder.path());
    assert!(link.starts_with("https://other.example/setup?token="), "{link}");
    let (refusal, done) = said(&["account", "link", "--url", "foo"], folder.path());
    assert!(!done && refusal.contains("`foo` is no address of a site"), "{refusal}");
}

#[test]
fn what_is_published_in_no_collectors_folder_is_refused_and_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, crate::support::manifest(None)).unwrap();
    let publish = ["policy", "publish", policy.to_str().unwrap()];
    let mistyped = folder.path().join("dta");
    for arguments in [&publish[..], &["account", "link"]] {
        let (refusal, done) = said(arguments, &mistyped);
        assert!(!done, "{refusal}");
        assert!(refusal.contains("dta is no collector's data folder"), "{refusal}");
        assert!(refusal.contains("`candor-collector key --data "), "{refusal}");
        assert!(!mistyped.exists(), "a mistyped folder is not made");
    }
    // The documented order: the key, then the policy, then the first start.
    let data = folder.path().join("data");
    let (key, _) = said(&["key"], &data);
    let ours = crate::support::collector_key().to_string();
    let own = std::fs::read_to_string(&policy).unwrap().replace(&ours, key.trim());
    std::fs::write(&policy, own).unwrap();
    let (published, done) = said(&publish, &data);
    assert!(done && published.starts_with("Published "), "{published}");
}
