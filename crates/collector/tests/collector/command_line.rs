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
    assert!(!done && refusal.contains("not a valid URL: `foo`"), "{refusal}");
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
        assert!(refusal.contains("dta is not a collector's data folder"), "{refusal}");
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

#[test]
fn the_command_line_overrides_the_environment_and_the_environment_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("collector.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\npublic_url = \"https://file.example\"\n").unwrap();
    let start = |arguments: &[&str], url: &str| {
        let mut command = candor(&["serve", "--listen", "127.0.0.1:0"], &folder.path().join("data"));
        command.args(arguments).env("CANDOR_COLLECTOR_CONFIG", &file).env("CANDOR_COLLECTOR_PUBLIC_URL", url);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        drop(Served(child));
        line.trim().to_owned()
    };
    let line = start(&[], "https://environment.example");
    assert!(line.ends_with("; people use https://environment.example"), "{line}");
    let line = start(&["--public-url", "https://line.example"], "https://environment.example");
    assert!(line.ends_with("; people use https://line.example"), "{line}");
    assert!(!line.starts_with("Listening on http://127.0.0.1:1;"), "{line}");
}

#[test]
fn all_faults_are_named_at_once_and_without_colours_where_no_terminal_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("collector.toml");
    std::fs::write(&file, "lisen = \"x\"\n[tls]\nkey = \"key.pem\"\n").unwrap();
    let mut command = candor(&["serve", "--config", file.to_str().unwrap()], folder.path());
    let output = command.env("CANDOR_COLLECTOR_LISTEN", "here").output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    for fault in ["unknown key `lisen`", "`tls.certificate` is missing", "CANDOR_COLLECTOR_LISTEN: `here`"] {
        assert!(message.contains(fault), "{fault}: {message}");
    }
    let (help, _) = said(&["serve", "--help"], folder.path());
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("[env: CANDOR_COLLECTOR_CAPS_REPORT_BYTES="), "{help}");
    assert!(
        help.contains("The command line overrides the environment, the environment overrides the file"),
        "{help}"
    );

    // Something to warn of.
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("columns.duckdb"), "not a database").unwrap();
    let mut command = candor(&["serve", "--listen", "127.0.0.1:0"], &data);
    let log = folder.path().join("log");
    command.stderr(std::fs::File::create(&log).unwrap()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    drop(Served(child));
    let log = std::fs::read(&log).unwrap();
    assert!(!log.is_empty() && !log.contains(&0x1b), "{}", String::from_utf8_lossy(&log));
}

#[test]
fn completions_and_manual_pages_come_out() {
    let program = || Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = program().args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("candor-collector"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(program().arg("man").arg(folder.path()).status().unwrap().success());
    let serve = std::fs::read_to_string(folder.path().join("candor-collector-serve.1")).unwrap();
    assert!(serve.contains("The address to listen on"), "{serve}");
    assert!(folder.path().join("candor-collector.1").is_file());
}
